import type { Coverage } from "../tables/coverage.ts";
import { tableDeclaration } from "../tables/index.ts";
import { Table, type TableDeclaration } from "../tables/table.ts";
import { COVERED, type Ground, ground, uncovered, withArticle } from "./absence.ts";
import { type Items, mayFind, select } from "./select.ts";
import type { Pins, Selection } from "./selection.ts";
import { TableView } from "./table-view.ts";

/** What the rules are asked about. */
export interface Evidence {
  readonly tables: ReadonlyMap<string, Table>;
  readonly coverage: readonly Coverage[];
  /** By source index: whether its times are UTC; false means local times of a zone nobody stated. */
  readonly sources: readonly { readonly zoneKnown: boolean }[];
}

/** One bundle's evidence and everything computed over it once, however many rules ask. */
export class EvidenceStore {
  private readonly evidence: Evidence;
  private readonly views = new Map<string, TableView>();
  private readonly selected = new Map<string, Items>();
  private readonly covers = new Map<string, Coverage[]>();
  /** By table: why a source that could be expected to fill it does not. */
  private readonly blind = new Map<string, string>();
  private readonly allZonesKnown: boolean;

  constructor(evidence: Evidence) {
    this.evidence = evidence;
    this.allZonesKnown = evidence.sources.every((source) => source.zoneKnown);
    const blind = new Set(evidence.coverage.flatMap((entry) => (entry.blind === undefined ? [] : [`${entry.source} ${entry.table}`])));
    for (const entry of evidence.coverage) {
      if (entry.blind !== undefined) this.blind.set(entry.table, entry.blind);
      if (blind.has(`${entry.source} ${entry.table}`)) continue;
      const list = this.covers.get(entry.table);
      if (list) list.push(entry);
      else this.covers.set(entry.table, [entry]);
    }
  }

  view(name: string): TableView {
    let view = this.views.get(name);
    if (!view) {
      view = new TableView(this.evidence.tables.get(name) ?? new Table(declarationOf(name), []));
      this.views.set(name, view);
    }
    return view;
  }

  items(selection: Selection): Items {
    let items = this.selected.get(selection.key);
    if (!items) {
      items = select(selection, this);
      this.selected.set(selection.key, items);
    }
    return items;
  }

  /** Whether the selection may find anything; cheaper than finding it. */
  mayFind(selection: Selection): boolean {
    return mayFind(selection, this.view(selection.table));
  }

  coverageOf(table: string): readonly Coverage[] {
    return this.covers.get(table) ?? [];
  }

  /** Whether anything in the bundle can fill the table. Rows without a stated coverage show that something could. */
  canFill(table: string): boolean {
    return this.coverageOf(table).length > 0 || (this.evidence.tables.get(table)?.length ?? 0) > 0;
  }

  ground(table: string, pins: Pins, strict: boolean): Ground {
    const coverage = this.coverageOf(table);
    // Rows that no source vouches for are evidence of what they show, and of nothing beyond.
    if (coverage.length === 0 && !strict && pins.machines === null && pins.side === null && this.canFill(table)) return COVERED;
    const blind = coverage.length === 0 ? this.blind.get(table) : undefined;
    if (blind !== undefined) return uncovered(blind, `${withArticle(declarationOf(table).shownBy)}: ${blind}`);
    return ground(declarationOf(table), coverage, pins, strict, (source, other) => this.sameClock(source, other));
  }

  /** Whether times of two sources can be compared as they are. Source -1 stands for rows derived from several. */
  sameClock(source: number, other: number): boolean {
    return source === other || (this.zoneKnown(source) && this.zoneKnown(other));
  }

  private zoneKnown(source: number): boolean {
    return source < 0 ? this.allZonesKnown : (this.evidence.sources[source]?.zoneKnown ?? false);
  }
}

function declarationOf(name: string): TableDeclaration {
  const declaration = tableDeclaration(name);
  if (!declaration) throw new Error(`no table is called ${name}`);
  return declaration;
}
