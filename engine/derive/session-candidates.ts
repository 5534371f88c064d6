import { TcpFlag } from "../decoders/packet-batch.ts";
import { type PointSessions, type SessionEnds, TO_CLIENT } from "./point-sessions.ts";
import type { Candidate } from "./segment-groups.ts";
import { Shape, shapeFlags } from "./segment-log.ts";

/** Sessions that share a key at one point before it stops telling anything. */
const MOST_ALIKE = 8;
/** How far from the expected moment the SYN of a rewritten, unanswered attempt may arrive, ns. */
const OPENING_WINDOW = 250e6;

/** Initial sequence numbers below this are a test tool's choice, not a random number, and are shared by strangers. */
const TELLING = 65_536;

type Paired = Int32Array;

/** Whether an initial sequence number tells one session from another. */
export function isTelling(isn: number): boolean {
  return isn >= TELLING;
}

function ends({ clientIp, clientPort, serverIp, serverPort }: SessionEnds): string {
  return `${clientIp} ${clientPort} ${serverIp} ${serverPort}`;
}

function reversed({ clientIp, clientPort, serverIp, serverPort }: SessionEnds): string {
  return `${serverIp} ${serverPort} ${clientIp} ${clientPort}`;
}

/** A number that a session's two ends have in common with the same ends in either order; two strangers hardly ever. */
export function endsKey({ clientIp, clientPort, serverIp, serverPort }: SessionEnds): number {
  return endKey(clientIp, clientPort) + endKey(serverIp, serverPort);
}

/** 52 bits (FNV-1a over the address, twice). */
function endKey(address: string, port: number): number {
  let high = port ^ 0x811c9dc5;
  let low = Math.imul(port + 1, 0x9e3779b1);
  for (let k = 0; k < address.length; k++) {
    high = Math.imul(high ^ address.charCodeAt(k), 0x01000193);
    low = Math.imul(low ^ address.charCodeAt(k), 0x85ebca6b);
  }
  return ((high ^ (high >>> 15)) >>> 0) * 0x100000 + ((low ^ (low >>> 13)) >>> 12);
}

/** Sequence shift by direction, as far as the SYNs seen and the kind of numbers tell. */
function shiftOf(a: PointSessions, b: PointSessions, one: number, other: number, flipped: boolean): [number, number] {
  const shift = (direction: 0 | 1): number => {
    const difference = b.isn[flipped ? 1 - direction : direction]![other]! - a.isn[direction][one]!;
    if (!Number.isNaN(difference)) return difference;
    if (!a.relative && !b.relative) return 0;
    // Both count from a SYN, of which one shows nothing at all: nothing came that way.
    const silent = isSilent(a, one, direction) || isSilent(b, other, flipped ? 1 - direction : direction);
    return a.relative && b.relative && silent ? 0 : Number.NaN;
  };
  return [shift(0), shift(1)];
}

/** The point shows no segment of that direction. */
function isSilent({ log, order, start }: PointSessions, session: number, direction: number): boolean {
  for (let k = start[session]!; k < start[session + 1]!; k++)
    if (((log.shape[order[k]!]! & Shape.fromServer) !== 0) === (direction === TO_CLIENT)) return false;
  return true;
}

/** Open sessions of a point by key, at most `MOST_ALIKE + 1` each. */
function index(point: PointSessions, paired: Paired, key: (session: number) => string | number | null): Map<string | number, number[]> {
  const found = new Map<string | number, number[]>();
  for (let session = 0; session < point.count; session++) {
    if (paired[session] !== -1) continue;
    const k = key(session);
    if (k === null) continue;
    const list = found.get(k);
    if (!list) found.set(k, [session]);
    else if (list.length <= MOST_ALIKE) list.push(session);
  }
  return found;
}

/** The same ends and the same initial sequence number, or the same two initial numbers behind NAT: certain. */
export function* certainCandidates(a: PointSessions, b: PointSessions): Generator<Candidate> {
  if (a.relative || b.relative) return;
  const none = [new Int32Array(a.count).fill(-1), new Int32Array(b.count).fill(-1)] as const;
  const keys: ((point: PointSessions) => (session: number) => string | null)[] = [
    (point) => (session) => (isTelling(point.isn[0][session]!) ? `${ends(point.ends[session]!)} ${point.isn[0][session]}` : null),
    (point) => (session) =>
      isTelling(point.isn[0][session]!) && isTelling(point.isn[1][session]!) ? `${point.isn[0][session]} ${point.isn[1][session]}` : null,
  ];
  const [takenA, takenB] = none;
  for (const key of keys) {
    const known = index(b, takenB, key(b));
    for (const [k, list] of index(a, takenA, key(a))) {
      const others = known.get(k);
      if (list.length !== 1 || others?.length !== 1) continue;
      const [one, other] = [list[0]!, others[0]!];
      takenA[one] = other;
      takenB[other] = one;
      yield { a: one, b: other, flipped: false, shift: shiftOf(a, b, one, other, false) };
    }
  }
}

/** One of the two initial sequence numbers is the same; a device rewrites the other, or it was not seen. */
export function* candidatesByNumber(a: PointSessions, b: PointSessions, pairedA: Paired, pairedB: Paired): Generator<Candidate> {
  if (a.relative || b.relative) return;
  for (const direction of [1, 0] as const) {
    const key = (point: PointSessions) => (session: number) =>
      isTelling(point.isn[direction][session]!) ? point.isn[direction][session]! : null;
    const known = index(b, pairedB, key(b));
    for (const [number, list] of index(a, pairedA, key(a))) {
      const others = known.get(number) ?? [];
      if (list.length > MOST_ALIKE || others.length > MOST_ALIKE) continue;
      for (const one of list)
        for (const other of others) yield { a: one, b: other, flipped: false, shift: shiftOf(a, b, one, other, false) };
    }
  }
}

/** The same four ends: a device rewrites all numbers, they are relative, or a capture began in the middle. Ports used again are tried in order. */
export function* candidatesByEnds(a: PointSessions, b: PointSessions, pairedA: Paired, pairedB: Paired): Generator<Candidate> {
  for (const flipped of [false, true]) {
    const known = index(b, pairedB, (session) => (flipped ? reversed : ends)(b.ends[session]!));
    for (const [key, list] of index(a, pairedA, (session) => ends(a.ends[session]!))) {
      const others = known.get(key) ?? [];
      for (const one of list.slice(0, MOST_ALIKE)) {
        for (const other of others.slice(0, MOST_ALIKE)) yield { a: one, b: other, flipped, shift: shiftOf(a, b, one, other, flipped) };
      }
    }
  }
}

/**
 * Attempts without any number in common, because a device rewrites addresses and numbers and no answer came through: the
 * SYN that arrives at the expected moment, with the same IP id and options if possible, and no rival for it.
 */
export function* candidatesByOpening(
  a: PointSessions,
  b: PointSessions,
  pairedA: Paired,
  pairedB: Paired,
  expected: (time: number) => number,
): Generator<Candidate> {
  const arrivals = openings(b, pairedB).sort((x, y) => x.time - y.time);
  const times = Float64Array.from(arrivals, ({ time }) => time);
  const answeredBy = serverMap(a, b, pairedA);
  const unclear: { a: number; b: number; misfit: number }[] = [];
  for (const { session, time, print } of openings(a, pairedA)) {
    const moment = time + expected(time);
    for (let k = firstAtLeast(times, moment - OPENING_WINDOW); k < times.length && times[k]! <= moment + OPENING_WINDOW; k++) {
      const arrival = arrivals[k]!;
      if (!compatible(a.ends[session]!, b.ends[arrival.session]!, answeredBy)) continue;
      const candidate: Candidate = {
        a: session,
        b: arrival.session,
        flipped: false,
        shift: shiftOf(a, b, session, arrival.session, false),
      };
      if (print & 0xffff && ((print ^ arrival.print) & 0xff00ffff) === 0) yield candidate;
      else unclear.push({ a: session, b: arrival.session, misfit: Math.abs(arrival.time - moment) });
    }
  }
  unclear.sort((x, y) => x.misfit - y.misfit);
  for (const { a: one, b: other } of unclear) yield { a: one, b: other, flipped: false, shift: shiftOf(a, b, one, other, false) };
}

function openings(point: PointSessions, paired: Paired): { session: number; time: number; print: number }[] {
  const found: { session: number; time: number; print: number }[] = [];
  for (let session = 0; session < point.count; session++) {
    if (paired[session] !== -1) continue;
    for (let k = point.start[session]!; k < Math.min(point.start[session + 1]!, point.start[session]! + 16); k++) {
      const i = point.order[k]!;
      const flags = shapeFlags(point.log.shape[i]!);
      if (flags & TcpFlag.syn && !(flags & TcpFlag.ack) && !(point.log.shape[i]! & Shape.fromServer))
        found.push({ session, time: point.log.time[i]!, print: point.log.print[i]! });
    }
  }
  return found;
}

/** By server address at `a`: what it is called at `b`, from the sessions both show. */
export function serverMap(a: PointSessions, b: PointSessions, pairedA: Paired): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (let session = 0; session < a.count; session++) {
    const other = pairedA[session]!;
    if (other < 0) continue;
    const name = a.ends[session]!.serverIp;
    const known = found.get(name);
    if (known) known.add(b.ends[other]!.serverIp);
    else found.set(name, new Set([b.ends[other]!.serverIp]));
  }
  return found;
}

function compatible(x: SessionEnds, y: SessionEnds, servers: Map<string, Set<string>>): boolean {
  const option = (one: number | null, other: number | null) => one === null || other === null || one === other;
  const known = servers.get(x.serverIp);
  return x.serverPort === y.serverPort && option(x.clientShift, y.clientShift) && (known === undefined || known.has(y.serverIp));
}

function firstAtLeast(values: Float64Array, wanted: number): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
