/** A read that ran past the data, or a value that breaks its format; caught per record by the format that called the decoder. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly field: string;
  readonly offset: number;
  constructor(field: string, offset: number, problem: string) {
    super(`${field} at offset ${offset}: ${problem}`);
    this.field = field;
    this.offset = offset;
  }
}

/** Bounds-checked reads over bytes; every read passes the field's name, so an error can say what was cut off. Big-endian unless said. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  private take(count: number, field: string): number {
    const at = this.offset;
    if (at + count > this.end) throw new DecodeError(field, at, `truncated: need ${count}, have ${Math.max(0, this.end - at)}`);
    this.offset = at + count;
    return at;
  }

  u8(field: string): number {
    return this.bytes[this.take(1, field)]!;
  }

  u16(field: string): number {
    const at = this.take(2, field);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u16le(field: string): number {
    const at = this.take(2, field);
    return this.bytes[at]! | (this.bytes[at + 1]! << 8);
  }

  u32(field: string): number {
    const at = this.take(4, field);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  u32le(field: string): number {
    const at = this.take(4, field);
    const b = this.bytes;
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;
  }

  u64le(field: string): bigint {
    const low = this.u32le(field);
    return (BigInt(this.u32le(field)) << 32n) | BigInt(low);
  }

  slice(count: number, field: string): Uint8Array {
    const at = this.take(count, field);
    return this.bytes.subarray(at, at + count);
  }

  skip(count: number, field: string): void {
    this.take(count, field);
  }
}
