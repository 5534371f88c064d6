import type { ByteSource } from "../bytes/byte-source.ts";
import { CarefulStream } from "./careful-stream.ts";
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
  private stream: NativeStream | CarefulStream | null = null;

  constructor(job: InflateJob) {
    this.job = job;
    this.outflow = new Outflow(job);
  }

  async next(): Promise<Uint8Array | null> {
    this.stream ??= await this.begin();
    if (this.stream instanceof CarefulStream) return this.stream.next();
    try {
      const piece = await this.stream.next();
      if (piece !== "doubtful") return piece;
    } catch (reason) {
      await this.continueCarefully();
      throw reason;
    }
    return (await this.continueCarefully()).next();
  }

  private async begin(): Promise<NativeStream | CarefulStream> {
    const raw = await this.job.open();
    const small = raw.size !== null && raw.size < WORTH_NATIVE;
    return small ? new CarefulStream(this.job, this.outflow, raw) : new NativeStream(this.job, this.outflow, raw);
  }

  private async continueCarefully(): Promise<CarefulStream> {
    await this.stream?.close();
    const careful = new CarefulStream(this.job, this.outflow, null);
    this.stream = careful;
    return careful;
  }

  async close(): Promise<void> {
    await this.stream?.close();
  }
}
