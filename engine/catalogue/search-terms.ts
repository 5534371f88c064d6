import lunr from "lunr";
import { isOneSlip } from "./one-slip.ts";
import type { SearchData, TermRow } from "./search-data.ts";
import { codeWords } from "./words.ts";

/** How far a word may be from what is in the index. */
export interface Reach {
  /** Terms that begin with the word count even where the word itself is known. */
  readonly prefix: boolean;
  /** Terms one slip away count even where something better is known. */
  readonly typo: boolean;
}

/** What a word of a query stands for. */
export interface WordTerms {
  readonly word: string;
  /** With what a match is worth. */
  readonly terms: ReadonlyMap<TermRow, number>;
  /** Spellings that were taken for it, because it is not known. */
  readonly corrected: readonly string[];
  /** False where more terms begin with it than are looked for. */
  readonly complete: boolean;
}

const INFLECTED = 0.8;
const BEGINNING = 0.5;
const MISSPELT = 0.3;
const SHORTEST_PREFIX = 2;
const SHORTEST_MISSPELT = 4;
const MOST_CORRECTIONS = 12;
/** Two letters begin too much to look for all of it while somebody is still typing. */
const mostBegun = (word: string) => (word.length === 2 ? 8 : 32);

/** Terms that a word stands for: itself and its inflected forms, what begins with it, and, where that is nothing, what it may be a slip of. */
export async function termsOfWord(data: SearchData, word: string, reach: Reach): Promise<WordTerms> {
  const rows = await data.terms(stemPart(word));
  const terms = new Map<TermRow, number>();
  const stem = stemOf(word);
  for (const row of rows) {
    if (row.term === word) terms.set(row, 1);
    else if (stem !== null && stemOf(row.term) === stem) terms.set(row, INFLECTED);
  }
  for (const code of codeWords(word)) for (const row of await data.terms(code)) if (row.term === code) terms.set(row, 1);
  let complete = true;
  if ((reach.prefix || terms.size === 0) && word.length >= SHORTEST_PREFIX) {
    const begun = rows.filter((row) => row.term.startsWith(word) && !terms.has(row)).sort(byCount);
    const most = mostBegun(word);
    complete = begun.length <= most;
    // A term that is little longer than what was typed is likelier meant.
    for (const row of begun.slice(0, most)) terms.set(row, BEGINNING * Math.sqrt(word.length / row.term.length));
  }
  const known = new Set([...terms.keys()].map(({ term }) => term));
  const corrected = known.size === 0 || reach.typo ? await corrections(data, word, reach.prefix, known) : [];
  for (const row of corrected) terms.set(row, MISSPELT);
  return { word, terms, corrected: corrected.map(({ term }) => term), complete };
}

function byCount(a: TermRow, b: TermRow): number {
  return b.count - a.count || (a.term < b.term ? -1 : 1);
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

/** Terms one slip from a word, the most frequent first. A slip in the first letter is thought of last, for it has the whole dictionary read. */
async function corrections(data: SearchData, word: string, open: boolean, known: ReadonlySet<string>): Promise<TermRow[]> {
  if (word.length < SHORTEST_MISSPELT || /\d/.test(word)) return [];
  const close = (rows: readonly TermRow[]) =>
    rows.filter(({ term }) => !known.has(term) && !/\d/.test(term) && isOneSlip(word, term, open));
  const [first, second] = word;
  const near = [...close(await data.terms(first!)), ...(second === first ? [] : close(await data.terms(second!)))];
  const found = near.length > 0 ? near : close(await data.terms(""));
  return found.sort(byCount).slice(0, MOST_CORRECTIONS);
}
