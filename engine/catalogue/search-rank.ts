import type { Posting } from "./search-files.ts";

/** A document that holds every word. */
export interface Ranked {
  readonly document: number;
  readonly score: number;
}

/** What terms a word stands for, and what a match of each is worth. */
export type BoostedTerms = ReadonlyMap<string, number>;

/**
 * Documents that hold, for every word, one of its terms, best first, and those that fit alike in their own order. The score is lunr's: the
 * product of its query vector with the document's, which is the sum of the boosted weights. lunr itself combines by "or", cannot require
 * one of several terms, and makes a handful of objects for each field of each document it looks at.
 */
export function rank(words: readonly BoostedTerms[], postings: ReadonlyMap<string, Posting>): Ranked[] {
  const scores = new Map<number, number>();
  for (const [at, word] of words.entries()) {
    const own = scoresOf(word, postings);
    if (at === 0) for (const [document, score] of own) scores.set(document, score);
    else
      for (const [document, score] of scores) {
        const more = own.get(document);
        if (more === undefined) scores.delete(document);
        else scores.set(document, score + more);
      }
  }
  const ranked = [...scores].map(([document, score]) => ({ document, score }));
  return ranked.sort((a, b) => Math.round((b.score - a.score) * 1e3) || a.document - b.document);
}

function scoresOf(word: BoostedTerms, postings: ReadonlyMap<string, Posting>): Map<number, number> {
  const scores = new Map<number, number>();
  for (const [term, boost] of word) {
    for (const field of postings.get(term) ?? []) {
      if (field === 0) continue;
      for (let at = 0, document = 0; at < field.length; at += 2) {
        document += field[at]!;
        scores.set(document, (scores.get(document) ?? 0) + boost * field[at + 1]!);
      }
    }
  }
  return scores;
}
