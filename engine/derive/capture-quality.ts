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
  /** Address of the only sender of packets with wrong checksums, with its family; null if there is none or several. */
  badSender: { readonly address: number; readonly family: number } | null = null;
  private badSenders = 0;

  /** A whole batch's packets and times. */
  batch(count: number, first: number, last: number): void {
    this.packets += count;
    if (!(first >= this.firstTime)) this.firstTime = first;
    if (!(last <= this.lastTime)) this.lastTime = last;
  }

  /** The marks and the sender of a packet that has any of `MARKED`. */
  marked(marks: number, address: number, family: number): void {
    if ((marks & Mark.truncated) !== 0) this.truncated++;
    if ((marks & Mark.ipLengthZero) !== 0) this.zeroLength++;
    if ((marks & Mark.checksumBad) === 0) return;
    this.badChecksums++;
    if (this.badSenders > 1 || (this.badSender?.address === address && this.badSender.family === family)) return;
    this.badSenders++;
    this.badSender = this.badSenders === 1 ? { address, family } : null;
  }
}
