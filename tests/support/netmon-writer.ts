import { CAPTURE_START } from "./capture-writer.ts";
import { concat, u8 } from "./frame-writer.ts";

/** Numbers as little-endian bytes. */
function little(size: 2 | 4 | 8, ...values: (number | bigint)[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(size * values.length));
  for (const [i, value] of values.entries()) {
    if (size === 8) view.setBigUint64(8 * i, BigInt.asUintN(64, BigInt(value)), true);
    else if (size === 4) view.setUint32(4 * i, Number(value), true);
    else view.setUint16(2 * i, Number(value), true);
  }
  return new Uint8Array(view.buffer);
}

/** Text as UTF-16, ending in zero. */
export function utf16(text: string): Uint8Array {
  return little(2, ...[...`${text}\0`].map((char) => char.charCodeAt(0)));
}

export interface NetmonFrame {
  /** Microseconds from the start of the capture (version 1: rounded down to milliseconds); may be negative in version 2. */
  micros: number;
  bytes: Uint8Array;
  wireLength?: number;
  /** Media type of the trailer (2.1 and later). */
  medium?: number;
  /** Index into the process table (2.2 and later). */
  process?: number;
  /** Bytes of nothing before the record. */
  hole?: number;
}

export interface NetmonOptions {
  version: readonly [major: number, minor: number];
  /** Media type of the header. */
  network?: number;
  /** Order of the frames in the frame table, by index. */
  order?: readonly number[];
  processes?: readonly { id: number; path: string; icon?: Uint8Array }[];
}

/** Start of the capture in every file written here, as if the machine's clock were UTC. */
export const NETMON_START = CAPTURE_START;

function record(frame: NetmonFrame, [major, minor]: readonly [number, number]): Uint8Array {
  const { bytes, micros, wireLength = bytes.length } = frame;
  const hole = new Uint8Array(frame.hole ?? 0).fill(0xee);
  if (major === 1) return concat(hole, little(4, Math.floor(micros / 1000)), little(2, wireLength, bytes.length), bytes);
  const parts = [hole, little(8, negatable(micros)), little(4, wireLength, bytes.length), bytes];
  if (minor >= 1) parts.push(little(2, frame.medium ?? 1));
  if (minor >= 2) parts.push(little(4, frame.process ?? 0xffffffff));
  if (minor >= 3) parts.push(little(8, NETMON_START / 100n + 116_444_736_000_000_000n + BigInt(micros) * 10n), u8(0));
  return concat(...parts);
}

/** Times before the start are written so that ten times the number, in 64 bits, is the negative number of 100 ns. */
function negatable(micros: number): bigint {
  return micros >= 0 ? BigInt(micros) : (2n ** 64n + BigInt(micros) * 10n) / 10n;
}

function process({ id, path, icon = u8() }: { id: number; path: string; icon?: Uint8Array }): Uint8Array {
  const text = utf16(path);
  return concat(
    little(4, text.length),
    text,
    little(4, icon.length),
    icon,
    little(4, id),
    little(2, 80, 0, 1025, 0),
    little(4, 0),
    new Uint8Array(32),
  );
}

/** A Network Monitor capture file: header, records, process table, frame table. */
export function netmonFile(frames: readonly NetmonFrame[], options: NetmonOptions): Uint8Array {
  const { version, network = 1, processes = [] } = options;
  const records = frames.map((frame) => record(frame, version));
  let at = 128;
  const offsets = records.map((bytes, i) => {
    const start = at + (frames[i]!.hole ?? 0);
    at += bytes.length;
    return start;
  });
  const table = little(4, ...(options.order ?? frames.map((_, i) => i)).map((i) => offsets[i]!));
  const processTable = processes.length > 0 ? concat(little(2, 1), ...processes.map(process)) : u8();
  const header = concat(
    new TextEncoder().encode(version[0] === 1 ? "RTSS" : "GMBU"),
    u8(version[1], version[0]),
    little(2, network, 2023, 11, 2, 14, 22, 13, 20, 0),
    little(4, at + processTable.length, table.length, 0, 0, 0, 0, processes.length > 0 ? at : 0, processes.length),
  );
  return concat(header, new Uint8Array(128 - header.length), ...records, processTable, table);
}
