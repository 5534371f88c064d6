import lunr from "lunr";
import type { Shard, ShardDocument } from "./search-files.ts";

/** A document that holds every word. */
export interface Scored {
  readonly document: ShardDocument;
  /** Compares across shards. */
  readonly score: number;
  /** Terms of the query it holds. */
  readonly terms: ReadonlySet<string>;
}

export interface LoadedShard {
  readonly documents: readonly ShardDocument[];
  /** Documents that hold, for every word, one of its terms, given with what a match is worth. Without a word, all of them. */
  find(words: readonly ReadonlyMap<string, number>[]): Scored[];
}

/** Turns a shard into the lunr index it was cut from. */
export function loadShard(content: unknown, fields: readonly string[]): LoadedShard {
  const { terms, documents } = content as Shard;
  const postings = terms.map((_, number): Record<string, unknown> => {
    const posting: Record<string, unknown> = Object.create(null);
    posting._index = number;
    for (const field of fields) posting[field] = Object.create(null);
    return posting;
  });
  const fieldVectors: [string, readonly number[]][] = [];
  for (const [number, { vectors }] of documents.entries()) {
    for (const [at, vector] of vectors.entries()) {
      if (vector === 0) continue;
      fieldVectors.push([`${fields[at]}/${number}`, vector]);
      for (let pair = 0; pair < vector.length; pair += 2) (postings[vector[pair]!]![fields[at]!] as Record<number, object>)[number] = {};
    }
  }
  const invertedIndex = terms.map((term, number) => [term, postings[number]]);
  const index = lunr.Index.load({ version: lunr.version, fields, fieldVectors, invertedIndex, pipeline: [] });
  const known = new Set(terms);
  return { documents, find: (words) => find(index, known, documents, words) };
}

/**
 * lunr combines clauses by "or" unless each is required, and cannot require one of several terms. So all terms are asked for, and a
 * document that lacks a word is dropped by what lunr says it matched. lunr divides a score by the length of the query's vector, which
 * differs between shards that know different terms; multiplied out, scores add up alike everywhere.
 */
function find(
  index: lunr.Index,
  known: ReadonlySet<string>,
  documents: readonly ShardDocument[],
  words: readonly ReadonlyMap<string, number>[],
): Scored[] {
  if (words.length === 0) return documents.map((document) => ({ document, score: 0, terms: new Set() }));
  const boosts = new Map<string, number>();
  for (const word of words) for (const [term, boost] of word) if (known.has(term)) boosts.set(term, (boosts.get(term) ?? 0) + boost);
  if (words.some((word) => ![...word.keys()].some((term) => boosts.has(term)))) return [];
  const length = Math.hypot(...boosts.values());
  const results = index.query((query) => {
    for (const [term, boost] of boosts) query.term(term, { boost, usePipeline: false });
  });
  return results.flatMap(({ ref, score, matchData }) => {
    const terms = new Set(Object.keys(matchData.metadata));
    if (!words.every((word) => [...terms].some((term) => word.has(term)))) return [];
    return [{ document: documents[Number(ref)]!, score: score * length, terms }];
  });
}
