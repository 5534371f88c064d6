/** A segment whose place in the stream is not settled. */
export interface LooseSegment {
  readonly row: number;
  /** Payload bytes, NaN if not known. */
  readonly length: number;
  /** Indices of its two ends among the group's points. */
  readonly from: number;
  readonly to: number;
}

/** Where a value was seen that must be the end of some segment. */
const Edge = { end: 0, left: 1 } as const;

/**
 * Segments that one end sent one after the other, of which not all lengths are known. Their ends are points on the number line; what
 * acknowledgements, SACK edges and later sequence numbers name must each be one of the points. A point is filled in
 * only where nothing else fits.
 */
export class SequenceGroup {
  readonly segments: LooseSegment[] = [];
  /** Value of each point, NaN while unknown; the first is where the group starts. */
  readonly points: number[];
  /** Row that fixed the first point; rows after it may have been hidden by a filter. */
  readonly anchorRow: number;
  /** Values above this can be points. */
  private readonly floor: number;
  private readonly startKnown: boolean;
  private readonly edges = new Map<number, number>();
  /** Points counted back from the value that closed the group. */
  readonly countedBack = new Set<number>();
  /** Points that start a segment after a gap: the receiver names them by a SACK left edge. */
  private readonly gaps = new Set<number>();

  constructor(start: number, floor: number, anchorRow: number) {
    this.points = [start];
    this.floor = Number.isNaN(start) ? floor : start;
    this.startKnown = !Number.isNaN(start);
    this.anchorRow = anchorRow;
  }

  /** Adds the next segment; after a gap it does not start where the one before ended. */
  push(row: number, length: number, afterGap: boolean): void {
    if (afterGap) {
      this.gaps.add(this.points.length);
      this.points.push(Number.NaN);
    }
    const from = this.points.length - 1;
    this.points.push(Number.isNaN(length) ? Number.NaN : this.points[from]! + length);
    this.segments.push({ row, length, from, to: from + 1 });
  }

  get end(): number {
    return this.points[this.points.length - 1]!;
  }

  get hasGap(): boolean {
    return this.gaps.size > 0;
  }

  /** Start and all lengths were known: where the end meets what follows, nothing is missing in between. */
  get isMeasured(): boolean {
    return this.startKnown && !this.hasGap && this.segments.every(({ length }) => !Number.isNaN(length));
  }

  get isComplete(): boolean {
    return this.points.every((point) => !Number.isNaN(point));
  }

  name(value: number, leftEdge: boolean): void {
    if (value > this.floor || Number.isNaN(this.floor)) this.edges.set(value, leftEdge ? Edge.left : (this.edges.get(value) ?? Edge.end));
  }

  /** Fixes the last point; false if the known lengths contradict it, and then nothing is changed. */
  close(value: number): boolean {
    // One more than the lengths add up to: the last segment carried a FIN.
    if (!Number.isNaN(this.end)) return value === this.end || value === this.end + 1;
    const found: [point: number, value: number][] = [[this.points.length - 1, value]];
    let at = value;
    for (let i = this.segments.length - 1; i >= 0 && !Number.isNaN(this.segments[i]!.length); i--) {
      const { length, from } = this.segments[i]!;
      at -= length;
      if (!Number.isNaN(this.points[from]!) && this.points[from] !== at) return false;
      found.push([from, at]);
      if (this.gaps.has(from)) break;
    }
    if (found.some(([point, placed]) => placed < this.floor || this.points.some((known, i) => i < point && known > placed))) return false;
    for (const [point, placed] of found) {
      this.points[point] = placed;
      this.countedBack.add(point);
    }
    return true;
  }

  /** Fills in points as far as the named values leave no choice. Answers whether every point is known. */
  settle(): boolean {
    const unknown = this.points.flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
    if (unknown.length === 0) return true;
    const placed = new Set(this.points);
    const named = [...this.edges.keys()].filter((value) => !placed.has(value)).sort((a, b) => a - b);
    if (this.segments.every(({ length, from }) => Number.isNaN(length) || !Number.isNaN(this.points[from]!)))
      return this.assign(unknown, named);
    const known = this.segments.every(({ length }) => !Number.isNaN(length));
    return known && unknown.length === this.points.length && !this.hasGap && this.slide();
  }

  /** As many values as points: they fall into place in order. */
  private assign(unknown: readonly number[], named: readonly number[]): boolean {
    if (named.length !== unknown.length) return false;
    const filled = [...this.points];
    for (const [i, point] of unknown.entries()) {
      if (this.gaps.has(point) && this.edges.get(named[i]!) !== Edge.left) return false;
      filled[point] = named[i]!;
    }
    for (let i = 1; i < filled.length; i++) if (!(filled[i]! > filled[i - 1]!)) return false;
    for (const [i, value] of filled.entries()) this.points[i] = value;
    return true;
  }

  /** All lengths known, the start not: the one start for which every named value is a point. Where several fit, the value acknowledged before is it. */
  private slide(): boolean {
    const offsets = [0];
    for (const { length } of this.segments) offsets.push(offsets[offsets.length - 1]! + length);
    const named = [...this.edges.keys()];
    if (named.length === 0) return false;
    const starts = offsets
      .map((offset) => named[0]! - offset)
      .filter((start) => (Number.isNaN(this.floor) || start >= this.floor) && named.every((value) => offsets.includes(value - start)));
    const start = starts.includes(this.floor) ? this.floor : starts[0]!;
    if (starts.length === 0 || (starts.length > 1 && start !== this.floor)) return false;
    for (const [i, offset] of offsets.entries()) this.points[i] = start + offset;
    return true;
  }
}
