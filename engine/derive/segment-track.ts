import { TcpFlag } from "../decoders/packet-batch.ts";
import { directionOf, type SessionView } from "./paired-session.ts";
import { Shape, shapeFlags, shapeLength } from "./segment-log.ts";

/** What a segment is for. A keep-alive or window probe that repeats an old byte is an `ack`. */
export const KINDS = ["syn", "syn_ack", "data", "fin", "rst", "ack"] as const;
export const Kind = { syn: 0, synAck: 1, data: 2, fin: 3, rst: 4, ack: 5 } as const;

/** The segments of one direction of a session at one point, in packet order. */
export interface Track {
  readonly length: number;
  /** Segment of the point's log. */
  readonly index: Int32Array;
  /** Nanoseconds on the point's clock. */
  readonly time: Float64Array;
  /** First and past-the-last sequence number, from the origin, without wrapping; SYN and FIN count one. NaN where not known. */
  readonly position: Float64Array;
  readonly end: Float64Array;
  readonly kind: Uint8Array;
}

/** What one end acknowledged, in packet order: `highest` never falls, `position` is what each segment said. */
export interface Acknowledgements {
  readonly length: number;
  readonly index: Int32Array;
  readonly time: Float64Array;
  readonly position: Float64Array;
  readonly highest: Float64Array;
}

function kindOf(shape: number): number {
  const flags = shapeFlags(shape);
  if (flags & TcpFlag.rst) return Kind.rst;
  if (flags & TcpFlag.syn) return flags & TcpFlag.ack ? Kind.synAck : Kind.syn;
  // A row of a higher protocol in a text export has no length, but it has data.
  if (shapeLength(shape) > 0 || !(shape & Shape.knownLength)) return Kind.data;
  return flags & TcpFlag.fin ? Kind.fin : Kind.ack;
}

/** Memory for the tracks of one session after another: what a track of the last session held is gone once the next begins. */
export class TrackMemory {
  private readonly words = [new Int32Array(0), new Int32Array(0), new Int32Array(0)];
  private readonly doubles = Array.from({ length: 9 }, () => new Float64Array(0));
  private readonly bytes = [new Uint8Array(0), new Uint8Array(0)];

  /** Room for one more session of this many segments at either point. */
  reserve(segments: number): void {
    if (this.bytes[0]!.length >= segments) return;
    const room = Math.max(segments, 2 * this.bytes[0]!.length);
    for (const k of this.words.keys()) this.words[k] = new Int32Array(room);
    for (const k of this.doubles.keys()) this.doubles[k] = new Float64Array(room);
    for (const k of this.bytes.keys()) this.bytes[k] = new Uint8Array(room);
  }

  /** Follows one direction at one point; `origin` is a sequence number there that all positions count from. */
  track(view: SessionView, direction: 0 | 1, origin: number, slot: 0 | 1): Track {
    const { log, order, start } = view.point;
    const [index, kind] = [this.words[slot]!, this.bytes[slot]!];
    const [time, position, end] = [this.doubles[3 * slot]!, this.doubles[3 * slot + 1]!, this.doubles[3 * slot + 2]!];
    let [length, highest] = [0, 0];
    for (let k = start[view.session]!; k < start[view.session + 1]!; k++) {
      const i = order[k]!;
      if (directionOf(view, i) !== direction) continue;
      const shape = log.shape[i]!;
      let what: number = kindOf(shape);
      const known = (shape & Shape.knownSeq) !== 0 && !Number.isNaN(origin);
      const at = known ? highest + ((log.seq[i]! - (origin + highest)) | 0) : Number.NaN;
      const counted = shapeFlags(shape) & (TcpFlag.syn | TcpFlag.fin) ? 1 : 0;
      const size = shape & Shape.knownLength ? shapeLength(shape) + counted : Number.NaN;
      if (what === Kind.data && size === 1 && at === highest - 1) what = Kind.ack;
      index[length] = i;
      time[length] = log.time[i]!;
      position[length] = at;
      end[length] = at + size;
      kind[length] = what;
      length++;
      if (at + size > highest && what !== Kind.rst) highest = at + size;
    }
    return { length, index, time, position, end, kind };
  }

  /** What a view's end of the session acknowledged of the opposite `direction`; `origin` as for the track of that direction, at this point. */
  acknowledgements(view: SessionView, direction: 0 | 1, origin: number): Acknowledgements {
    const { log, order, start } = view.point;
    const index = this.words[2]!;
    const [time, position, highest] = [this.doubles[6]!, this.doubles[7]!, this.doubles[8]!];
    let [length, most] = [0, 0];
    if (Number.isNaN(origin)) return { length, index, time, position, highest };
    for (let k = start[view.session]!; k < start[view.session + 1]!; k++) {
      const i = order[k]!;
      const shape = log.shape[i]!;
      if (!(shape & Shape.knownAck) || !(shapeFlags(shape) & TcpFlag.ack) || directionOf(view, i) === direction) continue;
      const at = most + ((log.ack[i]! - (origin + most)) | 0);
      if (at > most) most = at;
      index[length] = i;
      time[length] = log.time[i]!;
      position[length] = at;
      highest[length] = most;
      length++;
    }
    return { length, index, time, position, highest };
  }
}

/** First entry of ascending `values` (of `length` entries) that is `wanted` or more. */
export function firstFrom(values: Float64Array, length: number, wanted: number): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** A sequence number all positions of a direction can count from: its initial one, or the first the view shows. NaN if none is known. */
export function originOf(view: SessionView, direction: 0 | 1): number {
  const own = view.flipped ? 1 - direction : direction;
  const isn = view.point.isn[own]![view.session]!;
  if (!Number.isNaN(isn)) return isn;
  const { log, order, start } = view.point;
  let reset = Number.NaN;
  for (let k = start[view.session]!; k < start[view.session + 1]!; k++) {
    const i = order[k]!;
    if (directionOf(view, i) !== direction || !(log.shape[i]! & Shape.knownSeq)) continue;
    if (!(shapeFlags(log.shape[i]!) & TcpFlag.rst)) return log.seq[i]!;
    reset = log.seq[i]!;
  }
  return reset;
}
