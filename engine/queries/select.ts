import { aggregate } from "./aggregate.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { Predicate, Selection } from "./selection.ts";
import type { TableView } from "./table-view.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** What a selection found: rows, or groups of rows, that satisfy it surely (`TRUE`) or perhaps (`UNKNOWN`). */
export interface Items {
  readonly view: TableView;
  readonly count: number;
  /** First row of each. */
  readonly first: ArrayLike<number>;
  readonly truth: ArrayLike<Truth>;
  /** All rows of each group; null where every item is one row. */
  readonly groups: readonly (readonly number[])[] | null;
}

export function rowsOf(items: Items, item: number): readonly number[] {
  return items.groups ? items.groups[item]! : [items.first[item]!];
}

/** The items that `keep` answers true for. */
export function itemsThat(items: Items, keep: (item: number) => boolean): Items {
  const kept = Array.from({ length: items.count }, (_, item) => item).filter(keep);
  if (kept.length === items.count) return items;
  return {
    view: items.view,
    count: kept.length,
    first: kept.map((item) => items.first[item]!),
    truth: kept.map((item) => items.truth[item]!),
    groups: items.groups && kept.map((item) => items.groups![item]!),
  };
}

/** From this many rows on, an equality index is worth making; below, reading them all is as quick. */
const WORTH_INDEXING = 64;

/** Evaluates a selection over its table, in row order. */
export function select(selection: Selection, store: EvidenceStore): Items {
  const view = store.view(selection.table);
  const items = eitherOf(selection.alternatives, view);
  if (!selection.grouping) return items;
  return aggregate(items, selection.grouping, (host) => isProven(selection, store, host));
}

/** Whether no row can be missing: then an upper bound on a count is worth something. */
function isProven(selection: Selection, store: EvidenceStore, host: readonly string[] | null): boolean {
  return selection.pins.every(
    (pins) => store.ground(selection.table, host ? { ...pins, machines: [...(pins.machines ?? []), host] } : pins, true).covered,
  );
}

/** Rows that satisfy any of the lists of predicates, each once. */
function eitherOf(alternatives: Selection["alternatives"], view: TableView): Items {
  const [first, ...others] = alternatives.map((predicates) => scan(predicates, view));
  const found = others.filter(({ rows }) => rows.length > 0);
  if (!first) return { view, count: 0, first: [], truth: [], groups: null };
  if (found.length === 0) return { view, count: first.rows.length, first: first.rows, truth: first.truths, groups: null };
  const best = new Map<number, Truth>();
  for (const { rows, truths } of [first, ...found])
    for (const [k, row] of rows.entries()) if (truths[k]! > (best.get(row) ?? FALSE)) best.set(row, truths[k]!);
  const rows = [...best.keys()].sort((a, b) => a - b);
  return { view, count: rows.length, first: rows, truth: rows.map((row) => best.get(row)!), groups: null };
}

/** Rows that satisfy all the predicates, surely or perhaps. */
function scan(predicates: readonly Predicate[], view: TableView): { readonly rows: number[]; readonly truths: Truth[] } {
  const [rows, truths]: [number[], Truth[]] = [[], []];
  const candidates = candidateRows(predicates, view);
  const test = rowTest(predicates, view);
  const count = candidates?.length ?? view.length;
  for (let i = 0; i < count; i++) {
    const row = candidates ? candidates[i]! : i;
    const truth = test(row);
    if (truth === FALSE) continue;
    rows.push(row);
    truths.push(truth);
  }
  return { rows, truths };
}

/** The fewest rows an equality predicate leaves to look at; null for all rows. */
export function candidateRows(predicates: readonly Predicate[], view: TableView): readonly number[] | null {
  if (view.length < WORTH_INDEXING) return view.length === 0 ? [] : null;
  let best: readonly number[] | null = null;
  for (const { column, equals } of predicates) {
    const rows = equals ? view.candidates(column, equals) : null;
    if (rows && (best === null || rows.length < best.length)) best = rows;
  }
  return best;
}

/** Whether a selection may find anything, by the values the table holds at all; true where only reading it can tell. */
export function mayFind(selection: Selection, view: TableView): boolean {
  if (view.length === 0) return false;
  return selection.alternatives.some((predicates) =>
    predicates.every(({ column, equals }) => equals === null || view.mayHold(column, equals)),
  );
}

/** All predicates together on one row. */
function rowTest(predicates: readonly Predicate[], view: TableView): (row: number) => Truth {
  const bound = predicates.map((predicate) => bindPredicate(predicate, view));
  return (row) => {
    let result: Truth = TRUE;
    for (const test of bound) {
      const here = test(row);
      if (here === FALSE) return FALSE;
      if (here === UNKNOWN) result = UNKNOWN;
    }
    return result;
  };
}

export function bindPredicate({ column, other, test }: Predicate, view: TableView): (row: number) => Truth {
  const read = view.reader(column);
  if (other === null) return (row) => test(read(row), null);
  const readOther = view.reader(other);
  return (row) => test(read(row), readOther(row));
}
