import { anomalies } from "../tables/host-tables.ts";
import { tableDeclaration } from "../tables/index.ts";
import { TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import type { ProtocolEmit } from "./stream-protocol.ts";

/** Rows of one table that the protocols of one capture point may give; the rest is counted. */
export const MAX_ROWS = 200_000;

/** The rows that application protocols give at one capture point. */
export class ProtocolRows implements ProtocolEmit {
  private readonly builders = new Map<string, TableBuilder>();
  private readonly dropped = new Map<string, { count: number; frame: number }>();

  row(table: string, values: Readonly<Record<string, Value | undefined>>, frame: number): void {
    let builder = this.builders.get(table);
    if (!builder) {
      const declaration = tableDeclaration(table);
      if (!declaration) throw new Error(`a protocol emits rows of a table that is not declared: ${table}`);
      builder = new TableBuilder(declaration, { lasting: true });
      this.builders.set(table, builder);
    }
    if (builder.length < MAX_ROWS) builder.append(values, frame);
    else {
      const beyond = this.dropped.get(table);
      if (beyond) beyond.count++;
      else this.dropped.set(table, { count: 1, frame });
    }
  }

  /** One part a table, in order of the tables' names, and what was left out. */
  parts(source: number): TablePart[] {
    const names = [...this.builders.keys()].sort();
    const parts = names.map((name) => this.builders.get(name)!.build(source, "frame"));
    const odd = new TableBuilder(anomalies);
    for (const [table, { count, frame }] of this.dropped)
      odd.append(
        { name: `capture.${table.replaceAll("_", "-")}-not-listed`, detail: `more than ${MAX_ROWS} rows of ${table}`, count },
        frame,
      );
    return odd.length > 0 ? [...parts, odd.build(source, "frame")] : parts;
  }
}
