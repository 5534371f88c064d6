import type { ByteSource } from "../bytes/byte-source.ts";
import type { InflateJob, Outflow } from "./inflate-job.ts";
import { readFully } from "./random-access.ts";

/** Compressed bytes given to the inflater at a time. */
const PIECE_BYTES = 64 * 1024;
/**
 * Inflated bytes kept back until as many have come after them. An inflater may get a little nearer to a damage than the careful
 * one, or not as near, as it pleases its maker; what lies before the last of these bytes both reach. The careful one loses
 * at most a step of 64 bytes, which inflate to 66,048, and a stored block that ended in it, 65,535.
 */
const HELD_BYTES = 256 * 1024;

/** Sound data, inflated by the machine's own inflater. */
export class NativeStream {
  private readonly job: InflateJob;
  private readonly outflow: Outflow;
  private readonly inflated: AsyncIterator<Uint8Array>;
  private raw: ByteSource | null;
  private position = 0;
  private reading: Promise<number> | null = null;
  private asleep: Promise<void> | null = null;
  private wake = () => {};
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private ended = false;
  private sum = 0;
  /** Why the compressed bytes cannot be read. */
  private failure: { readonly reason: unknown } | null = null;

  constructor(job: InflateJob, outflow: Outflow, raw: ByteSource) {
    this.job = job;
    this.outflow = outflow;
    this.raw = raw;
    this.inflated = job.inflater.inflate(job.method === "gzip" ? "gzip" : "deflate-raw", this.compressed())[Symbol.asyncIterator]();
  }

  /** The next inflated bytes, null at the end, "doubtful" where the data is not sound. Rejects where it cannot be read. */
  async next(): Promise<Uint8Array | null | "doubtful"> {
    if (this.outflow.done) return null;
    this.wake();
    this.asleep = null;
    try {
      while (!this.ended && this.heldBytes - (this.held[0]?.length ?? 0) < HELD_BYTES) await this.advance();
    } catch {
      if (this.failure) throw this.failure.reason;
      return "doubtful";
    }
    const piece = this.held.shift();
    if (!piece) {
      this.outflow.end(this.sum);
      return null;
    }
    this.heldBytes -= piece.length;
    if (this.job.method === "deflate" && this.job.crc !== null) this.sum = this.job.inflater.crc32(piece, this.sum);
    const admitted = this.outflow.admit(piece);
    if (this.outflow.done) this.abandon();
    return admitted;
  }

  private async advance(): Promise<void> {
    const { value, done } = await this.inflated.next();
    if (done) this.ended = true;
    else if (value.length > 0) {
      this.held.push(value);
      this.heldBytes += value.length;
    }
  }

  private async *compressed(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      // Inflaters read ahead; one that is closed must not open its source again before somebody reads on.
      while (this.asleep) await this.asleep;
      const piece = new Uint8Array(PIECE_BYTES);
      this.reading = this.fill(piece);
      const count = await this.reading;
      if (count === 0) return;
      yield piece.subarray(0, count);
    }
  }

  private async fill(piece: Uint8Array): Promise<number> {
    try {
      this.raw ??= await this.job.open();
      const count = await readFully(this.raw, piece, this.position);
      this.position += count;
      return count;
    } catch (reason) {
      this.failure = { reason };
      throw reason;
    }
  }

  /** Gives the inflater back; nothing is read afterwards. */
  private abandon(): void {
    this.held = [];
    Promise.resolve(this.inflated.return?.()).catch(() => {});
  }

  /** Gives the compressed source back; `next` opens it again. */
  async close(): Promise<void> {
    this.asleep ??= new Promise((wake) => {
      this.wake = wake;
    });
    await this.reading?.catch(() => {});
    const { raw } = this;
    this.raw = null;
    await raw?.close();
  }
}
