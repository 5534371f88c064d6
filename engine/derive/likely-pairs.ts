import { CommonKeys } from "./common-keys.ts";
import { attemptOf } from "./missed-attempt.ts";
import type { PointSessions } from "./point-sessions.ts";
import { sendings } from "./server-view.ts";
import { endsKey, isTelling } from "./session-candidates.ts";
import { contentMarks, fragmentMarks } from "./session-content.ts";

/** Of so few captures all pairs are compared: an index over them costs what it saves. */
const FEW = 8;

export interface PairSearch {
  /** By capture: its sessions, or null where it kept none. */
  readonly points: readonly (PointSessions | null)[];
  /** By capture: addresses and names of its machine. */
  readonly hosts: readonly (readonly string[] | null)[];
  /** Whether the times and sides of two captures that share no session allow one to miss what the other shows a client attempt. */
  mayMiss(client: number, server: number): boolean;
}

/** Numbers of two captures, the lower one first, that are to be compared. */
export interface LikelyPair {
  readonly a: number;
  readonly b: number;
  /** They may share sessions; if not, all that can be found is attempts of one that the other misses. */
  readonly sharing: boolean;
}

/**
 * The pairs of captures that comparing can say anything of, in order: those that share an initial sequence number, the ends of a session,
 * a piece of content or a server that one asks in vain. Others are left out, so that hundreds of captures do not cost the square of
 * their number. A pair too many costs time only; none may be missing that `correlatePair` would find something in.
 */
export function likelyPairs(search: PairSearch, few = FEW): LikelyPair[] {
  const { points } = search;
  const marks = new PairMarks(points);
  if (points.length <= few) marks.addAll();
  else {
    shareNumbers(points, marks);
    shareEnds(points, marks);
    shareContent(points, marks);
    shareFragments(points, marks);
    shareAttempts(search, marks);
  }
  return marks.pairs();
}

const [SHARING, MISSING] = [1, 2];

/** Which pairs are to be compared, and what for. */
class PairMarks {
  private readonly points: readonly (PointSessions | null)[];
  private readonly marked: Uint8Array;
  /** By capture: pairs of it that are not marked yet. */
  private readonly open: Uint32Array;

  constructor(points: readonly (PointSessions | null)[]) {
    this.points = points;
    this.marked = new Uint8Array(points.length ** 2);
    const usable = points.filter((point) => point !== null).length;
    this.open = Uint32Array.from(points, (point) => (point === null ? 0 : usable - 1));
  }

  has(one: number, other: number): boolean {
    return this.marked[one * this.points.length + other] !== 0;
  }

  readonly add = (one: number, other: number): void => this.mark(one, other, SHARING);

  /** One shows attempts that the other may miss. */
  addMissing(one: number, other: number): void {
    this.mark(one, other, MISSING);
  }

  private mark(one: number, other: number, what: number): void {
    if (one === other || this.has(one, other) || this.points[one] === null || this.points[other] === null) return;
    const { marked, open, points } = this;
    marked[one * points.length + other] = what;
    marked[other * points.length + one] = what;
    open[one]!--;
    open[other]!--;
  }

  addAll(): void {
    for (const one of this.points.keys()) for (const other of this.points.keys()) this.add(one, other);
  }

  /** Captures of which a pair is left to be found. */
  *unsettled(): Generator<[number, PointSessions]> {
    for (const [index, point] of this.points.entries()) if (point && this.open[index]! > 0) yield [index, point];
  }

  pairs(): LikelyPair[] {
    const found: LikelyPair[] = [];
    for (const a of this.points.keys()) {
      for (let b = a + 1; b < this.points.length; b++)
        if (this.has(a, b)) found.push({ a, b, sharing: this.marked[a * this.points.length + b] === SHARING });
    }
    return found;
  }
}

function shareNumbers(points: PairSearch["points"], marks: PairMarks): void {
  for (const direction of [0, 1] as const) {
    const keys = new CommonKeys(points.length, marks.add);
    for (const [index, { isn, relative }] of marks.unsettled())
      if (!relative) for (const number of isn[direction]) if (isTelling(number)) keys.add(index, number);
  }
}

function shareEnds(points: PairSearch["points"], marks: PairMarks): void {
  const keys = new CommonKeys(points.length, marks.add);
  for (const [index, { ends }] of marks.unsettled()) for (const session of ends) keys.add(index, endsKey(session));
}

/** A text export is compared with any other capture by marks of its own kind. */
function shareContent(points: PairSearch["points"], marks: PairMarks): void {
  const isText = (index: number) => points[index]?.capture.info.textExport ?? false;
  for (const text of [false, true]) {
    if (text && !points.some((_, index) => isText(index))) continue;
    const add = (one: number, other: number) => {
      if ((isText(one) || isText(other)) === text) marks.add(one, other);
    };
    const keys = new CommonKeys(points.length, add);
    for (const [index, point] of marks.unsettled()) {
      if (!text && isText(index)) continue;
      for (let session = 0; session < point.count; session++) for (const mark of contentMarks(point, session, text)) keys.add(index, mark);
    }
  }
}

/** Sessions that began before their capture are looked for among all sessions of all others. */
function shareFragments(points: PairSearch["points"], marks: PairMarks): void {
  const keys = new CommonKeys(points.length, marks.add);
  const late = [...marks.unsettled()].filter(([, { relative }]) => !relative);
  for (const [index, point] of late) {
    for (let session = 0; session < point.count; session++)
      if (Number.isNaN(point.isn[0][session]!)) for (const { mark } of fragmentMarks(point, session, true)) keys.add(index, mark);
  }
  if (keys.size === 0) return;
  for (const [index, point] of late) {
    for (let session = 0; session < point.count; session++)
      for (const { mark } of fragmentMarks(point, session, false)) keys.look(index, mark);
  }
}

/** What one capture shows a client ask in vain, another that shows that server at work may prove to have been lost. */
function shareAttempts({ hosts, mayMiss }: PairSearch, marks: PairMarks): void {
  const askedBy = new Map<string, Set<number>>();
  for (const [index, point] of marks.unsettled()) {
    for (let session = 0; session < point.count; session++) {
      if (!attemptOf(point, session)) continue;
      const { serverIp } = point.ends[session]!;
      const known = askedBy.get(serverIp);
      if (known) known.add(index);
      else askedBy.set(serverIp, new Set([index]));
    }
  }
  if (askedBy.size === 0) return;
  for (const [index, point] of marks.unsettled()) {
    const shown = new Set(hosts[index] ?? []);
    for (const { address } of sendings(point)) shown.add(address);
    for (const address of shown)
      for (const client of askedBy.get(address) ?? [])
        if (!marks.has(client, index) && mayMiss(client, index)) marks.addMissing(client, index);
  }
}
