import type { Way } from "./lost-segment.ts";
import { UNSEEN } from "./segment-match.ts";
import { firstFrom, Kind } from "./segment-track.ts";

/** Other segments looked at for the bytes of one. */
const MOST_PIECES = 512;
/** A piece may come this much earlier than the smallest delay says, ns. */
const EARLY = 1e6;

/**
 * Segmentation offload hands one capture large segments that the other shows cut to the MSS, and receive offload the
 * reverse. Marks segments whose bytes came through in another shape, so that they are neither lost nor injected.
 */
export function markCarried(way: Way): void {
  const { sent, seen, sender, receiver } = way;
  const left = unmatchedData(way.seen, receiver.match);
  if (left.length === 0) return;
  const open = unmatchedData(sent, sender.match);
  const positions = Float64Array.from(left, (k) => seen.position[k]!);
  const longest = left.reduce((most, k) => Math.max(most, seen.end[k]! - seen.position[k]!), 0);
  for (const [n, k] of open.entries()) {
    const [position, end] = [sent.position[k]!, sent.end[k]!];
    const from = sent.time[k]! + way.delay - EARLY;
    const until = nextCopy(way, open, n) + way.delay - EARLY;
    let covered = position;
    const pieces: number[] = [];
    for (
      let at = firstFrom(positions, positions.length, position - longest), looked = 0;
      at < left.length && positions[at]! < end && looked < MOST_PIECES;
      at++, looked++
    ) {
      const piece = left[at]!;
      if (seen.end[piece]! <= position || seen.time[piece]! < from || seen.time[piece]! >= until) continue;
      if (seen.position[piece]! > covered) break;
      covered = Math.max(covered, seen.end[piece]!);
      pieces.push(piece);
    }
    if (covered < end) continue;
    sender.match[sent.index[k]!] = -2 - seen.index[pieces[pieces.length - 1]!]!;
    for (const piece of pieces) receiver.match[seen.index[piece]!] = -2 - sent.index[k]!;
  }
  // What is left of the receiver's pieces belongs to segments of which some bytes were lost; the sender did send them.
  const cover = open.map((k) => ({ from: sent.position[k]!, to: sent.end[k]!, index: sent.index[k]! })).sort((x, y) => x.from - y.from);
  const starts = Float64Array.from(cover, ({ from }) => from);
  const widest = cover.reduce((most, { from, to }) => Math.max(most, to - from), 0);
  for (const piece of left) {
    if (receiver.match[seen.index[piece]!] !== UNSEEN) continue;
    for (
      let at = firstFrom(starts, starts.length, seen.position[piece]! - widest), looked = 0;
      at < cover.length && cover[at]!.from <= seen.position[piece]! && looked < MOST_PIECES;
      at++, looked++
    ) {
      if (cover[at]!.to >= seen.end[piece]!) receiver.match[seen.index[piece]!] = -2 - cover[at]!.index;
    }
  }
}

/** Entries of unmatched data, by position. */
function unmatchedData(track: Way["sent"], match: Int32Array): number[] {
  const found: number[] = [];
  for (let k = 0; k < track.length; k++) {
    if (track.kind[k] === Kind.data && match[track.index[k]!] === UNSEEN && track.end[k]! > track.position[k]!) found.push(k);
  }
  return found.sort((x, y) => track.position[x]! - track.position[y]! || x - y);
}

/** When the next copy of any byte of entry `n` was sent. */
function nextCopy({ sent }: Way, open: readonly number[], n: number): number {
  const k = open[n]!;
  let time = Infinity;
  for (let m = n + 1; m < Math.min(open.length, n + 64); m++) {
    const other = open[m]!;
    if (sent.position[other]! >= sent.end[k]!) break;
    if (sent.time[other]! > sent.time[k]!) time = Math.min(time, sent.time[other]!);
  }
  return time;
}
