import { Mark, type PacketBatch, SACK_BLOCKS } from "./packet-batch.ts";
import { MARK_TIMESTAMPS } from "./packet-bits.ts";

/** Option kinds, RFC 9293 section 3.2, RFC 7323 and RFC 2018. */
const END = 0;
const NO_OPERATION = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

/** The value of `batch.windowShift` that means absent, hence one no option may produce. */
const NO_SHIFT = 255;

/** TCP options between `at` and `end`. An option of impossible length ends the list; one of the wrong length is passed over. */
export function decodeTcpOptions(batch: PacketBatch, i: number, bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  // The layout nearly every segment of a connection with timestamps has: two no-operations, then the stamps.
  if (end - at === 12 && bytes[at] === NO_OPERATION && bytes[at + 1] === NO_OPERATION && bytes[at + 2] === TIMESTAMPS) at += 2;
  while (at < end) {
    const kind = bytes[at]!;
    if (kind === END) return;
    if (kind === NO_OPERATION) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) return;
    decodeOption(batch, i, bytes, at, kind, length);
    at += length;
  }
}

function decodeOption(batch: PacketBatch, i: number, bytes: Uint8Array, at: number, kind: number, length: number): void {
  if (kind === TIMESTAMPS && length === 10) {
    batch.tsval[i] = word(bytes, at + 2);
    batch.tsecr[i] = word(bytes, at + 6);
    batch.marks[i] = batch.marks[i]! | MARK_TIMESTAMPS;
  } else if (kind === SACK) decodeSack(batch, i, bytes, at, length);
  else if (kind === MSS && length === 4) batch.mss[i] = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  else if (kind === WINDOW_SCALE && length === 3) batch.windowShift[i] = Math.min(bytes[at + 2]!, NO_SHIFT - 1);
  else if (kind === SACK_PERMITTED && length === 2) batch.marks[i] = batch.marks[i]! | Mark.sackPermitted;
}

function decodeSack(batch: PacketBatch, i: number, bytes: Uint8Array, at: number, length: number): void {
  const blocks = Math.min((length - 2) >>> 3, SACK_BLOCKS);
  if (((length - 2) & 7) !== 0) return;
  const slot = i * SACK_BLOCKS * 2;
  for (let edge = 0; edge < 2 * blocks; edge++) batch.sack[slot + edge] = word(bytes, at + 2 + 4 * edge);
  batch.sackCount[i] = blocks;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
