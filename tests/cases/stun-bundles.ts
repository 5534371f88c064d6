import { type CapturedFrame, type Endpoint, udpFrame } from "../support/capture-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";
import { errorCode, lyncAllocate, lyncError, stunMessage } from "../support/stun-writer.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const CLIENT: Endpoint = "192.0.2.44:50010";
const RELAY: Endpoint = "203.0.113.20:3478";
const COOKIE = "2112a442";
const transaction = (n: number): string => `${COOKIE}${n.toString(16).padStart(24, "0")}`;

interface Sent {
  readonly time: number;
  readonly request: Uint8Array;
  /** Seconds after which the answer comes. */
  readonly answer?: readonly [after: number, bytes: Uint8Array];
}

/** A client's requests to a relay among its other traffic, seen at the client. */
function relayTraffic(path: string, requests: readonly Sent[], write: Write, until = 40): void {
  const taps = new TwoTaps({ oneWay: 0.018 });
  for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.44:${49700 + n}`, "198.51.100.80:443", n);
  healthySession(taps, "192.0.2.44:49790", "198.51.100.80:443", until - 2);
  const datagrams = requests.flatMap(({ time, request, answer }) => [
    { time, bytes: udpFrame(CLIENT, RELAY, request) },
    ...(answer ? [{ time: time + answer[0], bytes: udpFrame(RELAY, CLIENT, answer[1]) }] : []),
  ]);
  write(
    path,
    [...taps.frames("client"), ...datagrams].filter(({ time }) => time <= until).sort((a, b) => a.time - b.time),
  );
}

/** Bundles of tests/cases/lync-av-edge-stun-unreachable. */
export function stunBundles(write: Write): void {
  const folder = (name: string) => `cases/lync-av-edge-stun-unreachable/${name}/bundle`;
  const asked = lyncAllocate(transaction(0xf13c084b));
  const unanswered = [5, 5.5, 6.5, 8.5].map((time) => ({ time, request: asked }));
  relayTraffic(`${folder("generated")}/client.pcapng`, unanswered, write);
  const refused = lyncError(transaction(0xf13c084b), 401, "The request did not contain a Message-Integrity attribute");
  relayTraffic(
    `${folder("asks-for-credentials")}/client.pcapng`,
    [
      { time: 5, request: asked },
      { time: 5.5, request: asked, answer: [0.04, refused] },
    ],
    write,
  );
  // REQUESTED-TRANSPORT UDP, as RFC 5766 clients ask.
  const plain = stunMessage(0x0003, transaction(77), [[0x0019, new Uint8Array([17, 0, 0, 0])]]);
  const stale = stunMessage(0x0113, transaction(77), [errorCode(438, "Stale Nonce")]);
  relayTraffic(`${folder("stale-nonce")}/client.pcap`, [{ time: 5, request: plain, answer: [0.04, stale] }], write);
  relayTraffic(`${folder("stopped-too-early")}/client.pcap`, [{ time: 5, request: asked }], write, 5.4);
}
