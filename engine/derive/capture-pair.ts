import type { SourceHints } from "../formats/format.ts";
import type { Coverage } from "../tables/coverage.ts";
import { captureSpan, shortcoming } from "./capture-coverage.ts";
import type { CaptureSide, Side } from "./capture-side.ts";
import { type MissedAttempt, missedAttempts } from "./missed-attempt.ts";
import { followSession, type OtherEnd } from "./other-end.ts";
import type { PairRows } from "./pair-rows.ts";
import { orientSessions, type PairedSession } from "./paired-session.ts";
import type { PointSessions } from "./point-sessions.ts";
import { TrackMemory } from "./segment-track.ts";
import { judgeSession } from "./session-judgement.ts";
import { SharedSessions } from "./session-match.ts";

/** Two capture points with what is known of them. */
export interface CapturePair {
  readonly a: PointSessions;
  readonly b: PointSessions;
  /** They may share sessions; if not, none is looked for. */
  readonly sharing: boolean;
  readonly sideA: CaptureSide;
  readonly sideB: CaptureSide;
  readonly hintsA: SourceHints;
  readonly hintsB: SourceHints;
  readonly otherEndOfA: OtherEnd;
  readonly otherEndOfB: OtherEnd;
}

/** What a pair says beside its rows: which connection rows of each point it shows to be at which side, and what it covers. */
export interface PairOutcome {
  readonly streamsA: ReadonlyMap<number, Side>;
  readonly streamsB: ReadonlyMap<number, Side>;
  readonly coverage: readonly Coverage[];
}

/** Servers named in a coverage; more are left out, so that the absence of rows about them stays unknown. */
const MOST_SERVERS = 1024;
const NS_PER_DAY = 86_400_000_000_000n;
/** Attempts listed per direction of a pair; a SYN flood makes more. */
const MOST_ATTEMPTS = 100_000;
const PAIR_TABLES = ["session_pairs", "lost_segments", "foreign_resets"] as const;

/** Compares two capture points: adds the rows of every session they share, and of attempts that never came through. */
export function correlatePair(pair: CapturePair, rows: PairRows): PairOutcome {
  const { a, b, sideA, sideB } = pair;
  const streamsA = new Map<number, Side>();
  const streamsB = new Map<number, Side>();
  const shared = new SharedSessions(a, b, pair.sharing);
  if (shared.samePlace && !onTwoMachines(sideA, sideB)) return { streamsA, streamsB, coverage: [] };
  const known = (point: PointSessions, session: number) => {
    const side = point === a ? sideA : sideB;
    const own = side.rows[point.stream[session]!] ?? side.side;
    return own === "client" || own === "server" ? { side: own, stated: side.stated } : null;
  };
  const otherEndOf = (point: PointSessions) => (point === a ? pair.otherEndOfA : pair.otherEndOfB);
  const sessions = orientSessions(shared, known);
  const between = timeBetween(a, b);
  const memory = new TrackMemory();
  const servers = { ab: new Set<string>(), ba: new Set<string>() };
  for (const session of sessions) {
    const forward = session.client.point === a;
    const judgement = judgeSession(session, memory);
    rows.pair(session, judgement, between === null ? null : forward ? between : -between);
    followSession(session, judgement, otherEndOf);
    for (const { point, session: own } of [session.client, session.server]) {
      (forward ? servers.ab : servers.ba).add(point.ends[own]!.serverIp);
      const streams = point === a ? streamsA : streamsB;
      for (const stream of streamsOf(point, own)) streams.set(stream, point === session.client.point ? "client" : "server");
      otherEndOf(point).seen(streamsOf(point, own));
    }
  }
  let flooded = false;
  for (const forward of [true, false]) {
    const missed = attempts(pair, shared, sessions, forward, between);
    flooded ||= missed.length > MOST_ATTEMPTS;
    for (const attempt of missed.slice(0, MOST_ATTEMPTS)) {
      rows.attempt(attempt);
      const streams = forward ? streamsA : streamsB;
      for (const stream of streamsOf(attempt.client, attempt.session)) streams.set(stream, "client");
      otherEndOf(attempt.client).absent(attempt.client, streamsOf(attempt.client, attempt.session), attempt.syns);
      (forward ? servers.ab : servers.ba).add(attempt.serverName);
    }
  }
  const coverage = [
    ...(servers.ab.size > 0 ? pairCoverage(pair, true, servers.ab, shared, flooded) : []),
    ...(servers.ba.size > 0 ? pairCoverage(pair, false, servers.ba, shared, flooded) : []),
  ];
  return { streamsA, streamsB, coverage };
}

/** The captures are known to be of different machines; clocks of milliseconds see no time pass between two in one room. */
function onTwoMachines({ host: one }: CaptureSide, { host: other }: CaptureSide): boolean {
  return one !== null && other !== null && !one.some((name) => other.includes(name));
}

function streamsOf({ rowStart, rowOrder }: PointSessions, session: number): Uint32Array {
  return rowOrder.subarray(rowStart[session]!, rowStart[session + 1]!);
}

/** Dates and times of both captures overlap as they stand: two that were taken at other times, or in other zones, hardly would. */
function meet(a: PointSessions, b: PointSessions): boolean {
  const [x, y] = [captureSpan(a.capture), captureSpan(b.capture)];
  if (x.from === null || x.to === null || y.from === null || y.to === null) return false;
  return x.from <= y.to && y.from <= x.to;
}

/**
 * Base of `b` minus base of `a`, ns; null where one has no absolute time, or their zones differ and so do their times. Times of day without a
 * date are taken to be of the other capture's day.
 */
function timeBetween(a: PointSessions, b: PointSessions): number | null {
  const [x, y] = [a.capture.info, b.capture.info];
  if (x.zone !== y.zone) return meet(a, b) ? Number(y.base! - x.base!) : null;
  if (x.base !== null && y.base !== null) return Number(y.base - x.base);
  if (x.timeOfDay && y.timeOfDay) return 0;
  if (x.timeOfDay && y.base !== null) return Number(y.base - midnightBefore(b));
  return y.timeOfDay && x.base !== null ? Number(midnightBefore(a) - x.base) : null;
}

/** Midnight before the first packet, ns since the epoch, of a capture with a base. */
function midnightBefore({ capture: { info, quality } }: PointSessions): bigint {
  const first = info.base! + BigInt(Math.round(quality.firstTime));
  return first - (first % NS_PER_DAY);
}

function sidesOf(pair: Pick<CapturePair, "sideA" | "sideB">, forward: boolean): [client: CaptureSide, server: CaptureSide] {
  return forward ? [pair.sideA, pair.sideB] : [pair.sideB, pair.sideA];
}

/** Captures without a shared session may still be those of a client and of its server. */
function sidesFit(client: CaptureSide, server: CaptureSide): boolean {
  return client.side !== "server" && server.side !== "client";
}

/** Whether attempts at one point may be missing at the other although they share no session: sides fit, and the clocks as they stand let them meet. */
export function mayMissAttempts(client: PointSessions, server: PointSessions, clientSide: CaptureSide, serverSide: CaptureSide): boolean {
  const between = timeBetween(client, server);
  if (between === null || !sidesFit(clientSide, serverSide)) return false;
  const [own, other] = [client.capture.quality, server.capture.quality];
  return own.firstTime - between <= other.lastTime && own.lastTime - between >= other.firstTime;
}

function attempts(
  pair: CapturePair,
  shared: SharedSessions,
  sessions: readonly PairedSession[],
  forward: boolean,
  between: number | null,
): MissedAttempt[] {
  const [client, server] = forward ? [pair.a, pair.b] : [pair.b, pair.a];
  const [clientSide, serverSide] = sidesOf(pair, forward);
  if (sessions.length > 0 && !sessions.some((session) => session.client.point === client)) return [];
  if (sessions.length === 0 && !sidesFit(clientSide, serverSide)) return [];
  const trip = Math.abs(shared.typical[0] - shared.typical[1]) / 2;
  const sign = forward ? 1 : -1;
  const arrival = (time: number): number => {
    if (shared.clock) return time + sign * shared.clock.at(forward ? time : time - shared.clock.at(time)) + trip;
    return between === null ? Number.NaN : time - sign * between;
  };
  const hints = forward ? pair.hintsB : pair.hintsA;
  return missedAttempts({
    client,
    server,
    partner: forward ? shared.pairedA : shared.pairedB,
    serverPartner: forward ? shared.pairedB : shared.pairedA,
    arrival,
    measured: shared.clock !== null,
    serverHost: serverSide.host,
    filter: server.capture.info.filter ?? hints.filter ?? null,
  });
}

/** Rows about these servers would be there, had it happened while both captures were running. */
function pairCoverage(
  pair: CapturePair,
  forward: boolean,
  servers: ReadonlySet<string>,
  shared: SharedSessions,
  flooded: boolean,
): Coverage[] {
  const [client, server] = forward ? [pair.a, pair.b] : [pair.b, pair.a];
  const [clientHints, serverHints] = forward ? [pair.hintsA, pair.hintsB] : [pair.hintsB, pair.hintsA];
  const host = forward ? pair.sideB.host : pair.sideA.host;
  const why = [
    { who: "client", what: shortcoming(client.capture, clientHints) },
    { who: "server", what: shortcoming(server.capture, serverHints) },
    { who: "client", what: flooded ? `more than ${MOST_ATTEMPTS} unanswered attempts; the rest is left out` : null },
  ].find(({ what }) => what !== null);
  const [own, other] = [captureSpan(client.capture), captureSpan(server.capture)];
  const between = timeBetween(pair.a, pair.b);
  const offset = shared.clock && between !== null ? BigInt(Math.round((shared.clock.at(0) + between) * (forward ? 1 : -1))) : 0n;
  const latest = own.from === null || other.from === null ? own.from : max(own.from, other.from - offset);
  const earliest = own.to === null || other.to === null ? own.to : min(own.to, other.to - offset);
  const names = [...new Set([...servers, ...(host ?? [])])].sort().slice(0, MOST_SERVERS);
  return PAIR_TABLES.map((table) => ({
    table,
    source: client.capture.sources[0] ?? -1,
    host: names,
    side: null,
    from: latest,
    to: earliest,
    complete: why === undefined,
    ...(why && { why: `${why.who} side: ${why.what}` }),
  }));
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
