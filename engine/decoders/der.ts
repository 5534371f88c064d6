/** Tags of DER, ITU-T X.690; those of the context are 0xa0 and on. */
export const DerTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element of DER-encoded bytes, X.690 section 8.1. */
export interface DerElement {
  readonly tag: number;
  /** First byte, that of the tag. */
  readonly at: number;
  /** First byte of the contents. */
  readonly start: number;
  /** Behind the last byte of the contents. */
  readonly end: number;
}

/** Bytes a length may take: more than four would be gigabytes. */
const MAX_LENGTH_BYTES = 4;

/** The element at `at`, which must lie whole before `end`; null where there is none. */
export function derElement(bytes: Uint8Array, at: number, end: number): DerElement | null {
  if (at < 0 || at + 2 > end || (bytes[at]! & 0x1f) === 0x1f) return null;
  let length = bytes[at + 1]!;
  let start = at + 2;
  if (length >= 0x80) {
    const size = length & 0x7f;
    if (size === 0 || size > MAX_LENGTH_BYTES || start + size > end) return null;
    length = 0;
    for (; start < at + 2 + size; start++) length = length * 256 + bytes[start]!;
  }
  return start + length <= end ? { tag: bytes[at]!, at, start, end: start + length } : null;
}

/** The elements inside one, at most `limit`; those before the first broken one. */
export function derChildren(bytes: Uint8Array, parent: DerElement, limit: number): DerElement[] {
  const children: DerElement[] = [];
  for (let at = parent.start; at < parent.end && children.length < limit; ) {
    const child = derElement(bytes, at, parent.end);
    if (!child) break;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** `1.2.840.113549.1.1.1` of an object identifier's contents, X.690 section 8.19; empty where it is broken. */
export function derOid(bytes: Uint8Array, { start, end }: DerElement): string {
  if (end <= start || end - start > 32) return "";
  const arcs: number[] = [];
  let arc = 0;
  for (let at = start; at < end; at++) {
    arc = arc * 128 + (bytes[at]! & 0x7f);
    if (bytes[at]! & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}

/** Text of any of the string types; bytes that are no characters become U+FFFD. */
export function derText(bytes: Uint8Array, { tag, start, end }: DerElement): string {
  const part = bytes.subarray(start, end);
  // BMPString and UniversalString count two and four bytes a character.
  if (tag === 0x1e) return wide(part, 2);
  if (tag === 0x1c) return wide(part, 4);
  // Older software put Latin-1 into types that have no such characters.
  if (tag === 0x14 || tag === 0x13 || tag === 0x16) return latin1(part);
  return new TextDecoder().decode(part);
}

function latin1(part: Uint8Array): string {
  let text = "";
  for (const byte of part) text += String.fromCharCode(byte);
  return text;
}

function wide(part: Uint8Array, size: number): string {
  let text = "";
  for (let at = 0; at + size <= part.length; at += size) text += String.fromCharCode((part[at + size - 2]! << 8) | part[at + size - 1]!);
  return text;
}

/** Nanoseconds since the Unix epoch of a UTCTime or GeneralizedTime in UTC, RFC 5280 section 4.1.2.5; null where it is none. */
export function derTime(bytes: Uint8Array, element: DerElement): bigint | null {
  const { tag } = element;
  if (tag !== DerTag.utcTime && tag !== DerTag.generalizedTime) return null;
  const found = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d{1,9})?Z$/.exec(
    latin1(bytes.subarray(element.start, element.end)).slice(0, 32),
  );
  if (!found || (found[1]!.length === 2) !== (tag === DerTag.utcTime)) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Two digits below 50 are of this century.
  const full = tag === DerTag.generalizedTime ? year : year < 50 ? 2000 + year : 1900 + year;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return BigInt(date.getTime()) * 1_000_000n;
}
