import { TcpFlag } from "../decoders/packet-batch.ts";
import { type SegmentLog, shapeFlags } from "./segment-log.ts";

/** Segments alike in every field, in time order at each point: one copy after the other, of which some may be missing. */
export interface Copies {
  readonly a: SegmentLog;
  readonly b: SegmentLog;
  readonly membersA: readonly number[];
  readonly membersB: readonly number[];
  /** By place in `membersA`: expected difference of its times, at `b` minus at `a`, ns; NaN if not known. */
  readonly near: readonly number[];
  /** By place in `membersA`: times at `b` between which the copy comes if nothing overtook it. */
  readonly between: readonly (readonly [number, number])[];
  /** They carry data, so their prints say nothing of the single copy. */
  readonly data: boolean;
  /** IP ids survive the way, so copies with different ones are different copies. */
  readonly idsTrusted: boolean;
  /** So do window, timestamps and SACK edges, and with them the hash in a print. */
  readonly hashesTrusted: boolean;
}

/** Above this many cells the alignment takes the nearest copy in turn instead of the best of all alignments. */
const MAX_CELLS = 65536;
/** Charged where header fields or IP ids of two copies differ, ns. */
const OTHER_PRINT = 20e6;
/** Charged where a copy would have overtaken its neighbours or been overtaken, ns. */
const OUT_OF_ORDER = 5e6;

/**
 * Pairs the copies seen at one point with those seen at the other, in order: as many as can be, and among those
 * alignments the one whose delays are closest to what the segments around them took.
 */
export function alignCopies(copies: Copies): [number, number][] {
  const pairs: [number, number][] = [];
  const cost = costOf(copies);
  for (const [membersA, membersB] of buckets(copies, pairs)) {
    if (membersA.length === membersB.length) for (const [k, i] of membersA.entries()) pairs.push([i, membersB[k]!]);
    else if (membersA.length * membersB.length <= MAX_CELLS) best(membersA, membersB, cost, pairs);
    else nearest(membersA, membersB, cost, pairs);
  }
  return pairs;
}

/**
 * Copies that may be one another. Those that alone carry an IP id and hash are the same at both points and go to `pairs`; of the
 * others those that differ in what survives the way are not.
 */
function buckets(copies: Copies, pairs: [number, number][]): Iterable<[number[], number[]]> {
  const { a, b, membersA, membersB, data, idsTrusted, hashesTrusted } = copies;
  if (data) return [[[...membersA], [...membersB]]];
  const idsA = identifications(a, membersA);
  const idsB = identifications(b, membersB);
  const taken = new Set<number>();
  for (const [id, i] of idsA) {
    const j = idsB.get(id);
    if (i < 0 || j === undefined || j < 0) continue;
    pairs.push([i, j]);
    taken.add(i).add(-1 - j);
  }
  // Devices take options out of a SYN, which the rest of the session never carries then.
  const opening = (shapeFlags(a.shape[membersA[0]!]!) & TcpFlag.syn) !== 0;
  const surviving = (idsTrusted ? 0xffff : 0) | (hashesTrusted && !opening ? 0xff000000 : 0);
  const found = new Map<number, [number[], number[]]>();
  const bucket = (log: SegmentLog, i: number) => {
    const key = log.print[i]! & surviving;
    const known = found.get(key) ?? [[], []];
    found.set(key, known);
    return known;
  };
  for (const i of membersA) if (!taken.has(i)) bucket(a, i)[0].push(i);
  for (const j of membersB) if (!taken.has(-1 - j)) bucket(b, j)[1].push(j);
  return [...found.values()].filter(([left, right]) => left.length > 0 && right.length > 0);
}

/** Segment by IP id and hash of header fields (the hash alone for IPv6, which has no id); -1 where several share them. */
function identifications(log: SegmentLog, members: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const i of members) {
    const id = log.print[i]! & 0xff00ffff;
    found.set(id, found.has(id) ? -1 : i);
  }
  return found;
}

function costOf(copies: Copies): (i: number, j: number) => number {
  const { a, b, data, near, between, membersA, membersB } = copies;
  const unknown = near.some(Number.isNaN) ? likelyDifference(copies, membersA, membersB) : 0;
  const place = new Map(membersA.map((i, k) => [i, { between: between[k]!, near: Number.isNaN(near[k]!) ? unknown : near[k]! }]));
  return (i, j) => {
    const time = b.time[j]!;
    const expected = place.get(i)!;
    const [after, before] = expected.between;
    const order = time < after || time > before ? OUT_OF_ORDER : 0;
    const print = !data && ((a.print[i]! ^ b.print[j]!) & 0xff000000) !== 0 ? OTHER_PRINT : 0;
    return Math.abs(time - a.time[i]! - expected.near) + order + print;
  };
}

/** Without any other measure: the difference under which the spacing of the copies fits best. */
function likelyDifference({ a, b }: Copies, membersA: readonly number[], membersB: readonly number[]): number {
  let [found, least] = [b.time[membersB[0]!]! - a.time[membersA[0]!]!, Infinity];
  for (const i of membersA.slice(0, 8)) {
    for (const j of membersB.slice(0, 8)) {
      const difference = b.time[j]! - a.time[i]!;
      let misfit = 0;
      for (const other of membersB.slice(0, 8)) {
        const nearest = Math.min(...membersA.slice(0, 8).map((x) => Math.abs(b.time[other]! - a.time[x]! - difference)));
        misfit += nearest;
      }
      if (misfit < least - 1) [found, least] = [difference, misfit];
    }
  }
  return found;
}

/** Dynamic programming over both lists in order: all of the shorter one are paired, at the least cost. */
function best(
  membersA: readonly number[],
  membersB: readonly number[],
  cost: (i: number, j: number) => number,
  pairs: [number, number][],
): void {
  const swapped = membersA.length < membersB.length;
  const [short, long] = swapped ? [membersA, membersB] : [membersB, membersA];
  const price = (s: number, l: number) => (swapped ? cost(short[s]!, long[l]!) : cost(long[l]!, short[s]!));
  const width = long.length + 1;
  const table = new Float64Array((short.length + 1) * width).fill(Infinity);
  table.fill(0, 0, width);
  for (let s = 1; s <= short.length; s++) {
    for (let l = s; l <= long.length - (short.length - s); l++) {
      table[s * width + l] = Math.min(table[s * width + l - 1]!, table[(s - 1) * width + l - 1]! + price(s - 1, l - 1));
    }
  }
  for (let [s, l] = [short.length, long.length]; s > 0; l--) {
    if (table[s * width + l] === table[s * width + l - 1]) continue;
    s--;
    pairs.push(swapped ? [short[s]!, long[l - 1]!] : [long[l - 1]!, short[s]!]);
  }
}

/** For very long runs of alike segments: each takes its nearest counterpart that leaves enough for the rest. */
function nearest(
  membersA: readonly number[],
  membersB: readonly number[],
  cost: (i: number, j: number) => number,
  pairs: [number, number][],
): void {
  let [x, y] = [0, 0];
  while (x < membersA.length && y < membersB.length) {
    const surplus = membersA.length - x - (membersB.length - y);
    const here = cost(membersA[x]!, membersB[y]!);
    if (surplus > 0 && x + 1 < membersA.length && cost(membersA[x + 1]!, membersB[y]!) < here) x++;
    else if (surplus < 0 && y + 1 < membersB.length && cost(membersA[x]!, membersB[y + 1]!) < here) y++;
    else pairs.push([membersA[x++]!, membersB[y++]!]);
  }
}
