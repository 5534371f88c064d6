import { guessCodePage } from "./code-page-guess.ts";
import type { CodePage } from "./code-pages.ts";

/** How the bytes of a text stand for characters; names as the Encoding Standard and IANA have them. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | CodePage;

/** Control characters a text may hold: BEL, BS, TAB, LF, FF, CR, the DOS end-of-file mark and ESC. */
const TEXT_CONTROLS = new Set([0x07, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x1a, 0x1b]);
/** A run of zero bytes this long is a gap that was allocated and never written, not characters. */
const NUL_GAP = 16;
/** Control characters beyond which bytes are not text: a few are noise, more must stay under one in a hundred. */
const TOLERATED_CONTROLS = 2;
/** Without a byte order mark, UTF-16 must show at least this share of ASCII, which every text has in its blanks, digits and line ends. */
const UTF16_ASCII_SHARE = 0.05;

/**
 * Tells the encoding of a text from its first bytes; null if they are not text. Pure ASCII is "utf-8", as is a text whose valid
 * sequences far outnumber the broken ones. Without a byte order mark UTF-16 is known by its zero bytes; anything else is a
 * Windows code page, see `guessCodePage`.
 */
export function detectEncoding(head: Uint8Array): TextEncoding | null {
  const marked = byteOrderMark(head);
  if (marked?.encoding === "utf-8") return looksLikeText(head.subarray(3)) ? "utf-8" : null;
  if (marked) return utf16Quality(head.subarray(2), marked.encoding).bad <= 0.1 ? marked.encoding : null;
  const written = head.subarray(0, lengthWritten(head));
  const utf16 = detectUtf16(written);
  if (utf16) return utf16;
  if (!looksLikeText(written)) return null;
  const { sequences, broken } = countUtf8(written);
  return broken === 0 || sequences >= 4 * broken ? "utf-8" : guessCodePage(written);
}

/** The byte order mark the bytes begin with. UTF-32 has none here: no Windows tool writes it. */
export function byteOrderMark(head: Uint8Array): { encoding: "utf-8" | "utf-16le" | "utf-16be"; length: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: "utf-8", length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: "utf-16le", length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: "utf-16be", length: 2 };
  return null;
}

/** Length without the zeros at the end: a log file that was allocated in advance is full of them. */
function lengthWritten(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  // UTF-16LE ends in the zero half of an ASCII character.
  return Math.min(bytes.length, end + (end % 2));
}

function looksLikeText(bytes: Uint8Array): boolean {
  let [controls, written] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    let run = 0;
    while (bytes[at + run] === 0) run++;
    if (run >= NUL_GAP) {
      at += run - 1;
      continue;
    }
    written++;
    if (byte < 0x20 ? !TEXT_CONTROLS.has(byte) : byte === 0x7f) controls++;
  }
  return controls <= TOLERATED_CONTROLS + written / 100;
}

function detectUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (bytes.length < 4) return null;
  const little = utf16Quality(bytes, "utf-16le");
  const big = utf16Quality(bytes, "utf-16be");
  const [best, encoding] = big.ascii > little.ascii ? [big, "utf-16be" as const] : [little, "utf-16le" as const];
  return best.ascii >= UTF16_ASCII_SHARE && best.bad <= 0.005 ? encoding : null;
}

/**
 * Shares of code units that are ASCII text, and that no text holds: controls, lone surrogates, private use, noncharacters. Where
 * most units are two ASCII characters side by side, it is a text of single bytes that was read two at a time: all bad.
 */
function utf16Quality(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): { ascii: number; bad: number } {
  const [low, high] = encoding === "utf-16le" ? [0, 1] : [1, 0];
  const units = bytes.length >> 1;
  let [ascii, bad, pairs, awaited] = [0, 0, 0, false];
  for (let unit = 0; unit < units; unit++) {
    const code = bytes[2 * unit + low]! | (bytes[2 * unit + high]! << 8);
    const trail = code >= 0xdc00 && code <= 0xdfff;
    if (trail !== awaited) bad++;
    awaited = code >= 0xd800 && code <= 0xdbff;
    if ((code & 0xff) >= 0x20 && (code & 0xff) < 0x7f && code >= 0x2000 && code < 0x7f00) pairs++;
    if (code >= 0x20 && code < 0x7f) ascii++;
    else if (code < 0x20 && TEXT_CONTROLS.has(code)) ascii++;
    else if (code < 0xa0 || (code >= 0xe000 && code <= 0xf8ff) || code >= 0xfffe) bad++;
  }
  if (units === 0) return { ascii: 0, bad: 0 };
  return { ascii: ascii / units, bad: pairs > units / 2 ? 1 : bad / units };
}

/** Bytes a UTF-8 sequence has by its first byte; 0 for a byte that starts none. RFC 3629 section 4. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** A head that was cut from a longer text has a round length; the last character of any other text is whole. */
const PAGE_BYTES = 4096;

/** Whole sequences of two bytes and more, and bytes that belong to none; a sequence cut off where the head was cut counts as neither. */
function countUtf8(bytes: Uint8Array): { sequences: number; broken: number } {
  let [sequences, broken] = [0, 0];
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!);
    let got = 1;
    while (got < length && (bytes[at + got]! & 0xc0) === 0x80) got++;
    if (got === length && length > 1) sequences++;
    else if (got < length || length === 0) {
      if (length > 0 && at + got === bytes.length && (sequences > 0 || bytes.length % PAGE_BYTES === 0)) break;
      broken++;
    }
    at += got;
  }
  return { sequences, broken };
}

/** Where to cut bytes before `end` so that no character is split: at most three bytes earlier. */
export function characterBoundary(bytes: Uint8Array, start: number, end: number, encoding: TextEncoding): number {
  if (encoding === "utf-8") {
    for (let at = end - 1; at >= start && at >= end - 3; at--) {
      if ((bytes[at]! & 0xc0) !== 0x80) return at + sequenceLength(bytes[at]!) > end ? at : end;
    }
    return end;
  }
  if (encoding !== "utf-16le" && encoding !== "utf-16be") return end;
  const even = end - ((end - start) % 2);
  const lead = even - start >= 2 ? bytes[even - (encoding === "utf-16le" ? 1 : 2)]! : 0;
  return lead >= 0xd8 && lead <= 0xdb ? even - 2 : even;
}
