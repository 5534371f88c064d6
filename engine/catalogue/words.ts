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
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
/** Letters or digits that a sign joins without a space: `IP-HTTPS`, `TCP/IP`, `svchost.exe`, `STATUS_IO_TIMEOUT`. */
const COMPOUND = /[\p{L}\p{M}\p{N}]+(?:[-–_./][\p{L}\p{M}\p{N}]+){1,3}/gu;
/** `TcpAckFrequency` to its parts; `WSAETIMEDOUT` and `0x274C` have none. */
const CAMEL_PART = /\p{Lu}?\p{Ll}{2,}|\p{Lu}{2,}(?!\p{Ll})/gu;

/** Lower case, compatibility forms and diacritics taken away, `ß` as `ss`: `Übertragung` and `ubertragung` are one word. */
export function fold(text: string): string {
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

/** Words of a text as they are indexed: besides the runs what compounds give when written in one (`iphttps`) and the parts of camel case. */
export function indexedWordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const word of wordsOf(text)) {
    words.push(word);
    const original = text.slice(word.from, word.to);
    if (!/\p{Ll}\p{Lu}/u.test(original)) continue;
    const parts = found(original, CAMEL_PART, word.from);
    if (parts.length > 1) words.push(...parts);
  }
  for (const { 0: compound, index } of text.matchAll(COMPOUND)) {
    const term = fold(compound.replace(/[-–_./]/g, ""));
    // Numbers joined by dots are versions and addresses: nobody asks for their digits in one.
    if (/\p{L}/u.test(term)) words.push({ term, from: index, to: index + compound.length });
  }
  return words;
}

function found(text: string, pattern: RegExp, offset: number): Word[] {
  const words: Word[] = [];
  for (const { 0: run, index } of text.matchAll(pattern)) {
    const term = fold(run);
    if (term !== "") words.push({ term, from: offset + index, to: offset + index + run.length });
  }
  return words;
}
