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

/** Follows one direction at one point; `origin` is a sequence number there that all positions count from. */
export function trackOf(view: SessionView, direction: 0 | 1, origin: number): Track {
  const { log, order, start } = view.point;
  const [from, to] = [start[view.session]!, start[view.session + 1]!];
  const index = new Int32Array(to - from);
  const [time, position, end] = [new Float64Array(to - from), new Float64Array(to - from), new Float64Array(to - from)];
  const kind = new Uint8Array(to - from);
  let [length, highest] = [0, 0];
  for (let k = from; k < to; k++) {
    const i = order[k]!;
    if (directionOf(view, i) !== direction) continue;
    const shape = log.shape[i]!;
    let what = kindOf(shape);
    const known = (shape & Shape.knownSeq) !== 0 && !Number.isNaN(origin);
    const at = known ? highest + ((log.seq[i]! - (origin + highest)) | 0) : Number.NaN;
    const flags = shapeFlags(shape);
    const size = shape & Shape.knownLength ? shapeLength(shape) + (flags & (TcpFlag.syn | TcpFlag.fin) ? 1 : 0) : Number.NaN;
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
export function acknowledgementsOf(view: SessionView, direction: 0 | 1, origin: number): Acknowledgements {
  const { log, order, start } = view.point;
  const [from, to] = [start[view.session]!, start[view.session + 1]!];
  const index = new Int32Array(to - from);
  const [time, position, highest] = [new Float64Array(to - from), new Float64Array(to - from), new Float64Array(to - from)];
  let [length, most] = [0, 0];
  for (let k = from; k < to; k++) {
    const i = order[k]!;
    const shape = log.shape[i]!;
    const flags = shapeFlags(shape);
    if (directionOf(view, i) === direction || !(shape & Shape.knownAck) || !(flags & TcpFlag.ack) || Number.isNaN(origin)) continue;
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
