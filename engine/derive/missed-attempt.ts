import { TcpFlag } from "../decoders/packet-batch.ts";
import type { PointSessions } from "./point-sessions.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";
import { firstFrom } from "./segment-track.ts";
import { ServerView } from "./server-view.ts";
import { isTelling } from "./session-candidates.ts";

/** A connection attempt the client side shows and a capture that covers its server does not. */
export interface MissedAttempt {
  readonly client: PointSessions;
  readonly session: number;
  readonly server: PointSessions;
  /** What the server is called at the server side. */
  readonly serverName: string;
  /** SYNs that should have come while the server side was capturing, segments of the client side's log. */
  readonly syns: readonly number[];
  /** Resets the client got in the server's name. */
  readonly resets: readonly number[];
}

/** Two points of view with the sessions they share: `partner` by session of `client`, -1 for none. */
export interface AttemptContext {
  readonly client: PointSessions;
  readonly server: PointSessions;
  readonly partner: Int32Array;
  readonly serverPartner: Int32Array;
  /** Time at the server side for a time at the client side; NaN where the clocks cannot be compared. */
  readonly arrival: (time: number) => number;
  /** Those times are measured by shared sessions, not taken from the clocks as they stand. */
  readonly measured: boolean;
  /** Addresses of the machine the server side was captured on; null if not known. */
  readonly serverHost: readonly string[] | null;
  readonly filter: string | null;
}

/** A SYN at the server side within this time may be the attempt under another name, ns: with measured clocks, and without. */
const [MEASURED, UNMEASURED] = [1e9, 120e9];

/**
 * Attempts of the client side that were never answered, or only by a reset, and are absent at the server side although
 * that capture was running, shows the server, and shares every other session the client had with it.
 */
export function missedAttempts(context: AttemptContext): MissedAttempt[] {
  const { client, server } = context;
  const view = new ServerView(context);
  const rivals = openSyns(context);
  const twins = unpairedOpenings(context);
  const { firstTime, lastTime } = server.capture.quality;
  const found: MissedAttempt[] = [];
  for (let session = 0; session < client.count; session++) {
    if (context.partner[session] !== -1) continue;
    const attempt = attemptOf(client, session);
    if (!attempt) continue;
    const syns = attempt.syns.filter((i) => {
      const time = context.arrival(client.log.time[i]!);
      return time >= firstTime && time <= lastTime;
    });
    if (syns.length === 0) continue;
    const serverName = view.covers(session);
    if (serverName === null || twins(session, syns) || rivals(session, syns)) continue;
    found.push({ client, session, server, serverName, syns, resets: attempt.resets });
  }
  return found;
}

/** The SYNs of a session in which the server never sent anything but resets, and the client nothing else. */
export function attemptOf(point: PointSessions, session: number): { syns: number[]; resets: number[] } | null {
  const syns: number[] = [];
  const resets: number[] = [];
  for (let k = point.start[session]!; k < point.start[session + 1]!; k++) {
    const i = point.order[k]!;
    const shape = point.log.shape[i]!;
    const flags = shapeFlags(shape);
    const fromServer = (shape & Shape.fromServer) !== 0;
    if (!fromServer && flags & TcpFlag.syn && !(flags & TcpFlag.ack)) syns.push(i);
    else if (flags & TcpFlag.rst) {
      if (fromServer) resets.push(i);
    } else if (fromServer || shapeLength(shape) > 0 || !(shape & Shape.knownLength)) return null;
  }
  return syns.length > 0 ? { syns, resets } : null;
}

/**
 * Tells whether the server side shows that very attempt, from the same port or with the same initial sequence number, in a session
 * that was not recognised as the same one: answered there, recorded twice, or cut in two by a reset.
 */
function unpairedOpenings({
  client,
  server,
  serverPartner,
  arrival,
}: AttemptContext): (session: number, syns: readonly number[]) => boolean {
  const byEnds = new Map<string, number[]>();
  const numbers = new Set<number>();
  const endsOf = ({ ends }: PointSessions, session: number) => {
    const { clientIp, clientPort, serverPort } = ends[session]!;
    return `${clientIp} ${clientPort} ${serverPort}`;
  };
  for (let session = 0; session < server.count; session++) {
    if (serverPartner[session] !== -1) continue;
    const number = server.isn[0][session]!;
    if (!server.relative && isTelling(number)) numbers.add(number);
    const times = byEnds.get(endsOf(server, session)) ?? [];
    for (const k of [server.start[session]!, server.start[session + 1]! - 1]) times.push(server.log.time[server.order[k]!]!);
    byEnds.set(endsOf(server, session), times);
  }
  return (session, syns) => {
    if (!client.relative && numbers.has(client.isn[0][session]!)) return true;
    const times = byEnds.get(endsOf(client, session)) ?? [];
    return syns.some((i) => times.some((time) => Math.abs(time - arrival(client.log.time[i]!)) <= UNMEASURED));
  };
}

/** Tells whether an unpaired SYN at the server side could be the same attempt, renamed and renumbered on the way. */
function openSyns({
  client,
  server,
  serverPartner,
  arrival,
  measured,
}: AttemptContext): (session: number, syns: readonly number[]) => boolean {
  const byPort = new Map<number, { time: number; shift: number | null }[]>();
  for (let session = 0; session < server.count; session++) {
    if (serverPartner[session] !== -1) continue;
    const attempt = attemptOf(server, session) ?? { syns: [] };
    const { serverPort, clientShift } = server.ends[session]!;
    for (const i of attempt.syns) {
      const list = byPort.get(serverPort) ?? [];
      list.push({ time: server.log.time[i]!, shift: clientShift });
      byPort.set(serverPort, list);
    }
  }
  const times = new Map<number, Float64Array>();
  for (const [port, list] of byPort) {
    list.sort((x, y) => x.time - y.time);
    times.set(
      port,
      Float64Array.from(list, ({ time }) => time),
    );
  }
  const window = measured ? MEASURED : UNMEASURED;
  return (session, syns) => {
    const { serverPort, clientShift } = client.ends[session]!;
    const [list, at] = [byPort.get(serverPort), times.get(serverPort)];
    if (!list || !at) return false;
    return syns.every((i) => {
      const moment = arrival(client.log.time[i]!);
      for (let k = firstFrom(at, at.length, moment - window); k < at.length && at[k]! <= moment + window; k++) {
        const { shift } = list[k]!;
        if (shift === null || clientShift === null || shift === clientShift) return true;
      }
      return false;
    });
  };
}
