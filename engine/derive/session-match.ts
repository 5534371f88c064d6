import { ClockBounds, type ClockDifference, median } from "./clock-offset.ts";
import type { PointSessions } from "./point-sessions.ts";
import type { Candidate } from "./segment-groups.ts";
import { Shape } from "./segment-log.ts";
import { type Fit, SegmentMatcher } from "./segment-match.ts";
import { candidatesByEnds, candidatesByNumber, candidatesByOpening, certainCandidates, isTelling } from "./session-candidates.ts";
import { candidatesByContent, candidatesByFragment } from "./session-content.ts";

/** A session that two capture points share. */
export interface SharedSession extends Candidate {
  readonly fit: Fit;
}

/** What delays of this pair of points usually are, differences of raw times (`b` minus `a`) by direction, clock difference taken off. */
export type Typical = readonly [number, number];

/** Time differences further than this from the clock difference are another session, ns. */
const OUT_OF_TIME = 5e9;
/** Sessions of a wrong candidate are weeded out where they differ more than this from the median, ns. */
const OUTLIER = 1e9;
const WORST_DRIFT = 200e-6;
/** Sessions after which the clocks are compared for the first time. */
const FIRST_MEASURE = 32;
/** A session shorter than this part of the capture gives the clock its tightest bounds only, a longer one those of all its segments. */
const SHORT = 16;
/** Points in common that make two sessions one, and what it takes from them to have been recorded on different days. */
const [ENOUGH, OTHER_DAY] = [3, 4];
/** A day and the farthest time zones, ns. */
const DAY = 26 * 3600e9;
/** Delays both ways that add up to less than this are one capture read twice, or two tools on one machine, ns. */
const SAME_PLACE = 10_000;

/** Everything two capture points share, found in rounds: certain evidence first, then what its clock difference helps to judge. */
export class SharedSessions {
  readonly matcher: SegmentMatcher;
  readonly sessions: SharedSession[] = [];
  /** By session of a point: the session of the other, or -1. */
  readonly pairedA: Int32Array;
  readonly pairedB: Int32Array;
  clock: ClockDifference | null = null;
  typical: Typical = [0, 0];

  /** Without `sharing` the points are known to have no session in common. */
  constructor(a: PointSessions, b: PointSessions, sharing = true) {
    this.matcher = new SegmentMatcher(a, b);
    this.pairedA = new Int32Array(a.count).fill(-1);
    this.pairedB = new Int32Array(b.count).fill(-1);
    if (!sharing) return;
    for (const round of [certainCandidates, candidatesByNumber, candidatesByEnds, candidatesByContent, candidatesByFragment]) {
      const before = this.sessions.length;
      this.consider(round(a, b, this.pairedA, this.pairedB), round === candidatesByContent || round === candidatesByFragment);
      if (this.sessions.length > before) this.settleClock();
    }
    if (this.clock)
      this.consider(
        candidatesByOpening(a, b, this.pairedA, this.pairedB, (time) => this.clock!.at(time) + this.typical[0]),
        false,
      );
    this.settleCopies();
    this.sessions.sort((x, y) => x.a - y.a);
  }

  /** Both captures were taken at one place: nothing lies between them. */
  get samePlace(): boolean {
    const trips = this.sessions.map(({ fit }) => roundTrip(fit)).filter((trip) => Number.isFinite(trip));
    return trips.length > 0 && Math.abs(median(trips)) <= SAME_PLACE;
  }

  /** Differences a segment of a session at this time is expected to show. */
  expected(time: number): readonly [number, number] {
    if (!this.clock) return [Number.NaN, Number.NaN];
    const clock = this.clock.at(time);
    return [clock + this.typical[0], clock + this.typical[1]];
  }

  private expectedOf(candidate: Candidate): readonly [number, number] | null {
    return this.clock && Number.isFinite(this.clock.uncertainty) ? this.expected(this.startOf(candidate)) : null;
  }

  private startOf({ a }: Candidate): number {
    const { a: point } = this.matcher;
    const first = point.order[point.start[a]!];
    return first === undefined ? 0 : point.log.time[first]!;
  }

  private accept(candidate: Candidate, fit: Fit): void {
    this.pairedA[candidate.a] = candidate.b;
    this.pairedB[candidate.b] = candidate.a;
    this.sessions.push({ ...candidate, fit });
    // A first measure, so that the copies in most sessions can be told apart at once.
    if (!this.clock && this.sessions.length === FIRST_MEASURE) this.settleClock();
  }

  /** Tries candidates in order, most telling first for each session; one that does not hold up leaves its sessions free. */
  private consider(candidates: Iterable<Candidate>, byContent: boolean): void {
    for (const candidate of candidates) {
      if (this.pairedA[candidate.a] !== -1 || this.pairedB[candidate.b] !== -1) continue;
      let fit = this.matcher.match(candidate, this.expectedOf(candidate));
      // Nothing but copies, a SYN sent three times: then only their spacing tells.
      if (fit.ambiguous && fit.matched[0] + fit.matched[1] === 0) fit = this.matcher.match(candidate, [Number.NaN, Number.NaN]);
      if (this.holds(candidate, fit, byContent)) this.accept(candidate, fit);
      else this.matcher.release(candidate);
    }
  }

  private holds(candidate: Candidate, fit: Fit, byContent: boolean): boolean {
    if (fit.samePrints === 0 && isProxied(this.matcher.a, this.matcher.b, candidate)) return false;
    const matched = fit.matched[0] + fit.matched[1];
    if (matched === 0) return this.holdsUnmatched(candidate);
    if (this.clock) {
      const [up, down] = this.expected(this.startOf(candidate));
      const off = (difference: number, wanted: number) => Number.isFinite(difference) && Math.abs(difference - wanted) > OUT_OF_TIME;
      if (off(fit.least[0], up) || off(fit.least[1], down)) return false;
    }
    // What brought them together was payload: then none of it may contradict, for software says the same things in many sessions.
    if (byContent && fit.otherPayload > 0) return false;
    const points = [this.matcher.a, this.matcher.b] as const;
    const worth = likeness(...points, candidate, fit) + (this.clock ? 1 : sameDay(...points, fit) ? 0 : -OTHER_DAY);
    return worth >= ENOUGH;
  }

  /** Text exports may leave nothing to compare: then the same four ends, and nobody else's, have to do. */
  private holdsUnmatched({ a, b, shift }: Candidate): boolean {
    const { a: one, b: other } = this.matcher;
    if (!one.capture.info.textExport && !other.capture.info.textExport) return false;
    const [x, y] = [one.ends[a]!, other.ends[b]!];
    return (
      Number.isNaN(shift[0] + shift[1]) &&
      x.clientIp === y.clientIp &&
      x.clientPort === y.clientPort &&
      x.serverIp === y.serverIp &&
      x.serverPort === y.serverPort
    );
  }

  private settleClock(): void {
    const whole = this.sessions
      .map((session) => ({ session, start: this.startOf(session), trip: roundTrip(session.fit) }))
      .filter(({ trip }) => Number.isFinite(trip));
    const used =
      whole.length > 0
        ? whole
        : this.sessions
            .filter(({ fit }) => fit.matched[0] + fit.matched[1] > 0)
            .map((session) => ({ session, start: this.startOf(session), trip: Infinity }));
    if (used.length === 0) return;
    const middle = ({ fit }: SharedSession) =>
      Number.isFinite(fit.least[0]) ? (Number.isFinite(fit.most[1]) ? (fit.least[0] + fit.most[1]) / 2 : fit.least[0]) : fit.most[1];
    const usual = median(used.map(({ session }) => middle(session)));
    const starts = used.map(({ start }) => start);
    const span =
      starts.reduce((most, time) => Math.max(most, time), -Infinity) - starts.reduce((least, time) => Math.min(least, time), Infinity);
    const kept = used.filter(({ session }) => Math.abs(middle(session) - usual) <= OUTLIER + WORST_DRIFT * span);
    this.clock = this.bounds(kept.map(({ session }) => session)).solve();
    if (!this.clock) return;
    const delays = (direction: 0 | 1) => {
      const values = kept
        .map(({ session, start }) => (direction === 0 ? session.fit.least[0] : session.fit.most[1]) - this.clock!.at(start))
        .filter(Number.isFinite);
      return values.length > 0 ? median(values) : 0;
    };
    this.typical = [delays(0), delays(1)];
  }

  private bounds(sessions: readonly SharedSession[]): ClockBounds {
    const { a, b, matchA } = this.matcher;
    const { firstTime, lastTime } = a.capture.quality;
    const bounds = new ClockBounds(firstTime, lastTime);
    for (const { a: session, fit } of sessions) {
      const aIsClient = roundTrip(fit) >= 0 || !Number.isFinite(roundTrip(fit));
      const [start, end] = [a.log.time[a.order[a.start[session]!]!]!, a.log.time[a.order[a.start[session + 1]! - 1]!]!];
      if (end - start < (lastTime - firstTime) / SHORT) {
        const [above, below] = aIsClient ? [fit.least[0], fit.most[1]] : [fit.least[1], fit.most[0]];
        bounds.above(start, above);
        bounds.below(start, below);
        continue;
      }
      for (let k = a.start[session]!; k < a.start[session + 1]!; k++) {
        const i = a.order[k]!;
        const j = matchA[i]!;
        if (j < 0) continue;
        const [time, difference] = [a.log.time[i]!, b.log.time[j]! - a.log.time[i]!];
        if (((a.log.shape[i]! & Shape.fromServer) === 0) === aIsClient) bounds.above(time, difference);
        else bounds.below(time, difference);
      }
    }
    return bounds;
  }

  /** Segments that repeat one another are told apart once the usual delay is known. */
  private settleCopies(): void {
    for (const [k, session] of this.sessions.entries()) {
      if (session.fit.ambiguous) this.sessions[k] = { ...session, fit: this.matcher.match(session, this.expected(this.startOf(session))) };
    }
  }
}

/** Smallest delay both ways together, ns: positive if point `a` is nearer to the client, negative if `b` is; infinite if only one way was seen. */
export function roundTrip({ least, most }: Fit): number {
  const trip = least[0] - most[1];
  if (Number.isNaN(trip) || !Number.isFinite(trip)) return Infinity;
  if (trip >= 0) return trip;
  const reverse = least[1] - most[0];
  return reverse > 0 ? -reverse : trip;
}

/** How much two sessions have in common. */
function likeness(one: PointSessions, other: PointSessions, { a, b, flipped, shift }: Candidate, fit: Fit): number {
  const [x, z] = [one.ends[a]!, other.ends[b]!];
  const y = flipped ? { ...z, clientIp: z.serverIp, clientPort: z.serverPort, serverIp: z.clientIp, serverPort: z.clientPort } : z;
  const text = one.capture.info.textExport || other.capture.info.textExport;
  let score = 0;
  if (x.serverPort === y.serverPort) score++;
  if (x.serverIp === y.serverIp) score++;
  if (x.clientIp === y.clientIp) score++;
  if (x.clientPort === y.clientPort) score++;
  // Two random numbers that agree are as good as two ends each.
  for (const direction of [0, 1] as const) if (shift[direction] === 0 && isTelling(one.isn[direction][a]!)) score += 2;
  const differ = fit.otherPrints > fit.samePrints;
  if (fit.samePrints > 0 && !differ) score += fit.samePrints > 2 ? 3 : 1;
  if (differ && fit.samePrints === 0 && !text) score--;
  if (text && fit.matched[0] + fit.matched[1] >= 5) score += 2;
  return score;
}

/** Whether the clocks as they stand put a session of both on one day, wrong zones and all; true where one has no date. */
function sameDay(one: PointSessions, other: PointSessions, { least, most }: Fit): boolean {
  const [x, y] = [one.capture.info.base, other.capture.info.base];
  if (x === null || y === null) return true;
  const difference = Number.isFinite(least[0]) ? least[0] : most[1];
  return Math.abs(Number(y - x) + difference) <= DAY;
}

/**
 * What translates the addresses of both ends and renumbers both directions as well is a proxy: it sends on another session,
 * however alike in shape.
 */
function isProxied(one: PointSessions, other: PointSessions, { a, b, flipped, shift }: Candidate): boolean {
  const [x, y] = [one.ends[a]!, other.ends[b]!];
  const [clientIp, serverIp] = flipped ? [y.serverIp, y.clientIp] : [y.clientIp, y.serverIp];
  const renumbered = !one.relative && !other.relative && shift.every((difference) => !Number.isNaN(difference) && difference !== 0);
  return renumbered && x.clientIp !== clientIp && x.serverIp !== serverIp;
}
