/**
 * Evidence is quoted in reports, and evidence may be hostile: a log line can hold terminal escapes, bidirectional overrides
 * that make text read as something else (CVE-2021-42574), or a megabyte of blanks. Every renderer passes quotes through here.
 */

/** Longest quote a rendering shows; the JSON report holds all of it. */
export const QUOTE_LIMIT = 400;

// C0, DEL and C1 controls; marks, embeddings, overrides and isolates of direction; line and paragraph separator; BOM; lone surrogates.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** The text on one line with every character that could act rather than show written as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text
    .replace(/\r\n|[\r\n\u2028\u2029]/g, " ↵ ")
    .replaceAll("\t", " ")
    .replace(UNPRINTABLE, escapeCharacter);
}

/** `printable` for texts of several lines: line breaks and tabs stay what they are. */
export function printableLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(UNPRINTABLE, (character) => (/[\n\t]/.test(character) ? character : escapeCharacter(character)));
}

/** `printable`, cut to `limit` characters. */
export function quoted(text: string, limit: number = QUOTE_LIMIT): string {
  const head = [...printable(text.slice(0, limit * 2 + 2)).trim()];
  return head.length <= limit ? head.join("") : `${head.slice(0, limit - 1).join("")}…`;
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
