import { TcpFlag } from "../decoders/packet-batch.ts";
import type { PointSessions } from "./point-sessions.ts";
import type { Candidate } from "./segment-groups.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";

/** Marks taken from a session of a binary capture, and of a text export, whose rows tell less each. */
const MARKS = 32;
const TEXT_MARKS = 512;
/** A mark that more sessions of one point carry tells nothing. */
const MOST_ALIKE = 16;
/** Segments a session that began before its capture is looked up by. */
const FRAGMENTS = 8;

type Paired = Int32Array;

/**
 * Sessions that share content: pieces of payload at the same offset from the start, or, where a text export has no
 * payload, segments with the same relative numbers and length. The more they share, the earlier they come.
 */
export function* candidatesByContent(a: PointSessions, b: PointSessions, pairedA: Paired, pairedB: Paired): Generator<Candidate> {
  const text = a.capture.info.textExport || b.capture.info.textExport;
  const known = new Map<number, number[]>();
  for (let session = 0; session < b.count; session++) {
    if (pairedB[session] !== -1) continue;
    for (const mark of contentMarks(b, session, text)) {
      const list = known.get(mark);
      if (!list) known.set(mark, [session]);
      else if (list.length <= MOST_ALIKE) list.push(session);
    }
  }
  const found: { a: number; b: number; shared: number }[] = [];
  for (let session = 0; session < a.count && known.size > 0; session++) {
    if (pairedA[session] !== -1) continue;
    const shared = new Map<number, number>();
    for (const mark of contentMarks(a, session, text)) {
      const list = known.get(mark) ?? [];
      if (list.length <= MOST_ALIKE) for (const other of list) shared.set(other, (shared.get(other) ?? 0) + 1);
    }
    for (const [other, count] of shared) if (count >= (text ? 2 : 1)) found.push({ a: session, b: other, shared: count });
  }
  found.sort((x, y) => y.shared - x.shared || x.a - y.a || x.b - y.b);
  for (const { a: one, b: other } of found) {
    yield { a: one, b: other, flipped: false, shift: [b.isn[0][other]! - a.isn[0][one]!, b.isn[1][other]! - a.isn[1][one]!] };
  }
}

/** Marks of a session: hashes of pieces of payload with their offset, or as a text export shows them. */
export function contentMarks(point: PointSessions, session: number, text: boolean): Set<number> {
  const { log, order, start, isn } = point;
  const marks = new Set<number>();
  for (let k = start[session]!; k < start[session + 1]! && marks.size < (text ? TEXT_MARKS : MARKS); k++) {
    const i = order[k]!;
    const shape = log.shape[i]!;
    const direction = shape & Shape.fromServer ? 1 : 0;
    const length = shapeLength(shape);
    const offset = (log.seq[i]! - isn[direction][session]!) >>> 0;
    if (!(shape & Shape.knownSeq) || !(shape & Shape.knownLength) || Number.isNaN(isn[direction][session]!)) continue;
    if (!text) {
      if (length > 0 && log.print[i] !== 0) marks.add(hash(offset, length, log.print[i]!, direction));
      continue;
    }
    const flags = shapeFlags(shape) & (TcpFlag.fin | TcpFlag.syn | TcpFlag.rst);
    if (!(shape & Shape.knownAck) || flags & TcpFlag.syn || Number.isNaN(isn[1 - direction]![session]!)) continue;
    const acknowledged = (log.ack[i]! - isn[1 - direction]![session]!) >>> 0;
    if (offset > 1 || acknowledged > 1) marks.add(hash(offset, acknowledged, length | (flags << 20), direction));
  }
  return marks;
}

/**
 * Sessions behind NAT whose start one capture missed: a segment with the same absolute number, length and payload
 * brings them together, whichever end the capture took for the client.
 */
export function* candidatesByFragment(a: PointSessions, b: PointSessions, pairedA: Paired, pairedB: Paired): Generator<Candidate> {
  if (a.relative || b.relative) return;
  for (const swapped of [false, true]) {
    const [late, whole] = swapped ? [a, b] : [b, a];
    const [pairedLate, pairedWhole] = swapped ? [pairedA, pairedB] : [pairedB, pairedA];
    const known = fragments(late, pairedLate);
    if (known.size === 0) continue;
    for (let session = 0; session < whole.count; session++) {
      if (pairedWhole[session] !== -1) continue;
      const partner = lookUp(whole, session, known);
      if (!partner) continue;
      const { other, direction, otherDirection } = partner;
      const [one, two] = swapped ? [other, session] : [session, other];
      yield { a: one, b: two, flipped: direction !== otherDirection, shift: [0, 0] };
    }
  }
}

interface Fragment {
  readonly other: number;
  readonly otherDirection: number;
}

function fragments(point: PointSessions, paired: Paired): Map<number, Fragment> {
  const known = new Map<number, Fragment>();
  for (let session = 0; session < point.count; session++) {
    if (paired[session] !== -1 || !Number.isNaN(point.isn[0][session]!)) continue;
    for (const { mark, direction } of fragmentMarks(point, session, true)) known.set(mark, { other: session, otherDirection: direction });
  }
  return known;
}

function lookUp(point: PointSessions, session: number, known: ReadonlyMap<number, Fragment>) {
  for (const { mark, direction } of fragmentMarks(point, session, false)) {
    const partner = known.get(mark);
    if (partner) return { ...partner, direction };
  }
  return null;
}

/** Segments by absolute number, length and payload: the first few of a session that is looked up, or all that it may be found by. */
export function* fragmentMarks(point: PointSessions, session: number, few: boolean): Generator<{ mark: number; direction: 0 | 1 }> {
  const { log, order, start } = point;
  let left = few ? FRAGMENTS : Number.POSITIVE_INFINITY;
  for (let k = start[session]!; k < start[session + 1]! && left > 0; k++) {
    const i = order[k]!;
    if (!isFragment(point, i)) continue;
    left--;
    yield { mark: hash(log.seq[i]!, shapeLength(log.shape[i]!), log.print[i]!, 2), direction: log.shape[i]! & Shape.fromServer ? 1 : 0 };
  }
}

function isFragment({ log }: PointSessions, i: number): boolean {
  const shape = log.shape[i]!;
  return (shape & Shape.knownSeq) !== 0 && (shape & Shape.knownLength) !== 0 && shapeLength(shape) > 1 && log.print[i] !== 0;
}

/** 53 bits of mixing, so that sessions by the million still do not collide by chance. */
function hash(x: number, y: number, z: number, w: number): number {
  let high = Math.imul(x ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(y + w, 0xc2b2ae35);
  let low = Math.imul(z ^ Math.imul(w + 1, 0x27d4eb2f), 0x165667b1) ^ Math.imul(x + y, 0x9e3779b1);
  high = Math.imul(high ^ (high >>> 15) ^ low, 0x2c1b3c6d);
  low = Math.imul(low ^ (low >>> 13) ^ high, 0x297a2d39);
  return ((high ^ (high >>> 16)) >>> 0) * 0x200000 + ((low ^ (low >>> 15)) >>> 11);
}
