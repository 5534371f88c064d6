/** Writes everything in the repository that is derived from declarations: `npm run gen`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportSchema } from "../engine/report/schema.ts";
import { ruleSchemaJson } from "../engine/rules/schema.ts";
import { tableDeclarations } from "../engine/tables/index.ts";
import { tableDocs } from "./table-docs.ts";

/** Path from the root of the repository to content; the same declarations give the same bytes. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/report.schema.json", schemaText(reportSchema)],
    ["docs/tables.md", tableDocs(tableDeclarations)],
    ["rules/rule.schema.json", schemaText(ruleSchemaJson(tableDeclarations))],
  ]);
}

/** JSON with `$schema` and `$id` first, as editors and people expect them. */
function schemaText(schema: object): string {
  const head = Object.entries(schema).filter(([key]) => key.startsWith("$") || key === "title" || key === "description");
  return `${JSON.stringify({ ...Object.fromEntries(head), ...schema }, null, 2)}\n`;
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "..");
  for (const [path, text] of generatedFiles()) {
    const file = join(root, path);
    const changed = (await readFile(file, "utf8").catch(() => null)) !== text;
    if (changed) await writeFile(file, text);
    process.stdout.write(`${changed ? "written  " : "unchanged"} ${path}\n`);
  }
}
