import {
  type BucketReference,
  bucketOf,
  bucketsFrom,
  type KeyBucket,
  MANIFEST_FILE,
  type SearchManifest,
  type TermBucket,
} from "./search-files.ts";
import { type LoadedShard, loadShard } from "./search-shard.ts";

/** Reads one of the files `buildSearchIndex` made: parsed JSON. Rejects where it cannot. */
export type Load = (file: string) => Promise<unknown>;

/** The files of a search, each read when it is first needed and kept. */
export interface SearchData {
  manifest(): Promise<SearchManifest>;
  /** Terms that begin so, with their routes, in order. */
  terms(beginning: string): Promise<{ readonly term: string; readonly route: readonly number[] }[]>;
  /** The bucket a key is in, if it is anywhere; or all that may hold keys which begin so. */
  keys(key: string, how: "exact" | "beginning"): Promise<KeyBucket[]>;
  shard(number: number): Promise<LoadedShard>;
}

export function createSearchData(load: Load): SearchData {
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const known = kept.get(name);
    if (known) return known as Promise<T>;
    const made = make();
    kept.set(name, made);
    // What failed, as a page without a network does, is tried again the next time.
    made.catch(() => kept.delete(name));
    return made;
  };
  const manifest = () => once(MANIFEST_FILE, () => load(MANIFEST_FILE) as Promise<SearchManifest>);
  const buckets = <T>(references: readonly BucketReference[]): Promise<T[]> =>
    Promise.all(references.map(({ file }) => once(file, () => load(file) as Promise<T>)));
  return {
    manifest,
    async terms(beginning) {
      const found = await buckets<TermBucket>(bucketsFrom((await manifest()).terms, beginning));
      return found.flatMap(({ terms, routes }) => {
        const rows = terms.map((term, at) => ({ term, route: routes[at]! }));
        return rows.filter(({ term }) => term.startsWith(beginning));
      });
    },
    async keys(key, how) {
      const all = (await manifest()).keys;
      const at = bucketOf(all, key);
      return buckets<KeyBucket>(how === "beginning" ? bucketsFrom(all, key) : all.slice(Math.max(0, at), at + 1));
    },
    async shard(number) {
      const { shards, fields } = await manifest();
      const { file } = shards[number]!;
      return once(file, async () => loadShard(await load(file), fields));
    },
  };
}
