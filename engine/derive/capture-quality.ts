import { Mark } from "../decoders/packet-batch.ts";

/** Marks that count against a capture. */
export const MARKED = Mark.truncated | Mark.ipLengthZero | Mark.checksumBad;

/** Counts what tells how far a capture can be trusted, over all its packets. */
export class QualityCounts {
  packets = 0;
  firstTime = Number.NaN;
  lastTime = Number.NaN;
  truncated = 0;
  zeroLength = 0;
  badChecksums = 0;

  /** A whole batch's packets and times. */
  batch(count: number, first: number, last: number): void {
    this.packets += count;
    if (!(first >= this.firstTime)) this.firstTime = first;
    if (!(last <= this.lastTime)) this.lastTime = last;
  }

  /** The marks of a packet that has any of `MARKED`. */
  marked(marks: number): void {
    if ((marks & Mark.truncated) !== 0) this.truncated++;
    if ((marks & Mark.ipLengthZero) !== 0) this.zeroLength++;
    if ((marks & Mark.checksumBad) !== 0) this.badChecksums++;
  }
}
