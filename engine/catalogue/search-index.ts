import { createSha256 } from "../bytes/sha256.ts";
import type { Catalogue, Entry } from "./catalogue.ts";
import { cutList } from "./cut-list.ts";
import { type Findable, findablesOf } from "./findable.ts";
import { keyBuckets, portRanges } from "./key-buckets.ts";
import { facetTable } from "./search-facets.ts";
import {
  type DictionaryBucket,
  facetsFile,
  fileName,
  MANIFEST_FILE,
  type PostingBucket,
  type SearchDocument,
  type SearchManifest,
} from "./search-files.ts";
import { FIELDS, postingsOf } from "./search-postings.ts";

const DOCUMENTS_PER_PAGE = 32;
/** Some 8 KB compressed. */
const CHARACTERS_PER_BUCKET = 24_000;

/** Builds everything `createSearch` reads: file name to JSON text. The same catalogue gives the same files. */
export function buildSearchIndex(catalogue: Catalogue, entries: readonly Entry[]): Map<string, string> {
  const findables = inOrder(findablesOf(catalogue, entries));
  const postings = cutList(postingsOf(findables), CHARACTERS_PER_BUCKET);
  const dictionary = cutList(dictionaryOf(postings), CHARACTERS_PER_BUCKET);
  const keys = keyBuckets(findables, CHARACTERS_PER_BUCKET);
  const pages = Array.from({ length: Math.ceil(findables.length / DOCUMENTS_PER_PAGE) }, (_, page) =>
    findables.slice(page * DOCUMENTS_PER_PAGE, (page + 1) * DOCUMENTS_PER_PAGE).map(shown),
  );
  const parts = {
    dictionary: dictionary.map(bucketOfRows),
    postings: postings.map((bucket): PostingBucket => bucket.map(({ term, posting }) => [term, posting])),
    keys,
    documents: pages,
  };
  const texts = Object.entries(parts).map(
    ([kind, list]) => [kind as keyof typeof parts, list.map((part) => JSON.stringify(part))] as const,
  );
  const facets = JSON.stringify(facetTable(findables.map(({ entry }) => entry)));
  const version = digestOf([...texts.flatMap(([, list]) => list), facets]);
  const manifest: SearchManifest = {
    format: 1,
    version,
    documents: findables.length,
    documentsPerPage: DOCUMENTS_PER_PAGE,
    fields: FIELDS,
    dictionary: dictionary.map(([first]) => first!.term),
    keys: keys.map((bucket) => bucket.keys[0]![0]),
    ranges: portRanges(findables),
  };
  return new Map([
    [MANIFEST_FILE, JSON.stringify(manifest)],
    [facetsFile(version), facets],
    ...texts.flatMap(([kind, list]) => list.map((text, number): [string, string] => [fileName(kind, number, version), text])),
  ]);
}

/** Cases of an area together, then the other kinds, each by title. Documents that fit a question alike are shown in this order. */
function inOrder(findables: readonly Findable[]): Findable[] {
  const place = ({ entry, group }: Findable) => [entry.kind === "case" ? "0" : "1", group, entry.title, entry.address].join("\u0000");
  const placed = findables.map((findable) => ({ findable, place: place(findable) }));
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ findable }) => findable);
}

function shown({ entry, sentences }: Findable): SearchDocument {
  return { entry, sentences };
}

interface Row {
  readonly term: string;
  readonly count: number;
  readonly postings: number;
}

function dictionaryOf(postings: readonly (readonly { readonly term: string; readonly count: number }[])[]): Row[] {
  return postings.flatMap((bucket, number) => bucket.map(({ term, count }) => ({ term, count, postings: number })));
}

function bucketOfRows(rows: readonly Row[]): DictionaryBucket {
  return {
    terms: rows.map(({ term }) => term),
    counts: rows.map(({ count }) => count),
    postings: rows.map(({ postings }) => postings),
  };
}

function digestOf(texts: readonly string[]): string {
  const hash = createSha256();
  const encoder = new TextEncoder();
  for (const text of texts) hash.update(encoder.encode(text));
  return hash.digestHex().slice(0, 12);
}
