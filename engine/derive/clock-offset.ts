/**
 * The difference of two capture clocks from the delays between them, as in Moon, Skelly and Towsley, "Estimation and
 * Removal of Clock Skew from Network Delay Measurements" (INFOCOM 1999): every segment one way bounds the difference from
 * above (no delay is negative), every segment the other way from below, and the truth lies between the tightest bounds.
 */
export interface ClockDifference {
  /** Clock of point `b` minus clock of point `a` at `time` (clock of `a`), ns. */
  at(time: number): number;
  /** How fast it grows, parts per million; null where the time is too short or the delays too uneven to tell. */
  readonly driftPpm: number | null;
  /** Half the gap between the tightest bounds: how wrong the difference may be, ns; infinite with one bound only. */
  readonly uncertainty: number;
}

const SLICES = 64;
const LEAST_SLICES = 8;
/** A drift is believed over at least this time, ns. */
const LEAST_SPAN = 10e9;

/** Gathers bounds in slices of time, so that an outlier or a drift stays local. */
export class ClockBounds {
  private readonly first: number;
  private readonly width: number;
  private readonly upper = new Float64Array(SLICES).fill(Infinity);
  private readonly lower = new Float64Array(SLICES).fill(-Infinity);

  constructor(first: number, last: number) {
    this.first = first;
    this.width = Math.max(1, (last - first) / SLICES);
  }

  private slice(time: number): number {
    return Math.min(SLICES - 1, Math.max(0, Math.floor((time - this.first) / this.width)));
  }

  /** A segment that went from `a` to `b`: the clocks differ by less than the times do. */
  above(time: number, difference: number): void {
    const s = this.slice(time);
    if (difference < this.upper[s]!) this.upper[s] = difference;
  }

  /** A segment that went from `b` to `a`: the clocks differ by more than the times do. */
  below(time: number, difference: number): void {
    const s = this.slice(time);
    if (difference > this.lower[s]!) this.lower[s] = difference;
  }

  /** The difference, or null if nothing was gathered. */
  solve(): ClockDifference | null {
    const points: { time: number; middle: number }[] = [];
    const both: { time: number; middle: number; gap: number }[] = [];
    for (let s = 0; s < SLICES; s++) {
      const [up, down] = [this.upper[s]!, this.lower[s]!];
      const time = this.first + (s + 0.5) * this.width;
      if (Number.isFinite(up) && Number.isFinite(down)) both.push({ time, middle: (up + down) / 2, gap: up - down });
      else if (Number.isFinite(up) || Number.isFinite(down)) points.push({ time, middle: Number.isFinite(up) ? up : down });
    }
    if (both.length === 0) return points.length === 0 ? null : oneSided(points.map((point) => point.middle));
    const drift = driftOf(both);
    const residual = (difference: number, s: number) => difference - (drift?.slope ?? 0) * (this.first + (s + 0.5) * this.width);
    let [up, down] = [Infinity, -Infinity];
    for (let s = 0; s < SLICES; s++) {
      up = Math.min(up, residual(this.upper[s]!, s));
      down = Math.max(down, residual(this.lower[s]!, s));
    }
    // Bounds that cross mean a clock was set, or a session was paired wrongly: the middle of the slices is more robust.
    const start = down <= up ? (up + down) / 2 : median(both.map(({ time, middle }) => middle - (drift?.slope ?? 0) * time));
    const slope = drift?.slope ?? 0;
    return { at: (time) => start + slope * time, driftPpm: drift ? slope * 1e6 : null, uncertainty: Math.abs(up - down) / 2 };
  }
}

function oneSided(values: readonly number[]): ClockDifference {
  const middle = median(values);
  return { at: () => middle, driftPpm: null, uncertainty: Infinity };
}

/** Theil-Sen slope of the slices with the narrowest gaps; null unless it stands out of their scatter. */
function driftOf(slices: readonly { time: number; middle: number; gap: number }[]): { slope: number } | null {
  const widest = 4 * Math.max(1, median(slices.map(({ gap }) => Math.abs(gap))));
  const used = slices.filter(({ gap }) => Math.abs(gap) <= widest);
  const span = used.length > 0 ? used[used.length - 1]!.time - used[0]!.time : 0;
  if (used.length < LEAST_SLICES || span < LEAST_SPAN) return null;
  const slopes: number[] = [];
  for (const [k, one] of used.entries())
    for (const other of used.slice(k + 1)) slopes.push((other.middle - one.middle) / (other.time - one.time));
  const slope = median(slopes);
  const level = median(used.map(({ time, middle }) => middle - slope * time));
  const scatter = median(used.map(({ time, middle }) => Math.abs(middle - slope * time - level)));
  return Math.abs(slope) * span > 8 * scatter + 1000 ? { slope } : null;
}

/** Of no values NaN. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
