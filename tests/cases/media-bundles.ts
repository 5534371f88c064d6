import type { CapturedFrame, Endpoint } from "../support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;
const SYN = { flags: "S", options: { mss: 1460, windowShift: 8, sackPermitted: true } } as const;

/** What becomes of attempts to a media port. */
type Fate = "refused" | "refused once" | "silent" | "answered";

/** Windows tries a refused port three times, half a second apart; an unanswered one after 3 and 9 seconds. */
function attempts(taps: TwoTaps, from: Endpoint, to: Endpoint, start: number, fate: Fate): void {
  const session = new SessionScript(taps, from, to, { client: 7_000_000, server: 0 });
  if (fate === "answered") {
    const script = new SessionScript(taps, from, to);
    script.close(script.turn(script.open(start), 300, 900));
    return;
  }
  const times = fate === "silent" ? [0, 3, 9] : fate === "refused" ? [0, 0.5, 1.05] : [0];
  for (const [n, after] of times.entries()) {
    session.send("client", start + after, { ...SYN, again: n > 0, lost: fate === "silent" });
    if (fate !== "silent") session.send("server", start + after + taps.oneWay, { flags: "RA" });
  }
}

interface EdgeCapture {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly fate: Fate;
  /** The client that asks for a relay at the Edge Server's inside. */
  readonly asks?: boolean;
}

/** A capture at an Edge Server: a client asks for a relay inside, and the server calls a partner's relay outside. */
function edgeCapture(path: string, { from, to, fate, asks = true }: EdgeCapture, write: Write): void {
  const [inside, outside] = [new TwoTaps({ oneWay: 0.0007 }), new TwoTaps({ oneWay: 0.021 })];
  if (asks) {
    const client = new SessionScript(inside, "192.0.2.44:21790", "192.0.2.10:443");
    client.turn(client.turn(client.open(1), 52, 84), 180, 190, 0.03);
  }
  healthySession(outside, "198.51.100.12:52110", "203.0.113.99:80", 3);
  attempts(outside, from, to, 9, fate);
  write(
    path,
    [...inside.frames("server"), ...outside.frames("client")].sort((a, b) => a.time - b.time),
  );
}

/** What the client's own capture shows of the same call: its way to the relay, and no more. */
function clientCapture(path: string, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.0007 });
  const relay = new SessionScript(taps, "192.0.2.44:21790", "192.0.2.10:443");
  relay.turn(relay.turn(relay.open(1), 52, 84), 180, 190, 0.03);
  healthySession(taps, "192.0.2.44:49811", "192.0.2.30:445", 4);
  write(path, taps.frames("client"));
}

/** Bundles of tests/cases/lync-sharing-media-ports-blocked. */
export function mediaBundles(write: Write): void {
  const folder = (name: string) => `cases/lync-sharing-media-ports-blocked/${name}/bundle`;
  const call = { from: "198.51.100.12:56120", to: "203.0.113.77:51344" } as const;
  edgeCapture(`${folder("generated")}/edge.pcapng`, { ...call, fate: "refused" }, write);
  edgeCapture(`${folder("edge-alone")}/edge.pcap`, { ...call, fate: "refused" }, write);
  edgeCapture(`${folder("other-relay")}/edge.pcap`, { ...call, fate: "refused" }, write);
  edgeCapture(`${folder("no-trace")}/edge.pcap`, { ...call, fate: "refused", asks: false }, write);
  edgeCapture(`${folder("single-syn")}/edge.pcap`, { ...call, fate: "refused once" }, write);
  edgeCapture(`${folder("no-answer")}/edge.pcap`, { ...call, fate: "silent" }, write);
  edgeCapture(`${folder("connected")}/edge.pcap`, { ...call, fate: "answered" }, write);
  edgeCapture(`${folder("other-port")}/edge.pcap`, { ...call, to: "203.0.113.77:5061", fate: "refused" }, write);
  edgeCapture(`${folder("other-machine")}/server.pcap`, { from: "10.20.0.9:53344", to: "10.20.0.77:50123", fate: "refused" }, write);
  clientCapture(`${folder("client-only")}/client.pcapng`, write);
}
