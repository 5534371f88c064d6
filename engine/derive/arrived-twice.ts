import type { SessionView } from "./paired-session.ts";
import { sameWithin } from "./recorded-twice.ts";
import { shapeLength } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";

/** Segments of the session on either side among which the other copy is looked for. */
const LOOKED_AT = 64;
const IP_ID = 0xffff;

/**
 * Whether the segment at place `k` of the session is a copy of one with a counterpart: networks deliver packets twice, which shows
 * neither that the sender's capture missed one nor that somebody else sent it.
 */
export function arrivedTwice({ point, session, match }: SessionView, k: number): boolean {
  const { log, order, start } = point;
  const i = order[k]!;
  const [seq, ack, shape, print, time] = [log.seq[i]!, log.ack[i]!, log.shape[i]!, log.print[i]!, log.time[i]!];
  const numbered = shapeLength(shape) === 0 && (print & IP_ID) !== 0;
  const apart = numbered ? Infinity : sameWithin(0);
  for (const step of [-1, 1]) {
    const last = step < 0 ? Math.max(start[session]!, k - LOOKED_AT) : Math.min(start[session + 1]! - 1, k + LOOKED_AT);
    for (let at = k + step; (last - at) * step >= 0; at += step) {
      const other = order[at]!;
      if (Math.abs(log.time[other]! - time) > apart) break;
      const alike = log.seq[other] === seq && log.ack[other] === ack && log.shape[other] === shape && log.print[other] === print;
      if (alike && match[other] !== UNSEEN) return true;
    }
  }
  return false;
}
