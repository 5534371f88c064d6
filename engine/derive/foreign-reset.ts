import { TcpFlag } from "../decoders/packet-batch.ts";
import { arrivedTwice } from "./arrived-twice.ts";
import type { Health, Way } from "./lost-segment.ts";
import { directionOf, type SessionView } from "./paired-session.ts";
import { TO_SERVER } from "./point-sessions.ts";
import { shapeFlags, shapeLength } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";
import { firstFrom, Kind, type Track } from "./segment-track.ts";

/** A reset that arrived in the name of an end that never sent it. */
export interface ForeignReset {
  /** The direction it seemed to be sent in. */
  readonly direction: 0 | 1;
  /** Segment of the receiver's log. */
  readonly reset: number;
  /** What it answered: the receiving end's last segment before it, or -1. */
  readonly answered: number;
  /** What the end it claims to be from sent before and after that moment, segments of its own log. */
  readonly sent: readonly number[];
  readonly duringHandshake: boolean;
  /** The sender went on as if it had sent no reset. */
  readonly contradicted: boolean;
  /** The sender's capture goes on with the session after that moment. */
  readonly witnessed: boolean;
}

/** How far outside a capture's span a reset may seem to have been sent and still be judged, ns. */
const EDGE = 1e6;
/** Neighbours looked at for the sender's own segments around the moment. */
const NEIGHBOURS = 64;

/**
 * Resets the receiver saw and the sender's capture, which covers that moment, does not show. Rows without numbers (`loose`)
 * may be a reset the sender did send, where it sent one that found no counterpart.
 */
export function foreignResets(way: Way, health: Health, loose: boolean): ForeignReset[] {
  const { receiver, sender, direction } = way;
  const { log, order, start } = receiver.point;
  const quality = sender.point.capture.quality;
  const found: ForeignReset[] = [];
  const own = loose && hasOpenReset(way);
  let [answered, synSeen, established] = [-1, false, false];
  for (let k = start[receiver.session]!; k < start[receiver.session + 1]!; k++) {
    const i = order[k]!;
    const flags = shapeFlags(log.shape[i]!);
    const its = directionOf(receiver, i);
    if (its === direction && receiver.match[i] === UNSEEN && !arrivedTwice(receiver, k)) {
      const when = log.time[i]! - (Number.isNaN(way.delay) ? 0 : way.delay);
      const judged = when >= quality.firstTime - EDGE && when <= quality.lastTime + EDGE;
      if (judged && !(flags & TcpFlag.rst)) health.senderMisses[direction]++;
      else if (judged && !own) {
        const sent = around(way.sent, when);
        if (sent.length > 0) {
          const contradicted = sent.some((n) => sender.point.log.time[n]! > when);
          found.push({
            direction,
            reset: i,
            answered,
            sent,
            duringHandshake: synSeen && !established,
            contradicted,
            witnessed: lastTime(sender) > when,
          });
        }
      }
    }
    if (flags & TcpFlag.syn) synSeen = true;
    else if (!(flags & TcpFlag.rst) && (shapeLength(log.shape[i]!) > 0 || its === TO_SERVER)) established = true;
    if (its !== direction) answered = i;
  }
  return found;
}

function hasOpenReset({ sent, sender }: Way): boolean {
  for (let k = 0; k < sent.length; k++) if (sent.kind[k] === Kind.rst && sender.match[sent.index[k]!] === UNSEEN) return true;
  return false;
}

function lastTime({ point, session }: SessionView): number {
  return point.log.time[point.order[point.start[session + 1]! - 1]!]!;
}

/** The sender's last segment before and first one after a moment, resets left out. */
function around(sent: Track, when: number): number[] {
  const at = firstFrom(sent.time, sent.length, when);
  const found: number[] = [];
  for (let k = at - 1; k >= Math.max(0, at - NEIGHBOURS) && found.length === 0; k--)
    if (sent.kind[k] !== Kind.rst) found.push(sent.index[k]!);
  const before = found.length;
  for (let k = at; k < Math.min(sent.length, at + NEIGHBOURS) && found.length === before; k++)
    if (sent.kind[k] !== Kind.rst) found.push(sent.index[k]!);
  return found;
}
