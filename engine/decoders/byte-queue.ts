const NONE = new Uint8Array(0);

/** Bytes of a stream that wait until the record they begin is whole. */
export class ByteQueue {
  private buffer: Uint8Array = NONE;
  private from = 0;
  private to = 0;
  /** Whether `buffer` is the caller's. */
  private lent = false;
  private readonly capacity: number;

  /** Holds at most `capacity` bytes. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** What waits; valid until the queue changes. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(this.from, this.to);
  }

  /**
   * Adds bytes at the end; false, and nothing is added, where they do not fit. An empty queue takes them as they are: before the caller's
   * bytes change, `own` must have been called.
   */
  push(bytes: Uint8Array): boolean {
    const length = this.length + bytes.length;
    if (length > this.capacity) return false;
    if (this.length === 0) {
      this.buffer = bytes;
      this.from = 0;
      this.to = bytes.length;
      this.lent = true;
      return true;
    }
    this.own();
    if (this.to + bytes.length > this.buffer.length) {
      const target = length > this.buffer.length ? new Uint8Array(Math.min(this.capacity, Math.max(1024, 2 * length))) : this.buffer;
      target.set(this.bytes);
      this.buffer = target;
      this.from = 0;
      this.to = length - bytes.length;
    }
    this.buffer.set(bytes, this.to);
    this.to += bytes.length;
    return true;
  }

  /** Copies what still waits of bytes that were taken as they are. */
  own(): void {
    if (!this.lent) return;
    this.buffer = this.length === 0 ? NONE : this.bytes.slice();
    this.to = this.buffer.length;
    this.from = 0;
    this.lent = false;
  }

  /** Lets all bytes go. */
  clear(): void {
    this.buffer = NONE;
    this.from = this.to = 0;
    this.lent = false;
  }

  /** Lets the first `count` bytes go, or all there are. */
  drop(count: number): void {
    this.from = Math.min(this.to, this.from + count);
    if (this.from === this.to) this.from = this.to = 0;
  }
}
