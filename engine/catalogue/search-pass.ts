import type { SearchData } from "./search-data.ts";
import { type Filters, fits } from "./search-facets.ts";
import { hasPhrase, type SearchQuery } from "./search-query.ts";
import type { Scored } from "./search-shard.ts";
import { termsOfWord, type WordTerms } from "./search-terms.ts";

export interface Effort {
  /** Beginnings count for every word, not for the last one alone. */
  readonly everyPrefix: boolean;
  /** Slips count even in words that are known. */
  readonly typo: boolean;
}

/** What one way of reading the query found. */
export interface Pass {
  /** Best first; a document whose score equals another's by its kind and address. */
  readonly found: readonly Scored[];
  /** Every shard that may hold more was read. */
  readonly complete: boolean;
  readonly words: readonly WordTerms[];
}

/** Shards read at a time where not all of them may be needed. */
const BATCH = 2;

/** Reads shards that hold all words, the most promising first, until no other can hold anything better than the `wanted` best that fit. */
export async function passOver(data: SearchData, query: SearchQuery, effort: Effort, filters: Filters, wanted: number): Promise<Pass> {
  const last = query.words.length - 1;
  const words = await Promise.all(
    query.words.map((word, at) =>
      termsOfWord(data, word, { prefix: effort.everyPrefix || (query.open && at === last), typo: effort.typo }),
    ),
  );
  const nothing = query.text !== "" && words.length === 0;
  const shards = nothing ? [] : await promising(data, words);
  const boosts = words.map(({ terms }) => new Map(terms.map(({ term, boost }) => [term, boost])));
  const found: Scored[] = [];
  let next = 0;
  while (next < shards.length && !isEnough(found, filters, wanted, shards[next]!.bound)) {
    const batch = shards.slice(next, wanted === Number.POSITIVE_INFINITY ? shards.length : next + BATCH);
    for (const shard of await Promise.all(batch.map(({ number }) => data.shard(number))))
      found.push(...shard.find(boosts).filter((one) => query.phrases.every((phrase) => hasPhrase(texts(one), phrase))));
    next += batch.length;
  }
  return { found: found.sort(byScore), complete: next >= shards.length, words };
}

/** Shards that hold one of the terms of every word, with the most a document in them can score. */
async function promising(data: SearchData, words: readonly WordTerms[]): Promise<{ number: number; bound: number }[]> {
  const bounds = (await data.manifest()).shards.map((_, number) => ({ number, bound: 0, words: 0 }));
  for (const { terms } of words) {
    const reached = new Set<number>();
    for (const { route, boost } of terms) {
      for (let at = 1; at < route.length; at += 2) {
        bounds[route[at]!]!.bound += boost * route[at + 1]!;
        reached.add(route[at]!);
      }
    }
    for (const number of reached) bounds[number]!.words++;
  }
  return bounds.filter((shard) => shard.words === words.length).sort((a, b) => b.bound - a.bound || a.number - b.number);
}

function isEnough(found: readonly Scored[], filters: Filters, wanted: number, bound: number): boolean {
  if (found.length < wanted) return false;
  const scores = found.filter(({ document }) => fits(document.entry, filters)).map(({ score }) => score);
  const worst = scores.sort((a, b) => b - a)[wanted - 1];
  return worst !== undefined && worst > bound;
}

function texts({ document: { entry, sentences } }: Scored): string[] {
  return [entry.title, entry.text, ...sentences];
}

/** Scores that differ by less than a rounding error are equal. */
function byScore(a: Scored, b: Scored): number {
  const [left, right] = [a.document.entry, b.document.entry];
  const kinds = Number(right.kind === "case") - Number(left.kind === "case");
  const names = left.title === right.title ? (left.address < right.address ? -1 : 1) : left.title < right.title ? -1 : 1;
  return Math.round(b.score * 1e6) - Math.round(a.score * 1e6) || kinds || names;
}
