import type { Value } from "../tables/table.ts";
import type { Span } from "./clock.ts";
import type { Truth } from "./truth.ts";
import type { Polarity } from "./vectors.ts";

/** One test of a row. */
export interface Predicate {
  /** As the rule writes it: `duration|gte: 1s`. */
  readonly text: string;
  readonly column: string;
  /** The other column of a `|fieldref`. */
  readonly other: string | null;
  /** An unknown cell makes the predicate unknown, except for `exists`. */
  readonly test: (cell: Value, other: Value) => Truth;
  /** Where the predicate is plain equality: the values, one of which the cell must equal. */
  readonly equals: readonly (string | number | boolean | bigint)[] | null;
}

export type Aggregate = "count" | "distinct" | "min" | "max" | "sum";

/** `distinct(client_ip)|gte: 3`. */
export interface Having {
  readonly text: string;
  readonly aggregate: Aggregate;
  /** Null for `count`. */
  readonly column: string | null;
  readonly compare: "eq" | "neq" | "gt" | "gte" | "lt" | "lte";
  readonly bound: number | bigint;
}

export interface Grouping {
  readonly columns: readonly string[];
  readonly having: readonly Having[];
  /** Seconds of a sliding window; null for no window. */
  readonly within: number | null;
}

/** What a query fixes before it looks at any row: the ground its absence has to cover. */
export interface Pins {
  /** Addresses and names of each machine at which such a row would show; null if it may be any. */
  readonly machines: readonly (readonly string[])[] | null;
  readonly side: string | null;
  readonly window: (Span & { readonly source: number }) | null;
  /** Values of other columns, by column. */
  readonly values: ReadonlyMap<string, readonly (string | number | boolean | bigint)[]>;
}

/** What an evidence query selects by itself, without its joins. Equal selections of different rules are computed once. */
export interface Selection {
  /** Equal for selections that mean the same. */
  readonly key: string;
  readonly table: string;
  /** Any of these lists of predicates, each all together. */
  readonly alternatives: readonly (readonly Predicate[])[];
  /** What any of the alternatives fixes: absence has to be covered for each. */
  readonly pins: readonly Pins[];
  readonly grouping: Grouping | null;
}

/** Another evidence's column, or its declared time column. */
export interface Reference {
  readonly evidence: string;
  readonly column: string;
}

/** One equation of a join: the column equals any of the references; no references means that the cell must be empty. */
export interface JoinTerm {
  readonly column: string;
  readonly equals: readonly Reference[];
}

export interface Nearness {
  readonly column: string;
  readonly to: Reference;
  /** Seconds. */
  readonly within: number;
  readonly order: "any" | "after" | "before";
}

/** `earned`: absence holds only where a source could have shown such a row; otherwise wherever the bundle shows none. */
export type Expectation = { readonly kind: "some"; readonly atLeast: number } | { readonly kind: "none"; readonly earned: boolean };

/** Whether an evidence that is true speaks for the case: what the rule denies does not, nor does what the bundle merely does not show. */
export function isLead({ expect }: Pick<Query, "expect">, polarity: Polarity | undefined): boolean {
  return polarity !== "negative" && (expect.kind !== "none" || expect.earned);
}

/** One evidence block of a rule, compiled. */
export interface Query {
  readonly name: string;
  readonly about: string;
  readonly selection: Selection;
  /** The evidence of whose rows this one must be. */
  readonly of: string | null;
  /** Any of these lists of terms, each all together; empty for no join. */
  readonly joins: readonly (readonly JoinTerm[])[];
  readonly near: readonly Nearness[];
  /** Evidence names in the order in which their rows must follow each other; the block then has no selection of its own. */
  readonly sequence: { readonly members: readonly string[]; readonly within: number } | null;
  readonly expect: Expectation;
  /** Other evidence of the same thing: where the bundle could show that and not this, this counts as not found. */
  readonly alternativeTo: readonly string[];
  /** Citation columns, `row` for the row's own place; null for all of them. */
  readonly cite: readonly string[] | null;
  readonly limit: number;
  /** Names of the evidence it is bound to, each once, in order of mention. */
  readonly parents: readonly string[];
}

/** Names of the evidence a query is bound to, each once, in order of mention. */
export function parentsOf({ of, joins, near, sequence }: Pick<Query, "of" | "joins" | "near" | "sequence">): string[] {
  const names = new Set<string>(of === null ? [] : [of]);
  for (const terms of joins) for (const term of terms) for (const reference of term.equals) names.add(reference.evidence);
  for (const { to } of near) names.add(to.evidence);
  for (const member of sequence?.members ?? []) names.add(member);
  return [...names];
}
