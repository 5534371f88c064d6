/** Times further from the first packet than this (100 years) are garbage, in nanoseconds. */
const MAX_DISTANCE = 3.2e18;
/** Last second of the year 9999, which dates can still show. */
const MAX_SECOND = 253_402_300_799n;

/** Ticks of a clock since the Unix epoch, as packets carry them: two 32-bit halves. */
export interface Clock {
  /** Ticks in a second. */
  readonly ticksPerSecond: bigint;
  /** Nanoseconds in a tick; below 1 for clocks finer than that. */
  readonly nanoseconds: number;
  /** Seconds to add to each time stamp. */
  readonly offset: bigint;
  /** The capture's base in ticks of this clock, halved as the stamps are. The upper half may be negative. */
  baseHigh: number;
  baseLow: number;
}

/** A clock by pcapng's `if_tsresol` (a power of 10, or of 2 if the top bit is set) and `if_tsoffset`. */
export function clock(resolution: number, offset: bigint): Clock {
  const ticksPerSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  return { ticksPerSecond, nanoseconds: 1e9 / Number(ticksPerSecond), offset, baseHigh: 0, baseLow: 0 };
}

/** The whole second a stamp falls in, as nanoseconds since the epoch; null if it is no time a date could show. */
export function baseOf(of: Clock, high: number, low: number): bigint | null {
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  const second = ticks / of.ticksPerSecond + of.offset;
  return second >= 0n && second <= MAX_SECOND ? second * 1_000_000_000n : null;
}

/** Sets the point in time, nanoseconds since the epoch, that `sinceBase` counts from. */
export function setBase(of: Clock, base: bigint): void {
  const ticks = (base / 1_000_000_000n - of.offset) * of.ticksPerSecond;
  of.baseHigh = Number(ticks >> 32n);
  of.baseLow = Number(ticks & 0xffffffffn);
}

/** Whole nanoseconds from the base to a stamp, exact as long as they fit 53 bits; NaN if it is absurdly far away. */
export function sinceBase(of: Clock, high: number, low: number): number {
  const time = ((high - of.baseHigh) * 4_294_967_296 + (low - of.baseLow)) * of.nanoseconds;
  return time < MAX_DISTANCE && time > -MAX_DISTANCE ? Math.floor(time) : Number.NaN;
}
