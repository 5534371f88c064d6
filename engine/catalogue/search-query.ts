import { isCommon } from "./common-words.ts";
import { wordsOf } from "./words.ts";

/** What somebody typed, taken apart. */
export interface SearchQuery {
  /** Without spaces at its ends, cut to a sane length. */
  readonly text: string;
  /** Folded words that are looked for, each once, in order. */
  readonly words: readonly string[];
  /** The last word may be unfinished. */
  readonly open: boolean;
  /** Folded words of each quoted phrase. */
  readonly phrases: readonly (readonly string[])[];
  /** Words as typed that are not looked for: too common, or beyond the limit. */
  readonly ignored: readonly string[];
}

const LONGEST_QUERY = 1000;
const MOST_WORDS = 16;
const QUOTED = /"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]/gu;

/** Reads any text as a query; signs that mean something to lunr mean nothing here. */
export function readQuery(typed: string): SearchQuery {
  const cut = typed.slice(0, LONGEST_QUERY);
  const text = cut.replace(/\s+/g, " ").trim();
  const all = wordsOf(text);
  const telling = all.filter(({ term }) => !isCommon(term));
  // A query of nothing but common words is taken at its word.
  const chosen = telling.length > 0 ? telling : all;
  const words = [...new Set(chosen.map(({ term }) => term))];
  const kept = words.slice(0, MOST_WORDS);
  const ignored = all.filter(({ term }) => !kept.includes(term)).map(({ from, to }) => text.slice(from, to));
  const phrases = [...text.matchAll(QUOTED)]
    .map((match) => wordsOf(match.slice(1).find((part) => part !== undefined) ?? "").map(({ term }) => term))
    .filter((phrase) => phrase.length > 1);
  const last = all.at(-1);
  const open = last !== undefined && last.term === kept.at(-1) && !/[\s"”“]$/u.test(cut.slice(cut.trimEnd().length - 1));
  return { text, words: kept, open, phrases, ignored: [...new Set(ignored)] };
}

/** Whether words of a text follow each other as in the phrase. */
export function hasPhrase(texts: readonly string[], phrase: readonly string[]): boolean {
  return texts.some((text) => {
    const terms = wordsOf(text).map(({ term }) => term);
    return terms.some((_, at) => phrase.every((word, offset) => terms[at + offset] === word));
  });
}
