import type { ByteSource } from "./byte-source.ts";

/** Bytes read at once; small enough to stay in a processor's cache until they are decoded. */
export const CHUNK_SIZE = 1 << 20;

/**
 * Reads a source front to back through one buffer. Between two calls of `fill` the bytes from `at` to `end` are there to be read
 * synchronously; what is left over moves to the front of the buffer when it is filled again.
 */
export class ChunkReader {
  private readonly source: ByteSource;
  bytes: Uint8Array;
  /** Next unread byte in `bytes`; the caller moves it. */
  at = 0;
  /** One past the last byte that was read in. */
  end = 0;
  /** Position in the source of `bytes[end]`. */
  private position: number;
  /** Bytes asked of the source so far. */
  total = 0;

  constructor(source: ByteSource, position = 0, size = CHUNK_SIZE) {
    this.source = source;
    this.position = position;
    // A small source needs no more than itself, and a byte to see its end.
    this.bytes = new Uint8Array(Math.min(size, (source.size ?? size) + 1));
  }

  /** Position in the source of the next unread byte. */
  get offset(): number {
    return this.position - (this.end - this.at);
  }

  /**
   * Reads on until at least `need` unread bytes are there, growing the buffer if it must; the caller bounds `need`. Answers false
   * if the source ends before that; what it had left is then between `at` and `end`.
   */
  async fill(need: number): Promise<boolean> {
    const left = this.end - this.at;
    if (left >= need) return true;
    const target = need > this.bytes.length ? new Uint8Array(need + Math.min(need, CHUNK_SIZE)) : this.bytes;
    if (target === this.bytes) target.copyWithin(0, this.at, this.end);
    else target.set(this.bytes.subarray(this.at, this.end));
    this.bytes = target;
    this.at = 0;
    this.end = left;
    while (this.end < need) {
      const count = await this.source.read(target.subarray(this.end), this.position);
      if (count === 0) return false;
      this.end += count;
      this.position += count;
      this.total += count;
    }
    return true;
  }

  /** Makes `offset` the next unread position. A sequential source cannot go back before what is buffered. */
  seek(offset: number): void {
    const start = this.position - this.end;
    if (offset >= start && offset <= this.position) {
      this.at = offset - start;
      return;
    }
    this.at = this.end = 0;
    this.position = offset;
  }
}
