import type { ByteSource } from "../bytes/byte-source.ts";
import { decodeName } from "./entry-name.ts";
import { readAt } from "./random-access.ts";

/** Record signatures of APPNOTE.TXT (6.3.10), sections 4.3.7 to 4.3.16. */
export const Signature = {
  localHeader: 0x04034b50,
  centralHeader: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
  descriptor: 0x08074b50,
} as const;

/** What the central directory, or failing that a local header, says of an entry. */
export interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  /** Compression method, section 4.4.5. */
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  /** Inflated size; null if unknown. */
  readonly size: number | null;
  /** Position of the local header. */
  readonly at: number;
  /** Unix file type and permissions where the archive was made on such a system, else 0. */
  readonly unixMode: number;
}

const END_LENGTH = 22;
const END64_LENGTH = 56;
const LOCATOR_LENGTH = 20;
const CENTRAL_LENGTH = 46;
const MAX_COMMENT = 0xffff;
const WINDOW = 256 * 1024;

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the directory begins; no entry's data reaches beyond. */
  readonly start: number;
  /** False where the directory is missing, cut off or disagrees with its own count: local headers then tell more. */
  readonly whole: boolean;
  /** Whether the archive is one volume of several. */
  readonly split: boolean;
}

/** Reads the central directory of at most `maxEntries` entries; a missing one has none and is not whole. */
export async function readZipDirectory(source: ByteSource, size: number, maxEntries: number): Promise<ZipDirectory> {
  const tailStart = Math.max(0, size - END_LENGTH - MAX_COMMENT - LOCATOR_LENGTH);
  const tail = await readAt(source, tailStart, size - tailStart);
  const endAt = findEnd(tail);
  if (endAt < 0) return { entries: [], start: size, whole: false, split: false };
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const plain = {
    disk: view.getUint16(endAt + 4, true),
    count: view.getUint16(endAt + 10, true),
    length: view.getUint32(endAt + 12, true),
    start: view.getUint32(endAt + 16, true),
    end: tailStart + endAt,
  };
  const end = (await readEnd64(source, tail, endAt, tailStart)) ?? plain;
  const split = plain.disk !== 0 && plain.disk !== 0xffff;
  // A self-extracting program, or anything else, may stand before the archive and shift every offset.
  for (const start of new Set([end.start, end.end - end.length])) {
    const shift = start - end.start;
    if (start < 0 || start > size) continue;
    const entries = await readHeaders(source, start, end.end, shift, maxEntries);
    if (entries.length === 0 && end.count > 0) continue;
    // Without zip64 the count has 16 bits and turns over. None at all is believed only of a file that holds nothing else.
    const counted =
      entries.length === maxEntries || (entries.length === 0 ? plain.end === 0 : (entries.length - end.count) % 0x10000 === 0);
    return { entries, start, whole: counted, split };
  }
  return { entries: [], start: end.end, whole: false, split };
}

/** Offset in `tail` of the end record: the last whose comment fits; -1 for none. */
function findEnd(tail: Uint8Array): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    if (tail[at] === 0x50 && view.getUint32(at, true) === Signature.end && at + END_LENGTH + view.getUint16(at + 20, true) <= tail.length)
      return at;
  }
  return -1;
}

/** The zip64 end record, sections 4.3.14 and 4.3.15; null where there is none that can be read. */
async function readEnd64(source: ByteSource, tail: Uint8Array, endAt: number, tailStart: number) {
  const locatorAt = endAt - LOCATOR_LENGTH;
  const tailView = new DataView(tail.buffer, tail.byteOffset, tail.length);
  if (locatorAt < 0 || tailView.getUint32(locatorAt, true) !== Signature.end64Locator) return null;
  const stated = Number(tailView.getBigUint64(locatorAt + 8, true));
  for (const at of [stated, tailStart + locatorAt - END64_LENGTH]) {
    if (at < 0 || !Number.isSafeInteger(at)) continue;
    const record = await readAt(source, at, END64_LENGTH);
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    if (record.length < END64_LENGTH || view.getUint32(0, true) !== Signature.end64) continue;
    const field = (offset: number) => Number(view.getBigUint64(offset, true));
    return { count: field(32), length: field(40), start: field(48), end: at };
  }
  return null;
}

/** Central headers from `start` on, up to the first thing that is none. */
async function readHeaders(source: ByteSource, start: number, end: number, shift: number, maxEntries: number): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  let window: Uint8Array = new Uint8Array(0);
  let [position, windowStart] = [start, start];
  while (entries.length < maxEntries && position + CENTRAL_LENGTH <= end) {
    // A header with its three variable fields has at most 46 + 3 * 65535 bytes.
    if (position + CENTRAL_LENGTH + 3 * MAX_COMMENT > windowStart + window.length && windowStart + window.length < end) {
      [window, windowStart] = [await readAt(source, position, Math.min(WINDOW, end - position)), position];
    }
    const header = decodeCentralHeader(window.subarray(position - windowStart), shift);
    if (!header) break;
    entries.push(header.entry);
    position += header.length;
  }
  return entries;
}

function decodeCentralHeader(bytes: Uint8Array, shift: number): { entry: ZipEntry; length: number } | null {
  if (bytes.length < CENTRAL_LENGTH) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== Signature.centralHeader) return null;
  const [nameLength, extraLength, commentLength] = [view.getUint16(28, true), view.getUint16(30, true), view.getUint16(32, true)];
  const length = CENTRAL_LENGTH + nameLength + extraLength + commentLength;
  if (length > bytes.length) return null;
  const extra = bytes.subarray(CENTRAL_LENGTH + nameLength, CENTRAL_LENGTH + nameLength + extraLength);
  const [size, compressedSize, at] = wideSizes(extra, [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)]);
  const system = bytes[5]!;
  return {
    entry: {
      name: entryName(bytes.subarray(CENTRAL_LENGTH, CENTRAL_LENGTH + nameLength), extra),
      flags: view.getUint16(8, true),
      method: view.getUint16(10, true),
      crc: view.getUint32(16, true),
      compressedSize: compressedSize!,
      size: size!,
      at: at! + shift,
      // Made on Unix or macOS (section 4.4.2): the upper half of the attributes is st_mode.
      unixMode: system === 3 || system === 19 ? view.getUint16(40, true) : 0,
    },
    length,
  };
}

/** Fields of an extra area by id, section 4.5.1. */
function extraField(extra: Uint8Array, id: number): Uint8Array | null {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra[at + 2]! | (extra[at + 3]! << 8);
    if ((extra[at]! | (extra[at + 1]! << 8)) === id) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return null;
}

/** Puts the 64-bit values of the zip64 field, section 4.5.3, in place of those that are all ones, in the order given. */
export function wideSizes(extra: Uint8Array, narrow: readonly number[]): number[] {
  const wide = extraField(extra, 0x0001);
  if (!wide) return [...narrow];
  const view = new DataView(wide.buffer, wide.byteOffset, wide.length);
  let at = 0;
  return narrow.map((value) => {
    if (value !== 0xffffffff || at + 8 > wide.length) return value;
    at += 8;
    return Number(view.getBigUint64(at - 8, true));
  });
}

/** The Info-ZIP Unicode path where there is one, section 4.6.9, else the name itself. */
export function entryName(name: Uint8Array, extra: Uint8Array): string {
  const unicode = extraField(extra, 0x7075);
  return decodeName(unicode && unicode.length > 5 ? unicode.subarray(5) : name);
}
