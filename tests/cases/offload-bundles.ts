import { type CapturedFrame, tcpFrame } from "../support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const SERVER = "203.0.113.51:8443";
/** Bytes of an Ethernet header, and where in an IPv4 header its total length stands. */
const [ETHERNET, TOTAL_LENGTH] = [14, 2];

/** The frame as it is before the adapter fills in the IP total length. */
function withoutLength(bytes: Uint8Array): Uint8Array {
  const frame = bytes.slice();
  frame.set([0, 0], ETHERNET + TOTAL_LENGTH);
  return frame;
}

type Artefact = "zero length" | "length correct" | "not captured";

/** A server's own capture: answers too long for one segment leave it whole, with or without their length, or are missed by the capture. */
function answers(folder: string, artefact: Artefact, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.004 });
  healthySession(taps, "198.51.100.23:50100", SERVER, 0);
  for (let n = 0; n < 3; n++) {
    const client = `198.51.100.23:${50200 + n}`;
    const session = new SessionScript(taps, client, SERVER);
    session.open(2 + n);
    session.after(0.01, "client", { flags: "PA", payload: 220 + n });
    session.after(0.006, "server", { flags: "PA", payload: 2580 + 400 * n });
    session.after(0.0042, "client");
    session.close(session.now + 0.3);
  }
  const frames = taps.frames("server").flatMap((frame) => {
    if (frame.bytes.length < 2000 || artefact === "length correct") return [frame];
    return artefact === "not captured" ? [] : [{ ...frame, bytes: withoutLength(frame.bytes) }];
  });
  write(`${folder}/bundle/server.pcapng`, frames);
}

/** Packets of length 0 that nobody acknowledges, as a generator of broken packets sends them. */
function brokenPackets(folder: string, write: Write): void {
  const frames = Array.from({ length: 5 }, (_, n) => ({
    time: n,
    bytes: withoutLength(tcpFrame(`198.51.100.66:${40000 + n}`, SERVER, { flags: "PA", seq: 7, ack: 9, payload: "x".repeat(40 + n) })),
  }));
  write(`${folder}/bundle/server.pcapng`, frames);
}

/** Bundles of tests/cases/capture-tso-zero-ip-length. */
export function offloadBundles(write: Write): void {
  const folder = (name: string) => `cases/capture-tso-zero-ip-length/${name}`;
  answers(folder("generated"), "zero length", write);
  answers(folder("length-correct"), "length correct", write);
  answers(folder("capture-missed-packets"), "not captured", write);
  brokenPackets(folder("never-acknowledged"), write);
}
