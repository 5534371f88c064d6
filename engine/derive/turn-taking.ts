import { median } from "./clock-offset.ts";
import { directionOf, type PairedSession, type SessionView } from "./paired-session.ts";
import { TO_SERVER } from "./point-sessions.ts";
import { Shape, shapeLength } from "./segment-log.ts";

/** Who waited for whom in a session, from changes of the data's direction at both points. Seconds; null where nothing shows it. */
export interface TurnTaking {
  /** Requests that were followed by a reply. */
  readonly turns: number;
  readonly clientWait: number | null;
  readonly serverThink: number | null;
  readonly serverWait: number | null;
  readonly clientThink: number | null;
  readonly networkShare: number | null;
  /** Turns times the smallest round trip. */
  readonly latencyTotal: number | null;
  /** Part of all the client's waiting that `latencyTotal` makes up, 0 to 1. */
  readonly latencyShare: number | null;
  /** Segments of the point's log, in turn the last of a request and the first of its reply, of the session's first turns at each side. */
  readonly clientTurns: readonly number[];
  readonly serverTurns: readonly number[];
}

interface Waits {
  /** From the last data of a request to the first of the reply, ns, one per turn. */
  readonly forReply: number[];
  /** From the last data of a reply to the first of the next request. */
  readonly forRequest: number[];
  /** Requests and replies of the first turns. */
  readonly first: number[];
}

/** Turns whose request and reply are cited. */
const CITED_TURNS = 3;

/** Waits of both ends in seconds, their medians, and how much of the client's waiting the server does not account for. */
export function turnTaking({ client, server, roundTrip }: PairedSession): TurnTaking {
  const [near, far] = [waitsAt(client), waitsAt(server)];
  const [clientWait, serverThink] = [seconds(near.forReply), seconds(far.forReply)];
  const latency = roundTrip === null ? null : near.forReply.length * roundTrip;
  const waited = sum(near.forReply);
  return {
    turns: near.forReply.length,
    clientWait,
    serverThink,
    serverWait: seconds(far.forRequest),
    clientThink: seconds(near.forRequest),
    networkShare: networkShare(near.forReply, far.forReply),
    latencyTotal: latency === null ? null : latency / 1e9,
    latencyShare: latency === null || waited === 0 ? null : Math.min(1, latency / waited),
    clientTurns: near.first,
    serverTurns: far.first,
  };
}

function seconds(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values) / 1e9;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** By sums where both points show the same turns, by medians where one of them shows more of the session. */
function networkShare(waited: readonly number[], thought: readonly number[]): number | null {
  if (waited.length === 0 || thought.length === 0) return null;
  const [all, own] = waited.length === thought.length ? [sum(waited), sum(thought)] : [median(waited), median(thought)];
  return all > 0 ? Math.min(1, Math.max(0, 1 - own / all)) : null;
}

function waitsAt(view: SessionView): Waits {
  const { log, order, start } = view.point;
  const waits: Waits = { forReply: [], forRequest: [], first: [] };
  let [last, lastTime, lastSegment] = [-1, 0, -1];
  const next: [number, number] = [Number.NaN, Number.NaN];
  for (let k = start[view.session]!; k < start[view.session + 1]!; k++) {
    const i = order[k]!;
    const shape = log.shape[i]!;
    const length = shapeLength(shape);
    if ((length === 0 && shape & Shape.knownLength) || shape & Shape.saidRetransmission) continue;
    const direction = directionOf(view, i);
    if (shape & Shape.knownSeq && shape & Shape.knownLength) {
      const end = (log.seq[i]! + length) >>> 0;
      // Bytes that came before are a retransmission, not a turn.
      if (!Number.isNaN(next[direction]) && ((end - next[direction]) | 0) <= 0) continue;
      next[direction] = end;
    }
    if (last >= 0 && last !== direction)
      (last === TO_SERVER ? waits.forReply : waits.forRequest).push(Math.max(0, log.time[i]! - lastTime));
    if (last === TO_SERVER && direction !== TO_SERVER && waits.first.length < 2 * CITED_TURNS) waits.first.push(lastSegment, i);
    [last, lastTime, lastSegment] = [direction, log.time[i]!, i];
  }
  return waits;
}
