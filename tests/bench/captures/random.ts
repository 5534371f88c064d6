/** Deterministic randomness: mulberry32, seeded. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 0x9e3779b1) >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** Exponential with the given mean. */
  expo(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  pareto(min: number, alpha: number, max: number): number {
    return Math.min(max, Math.floor(min / (1 - this.next()) ** (1 / alpha)));
  }
}
