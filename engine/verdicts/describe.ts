import { withArticle } from "../queries/absence.ts";
import type { Binder, Bindings } from "../queries/bind.ts";
import { asNames } from "../queries/same-value.ts";
import type { ComponentSolver } from "../queries/scenes.ts";
import { bindPredicate, type Items, rowsOf } from "../queries/select.ts";
import { isLead, type Query } from "../queries/selection.ts";
import { FALSE, TRUE, type Truth, truthName, UNKNOWN } from "../queries/truth.ts";
import type { Polarity } from "../queries/vectors.ts";
import { formatDuration } from "../rules/template.ts";
import { tableDeclaration } from "../tables/index.ts";
import type { Citation } from "../tables/table.ts";
import type { Scene } from "./best-scene.ts";
import type { EvidenceOutcome } from "./verdict.ts";

/** Most rows gathered for one scene: enough to count and show, bounded where everything joins everything. */
const MAX_GATHERED = 200_000;

/** What a scene found for one evidence. */
export interface Found {
  readonly query: Query;
  readonly truth: Truth;
  readonly items: Items | null;
  /** Items that could take their place in the scene, the one of the first binding first. */
  readonly chosen: readonly number[];
  /** Why it is not known, in words; empty if it is. */
  readonly why: string;
  /** In words, what would make it known; empty if it is, or if only other evidence would. */
  readonly need: string;
  readonly provenBy: readonly number[];
  readonly assumptions: readonly string[];
}

/** Looks up the rows of a scene, evidence by evidence in the order of the rule. */
export function findRows(scene: Scene, queries: ReadonlyMap<string, Query>): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const { solver, vector } of scene.parts) {
    const chosen = new Map<string, Set<number>>(solver.names.map((name) => [name, new Set()]));
    const [why, provenBy, assumptions] = [new Map<string, Reason>(), new Map<string, readonly number[]>(), new Map<string, string[]>()];
    let [first, gathered] = [true, 0];
    solver.replay(vector, (bindings) => {
      for (const name of solver.names) {
        const items = itemsOf(solver, name, bindings);
        gathered += items.length + 1;
        for (const item of items) chosen.get(name)!.add(item);
        if (!first) continue;
        const truth = scene.outcomes.get(name)!;
        why.set(name, truth === UNKNOWN ? reasonOf(solver, name, bindings, scene.exhausted) : KNOWN);
        provenBy.set(name, queries.get(name)!.expect.kind === "none" && truth === TRUE ? solver.outcome(name).ground.sources : []);
        assumptions.set(name, assumptionsOf(solver, name, bindings));
      }
      first = false;
      return gathered < MAX_GATHERED;
    });
    for (const name of solver.names) {
      found.set(name, {
        query: queries.get(name)!,
        truth: scene.outcomes.get(name)!,
        items: solver.binder(name)?.items ?? null,
        chosen: [...chosen.get(name)!],
        ...(why.get(name) ?? KNOWN),
        provenBy: provenBy.get(name) ?? [],
        assumptions: assumptions.get(name) ?? [],
      });
    }
  }
  return new Map([...queries.keys()].map((name) => [name, found.get(name)!]));
}

function itemsOf(solver: ComponentSolver, name: string, bindings: Bindings): readonly number[] {
  if (!solver.component.levels.includes(name)) return sureFirst(solver.outcome(name).matches);
  const { item } = bindings(name);
  return item === null ? [] : [item];
}

/** Rows that surely belong; those that only perhaps do where there are no others. */
function sureFirst({ items, truths }: { readonly items: readonly number[]; readonly truths: readonly Truth[] }): readonly number[] {
  const sure = items.filter((_, index) => truths[index] === TRUE);
  return sure.length > 0 ? sure : items;
}

/** In words, why an outcome is not known, and what would make it known. */
interface Reason {
  readonly why: string;
  readonly need: string;
}

const KNOWN: Reason = { why: "", need: "" };

function reasonOf(solver: ComponentSolver, name: string, bindings: Bindings, exhausted: boolean): Reason {
  const { matches, ground } = solver.outcome(name);
  if (ground.why !== "") return ground;
  if (exhausted) return { why: "there are more combinations of rows than can be compared", need: "" };
  const binder = solver.binder(name);
  if (matches.items.length > 0 && binder) return notShown(binder, matches.items[0]!, bindings, solver);
  return { why: "it depends on what is not known of the other evidence", need: "" };
}

/** Which cells leave it open whether an item belongs, in the words of the tables' declarations. */
function notShown(binder: Binder, item: number, bindings: Bindings, solver: ComponentSolver): Reason {
  const { shownBy, columns } = binder.items.view.table.declaration;
  const unknown = unknownColumns(binder, item);
  if (unknown.length > 0 && unknown.every((column) => columns[column]!.comparison !== undefined))
    return { why: "no capture of the other end speaks for it", need: `${withArticle(shownBy)} of the other end over the same minutes` };
  const told = unknown.map((column) => columns[column]!.toldBy);
  if (told.length > 0 && told.every((table) => table !== undefined)) {
    const other = tableDeclaration(told[0]!)!.shownBy;
    return { why: `no ${other} speaks for it`, need: `${withArticle(other)} of the same machine` };
  }
  const meanings = unknown.map((column) => columns[column]!.about.split(";")[0]!);
  // What is computed from another cell that is not known need not be named beside it.
  const shown = meanings.filter((meaning) => !meanings.some((other) => other !== meaning && meaning.includes(other)));
  if (shown.length > 0) {
    const what = shown.join("; ");
    return { why: `the ${shownBy} does not show: ${what}`, need: `${withArticle(shownBy)} that shows: ${what}` };
  }
  const timeless = binder.query.near.find((near) => typeof binder.value(near.to, bindings) !== "bigint");
  const other = timeless && solver.binder(timeless.to.evidence)?.items.view.table.declaration.shownBy;
  if (other) {
    const need = `${withArticle(other)} with date and time of day, or its \`date\` in bundle.yaml`;
    return { why: `the ${other} shows no date and time to compare with`, need };
  }
  return { why: "it cannot be told whether its rows belong", need: "" };
}

/** Columns of an item that leave it open whether it belongs. */
function unknownColumns({ query, items }: Binder, item: number): string[] {
  const row = items.first[item]!;
  const names = new Set<string>();
  const open = query.selection.alternatives.map((predicates) =>
    predicates.map((predicate) => ({ predicate, truth: bindPredicate(predicate, items.view)(row) })),
  );
  if (!open.some((all) => all.every(({ truth }) => truth === TRUE))) {
    for (const all of open)
      if (all.every(({ truth }) => truth !== FALSE))
        for (const { predicate, truth } of all) if (truth === UNKNOWN) names.add(predicate.column);
  }
  for (const column of [...query.joins.flat().map((term) => term.column), ...query.near.map((near) => near.column)])
    if (items.view.reader(column)(row) === null) names.add(column);
  return [...names];
}

/** What had to be assumed to bring rows together. */
function assumptionsOf(solver: ComponentSolver, name: string, bindings: Bindings): string[] {
  const binder = solver.binder(name);
  const item = itemsOf(solver, name, bindings)[0];
  if (!binder || item === undefined) return [];
  const row = binder.items.first[item]!;
  const notes: string[] = [];
  for (const near of binder.query.near) {
    const { truth, shift, sameClock } = binder.distance(near, row, bindings);
    if (truth !== TRUE || sameClock) continue;
    notes.push(
      shift === 0
        ? "a time zone is not stated; both clocks are taken to show the same zone"
        : `a time zone is not stated; the clocks are taken to differ by ${formatDuration(Math.abs(shift))}`,
    );
  }
  const { host } = binder.items.view.table.declaration;
  const anyHost = binder.query.joins.some((terms) => terms.some((term) => term.column === host && term.equals.length === 0));
  if (host && anyHost) {
    const own = binder.items.view.reader(host)(row);
    if (own === null) notes.push("the source does not say which machine it is from; it is taken to be the same one");
    else if (!binder.tells(host, row, bindings))
      notes.push(`nothing in the bundle says which address ${asNames(own)[0]} has; it is taken to be the same machine`);
  }
  return notes;
}

/** The report's view of what was found. */
export function evidenceOutcome(name: string, found: Found, polarity: Polarity | undefined): EvidenceOutcome {
  const { query, truth, why, provenBy, assumptions } = found;
  return {
    name,
    about: query.about,
    table: query.selection.table,
    outcome: truthName(truth),
    rows: rowCount(found),
    citations: citationsOf(found),
    provenBy,
    notes: [...assumptions, ...(why === "" ? [] : [why])],
    lead: isLead(query, polarity),
  };
}

/** Rows that were found, each member of a group counted. */
export function rowCount({ items, chosen }: Found): number {
  return items ? chosen.reduce((sum, item) => sum + rowsOf(items, item).length, 0) : 0;
}

function citationsOf(found: Found): Citation[] {
  const { query, items, chosen, provenBy } = found;
  if (!items) return [];
  const cited = new Map<string, Citation>();
  for (const item of chosen) {
    for (const citation of itemCitations(found, item)) {
      if (cited.size >= query.limit) break;
      cited.set(`${citation.source} ${citation.unit} ${citation.at}`, citation);
    }
    if (cited.size >= query.limit) break;
  }
  // What proves an absence is the list it is absent from: its first and last row.
  for (const source of provenBy)
    for (const row of endsOf(items, source)) {
      const citation = cited.size < query.limit ? items.view.table.citation(row) : null;
      if (citation) cited.set(`${citation.source} ${citation.unit} ${citation.at}`, citation);
    }
  return [...cited.values()].sort((a, b) => a.source - b.source || a.at - b.at);
}

/** Everything one item of what was found rests on. */
export function itemCitations({ query, items }: Pick<Found, "query" | "items">, item: number): Citation[] {
  const { table } = items!.view;
  const columns = query.cite ?? [
    "row",
    ...Object.keys(table.declaration.columns).filter((column) =>
      ["frame", "frames", "citations"].includes(table.declaration.columns[column]!.type),
    ),
  ];
  return rowsOf(items!, item).flatMap((row) =>
    columns.flatMap((column) => (column === "row" ? [table.citation(row)] : table.cited(row, column)).filter((cited) => cited !== null)),
  );
}

function endsOf({ view }: Items, source: number): number[] {
  let start = 0;
  const ends: number[] = [];
  for (const part of view.table.parts) {
    if (part.source === source) ends.push(start, start + part.length - 1);
    start += part.length;
  }
  return ends.length > 0 ? [ends[0]!, ends.at(-1)!] : [];
}
