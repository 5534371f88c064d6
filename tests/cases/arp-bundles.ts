import { arpFrame } from "../support/arp-frame.ts";
import type { CapturedFrame } from "../support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const CLIENT = "192.0.2.1";
const MAC = "00-00-5e-00-53-01";
/** Host numbers in no order, as devices were found. */
const DEVICES = [202, 165, 83, 59, 220, 215, 28, 60, 127, 81, 29, 98, 65, 129, 37, 239];

interface Plan {
  readonly devices: readonly number[];
  readonly port: number;
  /** Seconds between one session's end and the next one's. */
  readonly apart: number;
  /** Whether there are sessions at all. */
  readonly sessions: boolean;
}

/** A client opens a session to each device, lets it rest for two minutes, asks for the device's address once more and resets it. */
function client({ devices, port, apart, sessions }: Plan): CapturedFrame[] {
  const taps = new TwoTaps({ oneWay: 0.0003 });
  const asked: CapturedFrame[] = [];
  healthySession(taps, `${CLIENT}:50001`, "198.51.100.9:443", 0.5);
  for (const [n, device] of devices.entries()) {
    const to = `192.0.2.${device}`;
    const end = 125 + n * apart;
    const ask = { operation: 1, sender: [MAC, CLIENT], target: ["00-00-00-00-00-00", to] } as const;
    const answer = { operation: 2, sender: [`00-00-5e-00-53-${device.toString(16).padStart(2, "0")}`, to], target: [MAC, CLIENT] } as const;
    asked.push({ time: end, bytes: arpFrame(MAC, ask) });
    if (!sessions && n % 3 > 0) continue;
    asked.push({ time: end + 0.004 + 0.0001 * n, bytes: arpFrame(answer.sender[0], answer) });
    if (!sessions) continue;
    const session = new SessionScript(taps, `${CLIENT}:${51000 + n}`, `${to}:${port}`);
    session.turn(session.open(2 + 0.2 * n) + 0.01, 220, 900);
    session.send("client", end + 0.005 + 0.0001 * n, { flags: "RA" });
  }
  healthySession(taps, `${CLIENT}:50002`, "198.51.100.9:443", 130 + apart * devices.length);
  return [...taps.frames("client"), ...asked].sort((a, b) => a.time - b.time);
}

/** Bundles of tests/cases/arp-burst-wsd-teardown. */
export function arpBundles(write: Write): void {
  const path = (name: string) => `cases/arp-burst-wsd-teardown/${name}/bundle/client.pcapng`;
  const wsd = { devices: DEVICES, port: 5357, apart: 0.00002, sessions: true };
  write(path("generated"), client(wsd));
  write(path("one-by-one"), client({ ...wsd, apart: 3 }));
  write(path("other-port"), client({ ...wsd, port: 445 }));
  write(path("scan"), client({ ...wsd, devices: Array.from({ length: 60 }, (_, n) => n + 20), sessions: false }));
}
