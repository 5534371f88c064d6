import type { ConnectionSlots } from "./connection-slots.ts";
import { ContentRanges } from "./content-ranges.ts";
import { LETTER_GAP } from "./history-book.ts";
import {
  END_ZEEK_ACKED as ACKED,
  CONNECTION_BITS as BITS,
  ENDPOINT_CLOSED as CLOSED,
  END_TIME_DELIVERED as DELIVERED,
  ENDPOINT_ESTABLISHED as ESTABLISHED,
  ENDPOINT_BIT_FIN_SEEN as FIN_SEEN,
  END_TIME_FIN_SEQ as FIN_SEQ,
  END_GAPS as GAPS,
  CONNECTION_TIME_MISSED as MISSED,
  CONNECTION_BIT_PARTIAL as PARTIAL,
  END_RANGES as RANGES,
  ENDPOINT_BIT_SKIPPING as SKIPPING,
  END_ZEEK_START as START,
  END_TIME_TRIMMED as TRIMMED,
  END_WRAPS as WRAPS,
  END_ZEEK as ZEEK,
} from "./tcp-connection-state.ts";
import type { ZeekHistory } from "./zeek-history.ts";

/** Zeek's tcp_max_above_hole_without_any_acks: one-sided captures are not all gap. */
const MAX_ABOVE_HOLE = 16384;

/** Holes in the payload of each end, as Zeek's reassembler finds them (src/analyzer/protocol/tcp/TCP_Reassembler.cc). */
export class ContentGaps {
  private readonly slots: ConnectionSlots;
  private readonly history: ZeekHistory;
  private readonly ranges = new ContentRanges();

  private readonly reported: boolean;

  /** `reported` is false where rows that are missing say nothing: in a text export. */
  constructor(slots: ConnectionSlots, history: ZeekHistory, reported: boolean) {
    this.slots = slots;
    this.history = history;
    this.reported = reported;
  }

  /** Everything of `end` below `acked` was acknowledged: what was not captured of it is a gap. */
  acknowledged(base: number, end: number, peer: number, isOrig: boolean, acked: number): void {
    const { ints, doubles } = this.slots;
    const half = end >> 1;
    let upTo = acked;
    if ((ints[end + ZEEK]! & FIN_SEEN) !== 0 && upTo >= doubles[half + FIN_SEQ]!) upTo = doubles[half + FIN_SEQ]! - 1;
    if (upTo <= doubles[half + TRIMMED]!) return;
    doubles[half + TRIMMED] = upTo;
    if (upTo <= doubles[half + DELIVERED]!) return;
    // A partial connection's first acknowledgements may lie one or two octets past its invented start.
    if (upTo <= 2 && (ints[base + BITS]! & PARTIAL) !== 0) return;
    let delivered = doubles[half + DELIVERED]!;
    if ((ints[end + ZEEK]! & SKIPPING) === 0) {
      const clean = this.reported && isClean(ints[end + ZEEK]!) && isClean(ints[peer + ZEEK]!);
      while (delivered < upTo) {
        const start = this.ranges.start(ints[end + RANGES]!, upTo);
        const until = Math.max(delivered, start);
        if (until > delivered && clean) {
          doubles[(base >> 1) + MISSED]! += until - delivered;
          this.history.scaled(base, end + GAPS, isOrig, LETTER_GAP);
        }
        delivered = until;
        delivered = this.consume(end, delivered);
      }
    }
    doubles[half + DELIVERED] = this.consume(end, Math.max(delivered, upTo));
  }

  /** Payload of `end` was captured. */
  deliver(end: number, from: number, length: number): void {
    const { ints, doubles } = this.slots;
    const half = end >> 1;
    const upper = from + length;
    const delivered = doubles[half + DELIVERED]!;
    if (from === delivered && ints[end + RANGES] === -1) {
      // The usual case: the next segment in order.
      if ((ints[end + ZEEK]! & SKIPPING) === 0) doubles[half + DELIVERED] = upper;
      return;
    }
    if ((ints[end + ZEEK]! & SKIPPING) !== 0 || upper <= delivered || upper <= doubles[half + TRIMMED]!) return;
    if (from <= delivered) {
      doubles[half + DELIVERED] = this.consume(end, upper);
      return;
    }
    ints[end + RANGES] = this.ranges.insert(ints[end + RANGES]!, Math.max(from, doubles[half + TRIMMED]!), upper);
    const unacknowledged = (ints[end + ACKED]! - ints[end + START]!) >>> 0 <= 1 && ints[end + WRAPS]! >>> 16 === 0;
    if (this.ranges.overflowed || (unacknowledged && this.ranges.end(ints[end + RANGES]!) - delivered > MAX_ABOVE_HOLE)) {
      this.release(end);
      ints[end + ZEEK]! |= SKIPPING;
    }
  }

  private consume(end: number, upTo: number): number {
    const { ints } = this.slots;
    if (ints[end + RANGES] === -1) return upTo;
    ints[end + RANGES] = this.ranges.consume(ints[end + RANGES]!, upTo);
    return this.ranges.reached;
  }

  /** Gives back what an end holds. */
  release(end: number): void {
    this.ranges.release(this.slots.ints[end + RANGES]!);
    this.slots.ints[end + RANGES] = -1;
  }
}

function isClean(zeek: number): boolean {
  const state = zeek & 15;
  return state === ESTABLISHED || (state === CLOSED && ((zeek >> 4) & 15) === ESTABLISHED);
}
