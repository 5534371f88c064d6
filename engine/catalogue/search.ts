import type { Entry } from "./catalogue.ts";
import { lookUp, type Match } from "./look-up.ts";
import { createSearchData, type Load, type SearchData } from "./search-data.ts";
import { countFacets, type FacetCounts, type Filters, fits } from "./search-facets.ts";
import { type Effort, type Pass, passOver } from "./search-pass.ts";
import { readQuery, type SearchQuery } from "./search-query.ts";
import type { Scored } from "./search-shard.ts";
import { type Marked, marked, snippet } from "./search-snippet.ts";

export interface SearchOptions {
  readonly filters?: Filters;
  /** Hits left out at the beginning, 0. */
  readonly offset?: number;
  /** Most hits given, 20. */
  readonly limit?: number;
  /**
   * `all`: every shard that can hold a hit is read, so total and facets are exact. `best`: only as many as the hits asked for take;
   * they are the same hits.
   */
  readonly count?: "all" | "best";
}

export interface Hit {
  readonly entry: Entry;
  readonly title: Marked;
  readonly snippet: Marked;
  /** What it is, if the query is a notation of it: `Winsock error 10060 = 0x274C`. */
  readonly is?: string;
  readonly relation?: Match["relation"];
}

export interface SearchResult {
  readonly query: string;
  /** Exact matches first, then by how well they fit. */
  readonly hits: readonly Hit[];
  /** All hits there are; at least so many where `complete` is false. */
  readonly total: number;
  readonly complete: boolean;
  readonly facets: FacetCounts;
  /** Words that nothing holds, with the spellings that were looked for in their place. */
  readonly corrected: readonly { readonly word: string; readonly as: readonly string[] }[];
  /** Words that were not looked for: too common, or too many. */
  readonly ignored: readonly string[];
  /** A quoted phrase stands nowhere as such; entries that have its words are given. */
  readonly loosened: boolean;
}

export interface Search {
  /** Never rejects for what is asked, whatever it is; only where a file cannot be read. An empty query finds everything that fits the filters. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /** Exact matches alone. */
  lookUp(term: string): Promise<Match[]>;
}

/** Search over what `buildSearchIndex` made; `load` gives one of its files, parsed. The same files and the same question give the same answer, in the page and on the server. */
export function createSearch(load: Load): Search {
  const data = createSearchData(load);
  return { search: (query, options = {}) => search(data, readQuery(query), options), lookUp: (term) => lookUp(data, term) };
}

/** How hard is looked for the words, step by step until something is found. */
const EFFORTS: readonly Effort[] = [
  { everyPrefix: false, typo: false },
  { everyPrefix: true, typo: true },
];

async function search(data: SearchData, query: SearchQuery, options: SearchOptions): Promise<SearchResult> {
  const { filters = {}, offset = 0, limit = 20, count = "all" } = options;
  // What is listed without a word is in order of title, which takes them all.
  const wanted = count === "all" || query.text === "" ? Number.POSITIVE_INFINITY : offset + limit;
  const exact = await lookUp(data, query.text);
  let pass: Pass = { found: [], complete: true, words: [] };
  let loosened = false;
  for (const effort of EFFORTS) {
    pass = await passOver(data, query, effort, filters, wanted);
    loosened = query.phrases.length > 0 && pass.found.length === 0;
    if (loosened) pass = await passOver(data, { ...query, phrases: [] }, effort, filters, wanted);
    if (pass.found.length > 0 || exact.length > 0) break;
  }
  const ranked = [...exact.map(exactHit), ...withoutExact(pass.found, exact)];
  const fitting = ranked.filter(({ entry }) => fits(entry, filters));
  const entries = ranked.map(({ entry }) => entry);
  return {
    query: query.text,
    hits: fitting.slice(offset, offset + limit).map((one) => ("document" in one ? hitOf(one) : one)),
    total: fitting.length,
    complete: pass.complete,
    facets: countFacets(entries, filters),
    corrected: pass.words.filter(({ corrected }) => corrected.length > 0).map(({ word, corrected }) => ({ word, as: corrected })),
    ignored: query.ignored,
    loosened: loosened && pass.found.length > 0,
  };
}

function exactHit({ entry, is, relation }: Match): Hit {
  return { entry, title: { text: entry.title, marks: [] }, snippet: { text: entry.text, marks: [] }, is, relation };
}

function withoutExact(found: readonly Scored[], exact: readonly Match[]): (Scored & { readonly entry: Entry })[] {
  const addresses = new Set(exact.map(({ entry }) => entry.address));
  return found.map((one) => ({ ...one, entry: one.document.entry })).filter(({ entry }) => !addresses.has(entry.address));
}

function hitOf({ document: { entry, sentences }, terms }: Scored): Hit {
  return { entry, title: marked(entry.title, terms), snippet: snippet([entry.text, ...sentences], terms) };
}
