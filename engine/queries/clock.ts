import { FALSE, TRUE, type Truth } from "./truth.ts";

/** Time zones differ by whole quarter hours, by at most 14 hours from UTC (IANA time zone database). */
const QUARTER = 900;
const MOST_QUARTERS = 56;

export type Order = "any" | "after" | "before";

export interface Distance {
  readonly truth: Truth;
  /** Seconds by which the two clocks were taken to differ; 0 where they were compared as they are. */
  readonly shift: number;
}

/**
 * Whether moment `a` lies within so many seconds of `b` (nanoseconds since the epoch both), on the given side of it. Where
 * the zone of either clock is not known any whole number of quarter hours between them is accepted, the smallest first.
 */
export function near(a: bigint, b: bigint, within: number, order: Order, sameClock: boolean): Distance {
  const apart = Number(a - b) / 1e9;
  if (fits(apart, within, order)) return { truth: TRUE, shift: 0 };
  if (sameClock) return { truth: FALSE, shift: 0 };
  const nearest = Math.round(apart / QUARTER);
  for (const quarters of [nearest, nearest - 1, nearest + 1]) {
    if (Math.abs(quarters) <= MOST_QUARTERS && fits(apart - quarters * QUARTER, within, order))
      return { truth: TRUE, shift: quarters * QUARTER };
  }
  return { truth: FALSE, shift: 0 };
}

function fits(apart: number, within: number, order: Order): boolean {
  if (order === "after") return apart >= 0 && apart <= within;
  if (order === "before") return apart <= 0 && -apart <= within;
  return Math.abs(apart) <= within;
}

/** A span of time, nanoseconds since the epoch. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/** Whether a source that covers `whole` covers `part`: all of it if `strict`, else some of it. */
export function spans(whole: Span, part: Span, strict: boolean, sameClock: boolean): boolean {
  const most = sameClock ? 0 : MOST_QUARTERS;
  for (let quarters = -most; quarters <= most; quarters++) {
    const shift = BigInt(quarters * QUARTER) * 1_000_000_000n;
    const [from, to] = [part.from + shift, part.to + shift];
    if (strict ? whole.from <= from && to <= whole.to : whole.from <= to && from <= whole.to) return true;
  }
  return false;
}

/** The span in which a moment near `b` may lie. */
export function spanNear(b: bigint, within: number, order: Order): Span {
  const reach = BigInt(Math.round(within * 1e9));
  return { from: order === "after" ? b : b - reach, to: order === "before" ? b : b + reach };
}
