import { TcpFlag } from "../decoders/packet-batch.ts";
import { type PointSessions, TO_CLIENT, TO_SERVER } from "./point-sessions.ts";
import { alignCopies } from "./segment-copies.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";

/** A segment that the other capture point does not show. */
export const UNSEEN = -1;

/** One session at two points, before it is known which of them is nearer to the client. Directions are those of point `a`. */
export interface Candidate {
  readonly a: number;
  readonly b: number;
  /** Point `b` takes the client for the server: its capture began in the middle. */
  readonly flipped: boolean;
  /** By direction: sequence number at `b` minus the same at `a`; NaN where numbers cannot be compared. */
  readonly shift: readonly [number, number];
}

/** How the segments of a candidate fit together. Differences are time at `b` minus time at `a`, raw, in ns. */
export interface Fit {
  /** By direction: segments matched. */
  readonly matched: readonly [number, number];
  /** Matched segments whose payload hash, or IP id and hash of header fields, are the same or differ. */
  readonly samePrints: number;
  readonly otherPrints: number;
  /** By direction: smallest and largest difference; infinite where nothing matched. */
  readonly least: readonly [number, number];
  readonly most: readonly [number, number];
  /** Some segments repeat one another and wait for an expected delay to be told apart. */
  readonly ambiguous: boolean;
}

/** Flags that say what a segment is; PSH, URG and the ECN bits may change on the way. */
const KIND_FLAGS = TcpFlag.fin | TcpFlag.syn | TcpFlag.rst | TcpFlag.ack;
const ID_TRUST = 8;

/**
 * Matches the segments of sessions at two capture points, through memory reused from session to session. Linear in
 * segments: those that agree in sequence number, acknowledgement, length and flags form a group; a group with one member
 * at each point is a match, larger ones are aligned by time and IP id.
 */
export class SegmentMatcher {
  readonly a: PointSessions;
  readonly b: PointSessions;
  /** By segment of a point: the matching segment of the other, `UNSEEN`, or -2 - n for one carried inside segment n (offload cut them differently). */
  readonly matchA: Int32Array;
  readonly matchB: Int32Array;
  /** IP ids of matched segments without data agree, or do not. */
  private idsKept = 0;
  private idsChanged = 0;
  private slots = new Int32Array(64);
  private group = { seq: new Uint32Array(0), ack: new Uint32Array(0), kind: new Uint32Array(0), lists: new Int32Array(0) };
  private next = new Int32Array(0);
  private groups = 0;

  constructor(a: PointSessions, b: PointSessions) {
    this.a = a;
    this.b = b;
    this.matchA = new Int32Array(a.log.count).fill(UNSEEN);
    this.matchB = new Int32Array(b.log.count).fill(UNSEEN);
  }

  /** Whether devices between the points leave the IP identification alone. */
  get idsTrusted(): boolean {
    return this.idsKept >= ID_TRUST && this.idsKept > 50 * this.idsChanged;
  }

  /** Forgets what a candidate matched. */
  release({ a, b }: Candidate): void {
    for (let k = this.a.start[a]!; k < this.a.start[a + 1]!; k++) this.matchA[this.a.order[k]!] = UNSEEN;
    for (let k = this.b.start[b]!; k < this.b.start[b + 1]!; k++) this.matchB[this.b.order[k]!] = UNSEEN;
  }

  /** Matches one candidate. Without `expected` differences, segments that repeat one another are left open. */
  match(candidate: Candidate, expected: readonly [number, number] | null): Fit {
    this.collect(candidate);
    this.linkSingles();
    const ambiguous = this.linkCopies(candidate, expected);
    return this.fit(candidate, ambiguous);
  }

  private reserve(segments: number): void {
    let slots = this.slots.length;
    while (slots < 2 * segments) slots *= 2;
    if (slots > this.slots.length) this.slots = new Int32Array(slots);
    if (segments > this.next.length) {
      const room = Math.max(segments, 2 * this.next.length);
      this.next = new Int32Array(room);
      this.group = { seq: new Uint32Array(room), ack: new Uint32Array(room), kind: new Uint32Array(room), lists: new Int32Array(room * 6) };
    }
  }

  /** Puts the segments of both points into groups. `lists` holds head, tail and length at `a`, then at `b`. */
  private collect(candidate: Candidate): void {
    const { a, b } = this;
    const [fromA, toA, fromB, toB] = [a.start[candidate.a]!, a.start[candidate.a + 1]!, b.start[candidate.b]!, b.start[candidate.b + 1]!];
    const segments = toA - fromA + toB - fromB;
    this.reserve(segments);
    let mask = 63;
    while (mask + 1 < 2 * segments) mask = 2 * mask + 1;
    this.slots.fill(-1, 0, mask + 1);
    this.groups = 0;
    const ackKnown = acksKnown(a, fromA, toA) && acksKnown(b, fromB, toB);
    const shift = candidate.shift;
    for (let k = fromA; k < toA; k++) this.add(a, a.order[k]!, k - fromA, 0, false, 0, 0, mask, ackKnown, shift);
    for (let k = fromB; k < toB; k++)
      this.add(b, b.order[k]!, toA - fromA + k - fromB, 3, candidate.flipped, shift[0], shift[1], mask, ackKnown, shift);
    this.bias = toA - fromA;
    this.firstA = fromA;
    this.firstB = fromB;
  }
  private bias = 0;
  private firstA = 0;
  private firstB = 0;

  private add(
    point: PointSessions,
    i: number,
    local: number,
    list: number,
    flipped: boolean,
    up: number,
    down: number,
    mask: number,
    ackKnown: boolean,
    shift: readonly [number, number],
  ): void {
    const { log } = point;
    const shape = log.shape[i]!;
    this.next[local] = -1;
    if (!(shape & Shape.knownSeq) || !(shape & Shape.knownLength)) return;
    const toClient = ((shape & Shape.fromServer) !== 0) !== flipped;
    const own = toClient ? shift[TO_CLIENT] : shift[TO_SERVER];
    if (Number.isNaN(own)) return;
    const flags = shapeFlags(shape) & KIND_FLAGS;
    // A reset that answers a SYN carries sequence number 0 (RFC 9293 section 3.5.2), which no device shifts.
    const fixed = (flags & TcpFlag.rst) !== 0 && log.seq[i] === 0;
    const seq = fixed ? 0 : (log.seq[i]! - (toClient ? down : up)) >>> 0;
    const other = toClient ? up : down;
    const ack =
      ackKnown && flags & TcpFlag.ack && !Number.isNaN(other) && !Number.isNaN(toClient ? shift[0] : shift[1])
        ? (log.ack[i]! - other) >>> 0
        : 0;
    const kind = (shapeLength(shape) | (flags << 18) | (toClient ? 1 << 26 : 0)) >>> 0;
    const g = this.groupOf(seq, ack, kind, mask);
    const { lists } = this.group;
    const at = g * 6 + list;
    if (lists[at + 2] === 0) lists[at] = local;
    else this.next[lists[at + 1]!] = local;
    lists[at + 1] = local;
    lists[at + 2]!++;
  }

  private groupOf(seq: number, ack: number, kind: number, mask: number): number {
    const { group, slots } = this;
    let h = Math.imul(seq ^ Math.imul(ack, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(kind, 0xc2b2ae35);
    h ^= h >>> 15;
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const g = slots[slot]!;
      if (g < 0) {
        const fresh = this.groups++;
        slots[slot] = fresh;
        group.seq[fresh] = seq;
        group.ack[fresh] = ack;
        group.kind[fresh] = kind;
        group.lists.fill(0, fresh * 6, fresh * 6 + 6);
        return fresh;
      }
      if (group.seq[g] === seq && group.ack[g] === ack && group.kind[g] === kind) return g;
    }
  }

  private link(localA: number, localB: number): void {
    const i = this.a.order[this.firstA + localA]!;
    const j = this.b.order[this.firstB + localB - this.bias]!;
    this.matchA[i] = j;
    this.matchB[j] = i;
  }

  private linkSingles(): void {
    const { lists } = this.group;
    for (let g = 0; g < this.groups; g++) {
      if (lists[g * 6 + 2] === 1 && lists[g * 6 + 5] === 1) this.link(lists[g * 6]!, lists[g * 6 + 3]!);
    }
  }

  private linkCopies(candidate: Candidate, expected: readonly [number, number] | null): boolean {
    const { lists, kind } = this.group;
    let ambiguous = false;
    for (let g = 0; g < this.groups; g++) {
      const [countA, countB] = [lists[g * 6 + 2]!, lists[g * 6 + 5]!];
      if (countA === 0 || countB === 0 || countA + countB === 2) continue;
      ambiguous = true;
      if (!expected) continue;
      const toClient = (kind[g]! & (1 << 26)) !== 0;
      const data = shapeLength(kind[g]!) > 0;
      const [membersA, membersB] = [
        this.members(lists[g * 6]!, this.firstA, this.a),
        this.members(lists[g * 6 + 3]!, this.firstB - this.bias, this.b),
      ];
      const near = this.nearbyDifference(candidate, membersA[0]!, toClient) ?? expected[toClient ? 1 : 0];
      const pairs = alignCopies({ a: this.a.log, b: this.b.log, membersA, membersB, near, data, idsTrusted: this.idsTrusted });
      for (const [i, j] of pairs) {
        this.matchA[i] = j;
        this.matchB[j] = i;
      }
    }
    return ambiguous && !expected;
  }

  private members(head: number, first: number, point: PointSessions): number[] {
    const found: number[] = [];
    for (let local = head; local >= 0; local = this.next[local]!) found.push(point.order[first + local]!);
    return found;
  }

  /** The time difference of the matched segment of the same direction that stands nearest to segment `i` of `a`. */
  private nearbyDifference({ a, flipped: _ }: Candidate, i: number, toClient: boolean): number | null {
    const { order, start, log } = this.a;
    let at = lowerBound(order, start[a]!, start[a + 1]!, i);
    let [up, down] = [at + 1, at - 1];
    for (let steps = 0; steps < 64; steps++) {
      at = steps % 2 === 0 ? up++ : down--;
      if (at < start[a]! || at >= start[a + 1]!) continue;
      const candidate = order[at]!;
      const j = this.matchA[candidate]!;
      if (j >= 0 && ((log.shape[candidate]! & Shape.fromServer) !== 0) === toClient) return this.b.log.time[j]! - log.time[candidate]!;
    }
    return null;
  }

  private fit({ a }: Candidate, ambiguous: boolean): Fit {
    const [logA, logB] = [this.a.log, this.b.log];
    const matched: [number, number] = [0, 0];
    const least: [number, number] = [Infinity, Infinity];
    const most: [number, number] = [-Infinity, -Infinity];
    let [samePrints, otherPrints] = [0, 0];
    for (let k = this.a.start[a]!; k < this.a.start[a + 1]!; k++) {
      const i = this.a.order[k]!;
      const j = this.matchA[i]!;
      if (j < 0) continue;
      const direction = logA.shape[i]! & Shape.fromServer ? TO_CLIENT : TO_SERVER;
      const difference = logB.time[j]! - logA.time[i]!;
      matched[direction]++;
      if (difference < least[direction]) least[direction] = difference;
      if (difference > most[direction]) most[direction] = difference;
      const [p, q] = [logA.print[i]!, logB.print[j]!];
      const data = shapeLength(logA.shape[i]!) > 0;
      if (data ? p !== 0 && q !== 0 : (p & 0xffff) !== 0 && (q & 0xffff) !== 0) {
        // The TTL changes on the way, so it does not count.
        const same = data ? p === q : ((p ^ q) & 0xff00ffff) === 0;
        if (same) samePrints++;
        else otherPrints++;
        if (!data && !ambiguous) {
          if (((p ^ q) & 0xffff) === 0) this.idsKept++;
          else this.idsChanged++;
        }
      }
    }
    return { matched, samePrints, otherPrints, least, most, ambiguous };
  }
}

function acksKnown(point: PointSessions, from: number, to: number): boolean {
  for (let k = from; k < to; k++) {
    const shape = point.log.shape[point.order[k]!]!;
    if (!(shape & Shape.knownAck) && shape & Shape.knownSeq && !(shapeFlags(shape) & TcpFlag.syn && !(shapeFlags(shape) & TcpFlag.ack)))
      return false;
  }
  return true;
}

function lowerBound(values: Uint32Array, from: number, to: number, wanted: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
