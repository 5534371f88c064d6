import { readCode } from "./notation.ts";

/** Cuts text into the words a search compares, the same way for what is indexed, what is typed and what is marked in a snippet. */
export interface Word {
  /** Folded: lower case, no diacritics. */
  readonly term: string;
  /** UTF-16 offsets in the text it was found in. */
  readonly from: number;
  readonly to: number;
}

/** Longer words are cut, so that a hostile text makes no long terms. */
const LONGEST_TERM = 48;
const ASCII = /^[\0-\x7f]*$/;
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** Letters or digits that a sign joins without a space: `IP-HTTPS`, `TCP/IP`, `svchost.exe`, `STATUS_IO_TIMEOUT`. */
const COMPOUND = /(?<![\p{L}\p{M}\p{N}][-–_./]?)[\p{L}\p{M}\p{N}]+(?:[-–_./][\p{L}\p{M}\p{N}]+){1,2}(?![-–_./]?[\p{L}\p{M}\p{N}])/gu;
const LONGEST_COMPOUND = 24;
/** True of every text with a compound, and quick to ask. */
const MAY_JOIN = /[\p{L}\p{M}\p{N}][-–_./][\p{L}\p{M}\p{N}]/u;
/** Different runs remembered while a body of text is read; texts use few words often. */
const RUNS_REMEMBERED = 100_000;
/** Codes with a mark of their own. */
const CODE = /^(?:0x[0-9a-f]{1,8}|kb\d{5,8})$/;
const HUMP = /\p{Ll}\p{Lu}/u;
/** `TcpAckFrequency` to its parts; `WSAETIMEDOUT` and `0x274C` have none. */
const CAMEL_PART = /\p{Lu}?\p{Ll}{2,}|\p{Lu}{2,}(?!\p{Ll})/gu;

/** Lower case, compatibility forms and diacritics taken away, `ß` as `ss`: `Übertragung` and `ubertragung` are one word. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase().slice(0, LONGEST_TERM);
  const bare = text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss");
  return [...bare.normalize("NFC")].slice(0, LONGEST_TERM).join("");
}

/** Words of a text as they are asked for: runs of letters and digits. */
export function wordsOf(text: string): Word[] {
  return found(text, RUN, 0);
}

/**
 * Words of a text as they are indexed: besides the runs what compounds give when written in one (`iphttps`), the parts of camel case, and
 * the plain numbers of codes.
 */
export function indexedWordsOf(text: string): Word[] {
  const runs = Array.from(text.matchAll(RUN), ({ 0: run, index }) => wordsOfRun(run, index));
  const compounds = Array.from(text.matchAll(COMPOUND), ({ 0: compound, index }) =>
    termsOfCompound(compound).map((term) => ({ term, from: index, to: index + compound.length })),
  );
  return [...runs, ...compounds].flat();
}

/** The terms of `indexedWordsOf`, in any order, for large bodies of text: what was worked out for a run once is not worked out again. */
export function createTermReader(wanted: (term: string) => boolean): (text: string) => string[] {
  const remembered = new Map<string, readonly string[]>();
  const termsOfRun = (run: string): readonly string[] => {
    const known = remembered.get(run);
    if (known) return known;
    const terms = wordsOfRun(run, 0).flatMap(({ term }) => (wanted(term) ? [term] : []));
    if (remembered.size < RUNS_REMEMBERED) remembered.set(run, terms);
    return terms;
  };
  return (text) => {
    const terms: string[] = [];
    for (const run of text.match(RUN) ?? []) for (const term of termsOfRun(run)) terms.push(term);
    if (MAY_JOIN.test(text))
      for (const compound of text.match(COMPOUND) ?? []) for (const term of termsOfCompound(compound)) if (wanted(term)) terms.push(term);
    return terms;
  };
}

/** A run of letters and digits, the plain numbers it stands for, its parts. */
function wordsOfRun(run: string, from: number): Word[] {
  return found(run, RUN, from).flatMap((word) => {
    const codes = CODE.test(word.term) ? codeWords(word.term).map((term) => ({ ...word, term })) : [];
    const parts = HUMP.test(run) ? found(run, CAMEL_PART, from) : [];
    return [word, ...codes, ...(parts.length > 1 ? parts : [])];
  });
}

/** A compound in one word; numbers joined by dots are versions and addresses, and nobody asks for their digits in one. */
function termsOfCompound(compound: string): string[] {
  const term = fold(compound.replace(/[-–_./]/g, ""));
  return /\p{L}/u.test(term) && term.length <= LONGEST_COMPOUND ? [term] : [];
}

/** Plain numbers under which a word that is a code is indexed: `10060` for `0x274c`, `823764` for `kb823764`, the unsigned for a signed one. */
export function codeWords(term: string): string[] {
  const value = readCode(term);
  if (term.startsWith("0x")) return value === null ? [] : [String(value)];
  if (term.startsWith("kb")) return /^kb\d{5,8}$/.test(term) ? [String(Number(term.slice(2)))] : [];
  // The sign is no part of a word, and no code that a person asks for in decimal has so many digits unless it had one.
  return value !== null && value >= 2 ** 30 && value <= 2 ** 31 ? [String(2 ** 32 - value)] : [];
}

function found(text: string, pattern: RegExp, offset: number): Word[] {
  const words: Word[] = [];
  for (const { 0: run, index } of text.matchAll(pattern)) {
    const term = fold(run);
    if (term !== "") words.push({ term, from: offset + index, to: offset + index + run.length });
  }
  return words;
}
