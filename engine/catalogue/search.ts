import type { Entry } from "./catalogue.ts";
import { lookUp, type Match } from "./look-up.ts";
import { createSearchData, type Load, type SearchData } from "./search-data.ts";
import { countFacets, type FacetCounts, type Filters, fitting, hasFilters, NO_FACETS } from "./search-facets.ts";
import type { SearchDocument } from "./search-files.ts";
import { hasPhrase, readQuery, type SearchQuery } from "./search-query.ts";
import { type Ranked, rank } from "./search-rank.ts";
import { type Marked, marked, snippet } from "./search-snippet.ts";
import { termsOfWord, type WordTerms } from "./search-terms.ts";

export interface SearchOptions {
  readonly filters?: Filters;
  /** Hits left out at the beginning, 0. */
  readonly offset?: number;
  /** Most hits given, 20. */
  readonly limit?: number;
  /** `all`: with facets. `best`: without, where nobody looks at them, which spares reading every document's. */
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
  /** All hits there are. */
  readonly total: number;
  /** False where more words begin as one of the query does than were looked for. */
  readonly complete: boolean;
  /** Empty where they were not asked for. */
  readonly facets: FacetCounts;
  /** Words that nothing holds, with the spellings that were looked for in their place. */
  readonly corrected: readonly { readonly word: string; readonly as: readonly string[] }[];
  /** Words that were not looked for: too common, or too many. */
  readonly ignored: readonly string[];
  /** A quoted phrase stands nowhere as such; entries that have its words are given. */
  readonly loosened: boolean;
}

export interface Search {
  /** Never rejects for what is asked, whatever it is; only where a file cannot be read. An empty query finds everything that fits the filters, cases first, by area and title. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /** Exact matches alone. */
  lookUp(term: string): Promise<Match[]>;
}

/** Search over what `buildSearchIndex` made; `load` gives one of its files, parsed. The same files and the same question give the same answer, in the page and on the server. */
export function createSearch(load: Load): Search {
  const data = createSearchData(load);
  return {
    search: (query, options = {}) => search(data, readQuery(query), options),
    lookUp: async (term) => (await lookUp(data, term)).map(({ document: _, ...match }) => match),
  };
}

/** How hard is looked for the words, step by step until something is found. */
const EFFORTS = [
  { everyPrefix: false, typo: false },
  { everyPrefix: true, typo: true },
] as const;
/** Documents that are read to see whether they have a phrase. */
const LOOKED_INTO = 64;

interface Found {
  readonly words: readonly WordTerms[];
  readonly ranked: readonly Ranked[];
}

async function search(data: SearchData, query: SearchQuery, options: SearchOptions): Promise<SearchResult> {
  const { filters = {}, offset = 0, limit = 20, count = "all" } = options;
  const exact = await lookUp(data, query.text);
  let found: Found = { words: [], ranked: [] };
  for (const effort of EFFORTS) {
    found = await find(data, query, effort);
    if (found.ranked.length > 0 || exact.length > 0) break;
  }
  const phrased = await withPhrasesFirst(data, query, found.ranked);
  // A document shows whatever it holds of what was looked for.
  const terms = new Set(found.words.flatMap((word) => [...word.terms.keys()].map(({ term }) => term)));
  const matches = new Map(exact.map((match) => [match.document, match]));
  const documents = [...matches.keys(), ...phrased.ranked.flatMap(({ document }) => (matches.has(document) ? [] : [document]))];
  const table = count === "all" || hasFilters(filters) ? await data.facets() : null;
  const left = table && hasFilters(filters) ? fitting(documents, table, filters) : documents;
  const shown = left.slice(offset, offset + limit);
  const read = await data.documents(shown);
  return {
    query: query.text,
    hits: shown.map((document, at) => hitOf(read[at]!, matches.get(document), terms)),
    total: left.length,
    complete: found.words.every(({ complete }) => complete),
    facets: count === "all" && table ? countFacets(documents, table, filters) : NO_FACETS,
    corrected: found.words.filter(({ corrected }) => corrected.length > 0).map(({ word, corrected }) => ({ word, as: corrected })),
    ignored: query.ignored,
    loosened: query.phrases.length > 0 && documents.length > 0 && !phrased.some,
  };
}

async function find(data: SearchData, query: SearchQuery, { everyPrefix, typo }: (typeof EFFORTS)[number]): Promise<Found> {
  const { documents } = await data.manifest();
  if (query.text === "") {
    const everything = Array.from({ length: documents }, (_, document) => ({ document, score: 0 }));
    return { words: [], ranked: everything };
  }
  const last = query.words.length - 1;
  const words = await Promise.all(
    query.words.map((word, at) => termsOfWord(data, word, { prefix: everyPrefix || (query.open && at === last), typo })),
  );
  if (words.length === 0 || words.some(({ terms }) => terms.size === 0)) return { words, ranked: [] };
  const postings = await data.postings(words.flatMap(({ terms }) => [...terms.keys()]));
  const boosts = words.map(({ terms }) => new Map([...terms].map(([{ term }, boost]) => [term, boost])));
  return { words, ranked: rank(boosts, postings) };
}

/** Puts documents that have every quoted phrase before those that have its words somewhere; only the best are looked into. */
async function withPhrasesFirst(
  data: SearchData,
  { phrases }: SearchQuery,
  ranked: readonly Ranked[],
): Promise<{ ranked: readonly Ranked[]; some: boolean }> {
  if (phrases.length === 0) return { ranked, some: false };
  const best = ranked.slice(0, LOOKED_INTO);
  const read = await data.documents(best.map(({ document }) => document));
  const has = read.map(({ entry, sentences }) => phrases.every((phrase) => hasPhrase([entry.title, entry.text, ...sentences], phrase)));
  const [having, lacking] = [best.filter((_, at) => has[at]), best.filter((_, at) => !has[at])];
  return { ranked: [...having, ...lacking, ...ranked.slice(LOOKED_INTO)], some: having.length > 0 };
}

function hitOf({ entry, sentences }: SearchDocument, match: Match | undefined, terms: ReadonlySet<string>): Hit {
  const shown = { entry, title: marked(entry.title, terms), snippet: snippet([entry.text, ...sentences], terms) };
  return match ? { ...shown, is: match.is, relation: match.relation } : shown;
}
