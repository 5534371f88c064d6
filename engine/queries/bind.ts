import type { Value } from "../tables/table.ts";
import { near } from "./clock.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { ItemIndex } from "./item-index.ts";
import { sameValue } from "./same-value.ts";
import { type Items, rowsOf } from "./select.ts";
import type { JoinTerm, Query, Reference } from "./selection.ts";
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
    const perhapsMore = states.includes(UNKNOWN);
    if (alive.length === 0) return { items: [], truths: [], orphaned: perhapsMore ? UNKNOWN : FALSE, perhapsMore };
    const found: number[] = [];
    const truths: Truth[] = [];
    for (const item of this.candidates(alive, bindings)) {
      this.steps++;
      const truth = both(items.truth[item]!, this.belongs(item, alive, bindings));
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
    const every = () => Array.from({ length: this.items.count }, (_, item) => item);
    const lists: (readonly number[])[] = [];
    for (const terms of alternatives) {
      const term = terms.find((one) => one.equals.length > 0);
      if (!term) return every();
      for (const reference of term.equals) {
        if (bindings(reference.evidence).item === null) continue;
        const list = this.index(term.column).candidates(this.value(reference, bindings));
        if (list === null) return every();
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

  private belongs(item: number, alternatives: readonly (readonly JoinTerm[])[], bindings: Bindings): Truth {
    const row = this.items.first[item]!;
    let joined: Truth = FALSE;
    for (const terms of alternatives) {
      let all: Truth = TRUE;
      for (const term of terms) {
        all = both(all, this.termHolds(term, row, bindings));
        if (all === FALSE) break;
      }
      joined = either(joined, all);
      if (joined === TRUE) break;
    }
    for (const one of this.query.near) {
      if (joined === FALSE) return FALSE;
      joined = both(joined, this.distance(one, row, bindings).truth);
    }
    return joined;
  }

  private termHolds({ column, equals }: JoinTerm, row: number, bindings: Bindings): Truth {
    const cell = this.items.view.reader(column)(row);
    if (equals.length === 0) return cell === null ? TRUE : FALSE;
    const type = this.items.view.table.declaration.columns[column]!.type;
    let any: Truth = FALSE;
    for (const reference of equals) {
      const binding = bindings(reference.evidence);
      if (binding.item === null) {
        any = either(any, binding.truth);
        continue;
      }
      const other = this.others.get(reference.evidence)!;
      any = either(
        any,
        sameValue(cell, type, this.value(reference, bindings), other.view.table.declaration.columns[reference.column]!.type),
      );
    }
    return any;
  }

  /** How a row lies to what a `near` names; unknown where either has no time. */
  distance(
    one: Query["near"][number],
    row: number,
    bindings: Bindings,
  ): { readonly truth: Truth; readonly shift: number; readonly sameClock: boolean } {
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
