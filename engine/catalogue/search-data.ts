import {
  bucketOf,
  bucketsFrom,
  type DictionaryBucket,
  type FacetTable,
  facetsFile,
  fileName,
  type KeyBucket,
  MANIFEST_FILE,
  type Posting,
  type PostingBucket,
  type SearchDocument,
  type SearchManifest,
} from "./search-files.ts";

/** Reads one of the files `buildSearchIndex` made: parsed JSON. Rejects where it cannot. */
export type Load = (file: string) => Promise<unknown>;

/** A term of the index. */
export interface TermRow {
  readonly term: string;
  /** Documents that hold it. */
  readonly count: number;
  /** File with its postings. */
  readonly postings: number;
}

/** The files of a search, each read when it is first needed and kept. */
export interface SearchData {
  manifest(): Promise<SearchManifest>;
  /** Terms that begin so, in order. */
  terms(beginning: string): Promise<TermRow[]>;
  /** The bucket a key is in, if it is anywhere; or all that may hold keys which begin so. */
  keys(key: string, how: "exact" | "beginning"): Promise<KeyBucket[]>;
  postings(terms: readonly TermRow[]): Promise<Map<string, Posting>>;
  facets(): Promise<FacetTable>;
  /** In the order asked for. */
  documents(numbers: readonly number[]): Promise<SearchDocument[]>;
}

export function createSearchData(load: Load): SearchData {
  const kept = new Map<string, Promise<unknown>>();
  const file = <T>(name: string): Promise<T> => {
    const known = kept.get(name);
    if (known) return known as Promise<T>;
    const loading = load(name);
    kept.set(name, loading);
    // What failed, as a page without a network does, is tried again the next time.
    loading.catch(() => kept.delete(name));
    return loading as Promise<T>;
  };
  const manifest = () => file<SearchManifest>(MANIFEST_FILE);
  const parts = async <T>(kind: Parameters<typeof fileName>[0], numbers: readonly number[]): Promise<T[]> => {
    const { version } = await manifest();
    return Promise.all(numbers.map((number) => file<T>(fileName(kind, number, version))));
  };
  return {
    manifest,
    async terms(beginning) {
      const buckets = await parts<DictionaryBucket>("dictionary", bucketsFrom((await manifest()).dictionary, beginning));
      return buckets.flatMap((bucket) => rowsFrom(bucket, beginning));
    },
    async keys(key, how) {
      const firsts = (await manifest()).keys;
      const at = bucketOf(firsts, key);
      return parts<KeyBucket>("keys", how === "beginning" ? bucketsFrom(firsts, key) : at < 0 ? [] : [at]);
    },
    async postings(terms) {
      const wanted = new Set(terms.map(({ term }) => term));
      const buckets = await parts<PostingBucket>("postings", [...new Set(terms.map(({ postings }) => postings))]);
      return new Map(buckets.flat().filter(([term]) => wanted.has(term)));
    },
    async facets() {
      return file<FacetTable>(facetsFile((await manifest()).version));
    },
    async documents(numbers) {
      const { documentsPerPage } = await manifest();
      const pages = [...new Set(numbers.map((number) => Math.floor(number / documentsPerPage)))];
      const loaded = await parts<readonly SearchDocument[]>("documents", pages);
      return numbers.map((number) => loaded[pages.indexOf(Math.floor(number / documentsPerPage))]![number % documentsPerPage]!);
    },
  };
}

function rowsFrom({ terms, counts, postings }: DictionaryBucket, beginning: string): TermRow[] {
  const rows: TermRow[] = [];
  for (let at = Math.max(0, bucketOf(terms, beginning)); at < terms.length; at++) {
    const term = terms[at]!;
    if (term.startsWith(beginning)) rows.push({ term, count: counts[at]!, postings: postings[at]! });
    else if (term > beginning) break;
  }
  return rows;
}
