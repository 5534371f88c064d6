import { TcpFlag } from "../decoders/packet-batch.ts";
import { type PointSessions, TO_CLIENT, TO_SERVER } from "./point-sessions.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";

/** One session at two points, before it is known which of them is nearer to the client. Directions are those of point `a`. */
export interface Candidate {
  readonly a: number;
  readonly b: number;
  /** Point `b` takes the client for the server: its capture began in the middle. */
  readonly flipped: boolean;
  /** By direction: sequence number at `b` minus the same at `a`; NaN where numbers cannot be compared. */
  readonly shift: readonly [number, number];
}

/** Flags that say what a segment is; PSH, URG and the ECN bits may change on the way. */
const KIND_FLAGS = TcpFlag.fin | TcpFlag.syn | TcpFlag.rst | TcpFlag.ack;
const DIRECTION = 1 << 26;
const NUMBERED = Shape.knownSeq | Shape.knownLength;

/**
 * Segments of one session at two points, those together that agree in direction, sequence number, acknowledgement, length and
 * flags. An open-addressing table over memory that is reused from session to session.
 */
export class SegmentGroups {
  count = 0;
  private readonly a: PointSessions;
  private readonly b: PointSessions;
  private slots = new Int32Array(64);
  private mask = 63;
  private seq = new Uint32Array(0);
  private ack = new Uint32Array(0);
  private kind = new Uint32Array(0);
  /** First and last member and their number at `a`, then at `b`. Members are places in the point's `order`. */
  private lists = new Int32Array(0);
  private nextA = new Int32Array(0);
  private nextB = new Int32Array(0);
  private firstA = 0;
  private firstB = 0;

  constructor(a: PointSessions, b: PointSessions) {
    this.a = a;
    this.b = b;
  }

  collect({ a, b, flipped, shift }: Candidate): void {
    this.firstA = this.a.start[a]!;
    this.firstB = this.b.start[b]!;
    const segments = this.a.start[a + 1]! - this.firstA + this.b.start[b + 1]! - this.firstB;
    this.reserve(segments);
    this.slots.fill(-1, 0, this.mask + 1);
    this.count = 0;
    const comparable = !Number.isNaN(shift[TO_SERVER] + shift[TO_CLIENT]);
    const acks = comparable && acksKnown(this.a, a) && acksKnown(this.b, b);
    const usable: [boolean, boolean] = [!Number.isNaN(shift[TO_SERVER]), !Number.isNaN(shift[TO_CLIENT])];
    this.add(this.a, a, this.nextA, 0, false, [0, 0], usable, acks);
    this.add(this.b, b, this.nextB, 3, flipped, shift, usable, acks);
  }

  private reserve(segments: number): void {
    this.mask = 63;
    while (this.mask + 1 < 2 * segments) this.mask = 2 * this.mask + 1;
    if (this.mask >= this.slots.length) this.slots = new Int32Array(this.mask + 1);
    if (segments <= this.seq.length) return;
    const room = Math.max(segments, 2 * this.seq.length);
    [this.seq, this.ack, this.kind] = [new Uint32Array(room), new Uint32Array(room), new Uint32Array(room)];
    [this.lists, this.nextA, this.nextB] = [new Int32Array(room * 6), new Int32Array(room), new Int32Array(room)];
  }

  private add(
    { log, order, start }: PointSessions,
    session: number,
    next: Int32Array,
    list: number,
    flipped: boolean,
    shift: readonly [number, number],
    usable: readonly [boolean, boolean],
    acks: boolean,
  ): void {
    const { shape: shapes, seq: seqs, ack: ackNumbers } = log;
    const { lists } = this;
    const [up, down] = shift;
    const from = start[session]!;
    const to = start[session + 1]!;
    for (let k = from; k < to; k++) {
      const i = order[k]!;
      const shape = shapes[i]!;
      next[k - from] = -1;
      if ((shape & NUMBERED) !== NUMBERED) continue;
      const toClient = ((shape & Shape.fromServer) !== 0) !== flipped;
      if (!usable[toClient ? TO_CLIENT : TO_SERVER]) continue;
      const flags = shapeFlags(shape) & KIND_FLAGS;
      // A reset that answers a SYN carries sequence number 0 (RFC 9293 section 3.5.2), which no device shifts.
      const seq = flags & TcpFlag.rst && seqs[i] === 0 ? 0 : (seqs[i]! - (toClient ? down : up)) >>> 0;
      const ack = acks && flags & TcpFlag.ack ? (ackNumbers[i]! - (toClient ? up : down)) >>> 0 : 0;
      const g = this.groupOf(seq, ack, shapeLength(shape) | (flags << 18) | (toClient ? DIRECTION : 0));
      const at = g * 6 + list;
      if (lists[at + 2]!++ === 0) lists[at] = k - from;
      else next[lists[at + 1]!] = k - from;
      lists[at + 1] = k - from;
    }
  }

  private groupOf(seq: number, ack: number, kind: number): number {
    const { slots, mask } = this;
    let h = Math.imul(seq ^ Math.imul(ack, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(kind, 0xc2b2ae35);
    h ^= h >>> 15;
    let slot = h & mask;
    for (let g = slots[slot]!; g >= 0; g = slots[slot]!) {
      if (this.seq[g] === seq && this.ack[g] === ack && this.kind[g] === kind) return g;
      slot = (slot + 1) & mask;
    }
    const fresh = this.count++;
    slots[slot] = fresh;
    this.seq[fresh] = seq;
    this.ack[fresh] = ack;
    this.kind[fresh] = kind;
    this.lists.fill(0, fresh * 6, fresh * 6 + 6);
    return fresh;
  }

  /** Members of group `g` at `a`, and at `b`. */
  sizeA(g: number): number {
    return this.lists[g * 6 + 2]!;
  }

  sizeB(g: number): number {
    return this.lists[g * 6 + 5]!;
  }

  /** Segment of the first member. */
  headA(g: number): number {
    return this.a.order[this.firstA + this.lists[g * 6]!]!;
  }

  headB(g: number): number {
    return this.b.order[this.firstB + this.lists[g * 6 + 3]!]!;
  }

  membersA(g: number): number[] {
    const found: number[] = [];
    for (let k = this.lists[g * 6]!; k >= 0; k = this.nextA[k]!) found.push(this.a.order[this.firstA + k]!);
    return found;
  }

  membersB(g: number): number[] {
    const found: number[] = [];
    for (let k = this.lists[g * 6 + 3]!; k >= 0; k = this.nextB[k]!) found.push(this.b.order[this.firstB + k]!);
    return found;
  }

  toClient(g: number): boolean {
    return (this.kind[g]! & DIRECTION) !== 0;
  }

  hasData(g: number): boolean {
    return shapeLength(this.kind[g]!) > 0;
  }
}

/** Text exports may lack acknowledgement numbers; binary captures never do. */
function acksKnown({ capture, log, order, start }: PointSessions, session: number): boolean {
  if (!capture.info.textExport) return true;
  for (let k = start[session]!; k < start[session + 1]!; k++) {
    const shape = log.shape[order[k]!]!;
    const opening = (shapeFlags(shape) & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
    if (!(shape & Shape.knownAck) && shape & Shape.knownSeq && !opening) return false;
  }
  return true;
}
