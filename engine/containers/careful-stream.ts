import { Gunzip, Inflate } from "fflate";
import type { ByteSource } from "../bytes/byte-source.ts";
import type { InflateJob, InflateProblem, Outflow } from "./inflate-job.ts";
import { readFully } from "./random-access.ts";

/** Compressed bytes inflated at a time; the more, the less the inflater copies. At deflate's highest ratio 64 MiB come of it, once: */
const PUSH_BYTES = 64 * 1024;
/** where data grows beyond `HIGH_RATIO`, it goes on in steps of which at most 8 MiB come. */
const SMALL_PUSH_BYTES = 8 * 1024;
const HIGH_RATIO = 16;
/** The same where the data is known to break off soon: what the inflater holds when it fails is lost. */
const CAREFUL_BYTES = 64;
/**
 * Steps and bytes without output after which the data is over: the inflater ignores what follows its last block, but hoards it,
 * so that a long tail would cost the square of its length. A block or a gzip header is shorter than this.
 */
const MAX_IDLE_STEPS = 64;
const MAX_IDLE_BYTES = 128 * 1024;
/** Length of a gzip member's trailer: CRC-32 and size modulo 2^32, RFC 1952 section 2.3.1. */
const GZIP_TRAILER = 8;

/**
 * Inflates anything, damaged data as far as it goes: it alone decides how damage is met and called. Pulls inflated pieces out
 * of a push inflater.
 */
export class CarefulStream {
  private readonly job: InflateJob;
  private readonly outflow: Outflow;
  private raw: ByteSource | null;
  private inflater: Inflate | Gunzip | null = null;
  private pieces: Uint8Array[] = [];
  private rawPosition = 0;
  /** From here on in small steps. */
  private carefulFrom = Number.POSITIVE_INFINITY;
  /** Inflated bytes still to be passed over because they were handed over before a restart. */
  private repeated = 0;
  /** CRC-32 and length of what was inflated since the beginning, or of the current gzip member. */
  private member = { crc: 0, length: 0 };
  private recent = new Uint8Array(0);
  private pushBytes = SMALL_PUSH_BYTES;
  /** Inflated in the current step. */
  private grown = 0;
  /** Since anything was inflated. */
  private idle = { steps: 0, bytes: 0 };

  /** Begins behind what the outflow has let out already. `raw` is the source where it is open. */
  constructor(job: InflateJob, outflow: Outflow, raw: ByteSource | null) {
    this.job = job;
    this.outflow = outflow;
    this.raw = raw;
    this.begin();
  }

  private begin(): void {
    const onData = (piece: Uint8Array<ArrayBuffer>) => this.take(piece);
    this.inflater = this.job.method === "deflate" ? new Inflate(onData) : this.gunzip(onData);
    [this.rawPosition, this.repeated, this.pushBytes] = [0, this.outflow.produced, SMALL_PUSH_BYTES];
    [this.member, this.recent, this.idle] = [{ crc: 0, length: 0 }, new Uint8Array(0), { steps: 0, bytes: 0 }];
  }

  private gunzip(onData: (piece: Uint8Array<ArrayBuffer>) => void): Gunzip {
    const gunzip = new Gunzip(onData);
    gunzip.onmember = (offset) => this.checkMember(offset);
    return gunzip;
  }

  async close(): Promise<void> {
    const raw = this.raw;
    this.raw = null;
    await raw?.close();
  }

  /** The next inflated bytes, null at the end. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece) return piece;
      if (this.outflow.done) return null;
      await this.step();
    }
  }

  private async step(): Promise<void> {
    const careful = this.rawPosition >= this.carefulFrom;
    const chunk = new Uint8Array(careful ? CAREFUL_BYTES : this.pushBytes);
    this.grown = 0;
    const chunkStart = this.rawPosition;
    this.raw ??= await this.job.open();
    const count = await readFully(this.raw, chunk, chunkStart);
    this.rawPosition += count;
    const bytes = chunk.subarray(0, count);
    // A member's trailer may end in the step before the one that shows the next member.
    if (this.job.method === "gzip") this.recent = joined(this.recent.subarray(-PUSH_BYTES), bytes);
    try {
      // The end is told apart from the last bytes, because an inflater that finds the end missing drops what came with it.
      this.inflater!.push(bytes, count === 0);
      this.idle = this.grown > 0 ? { steps: 0, bytes: 0 } : { steps: this.idle.steps + 1, bytes: this.idle.bytes + count };
      this.pushBytes = this.grown > HIGH_RATIO * count ? SMALL_PUSH_BYTES : PUSH_BYTES;
      if (count === 0) this.finish(null);
      else if (this.idle.steps > MAX_IDLE_STEPS && this.idle.bytes > MAX_IDLE_BYTES) this.finish("trailing-data");
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== "corrupt" || careful) this.finish(problem);
      else {
        this.carefulFrom = chunkStart;
        await this.close();
        this.begin();
      }
    }
  }

  private take(piece: Uint8Array<ArrayBuffer>): void {
    if (piece.length === 0 || this.outflow.done) return;
    this.grown += piece.length;
    this.member.crc = this.job.inflater.crc32(piece, this.member.crc);
    this.member.length += piece.length;
    const passed = Math.min(this.repeated, piece.length);
    this.repeated -= passed;
    const fresh = this.outflow.admit(piece.subarray(passed));
    if (fresh.length > 0) this.pieces.push(fresh);
  }

  private checkMember(offset: number): void {
    const start = offset - GZIP_TRAILER - (this.rawPosition - this.recent.length);
    if (start >= 0) this.checkTrailer(this.recent.subarray(start, start + GZIP_TRAILER));
    this.member = { crc: 0, length: 0 };
  }

  private checkTrailer(trailer: Uint8Array): void {
    const view = new DataView(trailer.buffer, trailer.byteOffset);
    if (trailer.length < GZIP_TRAILER) this.outflow.report("truncated");
    else if (view.getUint32(0, true) !== this.member.crc || view.getUint32(4, true) !== this.member.length % 2 ** 32)
      this.outflow.report("checksum");
  }

  private finish(problem: InflateProblem | null): void {
    if (this.outflow.done) return;
    if (problem === "truncated") this.take(heldLiterally(this.inflater));
    if (problem) this.outflow.report(problem);
    else if (this.job.method === "gzip") this.checkTrailer(this.recent.subarray(-GZIP_TRAILER));
    else this.outflow.end(this.member.crc);
    this.outflow.done = true;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/**
 * Bytes of a stored block whose end is missing. fflate gives such a block out only once it is whole, up to 64 KiB; what it holds
 * is read from its state: `p`, the input from the bit `s.p` on where the block begins, with `s.l` set within any other block.
 */
function heldLiterally(inflater: object | null): Uint8Array<ArrayBuffer> {
  const nothing = new Uint8Array(0);
  const { p: held, s: state } = inflater as { p?: unknown; s?: { p?: unknown; l?: unknown } };
  if (!(held instanceof Uint8Array) || held.length === 0 || state?.l) return nothing;
  const bit = typeof state?.p === "number" ? state.p : 0;
  const type = ((held[0]! | ((held[1] ?? 0) << 8)) >> (bit + 1)) & 3;
  if (type !== 0) return nothing;
  // Three bits of block header, the rest of the byte, the length and its complement: RFC 1951 section 3.2.4.
  return held.slice(((bit + 3 + 7) >> 3) + 4);
}

/** fflate's error codes 0 and 6: the data ends too early, and what follows a gzip member is no member. */
function problemOf(error: unknown): InflateProblem {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === 0) return "truncated";
  return code === 6 ? "trailing-data" : "corrupt";
}
