import type { ConnectionSlots } from "./connection-slots.ts";
import { grown } from "./growing-columns.ts";
import { NOW, END_SENT as SENT } from "./tcp-connection-state.ts";

/** Segments remembered at one time over all connections: a second or more of a gigabit link, longer than a first RTO. */
const CAPACITY = 1 << 18;
const START_SIZE = 1 << 12;
/** Segments of one direction that a repeat is looked up in. */
const MAX_LOOKED_AT = 1024;

/**
 * The segments sent lately, of all directions in one ring, each linked to the one before it of its direction: to name the
 * first transmission of what is sent again. Numbers of entries count from 1 and never repeat.
 */
export class SentSegments {
  private readonly slots: ConnectionSlots;
  /** Sequence number, the one after its end, frame, entry before it. */
  private ints = new Int32Array(4 * START_SIZE);
  private times = new Float64Array(START_SIZE);
  private mask = START_SIZE - 1;
  private newest = 0;

  constructor(slots: ConnectionSlots) {
    this.slots = slots;
  }

  push(sender: number, seq: number, end: number, frame: number): void {
    const entry = ++this.newest;
    if (entry > this.mask && this.mask < CAPACITY - 1) this.grow();
    const { ints } = this;
    const { ints: state, doubles } = this.slots;
    const at = (entry & this.mask) << 2;
    ints[at] = seq;
    ints[at + 1] = end;
    ints[at + 2] = frame;
    ints[at + 3] = state[sender + SENT]!;
    this.times[at >> 2] = doubles[NOW]!;
    state[sender + SENT] = entry;
  }

  /** The first remembered transmission of the octet at `seq`; 0 if none. */
  find(sender: number, seq: number): number {
    let found = 0;
    let looked = 0;
    for (let entry = this.slots.ints[sender + SENT]!; entry > 0 && entry > this.newest - this.mask && looked < MAX_LOOKED_AT; looked++) {
      const at = (entry & this.mask) << 2;
      if (((seq - this.ints[at]!) | 0) >= 0 && ((seq - this.ints[at + 1]!) | 0) < 0) found = entry;
      entry = this.ints[at + 3]!;
    }
    return found;
  }

  frame(entry: number): number {
    return this.ints[((entry & this.mask) << 2) + 2]! >>> 0;
  }

  time(entry: number): number {
    return this.times[entry & this.mask]!;
  }

  /** Doubles the ring while it is not full yet, so that every entry keeps its place. */
  private grow(): void {
    this.mask = this.mask * 2 + 1;
    this.ints = grown(this.ints, 4 * (this.mask + 1));
    this.times = grown(this.times, this.mask + 1);
  }
}
