import { isMap } from "../queries/problem.ts";
import type { KnowledgeText } from "../rules/compile-knowledge.ts";
import { referenceSchemas } from "../rules/knowledge-schema.ts";
import { type Diagnostic, YamlSource } from "../rules/yaml-source.ts";
import type { ReferenceKind, ReferenceTables } from "./catalogue.ts";
import { schemaProblems } from "./schema-problems.ts";

export const REFERENCE_KINDS = Object.keys(referenceSchemas) as readonly ReferenceKind[];

/** Reads reference files, `<kind>.yaml` or `<kind>/<part>.yaml`. An entry that is broken, or there twice, is left out and told. */
export function readReferences(files: readonly KnowledgeText[], problems: Diagnostic[]): ReferenceTables {
  const entries = new Map<ReferenceKind, Map<string, unknown>>(REFERENCE_KINDS.map((kind) => [kind, new Map()]));
  for (const { id, path, text } of files) {
    const source = new YamlSource(text, path);
    problems.push(...source.problems);
    const kind = REFERENCE_KINDS.find((known) => known === id.split("/")[0]);
    if (kind === undefined)
      problems.push(source.diagnostic([], "unknown-kind", `reference files are called ${REFERENCE_KINDS.join(", ")}, not ${id}`));
    else if (source.problems.length === 0) readEntries(source, kind, entries.get(kind)!, problems);
  }
  return Object.fromEntries(
    [...entries].map(([kind, table]) => [kind, [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)]),
  ) as unknown as ReferenceTables;
}

function readEntries(source: YamlSource, kind: ReferenceKind, table: Map<string, unknown>, problems: Diagnostic[]): void {
  if (!Array.isArray(source.data)) {
    problems.push(source.diagnostic([], "schema", "a reference file is a list of entries"));
    return;
  }
  for (const [index, entry] of source.data.entries()) {
    const found = schemaProblems(referenceSchemas[kind].items, source, [index]);
    problems.push(...found);
    if (found.length > 0 || !isMap(entry)) continue;
    const id = String(entry.id);
    if (table.has(id)) problems.push(source.diagnostic([index, "id"], "duplicate-id", `there is another entry ${id}`));
    else table.set(id, entry);
  }
}
