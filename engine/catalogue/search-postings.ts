import lunr from "lunr";
import { isCommon } from "./common-words.ts";
import { FIELD_BOOSTS, type Field, type Findable } from "./findable.ts";
import { keyWords } from "./key-words.ts";
import type { Posting } from "./search-files.ts";
import { createTermReader } from "./words.ts";

export const FIELDS = Object.keys(FIELD_BOOSTS) as Field[];
/** Cases come before the reference entries they name, where both say the same. */
const CASE_BOOST = 1.4;

export interface TermPosting {
  readonly term: string;
  /** Documents that hold it. */
  readonly count: number;
  readonly posting: Posting;
}

/** Postings of one term in lunr's inverted index: by field, the documents that hold it. */
type Held = Readonly<Record<Field, Record<number, object>>>;

/** Lets lunr weigh every term of every field over all documents; by term, in order. */
export function postingsOf(findables: readonly Findable[]): TermPosting[] {
  const builder = new lunr.Builder();
  // Fields are given as terms: cutting them is ours, and a token object for each would cost as much as all the rest.
  builder.tokenizer = asGiven as unknown as typeof builder.tokenizer;
  for (const field of FIELDS) builder.field(field, { boost: FIELD_BOOSTS[field] });
  const read = createTermReader((term) => !isCommon(term));
  const termsOf = (texts: readonly string[] = []) => texts.flatMap(read);
  const articles = keyWords(findables.map(({ fields }) => termsOf(fields.article)));
  for (const [index, { fields, entry }] of findables.entries()) {
    const terms = FIELDS.map((field) => [field, field === "article" ? articles[index]! : termsOf(fields[field])] as const);
    builder.add({ id: index, ...Object.fromEntries(terms) }, { boost: entry.kind === "case" ? CASE_BOOST : 1 });
    dropMetadata(builder.invertedIndex as Record<string, Held>, index, terms);
  }
  const { fieldVectors, invertedIndex } = builder.build().toJSON() as {
    fieldVectors: [string, number[]][];
    invertedIndex: [string, { _index: number }][];
  };
  const weights = turned(fieldVectors, invertedIndex.length, findables.length);
  return invertedIndex.map(([term, { _index }]) => {
    const fields = weights[_index]!;
    const documents = fields.flatMap((pairs) => pairs.filter((_, at) => at % 2 === 0));
    return { term, count: new Set(documents).size, posting: fields.map(flat) };
  });
}

function asGiven(terms: readonly string[]): readonly string[] {
  return terms;
}

const NO_METADATA = Object.freeze({});

/**
 * lunr leaves an object for metadata with every term of every field of every document, of which nothing is asked here: most of the
 * memory that a large index would take.
 */
function dropMetadata(index: Readonly<Record<string, Held>>, document: number, terms: readonly (readonly [Field, readonly string[]])[]) {
  for (const [field, list] of terms) for (const term of list) index[term]![field][document] = NO_METADATA;
}

/** Weights of documents by field turned into weights of terms: by term and field, documents in order, each followed by its weight. */
function turned(fieldVectors: readonly [string, number[]][], terms: number, documents: number): number[][][] {
  const elements = FIELDS.map(() => new Array<readonly number[]>(documents).fill([]));
  for (const [reference, vector] of fieldVectors) {
    const [field, document] = reference.split("/");
    elements[FIELDS.indexOf(field as Field)]![Number(document)] = vector;
  }
  const weights = Array.from({ length: terms }, () => FIELDS.map((): number[] => []));
  for (const [field, vectors] of elements.entries()) {
    for (const [document, vector] of vectors.entries())
      for (let at = 0; at < vector.length; at += 2) weights[vector[at]!]![field]!.push(document, vector[at + 1]!);
  }
  return weights;
}

function flat(pairs: readonly number[]): readonly number[] | 0 {
  if (pairs.length === 0) return 0;
  return pairs.map((value, at) => (at % 2 === 0 ? value - (pairs[at - 2] ?? 0) : Math.max(1, Math.round(value * 10))));
}
