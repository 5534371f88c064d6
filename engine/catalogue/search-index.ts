import lunr from "lunr";
import type { Catalogue, Entry } from "./catalogue.ts";
import { FIELD_BOOSTS, type Field, type Findable, findablesOf } from "./findable.ts";
import { keyBuckets, portRanges } from "./key-buckets.ts";
import { keyWords } from "./key-words.ts";
import { contentName, cut } from "./search-bundling.ts";
import { MANIFEST_FILE, type SearchManifest, type Shard, type ShardDocument, type TermBucket } from "./search-files.ts";
import { indexedWordsOf } from "./words.ts";

const FIELDS = Object.keys(FIELD_BOOSTS) as Field[];
/** Some 150 KB of JSON, 35 KB compressed: loaded and searched in tens of milliseconds. */
const DOCUMENTS_PER_SHARD = 200;
const CHARACTERS_PER_BUCKET = 24_000;
/** Cases come before the reference entries they name, where both say the same. */
const CASE_BOOST = 1.4;

/** One entry's terms by field, and its part of the whole index. */
interface Indexed {
  readonly findable: Findable;
  readonly vectors: Map<string, number>[];
}

/**
 * Builds everything `createSearch` reads: file name to JSON text. One lunr index is built over all entries and cut up afterwards, so
 * that the weights in one shard compare with those in another.
 */
export function buildSearchIndex(catalogue: Catalogue, entries: readonly Entry[]): Map<string, string> {
  const findables = findablesOf(catalogue, entries);
  const shards = shardsOf(weighed(findables));
  const files = new Map<string, string>();
  const add = (name: string, content: unknown): string => {
    const text = JSON.stringify(content);
    const file = contentName(name, text);
    files.set(file, text);
    return file;
  };
  const manifest: SearchManifest = {
    format: 1,
    documents: findables.length,
    fields: FIELDS,
    shards: shards.map((shard, number) => ({
      file: add(`shard-${number}`, shardOf(shard)),
      documents: shard.length,
      groups: [...new Set(shard.map(({ findable }) => findable.group))],
    })),
    terms: termBuckets(shards).map((bucket, number) => ({ from: bucket.terms[0]!, file: add(`terms-${number}`, bucket) })),
    keys: keyBuckets(findables, CHARACTERS_PER_BUCKET).map((bucket, number) => ({
      from: bucket.keys[0]![0],
      file: add(`keys-${number}`, bucket),
    })),
    ranges: portRanges(findables),
  };
  files.set(MANIFEST_FILE, JSON.stringify(manifest));
  return files;
}

/** Lets lunr weigh every term of every field. */
function weighed(findables: readonly Findable[]): Indexed[] {
  const builder = new lunr.Builder();
  for (const field of FIELDS) builder.field(field, { boost: FIELD_BOOSTS[field] });
  const articles = keyWords(findables.map(({ fields }) => termsOf(fields.article)));
  for (const [index, { fields, entry }] of findables.entries()) {
    const terms = Object.fromEntries(FIELDS.map((field) => [field, field === "article" ? articles[index] : termsOf(fields[field])]));
    builder.add({ id: index, ...terms }, { boost: entry.kind === "case" ? CASE_BOOST : 1 });
  }
  const { fieldVectors, invertedIndex } = builder.build().toJSON() as {
    fieldVectors: [string, number[]][];
    invertedIndex: [string, { _index: number }][];
  };
  const terms: string[] = [];
  for (const [term, { _index }] of invertedIndex) terms[_index] = term;
  const indexed = findables.map((findable) => ({ findable, vectors: FIELDS.map(() => new Map<string, number>()) }));
  for (const [reference, elements] of fieldVectors) {
    const [field, document] = reference.split("/");
    const vector = indexed[Number(document)]!.vectors[FIELDS.indexOf(field as Field)]!;
    for (let at = 0; at < elements.length; at += 2) vector.set(terms[elements[at]!]!, elements[at + 1]!);
  }
  return indexed;
}

function termsOf(texts: readonly string[] = []): string[] {
  const terms = texts.flatMap((text) => indexedWordsOf(text).map(({ term }) => term));
  return terms.filter((term) => lunr.stopWordFilter(new lunr.Token(term, {})) !== undefined);
}

/** Entries of a group together; large groups in several shards, small groups sharing one. */
function shardsOf(indexed: readonly Indexed[]): Indexed[][] {
  const order = (one: Indexed) => `${one.findable.group} ${one.findable.entry.address}`;
  const groups = new Map<string, Indexed[]>();
  for (const one of [...indexed].sort((a, b) => (order(a) < order(b) ? -1 : 1)))
    groups.set(one.findable.group, [...(groups.get(one.findable.group) ?? []), one]);
  const shards: Indexed[][] = [];
  for (const group of groups.values()) {
    const parts = Math.ceil(group.length / DOCUMENTS_PER_SHARD);
    const last = shards.at(-1);
    if (last && last.length + group.length <= DOCUMENTS_PER_SHARD) last.push(...group);
    else
      for (let part = 0; part < parts; part++) shards.push(group.slice((part * group.length) / parts, ((part + 1) * group.length) / parts));
  }
  return shards;
}

function shardOf(shard: readonly Indexed[]): Shard {
  const terms = [...new Set(shard.flatMap(({ vectors }) => vectors.flatMap((vector) => [...vector.keys()])))].sort();
  const numbers = new Map(terms.map((term, number) => [term, number]));
  const documents = shard.map(({ findable: { entry, sentences }, vectors }): ShardDocument => {
    const flat = vectors.map((vector) => {
      const pairs = [...vector].map(([term, weight]) => [numbers.get(term)!, weight] as const).sort(([a], [b]) => a - b);
      return pairs.length === 0 ? 0 : pairs.flat();
    });
    return { entry, sentences, vectors: flat };
  });
  return { terms, documents };
}

function termBuckets(shards: readonly (readonly Indexed[])[]): TermBucket[] {
  const routes = new Map<string, number[]>();
  for (const [number, shard] of shards.entries()) {
    const most = new Map<string, number>();
    for (const { vectors } of shard) {
      const sums = new Map<string, number>();
      for (const vector of vectors) for (const [term, weight] of vector) sums.set(term, (sums.get(term) ?? 0) + weight);
      for (const [term, sum] of sums) {
        most.set(term, Math.max(most.get(term) ?? 0, sum));
        const route = routes.get(term) ?? [0];
        route[0]!++;
        routes.set(term, route);
      }
    }
    // Rounded up, for it is a bound.
    for (const [term, sum] of most) routes.get(term)!.push(number, Math.ceil(sum * 10) / 10);
  }
  const sorted = [...routes].sort(([a], [b]) => (a < b ? -1 : 1));
  return cut(sorted, CHARACTERS_PER_BUCKET).map((part) => ({ terms: part.map(([term]) => term), routes: part.map(([, route]) => route) }));
}
