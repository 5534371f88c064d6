import { TcpFlag } from "../decoders/packet-batch.ts";
import { median } from "./clock-offset.ts";
import { type PointSessions, TO_CLIENT, TO_SERVER } from "./point-sessions.ts";
import { alignCopies } from "./segment-copies.ts";
import { type Candidate, SegmentGroups } from "./segment-groups.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";

/** A segment that the other capture point does not show. */
export const UNSEEN = -1;

/** How the segments of a candidate fit together. Differences are time at `b` minus time at `a`, raw, in ns. */
export interface Fit {
  /** By direction: segments matched. */
  readonly matched: readonly [number, number];
  /** Matched segments whose payload hash, or IP id and hash of header fields, are the same or differ. */
  readonly samePrints: number;
  readonly otherPrints: number;
  /** Matched segments whose payload differs. */
  readonly otherPayload: number;
  /** By direction: smallest and largest difference; infinite where nothing matched. */
  readonly least: readonly [number, number];
  readonly most: readonly [number, number];
  /** By direction: mean difference; NaN where nothing matched. */
  readonly mean: readonly [number, number];
  /** Some segments repeat one another and wait for an expected delay to be told apart. */
  readonly ambiguous: boolean;
}

/** Matched segments that must agree in IP id, or in the hash of header fields, before it is trusted to tell copies apart. */
const TRUST = 8;
/** And for each that differs so many. */
const TRUST_RATIO = 50;
/** Neighbours looked at for the delay around a segment. */
const NEIGHBOURS = 32;
const LEAST_NEIGHBOURS = 3;

/**
 * Matches the segments of sessions at two capture points. Linear in segments: a group with one member at each point is a
 * match, larger ones are aligned by time and IP id.
 */
export class SegmentMatcher {
  readonly a: PointSessions;
  readonly b: PointSessions;
  /** By segment of a point: the matching segment of the other, `UNSEEN`, or -2 - n for one carried inside segment n (offload cut them differently). */
  readonly matchA: Int32Array;
  readonly matchB: Int32Array;
  private readonly groups: SegmentGroups;
  /** Matched segments without data whose IP ids agree, or do not. */
  private idsKept = 0;
  private idsChanged = 0;
  /** The same of the hash of header fields, SYN and RST aside. */
  private hashesKept = 0;
  private hashesChanged = 0;

  constructor(a: PointSessions, b: PointSessions) {
    this.a = a;
    this.b = b;
    this.matchA = new Int32Array(a.log.count).fill(UNSEEN);
    this.matchB = new Int32Array(b.log.count).fill(UNSEEN);
    this.groups = new SegmentGroups(a, b);
  }

  /** Whether devices between the points leave the IP identification alone. */
  private get idsTrusted(): boolean {
    return this.idsKept >= TRUST && this.idsKept > TRUST_RATIO * this.idsChanged;
  }

  /** Whether they leave alone what acknowledgements carry. One that shifts sequence numbers has to shift SACK edges, too. */
  private hashesTrusted({ shift }: Candidate): boolean {
    return this.hashesKept >= TRUST && this.hashesKept > TRUST_RATIO * this.hashesChanged && shift[0] === 0 && shift[1] === 0;
  }

  /** Forgets what a candidate matched. */
  release({ a, b }: Candidate): void {
    for (let k = this.a.start[a]!; k < this.a.start[a + 1]!; k++) this.matchA[this.a.order[k]!] = UNSEEN;
    for (let k = this.b.start[b]!; k < this.b.start[b + 1]!; k++) this.matchB[this.b.order[k]!] = UNSEEN;
  }

  /** Matches one candidate. Without `expected` differences, segments that repeat one another are left open. */
  match(candidate: Candidate, expected: readonly [number, number] | null): Fit {
    const { groups } = this;
    groups.collect(candidate);
    let copies = false;
    for (let g = 0; g < groups.count; g++) {
      if (groups.sizeA(g) === 1 && groups.sizeB(g) === 1) this.link(groups.headA(g), groups.headB(g));
      else if (groups.sizeA(g) > 0 && groups.sizeB(g) > 0) copies = true;
    }
    if (copies && expected) this.linkCopies(candidate, expected);
    return this.fit(candidate, copies && !expected);
  }

  private link(i: number, j: number): void {
    this.matchA[i] = j;
    this.matchB[j] = i;
  }

  private linkCopies(candidate: Candidate, expected: readonly [number, number]): void {
    const { groups } = this;
    const { log: a } = this.a;
    const { log: b } = this.b;
    for (let g = 0; g < groups.count; g++) {
      if (groups.sizeA(g) === 0 || groups.sizeB(g) === 0 || groups.sizeA(g) + groups.sizeB(g) === 2) continue;
      const [membersA, membersB] = [groups.membersA(g), groups.membersB(g)];
      const around = membersA.map((i) => this.neighbours(candidate.a, i, groups.toClient(g)));
      const usual = expected[groups.toClient(g) ? TO_CLIENT : TO_SERVER];
      const near = around.map(({ before, after }) => {
        const differences = [...before, ...after].map((i) => b.time[this.matchA[i]!]! - a.time[i]!);
        // Where the delay changes between those before and those after, what is usual decides.
        return median(Number.isNaN(usual) ? differences : [...differences, usual]);
      });
      const time = (i: number | undefined, none: number) => (i === undefined ? none : b.time[this.matchA[i]!]!);
      const between = around.map(({ before, after }) => [time(before[0], -Infinity), time(after[0], Infinity)] as const);
      const trust = { idsTrusted: this.idsTrusted, hashesTrusted: this.hashesTrusted(candidate) };
      for (const [i, j] of alignCopies({ a, b, membersA, membersB, near, between, data: groups.hasData(g), ...trust })) this.link(i, j);
    }
  }

  /** Matched segments of the same direction next to segment `i` of `a`, nearest first. */
  private neighbours(session: number, i: number, toClient: boolean): { before: number[]; after: number[] } {
    const { order, start, log } = this.a;
    const [from, to] = [start[session]!, start[session + 1]!];
    const own = lowerBound(order, from, to, i);
    const look = (step: -1 | 1): number[] => {
      const found: number[] = [];
      for (let at = own + step; at >= from && at < to && Math.abs(at - own) <= NEIGHBOURS && found.length < LEAST_NEIGHBOURS; at += step) {
        const other = order[at]!;
        if (this.matchA[other]! >= 0 && ((log.shape[other]! & Shape.fromServer) !== 0) === toClient) found.push(other);
      }
      return found;
    };
    return { before: look(-1), after: look(1) };
  }

  private fit({ a }: Candidate, ambiguous: boolean): Fit {
    const { order, start, log } = this.a;
    const { time, print } = this.b.log;
    const matched: [number, number] = [0, 0];
    const least: [number, number] = [Infinity, Infinity];
    const most: [number, number] = [-Infinity, -Infinity];
    const sum: [number, number] = [0, 0];
    let samePrints = 0;
    let otherPrints = 0;
    let otherPayload = 0;
    const end = start[a + 1]!;
    for (let k = start[a]!; k < end; k++) {
      const i = order[k]!;
      const j = this.matchA[i]!;
      if (j < 0) continue;
      const shape = log.shape[i]!;
      const direction = shape & Shape.fromServer ? TO_CLIENT : TO_SERVER;
      const difference = time[j]! - log.time[i]!;
      matched[direction]++;
      sum[direction] += difference;
      if (difference < least[direction]) least[direction] = difference;
      if (difference > most[direction]) most[direction] = difference;
      const one = log.print[i]!;
      const other = print[j]!;
      if (shapeLength(shape) > 0) {
        if (one === 0 || other === 0) continue;
        if (one === other) samePrints++;
        else otherPayload++;
        continue;
      }
      if ((shapeFlags(shape) & (TcpFlag.syn | TcpFlag.rst)) === 0) {
        if (((one ^ other) & 0xff000000) === 0) this.hashesKept++;
        else this.hashesChanged++;
      }
      if (one & 0xffff && other & 0xffff) {
        // The TTL changes on the way, so it does not count.
        if (((one ^ other) & 0xff00ffff) === 0) samePrints++;
        else otherPrints++;
        if (((one ^ other) & 0xffff) === 0) this.idsKept++;
        else this.idsChanged++;
      }
    }
    return {
      matched,
      samePrints,
      otherPrints: otherPrints + otherPayload,
      otherPayload,
      least,
      most,
      mean: [sum[0] / matched[0], sum[1] / matched[1]],
      ambiguous,
    };
  }
}

function lowerBound(values: Uint32Array, from: number, to: number, wanted: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
