/** The 16-bit number at `at`; the caller has checked that it is there. */
export function u16(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? (bytes[at]! << 8) | bytes[at + 1]! : bytes[at]! | (bytes[at + 1]! << 8);
}

/** The unsigned 32-bit number at `at`. */
export function u32(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian
    ? ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
    : (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** The unsigned 64-bit number at `at`. */
export function u64(bytes: Uint8Array, at: number, bigEndian: boolean): bigint {
  const high = u32(bytes, bigEndian ? at : at + 4, bigEndian);
  return (BigInt(high) << 32n) | BigInt(u32(bytes, bigEndian ? at + 4 : at, bigEndian));
}
