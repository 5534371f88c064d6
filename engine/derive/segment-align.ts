import type { Way } from "./lost-segment.ts";
import { Shape } from "./segment-log.ts";
import { UNSEEN } from "./segment-match.ts";
import { Kind } from "./segment-track.ts";

/** Cells of one alignment; longer stretches between two certain matches stay unmatched. */
const MAX_CELLS = 1_000_000;
/** What a match is worth, and what being this late takes from it, ns. */
const MATCH = 10;
const LATE = 100e6;
/** Worth of a gap where the export says that the segment before was not captured: it decides between matches, it never costs one. */
const SAID_LOST = 1;
/** How early a segment may seem to come, clocks of text exports being coarse, ns. */
const EARLY = 30e6;

/**
 * Rows of a text export often lack sequence number and length. Between matches that are certain they are aligned in order,
 * by kind, time and what the export itself says of lost segments (Needleman and Wunsch, 1970, with three states).
 */
export function alignLoose(way: Way): void {
  const { sent, seen, sender, receiver } = way;
  let [fromSent, fromSeen] = [0, 0];
  const place = new Map<number, number>();
  for (let k = 0; k < seen.length; k++) place.set(seen.index[k]!, k);
  for (let k = 0; k <= sent.length; k++) {
    const partner = k < sent.length ? sender.match[sent.index[k]!]! : UNSEEN;
    const at = k < sent.length ? (partner >= 0 ? (place.get(partner) ?? -1) : -1) : seen.length;
    if (k < sent.length && at < fromSeen) continue;
    alignStretch(way, open(sent, sender.match, fromSent, k), open(seen, receiver.match, fromSeen, at));
    [fromSent, fromSeen] = [k + 1, at + 1];
  }
}

function open(track: Way["sent"], match: Int32Array, from: number, to: number): number[] {
  const found: number[] = [];
  for (let k = from; k < to; k++) if (match[track.index[k]!] === UNSEEN) found.push(k);
  return found;
}

/** States of the alignment: what the last step did. */
const [MATCHED, SKIPPED_SENT, SKIPPED_SEEN] = [0, 1, 2] as const;

function alignStretch(way: Way, rows: readonly number[], columns: readonly number[]): void {
  if (rows.length === 0 || columns.length === 0 || rows.length * columns.length > MAX_CELLS) return;
  const width = columns.length + 1;
  const size = (rows.length + 1) * width;
  const score = [new Float64Array(size), new Float64Array(size).fill(-Infinity), new Float64Array(size).fill(-Infinity)] as const;
  const before = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)] as const;
  score[MATCHED].fill(-Infinity, 1);
  const reach = (to: number, from: number, state: 0 | 1 | 2, gains: readonly [number, number, number]) => {
    for (const last of [MATCHED, SKIPPED_SENT, SKIPPED_SEEN] as const) {
      const value = score[last][from]! + gains[last];
      if (value > score[state][to]!) {
        score[state][to] = value;
        before[state][to] = last;
      }
    }
  };
  for (let x = 0; x <= rows.length; x++) {
    for (let y = 0; y <= columns.length; y++) {
      const cell = x * width + y;
      if (x > 0 && y > 0) {
        const worth = likeness(way, rows[x - 1]!, columns[y - 1]!);
        const hole = way.receiver.point.log.shape[way.seen.index[columns[y - 1]!]!]! & Shape.saidLostSegment ? SAID_LOST : 0;
        if (worth > 0) reach(cell, cell - width - 1, MATCHED, [worth - hole, worth + hole, worth]);
      }
      if (x > 0) reach(cell, cell - width, SKIPPED_SENT, [0, 0, 0]);
      if (y > 0) reach(cell, cell - 1, SKIPPED_SEEN, [0, 0, 0]);
    }
  }
  let [x, y] = [rows.length, columns.length];
  let state = ([MATCHED, SKIPPED_SENT, SKIPPED_SEEN] as const).reduce((best, next) =>
    score[next][size - 1]! > score[best][size - 1]! ? next : best,
  );
  while (x > 0 || y > 0) {
    const cell = x * width + y;
    const last = before[state][cell] as 0 | 1 | 2;
    if (state === MATCHED) link(way, rows[--x]!, columns[--y]!);
    else if (state === SKIPPED_SENT) x--;
    else y--;
    state = last;
  }
}

/** 0 if the two cannot be one segment. */
function likeness({ sent, seen, delay, comparable }: Way, x: number, y: number): number {
  if (sent.kind[x] !== seen.kind[y]) return 0;
  const [lengthSent, lengthSeen] = [sent.end[x]! - sent.position[x]!, seen.end[y]! - seen.position[y]!];
  if (comparable && (Math.abs(sent.position[x]! - seen.position[y]!) > 0 || Math.abs(lengthSent - lengthSeen) > 0)) return 0;
  // A pure acknowledgement with known numbers would have been matched by them.
  if (comparable && sent.kind[x] !== Kind.data && !Number.isNaN(sent.end[x]! + seen.end[y]!)) return 0;
  if (Number.isNaN(delay)) return MATCH / 2;
  const late = seen.time[y]! - sent.time[x]! - delay;
  return late < -EARLY ? 0 : MATCH - Math.min(MATCH - 1, Math.max(0, late) / LATE);
}

function link(way: Way, x: number, y: number): void {
  const [i, j] = [way.sent.index[x]!, way.seen.index[y]!];
  way.sender.match[i] = j;
  way.receiver.match[j] = i;
}
