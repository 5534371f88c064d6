import { formatIsoTime } from "../bytes/time.ts";
import type { Citation, Column, Table, TableDeclaration, Value } from "../tables/table.ts";

/** Rows are handed out in pieces of about this many characters, so that a table of any size passes through. */
const CHUNK = 1 << 16;

/** Columns that every exported row starts with: where it comes from. Null for a derived row that only its citation columns place. */
export const ORIGIN_COLUMNS: Readonly<Record<string, Column>> = {
  cited_source: { type: "text", about: "File the row comes from; empty for a derived row" },
  cited_unit: { type: "enum", values: ["frame", "line", "record"], about: "What its number counts" },
  cited_at: { type: "integer", about: "Frame, line or record number, from 1" },
};

/**
 * JSON Lines: one object a row. A time is ISO 8601 text, and again under `<column>_ns` as a decimal string of
 * nanoseconds since the Unix epoch, which JSON numbers cannot hold. `sources` are the paths that citations index.
 */
export function* tableAsJsonLines(table: Table, sources: readonly string[]): Generator<string> {
  const { columns } = table.declaration;
  const readers = Object.entries(columns).map(([name, column]) => ({ name, column, read: table.reader(name) }));
  yield* inChunks(table.length, (row) => {
    const object: Record<string, unknown> = originOf(table, row, sources);
    for (const { name, column, read } of readers) {
      const value = read(row);
      if (column.type === "time") {
        object[name] = typeof value === "bigint" ? formatIsoTime(value) : null;
        object[`${name}_ns`] = typeof value === "bigint" ? String(value) : null;
      } else object[name] = column.type === "citations" ? table.cited(row, name).map((citation) => named(citation, sources)) : plain(value);
    }
    return `${JSON.stringify(object)}\n`;
  });
}

/** The same objects as one JSON array. */
export function* tableAsJson(table: Table, sources: readonly string[]): Generator<string> {
  yield "[";
  let first = true;
  for (const chunk of tableAsJsonLines(table, sources)) {
    yield `${first ? "\n" : ",\n"}${chunk.trimEnd().replaceAll("\n", ",\n")}`;
    first = false;
  }
  yield first ? "]\n" : "\n]\n";
}

/**
 * CSV after RFC 4180 in UTF-8: CRLF line ends, a header line, null as nothing. Lists are joined with blanks, lists of texts with `; `, citations
 * written as `path#frame:12`. Values stand as the evidence has them: a spreadsheet that runs a cell starting with `=` as a formula must be told not to.
 */
export function* tableAsCsv(table: Table, sources: readonly string[]): Generator<string> {
  const columns = Object.entries(table.declaration.columns);
  yield `${csvHeader(table.declaration).map(csvField).join(",")}\r\n`;
  const readers = columns.map(([name, column]) => ({ name, column, read: table.reader(name) }));
  yield* inChunks(table.length, (row) => {
    const origin = originOf(table, row, sources);
    const cells = [origin.cited_source ?? "", origin.cited_unit ?? "", origin.cited_at ?? ""].map(String);
    for (const { name, column, read } of readers) {
      const value = read(row);
      if (column.type === "time") cells.push(...(typeof value === "bigint" ? [formatIsoTime(value), String(value)] : ["", ""]));
      else if (column.type === "citations")
        cells.push(
          table
            .cited(row, name)
            .map((citation) => citationText(named(citation, sources)))
            .join(" "),
        );
      else cells.push(Array.isArray(value) ? value.join(column.type === "frames" ? " " : "; ") : value === null ? "" : String(value));
    }
    return `${cells.map(csvField).join(",")}\r\n`;
  });
}

/** Column names of a CSV export. */
export function csvHeader(declaration: TableDeclaration): string[] {
  const names = Object.entries(declaration.columns).flatMap(([name, { type }]) => (type === "time" ? [name, `${name}_ns`] : [name]));
  return [...Object.keys(ORIGIN_COLUMNS), ...names];
}

function* inChunks(length: number, line: (row: number) => string): Generator<string> {
  let chunk = "";
  for (let row = 0; row < length; row++) {
    chunk += line(row);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

interface NamedCitation {
  readonly source: string;
  readonly unit: string;
  readonly at: number;
}

function named({ source, unit, at }: Citation, sources: readonly string[]): NamedCitation {
  return { source: sources[source] ?? "", unit, at };
}

function citationText({ source, unit, at }: NamedCitation): string {
  return `${source}#${unit}:${at}`;
}

function originOf(
  table: Table,
  row: number,
  sources: readonly string[],
): { cited_source: string | null; cited_unit: string | null; cited_at: number | null } {
  const citation = table.citation(row);
  if (citation === null) return { cited_source: null, cited_unit: null, cited_at: null };
  const { source, unit, at } = named(citation, sources);
  return { cited_source: source, cited_unit: unit, cited_at: at };
}

/** 64-bit numbers as decimal strings: JSON numbers are exact to 53 bits only. */
function plain(value: Value): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
