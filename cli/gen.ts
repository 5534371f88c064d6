/** Writes everything in the repository that is derived from declarations: `npm run gen`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TSchema } from "typebox";
import { describeOperations } from "../api/client/describe-operations.ts";
import { openapiDocument } from "../api/openapi-document.ts";
import { settingsPage } from "../api/setting-docs.ts";
import { reportSchema } from "../engine/report/schema.ts";
import { articleSchema, recipeSchema, referenceSchemas } from "../engine/rules/knowledge-schema.ts";
import { ruleSchemaJson } from "../engine/rules/schema.ts";
import { tableDeclarations } from "../engine/tables/index.ts";
import { probeLineSchema } from "./probe/evidence-schema.ts";
import { sha256Code } from "./sha256-code.ts";
import { tableDocs } from "./table-docs.ts";

/** Path from the root of the repository to content; the same declarations give the same bytes. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const openapi = await openapiDocument();
  return new Map([
    ["api/openapi.json", openapi],
    ["api/client/generated/operations.ts", describeOperations(JSON.parse(openapi))],
    ["engine/bytes/generated/sha256-compress.ts", sha256Code()],
    ["docs/settings.md", settingsPage()],
    ["docs/probe.schema.json", editorSchema("One line of an evidence file of casebook probe", probeLineSchema)],
    ["docs/report.schema.json", schemaText(reportSchema)],
    ["docs/tables.md", tableDocs(tableDeclarations)],
    ["rules/rule.schema.json", schemaText(ruleSchemaJson(tableDeclarations))],
    ["kb/articles/article.schema.json", editorSchema("Front matter of a Casebook article", articleSchema)],
    ["kb/collect/recipe.schema.json", editorSchema("Casebook collection recipe", recipeSchema)],
    ...Object.entries(referenceSchemas).map(([kind, schema]): [string, string] => [
      `kb/reference/${kind}.schema.json`,
      editorSchema(`Casebook reference: ${kind}`, schema),
    ]),
  ]);
}

/** What editors check a file of the knowledge base against, draft 2020-12. */
function editorSchema(title: string, schema: TSchema): string {
  return schemaText({ $schema: "https://json-schema.org/draft/2020-12/schema", title, ...schema });
}

/** JSON with `$schema` and `$id` first, as editors and people expect them. */
function schemaText(schema: object): string {
  const head = Object.entries(schema).filter(([key]) => key.startsWith("$") || key === "title" || key === "description");
  return `${JSON.stringify({ ...Object.fromEntries(head), ...schema }, null, 2)}\n`;
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "..");
  for (const [path, text] of await generatedFiles()) {
    const file = join(root, path);
    const changed = (await readFile(file, "utf8").catch(() => null)) !== text;
    if (changed) await writeFile(file, text);
    process.stdout.write(`${changed ? "written  " : "unchanged"} ${path}\n`);
  }
}
