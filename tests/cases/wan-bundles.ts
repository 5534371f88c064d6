import type { CapturedFrame, Endpoint } from "../support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

interface Path {
  /** Seconds one way. */
  readonly oneWay: number;
  readonly serverThinks: number;
  readonly clientThinks: number;
}

/** A program that asks a database `turns` questions one after the other. */
function questions(taps: TwoTaps, client: Endpoint, server: Endpoint, turns: number, { serverThinks, clientThinks }: Path): void {
  const session = new SessionScript(taps, client, server);
  let at = session.open(2);
  for (let n = 0; n < turns; n++) at = session.turn(at + clientThinks + 0.0003 * (n % 4), 90 + 7 * n, 120 + 31 * n, serverThinks);
  session.close(at + 0.4);
  healthySession(taps, client.replace(/\d+$/, "50999"), server.replace(/\d+$/, "443"), 0);
}

/** Captures of such a session at both ends; address translation lies between them. */
function translated(folder: string, path: Path, sides: readonly ("client" | "server")[], write: Write): void {
  for (const side of sides) {
    const taps = new TwoTaps({ oneWay: path.oneWay, skew: -7.7 });
    if (side === "client") questions(taps, "192.0.2.66:50212", "198.51.100.7:5432", 14, path);
    else questions(taps, "203.0.113.14:23584", "198.51.100.148:5432", 14, path);
    write(`${folder}/bundle/${side}.pcapng`, taps.frames(side));
  }
}

/** Bundles of tests/cases/tcp-wan-latency. */
export function wanBundles(write: Write): void {
  const folder = (name: string) => `cases/tcp-wan-latency/${name}`;
  const long: Path = { oneWay: 0.055, serverThinks: 0.0012, clientThinks: 0.004 };
  translated(folder("generated"), long, ["client", "server"], write);
  translated(folder("client-only"), long, ["client"], write);
  translated(folder("server-only"), long, ["server"], write);
  translated(folder("server-thinks"), { ...long, serverThinks: 0.19 }, ["client", "server"], write);
  translated(folder("client-thinks"), { ...long, clientThinks: 0.45 }, ["client", "server"], write);
  translated(folder("short-path"), { ...long, oneWay: 0.0004 }, ["client", "server"], write);
}
