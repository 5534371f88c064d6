import type { Recipe } from "../../engine/rules/rule.ts";
import type { Coverage } from "../../engine/tables/coverage.ts";
import { tableDeclaration } from "../../engine/tables/index.ts";
import { Table, TableBuilder, type TablePart, type Value } from "../../engine/tables/table.ts";
import type { RuleInput } from "../../engine/verdicts/evaluate-rules.ts";

/** Cells by column; `at` is the frame, line or record, `source` the source, 0 if left out. */
export type Row = Readonly<Record<string, Value>> & { readonly at?: number; readonly source?: number };

export interface EvidenceText {
  readonly rows?: Readonly<Record<string, readonly Row[]>>;
  /** Table name to coverage; what is left out: source 0, any host and side, no time span, complete. */
  readonly coverage?: readonly (Partial<Coverage> & { readonly table: string })[];
  readonly zonesKnown?: readonly boolean[];
  readonly recipes?: readonly Recipe[];
}

export function coverage(entry: Partial<Coverage> & { readonly table: string }): Coverage {
  return { source: 0, host: null, side: null, from: null, to: null, complete: true, ...entry };
}

export function table(name: string, rows: readonly Row[]): Table {
  const declaration = tableDeclaration(name)!;
  const bySource = new Map<number, TableBuilder>();
  for (const [index, { at = index + 1, source = 0, ...cells }] of rows.entries()) {
    const builder = bySource.get(source) ?? new TableBuilder(declaration);
    builder.append(cells, at);
    bySource.set(source, builder);
  }
  const parts: TablePart[] = [...bySource].map(([source, builder]) => builder.build(source, "frame"));
  return new Table(declaration, parts);
}

/** Evidence as a test writes it. */
export function evidence({
  rows = {},
  coverage: entries = [],
  zonesKnown = [true, true, true, true],
  recipes = [],
}: EvidenceText): RuleInput {
  return {
    tables: new Map(Object.entries(rows).map(([name, list]) => [name, table(name, list)])),
    coverage: entries.map(coverage),
    sources: zonesKnown.map((zoneKnown) => ({ zoneKnown })),
    recipes,
  };
}

/** Nanoseconds since the epoch of `08:54:40` on 6 January 2013, UTC. */
export function clock(time: string): bigint {
  const [whole = "", fraction = ""] = time.split(".");
  return BigInt(Date.parse(`2013-01-06T${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0") || 0);
}
