import type { Value } from "../tables/table.ts";
import { near } from "./clock.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { ItemIndex } from "./item-index.ts";
import { sameValue } from "./same-value.ts";
import { type Items, rowsOf } from "./select.ts";
import type { JoinTerm, Nearness, Query, Reference } from "./selection.ts";
import { both, either, FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** What an evidence a query refers to is bound to: one of its items, or nothing, and then whether that is known. */
export type Binding = { readonly item: number } | { readonly item: null; readonly truth: Truth };

/** The bindings a query is evaluated under, by evidence name. */
export type Bindings = (name: string) => Binding;

/** Items of a query that belong to a binding. */
export interface Matches {
  readonly items: readonly number[];
  /** How sure each is: its own truth and that of the join together. */
  readonly truths: readonly Truth[];
  /** Set where the query has nothing to be bound to: false or unknown with it. */
  readonly orphaned: Truth | null;
  /** A further way to belong hangs on evidence that is not known. */
  readonly perhapsMore: boolean;
}

/** Finds the items of one query that belong to given items of the queries it refers to. */
export class Binder {
  readonly query: Query;
  readonly items: Items;
  private readonly store: EvidenceStore;
  private readonly others: ReadonlyMap<string, Items>;
  private readonly indexes = new Map<string, ItemIndex>();
  /** Rows looked at so far. */
  steps = 0;

  constructor(query: Query, items: Items, others: ReadonlyMap<string, Items>, store: EvidenceStore) {
    this.query = query;
    this.items = items;
    this.others = others;
    this.store = store;
  }

  match(bindings: Bindings): Matches {
    const { query, items } = this;
    const alternatives: readonly (readonly JoinTerm[])[] = query.joins.length > 0 ? query.joins : [[]];
    const tied = this.tiedTo(bindings);
    const states = alternatives.map((terms) => both(tied, termsState(terms, bindings)));
    const alive = alternatives.filter((_, index) => states[index] === TRUE);
    const perhapsMore =
      states.includes(UNKNOWN) || alive.some((terms) => terms.some((term) => term.equals.some((one) => isUnknown(bindings(one.evidence)))));
    if (alive.length === 0) return { items: [], truths: [], orphaned: perhapsMore ? UNKNOWN : FALSE, perhapsMore };
    const found: number[] = [];
    const truths: Truth[] = [];
    const belongs = this.rowTest(alive, bindings);
    for (const item of this.candidates(alive, bindings)) {
      this.steps++;
      const truth = both(items.truth[item]!, belongs(items.first[item]!));
      if (truth === FALSE) continue;
      found.push(item);
      truths.push(truth);
    }
    return { items: found, truths, orphaned: null, perhapsMore };
  }

  /** The value a reference has under the bindings; null if not bound or not known. */
  value(reference: Reference, bindings: Bindings): Value {
    const { item } = bindings(reference.evidence);
    if (item === null) return null;
    const other = this.others.get(reference.evidence)!;
    return other.view.reader(reference.column)(other.first[item]!);
  }

  /** The source of the row a reference is bound to; -1 for a derived row. */
  sourceOf(evidence: string, bindings: Bindings): number {
    const { item } = bindings(evidence);
    const other = this.others.get(evidence)!;
    return item === null ? -1 : other.view.sourceOf(other.first[item]!);
  }

  /** `of` and `near` must hold whatever the join, so they need what they refer to. */
  private tiedTo(bindings: Bindings): Truth {
    let state: Truth = TRUE;
    for (const name of [...(this.query.of ? [this.query.of] : []), ...this.query.near.map((one) => one.to.evidence)])
      state = both(state, stateOf(bindings(name)));
    return state;
  }

  private candidates(alternatives: readonly (readonly JoinTerm[])[], bindings: Bindings): Iterable<number> {
    if (this.query.of) {
      const row = this.boundRow(this.query.of, bindings);
      return this.index("").candidates(row) ?? [];
    }
    const all = () => Array.from({ length: this.items.count }, (_, item) => item);
    const lists: (readonly number[])[] = [];
    for (const terms of alternatives) {
      const term = terms.find((one) => one.equals.length > 0);
      if (!term) return all();
      for (const reference of term.equals) {
        if (bindings(reference.evidence).item === null) continue;
        const list = this.index(term.column).candidates(this.value(reference, bindings));
        if (list === null) return all();
        lists.push(list);
      }
    }
    return lists.length === 1 ? lists[0]! : [...new Set(lists.flat())].sort((a, b) => a - b);
  }

  /** The index of a column of the items; of their row numbers for the empty name. */
  private index(column: string): ItemIndex | RowIndex {
    if (column === "") {
      this.rows ??= new RowIndex(this.items);
      return this.rows;
    }
    let index = this.indexes.get(column);
    if (!index) {
      index = new ItemIndex(this.items, column);
      this.indexes.set(column, index);
    }
    return index;
  }

  private rows: RowIndex | null = null;

  private boundRow(evidence: string, bindings: Bindings): number {
    const { item } = bindings(evidence);
    return item === null ? -1 : this.others.get(evidence)!.first[item]!;
  }

  /** Whether a row belongs to what is bound, made once for all rows of one binding. */
  private rowTest(alternatives: readonly (readonly JoinTerm[])[], bindings: Bindings): (row: number) => Truth {
    const nameless = alternatives.some((terms) => terms.every((term) => term.equals.length === 0));
    const joins = alternatives.map((terms) => every(terms.map((term) => this.termTest(term, bindings, nameless))));
    const nearby = every(this.query.near.map((one) => this.nearTest(one, bindings)));
    const join =
      joins.length === 1
        ? joins[0]!
        : (row: number) => joins.reduce<Truth>((best, test) => (best === TRUE ? TRUE : either(best, test(row))), FALSE);
    return (row) => {
      const joined = join(row);
      return joined === FALSE ? FALSE : both(joined, nearby(row));
    };
  }

  /**
   * `nameless`: the rule takes rows that do not say which machine they are from (`host: null`), and so those that say it by a name
   * nothing in the bundle ties to an address.
   */
  private termTest({ column, equals }: JoinTerm, bindings: Bindings, nameless: boolean): (row: number) => Truth {
    const read = this.items.view.reader(column);
    if (equals.length === 0) return (row) => (read(row) === null ? TRUE : FALSE);
    const type = this.items.view.table.declaration.columns[column]!.type;
    const bound = equals.filter((reference) => bindings(reference.evidence).item !== null);
    const partners = bound.map((reference) => {
      const other = this.others.get(reference.evidence)!.view.table.declaration;
      return { value: this.value(reference, bindings), type: other.columns[reference.column]!.type };
    });
    return (row) => {
      const cell = read(row);
      let any: Truth = FALSE;
      for (const partner of partners) any = either(any, sameValue(cell, type, partner.value, partner.type));
      if (any === UNKNOWN && nameless && type === "host" && cell !== null && partners.some(({ value }) => value !== null)) return TRUE;
      return any;
    };
  }

  private nearTest(one: Nearness, bindings: Bindings): (row: number) => Truth {
    const { view } = this.items;
    const [read, other, source] = [view.reader(one.column), this.value(one.to, bindings), this.sourceOf(one.to.evidence, bindings)];
    if (typeof other !== "bigint") return () => UNKNOWN;
    const oneClock = view.table.parts.every((part) => this.store.sameClock(part.source, source));
    return (row) => {
      const own = read(row);
      if (typeof own !== "bigint") return UNKNOWN;
      return near(own, other, one.within, one.order, oneClock || this.store.sameClock(view.sourceOf(row), source)).truth;
    };
  }

  /** Whether some way of joining ties the row's machine to what is bound, rather than taking it for the same one. */
  tells(host: string, row: number, bindings: Bindings): boolean {
    return this.query.joins.some((terms) => {
      const term = terms.find(({ column, equals }) => column === host && equals.length > 0);
      return term !== undefined && this.termTest(term, bindings, false)(row) === TRUE;
    });
  }

  /** How a row lies to what a `near` names; unknown where either has no time. */
  distance(one: Nearness, row: number, bindings: Bindings): { readonly truth: Truth; readonly shift: number; readonly sameClock: boolean } {
    const own = this.items.view.reader(one.column)(row);
    const other = this.value(one.to, bindings);
    const sameClock = this.store.sameClock(this.items.view.sourceOf(row), this.sourceOf(one.to.evidence, bindings));
    if (typeof own !== "bigint" || typeof other !== "bigint") return { truth: UNKNOWN, shift: 0, sameClock };
    return { ...near(own, other, one.within, one.order, sameClock), sameClock };
  }
}

/** Items by row, for `of`. */
class RowIndex {
  private readonly byRow = new Map<number, number[]>();

  constructor(items: Items) {
    for (let item = 0; item < items.count; item++)
      for (const row of rowsOf(items, item)) this.byRow.set(row, [...(this.byRow.get(row) ?? []), item]);
  }

  candidates(row: Value): readonly number[] {
    return this.byRow.get(row as number) ?? [];
  }
}

function isUnknown(binding: Binding): boolean {
  return binding.item === null && binding.truth === UNKNOWN;
}

/** All tests together; none are true. */
function every(tests: readonly ((row: number) => Truth)[]): (row: number) => Truth {
  if (tests.length === 1) return tests[0]!;
  return (row) => {
    let all: Truth = TRUE;
    for (const test of tests) {
      all = both(all, test(row));
      if (all === FALSE) break;
    }
    return all;
  };
}

function stateOf(binding: Binding): Truth {
  return binding.item === null ? binding.truth : TRUE;
}

/** Whether terms have something to be compared with: every term needs one bound reference. */
function termsState(terms: readonly JoinTerm[], bindings: Bindings): Truth {
  let state: Truth = TRUE;
  for (const { equals } of terms) {
    if (equals.length === 0) continue;
    state = both(
      state,
      equals.reduce<Truth>((best, reference) => either(best, stateOf(bindings(reference.evidence))), FALSE),
    );
  }
  return state;
}
