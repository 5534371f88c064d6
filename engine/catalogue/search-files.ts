import type { Entry } from "./catalogue.ts";
import type { Relation } from "./look-up-keys.ts";

/**
 * Shapes of the files a search reads, all JSON below one folder. A query reads the manifest, the bucket or two that hold its words and
 * notations, and the shards that hold all of its words. Every file but the manifest is named after its content.
 */
export interface SearchManifest {
  readonly format: 1;
  readonly documents: number;
  readonly fields: readonly string[];
  readonly shards: readonly ShardReference[];
  /** Buckets of `TermBucket`, each from its first term on. */
  readonly terms: readonly BucketReference[];
  /** Buckets of `KeyBucket`, each from its first key on. */
  readonly keys: readonly BucketReference[];
  /** Ranges of ports: first, last, protocol; filed under the key `first-last`. */
  readonly ranges: readonly (readonly [number, number, string])[];
}

export interface ShardReference {
  readonly file: string;
  readonly documents: number;
  /** Areas of its cases, kinds of its other entries. */
  readonly groups: readonly string[];
}

export interface BucketReference {
  readonly from: string;
  readonly file: string;
}

/** Which shards hold which terms. */
export interface TermBucket {
  /** In order of UTF-16 code units. */
  readonly terms: readonly string[];
  /** By term: the number of documents that hold it, then pairs of shard and the most it can add to a document's score there. */
  readonly routes: readonly (readonly number[])[];
}

/** What exact notations lead to. */
export interface KeyBucket {
  /** In order of UTF-16 code units; each with indexes of its targets, best first. */
  readonly keys: readonly (readonly [string, readonly KeyTarget[]])[];
  readonly targets: readonly { readonly entry: Entry; readonly is: string }[];
}

/** Index of the target, what the key counts there, how they belong together. */
export type KeyTarget = readonly [number, string, Relation];

/** Documents with their part of the one lunr index over all of them. */
export interface Shard {
  readonly terms: readonly string[];
  readonly documents: readonly ShardDocument[];
}

export interface ShardDocument {
  readonly entry: Entry;
  readonly sentences: readonly string[];
  /** By field of the manifest: pairs of term and weight, flat, in order of term; 0 where the field is empty. */
  readonly vectors: readonly (readonly number[] | 0)[];
}

export const MANIFEST_FILE = "manifest.json";

/** Bucket that holds `key`, or where it would be; -1 before the first. */
export function bucketOf(buckets: readonly BucketReference[], key: string): number {
  let [low, high] = [0, buckets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (buckets[middle]!.from <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Buckets that may hold keys with this beginning. */
export function bucketsFrom(buckets: readonly BucketReference[], beginning: string): BucketReference[] {
  const first = Math.max(0, bucketOf(buckets, beginning));
  const last = bucketOf(buckets, `${beginning}\uffff`);
  return buckets.slice(first, last + 1);
}
