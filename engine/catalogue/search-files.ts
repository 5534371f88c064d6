import type { Entry } from "./catalogue.ts";
import type { Relation } from "./look-up-keys.ts";
import type { FacetName } from "./search-facets.ts";

/**
 * Shapes of the files a search reads, all JSON in one folder. The index is cut by term, for what a question needs is all of a few terms
 * and little of any area: a question reads the manifest, the dictionary buckets its words are in, the postings of the terms they stand
 * for, and the pages of the documents it shows, which lie together by area. Names carry the version of the whole index, so that files of
 * two versions never meet.
 */
export interface SearchManifest {
  readonly format: 1;
  readonly version: string;
  readonly documents: number;
  readonly documentsPerPage: number;
  readonly fields: readonly string[];
  /** First term of each dictionary bucket. */
  readonly dictionary: readonly string[];
  /** First key of each key bucket. */
  readonly keys: readonly string[];
  /** Ranges of ports: first, last, protocol; filed under the key `first-last`. */
  readonly ranges: readonly (readonly [number, number, string])[];
}

/** Terms in order of UTF-16 code units. */
export interface DictionaryBucket {
  readonly terms: readonly string[];
  /** Documents that hold the term. */
  readonly counts: readonly number[];
  /** Number of the file with its postings. */
  readonly postings: readonly number[];
}

/** By field of the manifest: pairs of document, as distance to the one before, and lunr's weight in tenths; 0 where no document has the term in that field. */
export type Posting = readonly (readonly number[] | 0)[];

export type PostingBucket = readonly (readonly [string, Posting])[];

/** What exact notations lead to. */
export interface KeyBucket {
  /** In order of UTF-16 code units; each with its targets, best first. */
  readonly keys: readonly (readonly [string, readonly KeyTarget[]])[];
  readonly targets: readonly { readonly entry: Entry; readonly is: string; readonly document: number }[];
}

/** Index of the target, what the key counts there, how they belong together. */
export type KeyTarget = readonly [number, string, Relation];

/** What is shown of a document. */
export interface SearchDocument {
  readonly entry: Entry;
  /** Sentences beside the entry's own text that a snippet may be taken from. */
  readonly sentences: readonly string[];
}

/** By facet: its values, the combinations of them that occur, and for each document the number of its combination. */
export type FacetTable = Readonly<
  Record<
    FacetName,
    { readonly values: readonly string[]; readonly sets: readonly (readonly number[])[]; readonly documents: readonly number[] }
  >
>;

export const MANIFEST_FILE = "manifest.json";

export function fileName(kind: "dictionary" | "postings" | "keys" | "documents", number: number, version: string): string {
  return `${kind}-${number}-${version}.json`;
}

export function facetsFile(version: string): string {
  return `facets-${version}.json`;
}

/** Number of the bucket that holds `key`, or would; -1 before the first. */
export function bucketOf(firsts: readonly string[], key: string): number {
  let [low, high] = [0, firsts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (firsts[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Numbers of the buckets that may hold keys with this beginning. */
export function bucketsFrom(firsts: readonly string[], beginning: string): number[] {
  const first = Math.max(0, bucketOf(firsts, beginning));
  const last = bucketOf(firsts, `${beginning}\uffff`);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
