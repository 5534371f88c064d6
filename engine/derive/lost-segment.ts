import { TcpFlag } from "../decoders/packet-batch.ts";
import { directionOf, type PairedSession, type SessionView, ways } from "./paired-session.ts";
import { TO_CLIENT } from "./point-sessions.ts";
import { Shape, shapeFlags } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";
import { type Acknowledgements, firstFrom, Kind, originOf, type Track, type TrackMemory } from "./segment-track.ts";

/** A segment of which the receiving end's capture misses some or every copy. */
export interface LostSegment {
  readonly direction: 0 | 1;
  readonly kind: number;
  /** Payload, bytes; null if not known. */
  readonly length: number | null;
  /** Segments of the sender's log that never arrived, first one first. */
  readonly copies: readonly number[];
  readonly arrived: number;
  /** Segments of the receiver's log that show the hole. */
  readonly gap: readonly number[];
  /** The receiver's own acknowledgements stayed below it after it should have come. */
  readonly confirmed: boolean;
}

/** One direction of a paired session with all that its losses are judged by. */
export interface Way {
  readonly direction: 0 | 1;
  readonly sender: SessionView;
  readonly receiver: SessionView;
  readonly sent: Track;
  readonly seen: Track;
  /** What the receiving end acknowledged, on its own clock. */
  readonly acks: Acknowledgements;
  /** Receiver's clock minus sender's clock plus the smallest delay, ns. */
  readonly delay: number;
  readonly spread: number;
  /** Sequence numbers of the two points can be compared. */
  readonly comparable: boolean;
}

/** A capture that misses packets of a session cannot show that they were lost. */
export interface Health {
  /** By direction: times the receiving point acknowledged what its capture does not show, or the sending point's capture lacks what arrived. */
  readonly receiverMisses: [number, number];
  readonly senderMisses: [number, number];
}

/** Entries looked through for the frames that show a hole. */
const GAP_SEARCH = 64;
/** Delays of one session are not believed to vary more than this, ns. */
const LONGEST_SPREAD = 2e9;
/** Copies recorded within this time of each other, and alike, are one packet recorded twice, ns. */
const RECORDED_TWICE = 1e6;

/** Null where nothing of this direction is unmatched at either point. Its tracks are valid until the next way is followed. */
export function wayOf(pair: PairedSession, direction: 0 | 1, memory: TrackMemory): Way | null {
  const { sender, receiver, delay, shift } = ways(pair, direction);
  if (!hasUnseen(sender, direction) && !hasUnseen(receiver, direction)) return null;
  const fromSender = originOf(sender, direction);
  const origin = Number.isNaN(fromSender) ? originOf(receiver, direction) - shift : fromSender;
  memory.reserve(Math.max(segmentsOf(sender), segmentsOf(receiver)));
  return {
    direction,
    sender,
    receiver,
    sent: memory.track(sender, direction, origin, 0),
    seen: memory.track(receiver, direction, origin + shift, 1),
    acks: memory.acknowledgements(receiver, direction, origin + shift),
    delay,
    spread: Math.min(LONGEST_SPREAD, pair.spread[direction]),
    comparable: !Number.isNaN(shift + origin),
  };
}

function segmentsOf({ point, session }: SessionView): number {
  return point.start[session + 1]! - point.start[session]!;
}

function hasUnseen(view: SessionView, direction: 0 | 1): boolean {
  const { order, start } = view.point;
  for (let k = start[view.session]!; k < start[view.session + 1]!; k++) {
    if (view.match[order[k]!] === UNSEEN && directionOf(view, order[k]!) === direction) return true;
  }
  return false;
}

/** Whether the receiver's capture was running when a segment sent at `time` should have come. */
export function covers(way: Way, time: number, lastMatched: number): boolean {
  const { firstTime, lastTime } = way.receiver.point.capture.quality;
  const arrival = time + way.delay;
  if (Number.isNaN(arrival)) return time < lastMatched;
  return arrival >= firstTime && (arrival + way.spread <= lastTime || time < lastMatched);
}

interface Group {
  readonly position: number;
  readonly end: number;
  readonly kind: number;
  readonly copies: number[];
  arrived: number;
  firstArrival: number;
}

/** Groups the sender's unmatched segments with known numbers and judges each by what the receiver says of it. */
export function lostSegments(way: Way, health: Health): LostSegment[] {
  const groups = way.comparable ? unmatched(way) : [];
  if (groups.length === 0) return [];
  countArrivals(way, groups);
  const lost: LostSegment[] = [];
  for (const group of groups) {
    const expected = way.sender.point.log.time[group.copies[0]!]! + way.delay;
    if (group.kind <= Kind.fin && acknowledgedUnseen(way, group)) {
      health.receiverMisses[way.direction]++;
      continue;
    }
    const { kind, copies } = group;
    const arrived = group.arrived === 0 && kind <= Kind.fin && acknowledgedLater(way, group) ? 1 : group.arrived;
    const length = kind === Kind.data || kind === Kind.ack ? group.end - group.position : 0;
    const confirmed =
      kind === Kind.synAck ? synRepeated(way, expected, group.firstArrival) : kind <= Kind.fin && stayedBelow(way, group, expected);
    lost.push({
      direction: way.direction,
      kind,
      length: Number.isNaN(length) ? null : length,
      copies,
      arrived,
      gap: kind <= Kind.fin ? gapOf(way, group, expected) : [],
      confirmed,
    });
  }
  return lost;
}

function unmatched(way: Way): Group[] {
  const { sent, sender } = way;
  let lastMatched = -Infinity;
  for (let k = 0; k < sent.length; k++) if (sender.match[sent.index[k]!] !== UNSEEN) lastMatched = Math.max(lastMatched, sent.time[k]!);
  const groups: Group[] = [];
  const known = new Map<string, Group>();
  const duplicates = sender.point.capture.quality.duplicates > 0;
  for (let k = 0; k < sent.length; k++) {
    const i = sent.index[k]!;
    const [kind, position, end] = [sent.kind[k]!, sent.position[k]!, sent.end[k]!];
    if (sender.match[i] !== UNSEEN || Number.isNaN(end) || !covers(way, sent.time[k]!, lastMatched)) continue;
    if (duplicates && recordedTwice(way, k)) continue;
    const key = `${kind} ${position} ${end}`;
    const group = kind === Kind.ack ? undefined : known.get(key);
    if (group) group.copies.push(i);
    else {
      const fresh: Group = { position, end, kind, copies: [i], arrived: 0, firstArrival: Infinity };
      groups.push(fresh);
      known.set(key, fresh);
    }
  }
  return groups;
}

function recordedTwice({ sent, sender }: Way, k: number): boolean {
  const { log } = sender.point;
  for (const step of [-1, 1]) {
    for (let n = k + step; n >= 0 && n < sent.length && Math.abs(sent.time[n]! - sent.time[k]!) <= RECORDED_TWICE; n += step) {
      const alike =
        sent.position[n] === sent.position[k] &&
        sent.end[n] === sent.end[k] &&
        sent.kind[n] === sent.kind[k] &&
        log.print[sent.index[n]!] === log.print[sent.index[k]!];
      if (alike && (sender.match[sent.index[n]!] !== UNSEEN || n < k)) return true;
    }
  }
  return false;
}

/** When, and how often, the bytes of each group came through after all, whole or in the shape of other segments. */
function countArrivals({ seen }: Way, groups: Group[]): void {
  const sorted = groups.filter(({ kind }) => kind !== Kind.ack && kind !== Kind.rst).sort((x, y) => x.position - y.position);
  if (sorted.length === 0) return;
  const positions = Float64Array.from(sorted, ({ position }) => position);
  const longest = sorted.reduce((most, { position, end }) => Math.max(most, end - position), 0);
  const pieces = new Map<Group, { from: number; to: number; time: number }[]>();
  for (let k = 0; k < seen.length; k++) {
    const [position, end, kind, time] = [seen.position[k]!, seen.end[k]!, seen.kind[k]!, seen.time[k]!];
    if (kind === Kind.ack || kind === Kind.rst || !(end > position)) continue;
    for (let g = firstFrom(positions, positions.length, position - longest); g < sorted.length && positions[g]! < end; g++) {
      const group = sorted[g]!;
      if (group.end <= position) continue;
      if (position <= group.position && end >= group.end) {
        group.arrived++;
        group.firstArrival = Math.min(group.firstArrival, time);
      } else if ((pieces.get(group)?.length ?? 0) < 256)
        pieces.set(group, [...(pieces.get(group) ?? []), { from: position, to: end, time }]);
    }
  }
  for (const [group, parts] of pieces) {
    if (group.arrived > 0) continue;
    let [covered, time] = [group.position, -Infinity];
    for (const part of parts.sort((x, y) => x.from - y.from)) {
      if (part.from > covered) break;
      if (part.to > covered) [covered, time] = [part.to, Math.max(time, part.time)];
    }
    if (covered >= group.end) [group.arrived, group.firstArrival] = [1, time];
  }
}

/** The receiving end acknowledged the segment before its capture shows any copy: the capture missed it, the network did not. */
function acknowledgedUnseen({ acks }: Way, { end, firstArrival }: Group): boolean {
  const k = firstFrom(acks.highest, acks.length, end);
  return k < acks.length && acks.time[k]! < firstArrival;
}

/** Once the receiver's capture has ended, the sender's own shows that a later copy came: the other end acknowledged it. */
function acknowledgedLater({ direction, sender, receiver, delay }: Way, { copies, position, end }: Group): boolean {
  const { log, order, start } = sender.point;
  const first = copies[0]!;
  const wanted = log.seq[first]! + (end - position);
  const ended = receiver.point.capture.quality.lastTime - delay;
  for (let k = start[sender.session + 1]! - 1; k >= start[sender.session]! && order[k]! > first; k--) {
    const i = order[k]!;
    if (!(log.time[i]! > ended)) return false;
    const shape = log.shape[i]!;
    if (directionOf(sender, i) === direction || (shape & Shape.knownAck) === 0) continue;
    if ((shapeFlags(shape) & (TcpFlag.ack | TcpFlag.rst)) === TcpFlag.ack && ((log.ack[i]! - wanted) | 0) >= 0) return true;
  }
  return false;
}

/** After the segment should have come and before a copy did, the receiving end still acknowledged less. */
function stayedBelow({ acks }: Way, { end, firstArrival }: Group, expected: number): boolean {
  const k = firstFrom(acks.time, acks.length, expected);
  return k < acks.length && acks.time[k]! < firstArrival && acks.highest[k]! < end;
}

/** A client that repeats its SYN after the SYN/ACK should have come did not get it. */
function synRepeated(way: Way, expected: number, firstArrival: number): boolean {
  if (way.direction !== TO_CLIENT) return false;
  const { log, order, start } = way.receiver.point;
  for (let k = start[way.receiver.session]!; k < start[way.receiver.session + 1]!; k++) {
    const i = order[k]!;
    const shape = log.shape[i]!;
    const syn = ((shape >>> 18) & 0x12) === 0x02 && ((shape & Shape.fromServer) !== 0) === way.receiver.flipped;
    if (syn && log.time[i]! > expected && log.time[i]! < firstArrival) return true;
  }
  return false;
}

/** The first segment past the hole, and the acknowledgement after it that stays below. */
function gapOf({ seen, acks, sender }: Way, { position, end, firstArrival, copies }: Group, expected: number): number[] {
  if (Number.isNaN(expected) || sender.point.log.count === 0 || copies.length === 0) return [];
  const from = firstFrom(seen.time, seen.length, expected - RECORDED_TWICE);
  for (let k = from; k < Math.min(seen.length, from + GAP_SEARCH) && seen.time[k]! < firstArrival; k++) {
    if (!(seen.position[k]! >= end) || seen.kind[k]! > Kind.fin) continue;
    const first = firstFrom(acks.time, acks.length, seen.time[k]!);
    for (let n = first; n < Math.min(acks.length, first + GAP_SEARCH); n++) {
      if (acks.time[n]! < firstArrival && acks.position[n]! <= position) return [seen.index[k]!, acks.index[n]!];
    }
    return [seen.index[k]!];
  }
  return [];
}
