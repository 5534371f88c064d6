/**
 * What pairing needs of every TCP segment of a capture point, 32 bytes each, kept only where a bundle holds two or more
 * captures. Written by the TCP analyser in packet order, read by session matching.
 */
export interface SegmentLog {
  readonly count: number;
  /** Row of the connection in the capture point's `tcp_connections`. */
  readonly stream: Uint32Array;
  readonly frame: Uint32Array;
  /** Nanoseconds from the capture's base. */
  readonly time: Float64Array;
  readonly seq: Uint32Array;
  readonly ack: Uint32Array;
  /** See `packShape`. */
  readonly shape: Uint32Array;
  /** With data: a 32-bit hash of the captured payload bytes, 0 if none were captured. Without: IP id | TTL << 16 | 8-bit hash of window, timestamps and SACK edges << 24. */
  readonly print: Uint32Array;
}

/** Bits of `shape` above length (18 bits, capped) and TCP flags (8 bits). */
export const Shape = {
  fromServer: 1 << 26,
  knownSeq: 1 << 27,
  knownAck: 1 << 28,
  knownLength: 1 << 29,
  saidRetransmission: 1 << 30,
  saidLostSegment: 1 << 31,
} as const;

export const MAX_SHAPE_LENGTH = (1 << 18) - 1;

export function packShape(length: number, flags: number, bits: number): number {
  return (Math.min(length, MAX_SHAPE_LENGTH) | (flags << 18) | bits) >>> 0;
}

export function shapeLength(shape: number): number {
  return shape & MAX_SHAPE_LENGTH;
}

export function shapeFlags(shape: number): number {
  return (shape >>> 18) & 255;
}
