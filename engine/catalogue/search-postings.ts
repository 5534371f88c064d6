import lunr from "lunr";
import { isCommon } from "./common-words.ts";
import { FIELD_BOOSTS, type Field, type Findable } from "./findable.ts";
import { keyWords } from "./key-words.ts";
import type { Posting } from "./search-files.ts";
import { indexedWordsOf } from "./words.ts";

export const FIELDS = Object.keys(FIELD_BOOSTS) as Field[];
/** Cases come before the reference entries they name, where both say the same. */
const CASE_BOOST = 1.4;

export interface TermPosting {
  readonly term: string;
  /** Documents that hold it. */
  readonly count: number;
  readonly posting: Posting;
}

/** Lets lunr weigh every term of every field over all documents; by term, in order. */
export function postingsOf(findables: readonly Findable[]): TermPosting[] {
  const builder = new lunr.Builder();
  // Fields are given as terms: cutting them is ours, and a token object for each would cost as much as all the rest.
  builder.tokenizer = asGiven as unknown as typeof builder.tokenizer;
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
  const weights = turned(fieldVectors, invertedIndex.length, findables.length);
  return invertedIndex.map(([term, { _index }]) => {
    const fields = weights[_index]!;
    return { term, count: new Set(fields.flatMap((pairs) => pairs.map(([document]) => document))).size, posting: fields.map(flat) };
  });
}

function asGiven(terms: readonly string[]): readonly string[] {
  return terms;
}

/** Weights of documents by field turned into weights of terms: by term and field, pairs of document and weight in order of document. */
function turned(fieldVectors: readonly [string, number[]][], terms: number, documents: number): [number, number][][][] {
  const elements = FIELDS.map(() => new Array<readonly number[]>(documents).fill([]));
  for (const [reference, vector] of fieldVectors) {
    const [field, document] = reference.split("/");
    elements[FIELDS.indexOf(field as Field)]![Number(document)] = vector;
  }
  const weights = Array.from({ length: terms }, () => FIELDS.map((): [number, number][] => []));
  for (const [field, vectors] of elements.entries()) {
    for (const [document, vector] of vectors.entries())
      for (let at = 0; at < vector.length; at += 2) weights[vector[at]!]![field]!.push([document, vector[at + 1]!]);
  }
  return weights;
}

function flat(pairs: readonly [number, number][]): readonly number[] | 0 {
  if (pairs.length === 0) return 0;
  return pairs.flatMap(([document, weight], at) => [document - (pairs[at - 1]?.[0] ?? 0), Math.max(1, Math.round(weight * 10))]);
}

/** Terms of a field, without the words that are in every text. */
function termsOf(texts: readonly string[] = []): string[] {
  const terms = texts.flatMap((text) => indexedWordsOf(text).map(({ term }) => term));
  return terms.filter((term) => !isCommon(term));
}
