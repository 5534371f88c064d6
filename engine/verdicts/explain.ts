import { EvidenceStore } from "../queries/evidence-store.ts";
import { bindPredicate } from "../queries/select.ts";
import type { Predicate, Query } from "../queries/selection.ts";
import type { TableView } from "../queries/table-view.ts";
import { FALSE, TRUE, type TruthName, truthName, UNKNOWN } from "../queries/truth.ts";
import type { CompiledRule } from "../rules/rule.ts";
import { formatCell } from "../rules/template.ts";
import type { Citation } from "../tables/table.ts";
import { bestScene } from "./best-scene.ts";
import { type Found, findRows } from "./describe.ts";
import type { RuleInput } from "./evaluate-rules.ts";

/** Why an evidence block came to what it came to. */
export interface QueryExplanation {
  readonly name: string;
  readonly about: string;
  readonly table: string;
  readonly outcome: TruthName;
  /** Rows of the table. */
  readonly considered: number;
  /** For each list of predicates: rows left after each of them. A row with an unknown cell is left. */
  readonly funnels: readonly (readonly FunnelStep[])[];
  /** Rows, or groups, the query selects by itself; `perhaps` of them hang on unknown cells. */
  readonly selected: number;
  readonly perhaps: number;
  /** Those that belong together with the rest of the evidence. */
  readonly joined: number;
  readonly nearest: NearestMiss | null;
  readonly notes: readonly string[];
}

export interface FunnelStep {
  readonly predicate: string;
  readonly left: number;
  readonly unknown: number;
}

/** The row that fails the fewest predicates, where none was selected. */
export interface NearestMiss {
  readonly citation: Citation | null;
  readonly passed: number;
  readonly failed: readonly { readonly predicate: string; readonly column: string; readonly cell: string; readonly truth: TruthName }[];
}

/** Most rows looked through for the nearest miss; the funnel counts all. */
const MAX_NEAREST_ROWS = 200_000;

/** Explains a rule query by query; an empty list for a rule that cannot be asked. */
export function explain(rule: CompiledRule, input: RuleInput): QueryExplanation[] {
  if (rule.body === null) return [];
  const store = new EvidenceStore(input);
  const scene = bestScene(rule.body, store);
  const found = findRows(scene, rule.body.queries);
  return [...found].map(([name, what]) => explainQuery(name, what, store));
}

function explainQuery(name: string, { query, truth, items, chosen, why, assumptions }: Found, store: EvidenceStore): QueryExplanation {
  const shared = {
    name,
    about: query.about,
    table: query.selection.table,
    outcome: truthName(truth),
    joined: chosen.length,
    notes: [...assumptions, ...(why === "" ? [] : [why])],
  };
  if (query.sequence || !items) return { ...shared, considered: 0, funnels: [], selected: 0, perhaps: 0, nearest: null };
  const view = store.view(query.selection.table);
  return {
    ...shared,
    considered: view.length,
    funnels: query.selection.alternatives.map((predicates) => funnel(predicates, view)),
    selected: items.count,
    perhaps: Array.from({ length: items.count }, (_, item) => items.truth[item]).filter((one) => one === UNKNOWN).length,
    nearest: items.count > 0 ? null : nearestMiss(query, view),
  };
}

function funnel(predicates: readonly Predicate[], view: TableView): FunnelStep[] {
  const tests = predicates.map((predicate) => bindPredicate(predicate, view));
  const steps = predicates.map(({ text }) => ({ predicate: text, left: 0, unknown: 0 }));
  for (let row = 0; row < view.length; row++) {
    let unknown = false;
    for (const [index, test] of tests.entries()) {
      const truth = test(row);
      if (truth === FALSE) break;
      if (truth === UNKNOWN) unknown = true;
      steps[index]!.left++;
      if (unknown) steps[index]!.unknown++;
    }
  }
  return steps;
}

function nearestMiss({ selection }: Query, view: TableView): NearestMiss | null {
  let best: { row: number; predicates: readonly Predicate[]; failures: number } | null = null;
  for (const predicates of selection.alternatives) {
    const tests = predicates.map((predicate) => bindPredicate(predicate, view));
    for (let row = 0; row < Math.min(view.length, MAX_NEAREST_ROWS); row++) {
      let failures = 0;
      for (const test of tests) if (test(row) !== TRUE) failures++;
      if (best === null || failures < best.failures) best = { row, predicates, failures };
    }
  }
  if (best === null) return null;
  const { row, predicates } = best;
  const failed = predicates.flatMap((predicate) => {
    const truth = bindPredicate(predicate, view)(row);
    const type = view.table.declaration.columns[predicate.column]!.type;
    return truth === TRUE
      ? []
      : [
          {
            predicate: predicate.text,
            column: predicate.column,
            cell: formatCell(view.reader(predicate.column)(row), type),
            truth: truthName(truth),
          },
        ];
  });
  return { citation: view.table.citation(row), passed: predicates.length - failed.length, failed };
}
