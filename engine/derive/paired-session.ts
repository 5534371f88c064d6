import { TcpFlag } from "../decoders/packet-batch.ts";
import { type PointSessions, TO_CLIENT, TO_SERVER } from "./point-sessions.ts";
import { Shape, shapeFlags } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";
import { roundTrip, type SharedSession, type SharedSessions } from "./session-match.ts";

/** One session at one of the two points that share it. */
export interface SessionView {
  readonly point: PointSessions;
  readonly session: number;
  /** By segment of the point: the same segment at the other point; see `SegmentMatcher`. */
  readonly match: Int32Array;
  /** The point took the client for the server. */
  readonly flipped: boolean;
}

/** One session at two capture points, told which is which. Differences are server-side time minus client-side time, raw, ns. */
export interface PairedSession {
  readonly client: SessionView;
  readonly server: SessionView;
  /** By direction: sequence number at the server side minus the same at the client side, NaN if not comparable. */
  readonly shift: readonly [number, number];
  /** By direction: what the difference is expected to be; NaN if nothing tells. */
  readonly expected: readonly [number, number];
  /** By direction: how much more than the smallest delay a segment may well take, ns. */
  readonly spread: readonly [number, number];
  /** Smallest delay both ways together, ns; null if one way was not seen. */
  readonly roundTrip: number | null;
  /** Clock of the server side minus clock of the client side at the session's start, raw, ns; null if not known. */
  readonly clock: number | null;
  readonly driftPpm: number | null;
}

/** Which end a point stands at, where something outside the pair tells: bundle.yaml or the capture itself. */
export type KnownSide = (point: PointSessions, session: number) => { side: "client" | "server"; stated: boolean } | null;

/** A segment later than this many times the mean of how late segments are is rare. */
const LATE = 4;

/** Tells client side and server side of every shared session apart. */
export function orientSessions(shared: SharedSessions, known: KnownSide): PairedSession[] {
  const usual = usualOrientation(shared);
  return shared.sessions.map((session) => orient(shared, session, orientation(shared, session, known, usual)));
}

/** 1: point `a` is the client side. -1: point `b` is. */
type Orientation = 1 | -1;

function usualOrientation({ sessions }: SharedSessions): Orientation | 0 {
  let sum = 0;
  for (const { fit } of sessions) {
    const trip = roundTrip(fit);
    if (Number.isFinite(trip)) sum += Math.sign(trip);
  }
  return sum > 0 ? 1 : sum < 0 ? -1 : 0;
}

function orientation(shared: SharedSessions, session: SharedSession, known: KnownSide, usual: Orientation | 0): Orientation {
  const { a, b } = shared.matcher;
  const [sideA, sideB] = [known(a, session.a), flip(known(b, session.b), session.flipped)];
  const says = (stated: boolean): Orientation | 0 => {
    const one = sideA?.stated === stated ? (sideA.side === "client" ? 1 : -1) : 0;
    const other = sideB?.stated === stated ? (sideB.side === "client" ? -1 : 1) : 0;
    return one !== 0 && other !== 0 && one !== other ? 0 : one || other;
  };
  const trip = roundTrip(session.fit);
  return (
    says(true) ||
    (Number.isFinite(trip) && Math.abs(trip) > 1000 ? (trip > 0 ? 1 : -1) : 0) ||
    says(false) ||
    exclusives(shared, session) ||
    usual ||
    1
  );
}

function flip(known: ReturnType<KnownSide>, flipped: boolean): ReturnType<KnownSide> {
  return known && flipped ? { ...known, side: known.side === "client" ? "server" : "client" } : known;
}

/** Segments only one point shows were lost before they came to the other: that one is nearer to their sender. Resets may be forged and do not count. */
function exclusives({ matcher }: SharedSessions, { a, b, flipped }: SharedSession): Orientation | 0 {
  const count = (point: PointSessions, session: number, match: Int32Array, turned: boolean): number => {
    let sum = 0;
    for (let k = point.start[session]!; k < point.start[session + 1]!; k++) {
      const i = point.order[k]!;
      const shape = point.log.shape[i]!;
      if (match[i] === UNSEEN && !(shapeFlags(shape) & TcpFlag.rst)) sum += ((shape & Shape.fromServer) !== 0) !== turned ? -1 : 1;
    }
    return sum;
  };
  return Math.sign(count(matcher.a, a, matcher.matchA, false) - count(matcher.b, b, matcher.matchB, flipped)) as Orientation | 0;
}

function orient(shared: SharedSessions, session: SharedSession, orientation: Orientation): PairedSession {
  const { matcher, clock } = shared;
  const { fit } = session;
  // Of two points that disagree on who opened the session, the one that saw the SYN is right.
  const turned = session.flipped && Number.isNaN(matcher.a.isn[0][session.a]!) && !Number.isNaN(matcher.b.isn[0][session.b]!);
  const first = matcher.a.log.time[matcher.a.order[matcher.a.start[session.a]!] ?? 0] ?? 0;
  const fallback = shared.expected(first);
  const one: SessionView = { point: matcher.a, session: session.a, match: matcher.matchA, flipped: turned };
  const other: SessionView = { point: matcher.b, session: session.b, match: matcher.matchB, flipped: session.flipped !== turned };
  const aIsClient = (orientation === 1) !== turned;
  const sign = aIsClient ? 1 : -1;
  const byDirection = <T>(of: (direction: 0 | 1) => T): [T, T] => (turned ? [of(1), of(0)] : [of(0), of(1)]);
  const leaving = (direction: 0 | 1) => (direction === 0) === (orientation === 1);
  const trip = roundTrip(fit);
  return {
    client: aIsClient ? one : other,
    server: aIsClient ? other : one,
    shift: byDirection((direction) => sign * session.shift[direction]),
    expected: byDirection((direction) => {
      const nearest = leaving(direction) ? fit.least[direction] : fit.most[direction];
      return sign * (Number.isFinite(nearest) ? nearest : fallback[direction]);
    }),
    spread: byDirection((direction) => {
      if (fit.matched[direction] < 2) return 0;
      const mean = leaving(direction) ? fit.mean[direction] - fit.least[direction] : fit.most[direction] - fit.mean[direction];
      return Math.min(LATE * mean, fit.most[direction] - fit.least[direction]);
    }),
    roundTrip: Number.isFinite(trip) ? Math.abs(trip) : null,
    // With one way only there is a bound, not a measure.
    clock: clock && Number.isFinite(clock.uncertainty) ? sign * clock.at(first) : null,
    driftPpm: clock?.driftPpm == null ? null : sign * clock.driftPpm,
  };
}

/** Direction of a segment, the view's mistake about the ends corrected. */
export function directionOf({ point, flipped }: SessionView, i: number): 0 | 1 {
  return ((point.log.shape[i]! & Shape.fromServer) !== 0) !== flipped ? TO_CLIENT : TO_SERVER;
}

/** Which view sends in a direction, which receives, and the delay to expect between their clocks. */
export function ways(
  pair: PairedSession,
  direction: 0 | 1,
): { sender: SessionView; receiver: SessionView; delay: number; shift: number; ackShift: number } {
  const forward = direction === TO_SERVER;
  return {
    sender: forward ? pair.client : pair.server,
    receiver: forward ? pair.server : pair.client,
    delay: forward ? pair.expected[0] : -pair.expected[1],
    shift: forward ? pair.shift[0] : -pair.shift[1],
    ackShift: forward ? pair.shift[1] : -pair.shift[0],
  };
}
