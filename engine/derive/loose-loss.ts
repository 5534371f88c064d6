import type { LostSegment, Way } from "./lost-segment.ts";
import { Shape } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";
import { firstFrom, Kind } from "./segment-track.ts";

interface Missing {
  readonly copies: number[];
  arrived: number;
  gap: number[];
}

/** Frames around a hole looked at. */
const GAP_SEARCH = 64;

/**
 * Losses among rows without sequence number or length. The receiving end has to confirm each: its export says that the
 * segment before the next one was not captured, and its acknowledgements do not get past. A retransmission belongs to the
 * oldest segment that is still missing, as TCP resends what is unacknowledged first (RFC 6298 section 5.4).
 */
export function looseLosses(way: Way): LostSegment[] {
  const { sent, sender } = way;
  const { shape } = sender.point.log;
  const missing: Missing[] = [];
  for (let k = 0; k < sent.length; k++) {
    const i = sent.index[k]!;
    if (sent.kind[k] !== Kind.data || !Number.isNaN(sent.end[k]!)) continue;
    const oldest = missing.find(({ arrived }) => arrived === 0);
    const again = (shape[i]! & Shape.saidRetransmission) !== 0;
    if (sender.match[i] !== UNSEEN) {
      if (again && oldest) oldest.arrived++;
    } else if (!again) missing.push({ copies: [i], arrived: 0, gap: holeAfter(way, k) });
    else if (oldest) oldest.copies.push(i);
  }
  return missing
    .filter(({ gap }) => gap.length > 0)
    .map(({ copies, arrived, gap }) => ({
      direction: way.direction,
      kind: Kind.data,
      length: null,
      copies,
      arrived,
      gap,
      confirmed: true,
    }));
}

/** The arrival after row `k` of the sender that its export marks as following a hole, and the acknowledgement after that. */
function holeAfter({ sent, seen, sender, receiver, acks }: Way, k: number): number[] {
  for (let n = k + 1; n < Math.min(sent.length, k + GAP_SEARCH); n++) {
    const j = sender.match[sent.index[n]!]!;
    if (j < 0 || sent.kind[n] !== Kind.data) continue;
    if (!(receiver.point.log.shape[j]! & Shape.saidLostSegment)) return [];
    const time = receiver.point.log.time[j]!;
    const first = firstFrom(acks.time, acks.length, time);
    for (let m = first; m < acks.length; m++) if (acks.index[m]! > j) return [j, acks.index[m]!];
    return seen.length > 0 ? [j] : [];
  }
  return [];
}
