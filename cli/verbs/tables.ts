import { ORIGIN_COLUMNS, tableAsCsv, tableAsJson, tableAsJsonLines } from "../../engine/report/table-export.ts";
import { tableDeclaration, tableDeclarations } from "../../engine/tables/index.ts";
import { Table, type TableDeclaration } from "../../engine/tables/table.ts";
import { Failure, nearest } from "../failure.ts";
import { writeOutput } from "../output.ts";
import { READING_OPTIONS } from "../reading-options.ts";
import { columnList, formatList, sourceOverview, tableList } from "../table-overview.ts";
import { EXIT, type Terminal, textWidthOf } from "../terminal.ts";
import { type Invocation, quote, type Verb } from "../verb.ts";

const EXPORTS = { csv: tableAsCsv, jsonl: tableAsJsonLines, json: tableAsJson } as const;

export const tables: Verb = {
  name: "tables",
  usage: "<path> [TABLE]",
  arity: [0, 2],
  about: "Shows what was understood of a bundle, or exports one table of it",
  details:
    "Without a table: each source with its format, side and rows, and everything that could not be read. With one: its rows. Times are given twice, as ISO 8601 text and as nanoseconds since 1970. Cells stand as the evidence has them: import CSV as text, or a spreadsheet may run a cell that starts with = as a formula.",
  options: {
    format: { value: "FORMAT", choices: ["text", ...Object.keys(EXPORTS)], about: "text for the overview; csv if a table is named" },
    out: { value: "FILE", about: "Write to a file instead of standard output" },
    describe: { about: "List the tables, or the columns of the one that is named; needs no path" },
    formats: { about: "List the formats that are understood; needs no path" },
    ...READING_OPTIONS,
  },
  examples: [
    "casebook tables outage.zip",
    "casebook tables capture.pcapng tcp_connections --out connections.csv",
    "casebook tables --describe tcp_connections",
  ],
  async run(invocation, terminal) {
    const { values, switches, positionals } = invocation;
    const width = textWidthOf(terminal);
    if (switches.has("formats")) {
      const { formats } = await import("../../engine/formats/index.ts");
      await writeOutput([formatList(formats, width)], values.out, terminal);
      return EXIT.done;
    }
    if (switches.has("describe")) {
      const name = positionals.at(-1);
      const text = name === undefined ? tableList(tableDeclarations, width) : columnList(declared(name), ORIGIN_COLUMNS, width);
      await writeOutput([text], values.out, terminal);
      return EXIT.done;
    }
    return read(invocation, terminal, width);
  },
};

async function read(invocation: Invocation, terminal: Terminal, width: number): Promise<number> {
  const [path, name] = invocation.positionals;
  const { format = "text", out } = invocation.values;
  if (path === undefined) throw new Failure("tables: <path> is missing", "See casebook tables --help");
  const declaration = name === undefined ? null : declared(name);
  if (!declaration && (format === "csv" || format === "jsonl"))
    throw new Failure(`--format ${format} needs the name of a table`, `The tables are ${tableNames()}`);
  const { diagnoseBundle, unreadable } = await import("../diagnosis.ts");
  const diagnosis = await diagnoseBundle([path], invocation, terminal, false);
  const { report } = diagnosis;
  if (declaration) {
    const table = diagnosis.tables.get(declaration.name) ?? new Table(declaration, []);
    const exported = EXPORTS[format === "jsonl" || format === "json" ? format : "csv"];
    await writeOutput(exported(table, diagnosis.paths), out, terminal);
  } else {
    await writeOutput([format === "json" ? `${JSON.stringify(report.bundle, null, 2)}\n` : sourceOverview(report, width)], out, terminal);
  }
  const problem = unreadable(diagnosis);
  if (problem) throw problem;
  return EXIT.done;
}

function tableNames(): string {
  return tableDeclarations.map((table) => table.name).join(", ");
}

function declared(name: string): TableDeclaration {
  const declaration = tableDeclaration(name);
  if (declaration) return declaration;
  const meant = nearest(
    name,
    tableDeclarations.map((table) => table.name),
  );
  throw new Failure(`there is no table ${quote(name)}`, `${meant ? `Did you mean ${meant}? ` : ""}The tables are ${tableNames()}`);
}
