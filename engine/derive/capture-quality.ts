import { Mark, type PacketBatch } from "../decoders/packet-batch.ts";

/** Counts what tells how far a capture can be trusted, over all its packets. */
export class QualityCounts {
  packets = 0;
  firstTime = Number.NaN;
  lastTime = Number.NaN;
  truncated = 0;
  zeroLength = 0;
  badChecksums = 0;

  batch(batch: PacketBatch): void {
    const { count, marks, time } = batch;
    let [first, last] = [this.firstTime, this.lastTime];
    for (let i = 0; i < count; i++) {
      const at = time[i]!;
      if (!(at >= first)) first = at;
      if (!(at <= last)) last = at;
      const mark = marks[i]!;
      if ((mark & (Mark.truncated | Mark.ipLengthZero | Mark.checksumBad)) === 0) continue;
      if ((mark & Mark.truncated) !== 0) this.truncated++;
      if ((mark & Mark.ipLengthZero) !== 0) this.zeroLength++;
      if ((mark & Mark.checksumBad) !== 0) this.badChecksums++;
    }
    [this.firstTime, this.lastTime] = [first, last];
    this.packets += count;
  }
}
