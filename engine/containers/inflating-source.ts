import type { ByteSource } from "../bytes/byte-source.ts";
import type { CarefulStream } from "./careful-stream.ts";
import { type InflateJob, Outflow } from "./inflate-job.ts";
import { NativeStream } from "./native-stream.ts";

/** Compressed size below which the machine's own inflater costs more to set up than it saves. */
const WORTH_NATIVE = 64 * 1024;

/**
 * Inflates while it is read. Damage ends the data early, or is found at its end, and goes to `problem`; it never rejects, so
 * that what could be inflated is read like any truncated file. Rejects only where the compressed bytes cannot be read. Closing
 * gives back the compressed source; a later read opens it again and goes on. Gives the same bytes and problems whatever inflater
 * is lent: that one only reads sound data, and where it doubts, the careful one begins anew and passes over what was handed out.
 */
export async function inflatingSource(job: InflateJob): Promise<ByteSource> {
  const stream = new InflateStream(job);
  let [start, piece]: [number, Uint8Array] = [0, new Uint8Array(0)];
  return {
    size: job.size === null ? null : Math.min(job.size, job.limit),
    sequential: true,
    async read(target, position) {
      if (position < start) throw new Error(`read at ${position} of a source that is past ${start}`);
      let filled = 0;
      while (filled < target.length) {
        const at = position + filled;
        if (at < start + piece.length) {
          const part = piece.subarray(at - start, at - start + target.length - filled);
          target.set(part, filled);
          filled += part.length;
          continue;
        }
        start += piece.length;
        piece = new Uint8Array(0);
        const next = await stream.next();
        if (next === null) break;
        piece = next;
      }
      return filled;
    },
    close: () => stream.close(),
  };
}

/** Natively where that is worth it and for as long as the data is sound. */
class InflateStream {
  private readonly job: InflateJob;
  private readonly outflow: Outflow;
  private native: NativeStream | null = null;
  private careful: CarefulStream | null = null;

  constructor(job: InflateJob) {
    this.job = job;
    this.outflow = new Outflow(job);
  }

  async next(): Promise<Uint8Array | null> {
    if (!this.native && !this.careful) await this.begin();
    if (!this.native) return this.careful!.next();
    try {
      const piece = await this.native.next();
      if (piece !== "doubtful") return piece;
    } catch (reason) {
      await this.continueCarefully();
      throw reason;
    }
    return (await this.continueCarefully()).next();
  }

  private async begin(): Promise<void> {
    const raw = await this.job.open();
    const small = raw.size !== null && raw.size < WORTH_NATIVE;
    if (small) await this.startCareful(raw);
    else this.native = new NativeStream(this.job, this.outflow, raw);
  }

  private async continueCarefully(): Promise<CarefulStream> {
    await this.native?.close();
    this.native = null;
    return this.startCareful(null);
  }

  /** Asked for only now, since its tables take longer to set up than all of a small bundle takes to read. */
  private async startCareful(raw: ByteSource | null): Promise<CarefulStream> {
    const { CarefulStream } = await import("./careful-stream.ts");
    this.careful = new CarefulStream(this.job, this.outflow, raw);
    return this.careful;
  }

  async close(): Promise<void> {
    await (this.native ?? this.careful)?.close();
  }
}
