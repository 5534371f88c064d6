import { type CapturedFrame, tcpFrame } from "../support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const SERVER = "203.0.113.21:443";
const OPTIONS = { mss: 1460, windowShift: 8, sackPermitted: true };

/** SYNs of many addresses: the first `answered` get a SYN/ACK that nobody acknowledges, the rest nothing; `completed` of them mean it. */
function flood(
  folder: string,
  { count, answered, completed = 0 }: { count: number; answered: number; completed?: number },
  write: Write,
): void {
  const taps = new TwoTaps({ oneWay: 0.004 });
  healthySession(taps, "192.0.2.40:50100", SERVER, 0);
  for (let n = 0; n < count; n++) {
    const at = 2 + n * 0.05;
    const attempt = new SessionScript(taps, `198.51.100.${1 + (n % 250)}:${20000 + 7 * n}`, SERVER, { client: 70_000 + 991 * n });
    if (n < completed) attempt.close(attempt.turn(attempt.open(at) + 0.01, 60, 90) + 0.1);
    else {
      attempt.send("client", at, { flags: "S", options: OPTIONS });
      if (n < answered) attempt.send("server", at + taps.oneWay + 0.0002, { flags: "SA", options: OPTIONS });
    }
  }
  healthySession(taps, "192.0.2.41:50200", SERVER, 2 + count * 0.03);
  write(`${folder}/bundle/server.pcapng`, taps.frames("server"));
}

/** A firewall in front of the server lets one network in and drops the SYNs of another. */
function dropped(folder: string, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.004 });
  for (let n = 0; n < 40; n++) {
    const attempt = new SessionScript(taps, `198.51.100.${1 + n}:${30000 + n}`, SERVER, { client: 70_000 + 991 * n });
    for (const after of [0, 3, 9]) attempt.send("client", 1 + n * 0.1 + after, { flags: "S", options: OPTIONS, again: after > 0 });
  }
  healthySession(taps, "192.0.2.41:50200", SERVER, 4);
  write(`${folder}/bundle/server.pcapng`, taps.frames("server"));
}

type Ending = "reset" | "never acknowledged" | "goes on";

/** A database session that stands still for `idle` seconds, with or without keep-alives, and then ends one way or another. */
function idleSession(folder: string, { idle, every = 0, ending }: { idle: number; every?: number; ending: Ending }, write: Write): void {
  const taps = new TwoTaps({ oneWay: 0.006 });
  healthySession(taps, "192.0.2.50:50300", "198.51.100.30:443", 0);
  const session = new SessionScript(taps, "192.0.2.50:50311", "198.51.100.30:1433");
  let at = session.open(1);
  for (let n = 0; n < 3; n++) at = session.turn(at + 0.2, 150 + n, 700 + n);
  const silent = at;
  for (let probe = every; every > 0 && probe < idle; probe += every) keepAlive(taps, session, silent + probe);
  at = silent + idle;
  if (ending === "reset") session.send("server", at, { flags: "RA" });
  else if (ending === "goes on") session.close(session.turn(at, 160, 900) + 1);
  else {
    session.send("client", at, { flags: "PA", payload: 180, lost: true });
    for (const gap of [0.3, 0.9, 2.1, 4.5, 9.3]) session.send("client", at + gap, { flags: "PA", payload: 180, lost: true, again: true });
    session.send("client", at + 19, { flags: "RA", lost: true });
  }
  write(`${folder}/bundle/client.pcapng`, taps.frames("client"));
}

/** RFC 9293 section 3.8.4: an ACK one below the next sequence number, and the ACK that answers it. */
function keepAlive(taps: TwoTaps, session: SessionScript, time: number): void {
  const listed = taps.listed.client.filter(({ from }) => from === "192.0.2.50:50311").at(-1)!;
  const [client, server] = ["192.0.2.50:50311", "198.51.100.30:1433"] as const;
  const probe = { flags: "A", seq: listed.seq - 1, ack: listed.ack, id: taps.nextId() };
  taps.client.push({ time, bytes: tcpFrame(client, server, probe) });
  session.send("server", time + taps.oneWay, {});
}

/** Bundles of tests/cases/tcp-syn-attack-protection and tests/cases/tcp-keepalive-settings. */
export function tcpSettingsBundles(write: Write): void {
  const syn = (name: string) => `cases/tcp-syn-attack-protection/${name}`;
  flood(syn("flood"), { count: 120, answered: 60 }, write);
  flood(syn("answered-burst"), { count: 40, answered: 40, completed: 40 }, write);
  dropped(syn("firewall-drops"), write);
  const idle = (name: string) => `cases/tcp-keepalive-settings/${name}`;
  idleSession(idle("idle-reset"), { idle: 7300, ending: "reset" }, write);
  idleSession(idle("idle-dead"), { idle: 4000, ending: "never acknowledged" }, write);
  idleSession(idle("keep-alives"), { idle: 7300, every: 1800, ending: "reset" }, write);
  idleSession(idle("minutes"), { idle: 240, ending: "reset" }, write);
  idleSession(idle("idle-goes-on"), { idle: 7300, ending: "goes on" }, write);
}
