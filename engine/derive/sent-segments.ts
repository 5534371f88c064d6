import { grown } from "./growing-columns.ts";
import { type ConnectionSlots, End, EndBit } from "./tcp-connection-state.ts";

/** Segments remembered of one direction although they are acknowledged: to name the first transmission of a late repeat. */
const KEPT_ACKNOWLEDGED = 4;
/** Segments remembered of one direction at all, where nobody acknowledges them. */
const MAX_REMEMBERED = 1024;

const { oldest: OLDEST, newest: NEWEST, sent: SENT, highestAck: HIGHEST_ACK, bits: BITS } = End;

/** The segments each direction sent lately, oldest first, as queues in shared columns. */
export class SentSegments {
  private readonly slots: ConnectionSlots;
  private seqs = new Int32Array(1024);
  private ends = new Int32Array(1024);
  private next = new Int32Array(1024);
  frames = new Uint32Array(1024);
  times = new Float64Array(1024);
  private count = 0;
  private free = -1;

  constructor(slots: ConnectionSlots) {
    this.slots = slots;
  }

  push(sender: number, receiver: number, seq: number, end: number, frame: number, time: number): void {
    const { ints } = this.slots;
    const node = this.take();
    this.seqs[node] = seq;
    this.ends[node] = end;
    this.frames[node] = frame;
    this.times[node] = time;
    this.next[node] = -1;
    const newest = ints[sender + NEWEST]!;
    if (newest === -1) ints[sender + OLDEST] = node;
    else this.next[newest] = node;
    ints[sender + NEWEST] = node;
    let count = ints[sender + SENT]! + 1;
    const acked = (ints[receiver + BITS]! & EndBit.highestAckKnown) !== 0 ? ints[receiver + HIGHEST_ACK]! : seq;
    while (count > KEPT_ACKNOWLEDGED) {
      const oldest = ints[sender + OLDEST]!;
      if (count <= MAX_REMEMBERED && ((this.ends[oldest]! - acked) | 0) > 0) break;
      ints[sender + OLDEST] = this.next[oldest]!;
      this.next[oldest] = this.free;
      this.free = oldest;
      count--;
    }
    ints[sender + SENT] = count;
  }

  /** The first remembered segment that held the octet at `seq`; -1 if none. */
  find(sender: number, seq: number): number {
    const { ints } = this.slots;
    for (let node = ints[sender + OLDEST]!; node !== -1; node = this.next[node]!) {
      if (((seq - this.seqs[node]!) | 0) >= 0 && ((seq - this.ends[node]!) | 0) < 0) return node;
    }
    return -1;
  }

  release(sender: number): void {
    const { ints } = this.slots;
    const newest = ints[sender + NEWEST]!;
    if (newest === -1) return;
    this.next[newest] = this.free;
    this.free = ints[sender + OLDEST]!;
    ints[sender + OLDEST] = -1;
    ints[sender + NEWEST] = -1;
    ints[sender + SENT] = 0;
  }

  private take(): number {
    const node = this.free;
    if (node !== -1) {
      this.free = this.next[node]!;
      return node;
    }
    if (this.count === this.next.length) {
      const size = this.count * 2;
      this.seqs = grown(this.seqs, size);
      this.ends = grown(this.ends, size);
      this.next = grown(this.next, size);
      this.frames = grown(this.frames, size);
      this.times = grown(this.times, size);
    }
    return this.count++;
  }
}
