import lunr from "lunr";
import type { SearchData } from "./search-data.ts";

/** A term of the index that stands for a word of the query. */
export interface Term {
  readonly term: string;
  /** What a match is worth beside the word itself. */
  readonly boost: number;
  readonly route: readonly number[];
}

/** How far a word may be from what is in the index. */
export interface Reach {
  /** Terms that begin with the word count even where the word itself is known. */
  readonly prefix: boolean;
  /** Terms one slip away count even where something better is known. */
  readonly typo: boolean;
}

export interface WordTerms {
  readonly word: string;
  readonly terms: readonly Term[];
  /** Spellings that were taken for it, because it is not known. */
  readonly corrected: readonly string[];
}

const INFLECTED = 0.8;
const BEGINNING = 0.5;
const MISSPELT = 0.3;
const SHORTEST_PREFIX = 2;
const SHORTEST_MISSPELT = 4;
const MOST_CORRECTIONS = 12;
type Row = Omit<Term, "boost">;

/** Terms that a word stands for: itself and its inflected forms, what begins with it, and, where that is nothing, what it may be a slip of. */
export async function termsOfWord(data: SearchData, word: string, reach: Reach): Promise<WordTerms> {
  const rows = await data.terms(stemPart(word));
  const boosts = new Map<Row, number>();
  const stem = stemOf(word);
  for (const row of rows) {
    if (row.term === word) boosts.set(row, 1);
    else if (stem !== null && stemOf(row.term) === stem) boosts.set(row, INFLECTED);
  }
  if ((reach.prefix || boosts.size === 0) && word.length >= SHORTEST_PREFIX) {
    // A term that is little longer than what was typed is likelier meant.
    for (const row of rows)
      if (row.term.startsWith(word) && !boosts.has(row)) boosts.set(row, BEGINNING * Math.sqrt(word.length / row.term.length));
  }
  const corrected = boosts.size === 0 || reach.typo ? await corrections(data, word, reach.prefix) : [];
  for (const row of corrected) if (![...boosts.keys()].some(({ term }) => term === row.term)) boosts.set(row, MISSPELT);
  return { word, terms: [...boosts].map(([row, boost]) => ({ ...row, boost })), corrected: corrected.map(({ term }) => term) };
}

/** Beginning that a word's inflected forms share with it. */
function stemPart(word: string): string {
  const stem = stemOf(word);
  return stem === null ? word : word.slice(0, Math.min(word.length, Math.max(3, stem.length - 1)));
}

/** Porter's stem of an English word; null for whatever has a digit or another alphabet, as codes do. */
function stemOf(word: string): string | null {
  return /^[a-z]{3,24}$/.test(word) ? lunr.stemmer(new lunr.Token(word, {})).toString() : null;
}

/** Known terms one slip from a word, the most frequent first. A slip in the first letter is thought of last, for it has every bucket read. */
async function corrections(data: SearchData, word: string, open: boolean): Promise<Row[]> {
  if (word.length < SHORTEST_MISSPELT || /\d/.test(word)) return [];
  const close = (rows: readonly Row[]) => rows.filter(({ term }) => !/\d/.test(term) && isOneSlip(word, term, open));
  const [first, second] = word;
  const near = [...close(await data.terms(first!)), ...(second === first ? [] : close(await data.terms(second!)))];
  const found = near.length > 0 ? near : close(await data.terms(""));
  return found.sort((a, b) => b.route[0]! - a.route[0]! || (a.term < b.term ? -1 : 1)).slice(0, MOST_CORRECTIONS);
}

/**
 * Whether one inserted, left out, wrong or swapped letter leads from one word to the other (Damerau and Levenshtein's distance of 1); if
 * `open`, to a beginning of the other that is long enough to mean it.
 */
export function isOneSlip(typed: string, known: string, open = false): boolean {
  let same = 0;
  while (same < typed.length && same < known.length && typed[same] === known[same]) same++;
  const matches = (a: string, b: string) => a === b || (open && a.length >= 2 && typed.length >= 5 && b.startsWith(a));
  const [left, right] = [typed.slice(same), known.slice(same)];
  if (left === "" || right === "") return Math.abs(left.length - right.length) === 1;
  return (
    matches(left.slice(1), right.slice(1)) ||
    matches(left.slice(1), right) ||
    matches(left, right.slice(1)) ||
    (left.length > 1 && left[0] === right[1] && left[1] === right[0] && matches(left.slice(2), right.slice(2)))
  );
}
