import { codeUnits } from "../bytes/code-pages.ts";
import { u16, u32, u64 } from "../bytes/endian.ts";
import { filetimeToNanoseconds } from "../bytes/time.ts";

/** Value types of BinXML, MS-EVEN6 section 2.2.12 (BinXmlType); `array` is the bit of an array of them. */
export const BinXmlType = {
  null: 0x00,
  string: 0x01,
  ansiString: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  float: 0x0b,
  double: 0x0c,
  boolean: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  size: 0x10,
  fileTime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hexInt32: 0x14,
  hexInt64: 0x15,
  eventXml: 0x20,
  binXml: 0x21,
  array: 0x80,
} as const;

/** Bytes of one value of the types that have a fixed size. */
const SIZES: Readonly<Record<number, number>> = {
  [BinXmlType.int8]: 1,
  [BinXmlType.uint8]: 1,
  [BinXmlType.int16]: 2,
  [BinXmlType.uint16]: 2,
  [BinXmlType.int32]: 4,
  [BinXmlType.uint32]: 4,
  [BinXmlType.int64]: 8,
  [BinXmlType.uint64]: 8,
  [BinXmlType.float]: 4,
  [BinXmlType.double]: 8,
  [BinXmlType.boolean]: 4,
  [BinXmlType.guid]: 16,
  [BinXmlType.fileTime]: 8,
  [BinXmlType.systemTime]: 16,
  [BinXmlType.hexInt32]: 4,
  [BinXmlType.hexInt64]: 8,
};

/** Sub-authorities a security identifier can have, MS-DTYP section 2.4.2. */
const MAX_SUB_AUTHORITIES = 15;
/** Up to this length a loop beats the decoder's set-up. */
const SHORT = 96;
/** Furthest date of a JavaScript `Date`, in milliseconds. */
const LAST_DATE = 8_640_000_000_000_000n;

const units = new Uint16Array(SHORT);
const ansi = codeUnits("windows-1252");
const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });

/** Text of UTF-16LE bytes, without the NULs some providers leave at its end. */
export function utf16Text(bytes: Uint8Array, at: number, length: number): string {
  let count = length >> 1;
  while (count > 0 && bytes[at + 2 * count - 1] === 0 && bytes[at + 2 * count - 2] === 0) count--;
  if (count > SHORT) return utf16.decode(bytes.subarray(at, at + 2 * count));
  for (let k = 0, from = at; k < count; k++, from += 2) units[k] = bytes[from]! | (bytes[from + 1]! << 8);
  return String.fromCharCode.apply(null, units.subarray(0, count) as unknown as number[]);
}

/** The code page is not stated anywhere; that of Western Europe is the likeliest. */
function ansiText(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let k = at; k < at + length; k++) text += String.fromCharCode(ansi[bytes[k]!]!);
  return text;
}

/** `{54849625-5478-4994-A5BA-3E3B0328C30D}`, MS-DTYP section 2.3.4. */
function guidText(bytes: Uint8Array, at: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const tail = hexText(bytes, at + 8, 8);
  const head = `${hex(u32(bytes, at, false), 8)}-${hex(u16(bytes, at + 4, false), 4)}-${hex(u16(bytes, at + 6, false), 4)}`;
  return `{${head}-${tail.slice(0, 4)}-${tail.slice(4)}}`.toUpperCase();
}

function hexText(bytes: Uint8Array, at: number, length: number): string {
  let text = "";
  for (let k = at; k < at + length; k++) text += bytes[k]!.toString(16).padStart(2, "0");
  return text.toUpperCase();
}

/** `S-1-5-18`, MS-DTYP section 2.4.2; empty if it does not fit into `length`. */
function sidText(bytes: Uint8Array, at: number, length: number): string {
  const count = length < 8 ? Number.POSITIVE_INFINITY : bytes[at + 1]!;
  if (count > MAX_SUB_AUTHORITIES || 8 + 4 * count > length) return "";
  // The identifier authority is the one big-endian number here.
  let text = `S-${bytes[at]}-${u16(bytes, at + 2, true) * 0x1_0000_0000 + u32(bytes, at + 4, true)}`;
  for (let k = 0; k < count; k++) text += `-${u32(bytes, at + 8 + 4 * k, false)}`;
  return text;
}

/** ISO 8601 in UTC with the seven digits FILETIME has, as Windows writes it; empty for what no date can hold. */
function fileTimeText(bytes: Uint8Array, at: number): string {
  const ticks = u64(bytes, at, false);
  const milliseconds = filetimeToNanoseconds(ticks) / 1_000_000n;
  if (milliseconds > LAST_DATE) return "";
  const second = new Date(Number(milliseconds)).toISOString().slice(0, -5);
  return `${second}.${String(ticks % 10_000_000n).padStart(7, "0")}Z`;
}

/** SYSTEMTIME, MS-DTYP section 2.3.13. */
function systemTimeText(bytes: Uint8Array, at: number): string {
  const field = (index: number, digits: number) => String(u16(bytes, at + 2 * index, false)).padStart(digits, "0");
  return `${field(0, 4)}-${field(1, 2)}-${field(3, 2)}T${field(4, 2)}:${field(5, 2)}:${field(6, 2)}.${field(7, 3)}Z`;
}

/** Signed and unsigned integers of at most 32 bits; null for every other type. */
export function smallInteger(bytes: Uint8Array, type: number, at: number, length: number): number | null {
  if (type > BinXmlType.uint32 || type < BinXmlType.int8 || length < SIZES[type]!) return null;
  if (type === BinXmlType.uint16) return u16(bytes, at, false);
  if (type === BinXmlType.uint8) return bytes[at]!;
  if (type === BinXmlType.uint32) return u32(bytes, at, false);
  if (type === BinXmlType.int8) return (bytes[at]! << 24) >> 24;
  if (type === BinXmlType.int16) return (u16(bytes, at, false) << 16) >> 16;
  return u32(bytes, at, false) | 0;
}

/** Text of one value as Windows renders it in XML; empty for null and for what is shorter than its type. The caller has checked that `length` bytes are there. */
export function valueText(bytes: Uint8Array, type: number, at: number, length: number): string {
  if (type === BinXmlType.string || type === BinXmlType.eventXml) return utf16Text(bytes, at, length);
  const integer = smallInteger(bytes, type, at, length);
  if (integer !== null) return String(integer);
  if (length < (SIZES[type] ?? 0)) return "";
  const view = () => new DataView(bytes.buffer, bytes.byteOffset + at, length);
  switch (type) {
    case BinXmlType.ansiString:
      return ansiText(bytes, at, length).replace(/\0+$/, "");
    case BinXmlType.int64:
      return String(BigInt.asIntN(64, u64(bytes, at, false)));
    case BinXmlType.uint64:
      return String(u64(bytes, at, false));
    case BinXmlType.float:
      return String(view().getFloat32(0, true));
    case BinXmlType.double:
      return String(view().getFloat64(0, true));
    case BinXmlType.boolean:
      return u32(bytes, at, false) === 0 ? "false" : "true";
    case BinXmlType.binary:
      return hexText(bytes, at, length);
    case BinXmlType.guid:
      return guidText(bytes, at);
    case BinXmlType.fileTime:
      return fileTimeText(bytes, at);
    case BinXmlType.systemTime:
      return systemTimeText(bytes, at);
    case BinXmlType.sid:
      return sidText(bytes, at, length);
    case BinXmlType.hexInt32:
      return `0x${u32(bytes, at, false).toString(16)}`;
    case BinXmlType.hexInt64:
      return `0x${u64(bytes, at, false).toString(16)}`;
    case BinXmlType.size:
      return length >= 8 ? `0x${u64(bytes, at, false).toString(16)}` : length >= 4 ? `0x${u32(bytes, at, false).toString(16)}` : "";
    default:
      return "";
  }
}

/** Texts of the items of an array, at most `limit`. Texts are separated by NULs, identifiers tell their own length, the rest has a fixed size. */
export function arrayTexts(bytes: Uint8Array, type: number, at: number, length: number, limit: number): string[] {
  if (type === BinXmlType.string || type === BinXmlType.ansiString) {
    // Each text of a list is ended by a NUL, the last one, too.
    const whole = type === BinXmlType.string ? utf16.decode(bytes.subarray(at, at + length)) : ansiText(bytes, at, length);
    return whole.replace(/\0$/, "").split("\0", limit);
  }
  const texts: string[] = [];
  for (let from = at; from < at + length && texts.length < limit; ) {
    const left = at + length - from;
    const size = type === BinXmlType.sid && left >= 2 ? 8 + 4 * bytes[from + 1]! : (SIZES[type] ?? left);
    if (size === 0 || size > left) break;
    texts.push(valueText(bytes, type, from, size));
    from += size;
  }
  return texts;
}
