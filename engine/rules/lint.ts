import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { isMap, type Path, type Report } from "../queries/problem.ts";
import type { Query } from "../queries/selection.ts";
import type { TableDeclaration } from "../tables/table.ts";
import { compileSource } from "./compile.ts";
import type { Recipe } from "./rule.ts";
import { ruleFileSchema } from "./schema.ts";
import { type Diagnostic, YamlSource } from "./yaml-source.ts";

export interface RuleText {
  readonly path: string;
  readonly text: string;
}

/** What a rule file is checked against. */
export interface LintContext {
  readonly tables: readonly TableDeclaration[];
  /** Articles there are, `<area>/<id>`; null to leave them unchecked. */
  readonly articles: ReadonlySet<string> | null;
  /** Collection recipes; null to leave them unchecked. */
  readonly recipes: readonly Recipe[] | null;
  /** By rule id, the verdicts its test bundles expect; null to leave them unchecked. */
  readonly testSides: ReadonlyMap<string, ReadonlySet<string>> | null;
  /** Why a regular expression is unsafe, or null; see `exponentialRegex`. */
  readonly unsafeRegex: ((pattern: string) => string | null) | null;
}

/** Verdicts every case is tested for. */
export const TEST_SIDES = ["matched", "ruled_out", "inconclusive"] as const;

/** Tables whose rows come with any evidence: nobody has to gather them. */
const ALWAYS_THERE: readonly string[] = ["anomalies", "captures", "hosts"];

let compiledSchema: ValidateFunction | null = null;

/** Compiled on first use: only who lints needs it. */
function schemaErrors(data: unknown): readonly ErrorObject[] {
  compiledSchema ??= new Ajv2020({ allErrors: true, strict: false, verbose: true, discriminator: true }).compile(ruleFileSchema);
  return compiledSchema(data) ? [] : told(compiledSchema.errors ?? []);
}

/** Everything that is wrong with the rule files, in order of file, line and column. */
export function lintRules(files: readonly RuleText[], context: LintContext): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Map<string, string>();
  const named: { readonly id: string; readonly report: () => void }[] = [];
  for (const { path, text } of files) {
    const source = new YamlSource(text, path);
    const report: Report = (at, code, message, point) => found.push(source.diagnostic(at, code, message, point));
    if (source.problems.length === 0) for (const error of schemaErrors(source.data)) reportSchemaError(error, report);
    const general = new Set(found.filter((one) => one.file === path).map((one) => one.line));
    const { rule, diagnostics } = compileSource(source, context.tables);
    found.push(...diagnostics.filter((one) => one.code !== "schema" || !general.has(one.line)));
    checkId(source.data, path, seen, report);
    checkSurroundings(source.data, context, report);
    named.push(...namedRules(source.data, report));
    for (const query of rule.body?.queries.values() ?? []) checkAbsence(query, context, report);
  }
  // One file alone says nothing of the rules there are.
  if (files.length > 1) for (const { id, report } of named) if (!seen.has(id)) report();
  return tidied(found);
}

/** Other rules a rule names. */
function namedRules(data: unknown, report: Report): { readonly id: string; readonly report: () => void }[] {
  if (!isMap(data)) return [];
  return ["related", "yields_to"].flatMap((key) => {
    const ids: readonly unknown[] = Array.isArray(data[key]) ? data[key] : [];
    return ids.flatMap((id, index) =>
      typeof id === "string" ? [{ id, report: () => report([key, index], "unknown-rule", `no rule is called ${JSON.stringify(id)}`) }] : [],
    );
  });
}

/** A union reports the errors of every arm: those deeper in the data tell the arm that was meant; where there are none, the union tells all. */
function told(errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter((error) => error.keyword === "anyOf");
  const within = (error: ErrorObject, union: ErrorObject) =>
    error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`) && `${error.instancePath}/`.startsWith(`${union.instancePath}/`);
  const deeper = (error: ErrorObject, union: ErrorObject) => placeOf(error).length > union.instancePath.length;
  const left = errors.filter((error) => unions.every((union) => !within(error, union) || deeper(error, union)));
  return left.filter((error) => error.keyword !== "anyOf" || !left.some((other) => within(other, error)));
}

/** Where an error is, a missing or unknown key counted as a place of its own. */
function placeOf(error: ErrorObject): string {
  const { additionalProperty, missingProperty } = error.params as { additionalProperty?: string; missingProperty?: string };
  const key = additionalProperty ?? missingProperty;
  return key === undefined ? error.instancePath : `${error.instancePath}/${key}`;
}

function reportSchemaError(error: ErrorObject, report: Report): void {
  const path: Path = error.instancePath.split("/").slice(1).map(unescapePointer);
  const { additionalProperty, tagValue } = error.params as { additionalProperty?: string; tagValue?: unknown };
  if (additionalProperty !== undefined)
    report([...path, additionalProperty], "schema", `unknown key ${JSON.stringify(additionalProperty)}`, { key: true });
  else if (error.keyword === "discriminator")
    report([...path, "kind"], "schema", `no kind of resolution is called ${JSON.stringify(tagValue)}`);
  else if (error.keyword === "anyOf") report(path, "schema", armsInWords(error));
  else report(path, "schema", error.message ?? "does not fit the schema");
}

function armsInWords(error: ErrorObject): string {
  const arms = error.schema as { description?: string; const?: string; type?: string }[];
  if (arms.every((arm) => arm.const !== undefined)) return `must be one of ${arms.map((arm) => arm.const).join(", ")}`;
  const words = arms.map((arm) => arm.const ?? arm.description ?? arm.type ?? "").filter((word) => word !== "");
  return `does not fit; expected ${[...new Set(words)].join(", or ")}`;
}

function unescapePointer(step: string): string | number {
  const text = step.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(text) ? Number(text) : text;
}

function checkId(data: unknown, path: string, seen: Map<string, string>, report: Report): void {
  const id = isMap(data) && typeof data.id === "string" ? data.id : null;
  if (id === null) return;
  const name = path.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
  if (id !== name) report(["id"], "file-name", `the file is called ${name}, the rule ${id}`);
  const before = seen.get(id);
  if (before !== undefined) report(["id"], "duplicate-id", `${before} has the id ${id} too`);
  else seen.set(id, path);
}

/** The article, tests and recipes that belong to a rule. */
function checkSurroundings(data: unknown, { articles, testSides, recipes, unsafeRegex, tables }: LintContext, report: Report): void {
  if (!isMap(data)) return;
  if (articles && typeof data.article === "string" && !articles.has(data.article))
    report(["article"], "missing-article", `there is no kb/articles/${data.article}.md`);
  if (testSides && typeof data.id === "string") {
    const missing = TEST_SIDES.filter((side) => !testSides.get(data.id as string)?.has(side));
    if (missing.length > 0) report(["id"], "missing-test", `tests/cases/${data.id} has no bundle that expects ${missing.join(", ")}`);
  }
  if (!isMap(data.evidence)) return;
  for (const [name, block] of Object.entries(data.evidence)) {
    if (!isMap(block)) continue;
    const table = tables.find((one) => one.name === block.from);
    if (table && recipes && !gathered(table, recipes))
      report(["evidence", name, "from"], "missing-recipe", `no recipe in kb/collect gathers ${table.name}`);
    if (unsafeRegex) checkRegexes(block.where, ["evidence", name, "where"], unsafeRegex, report);
  }
}

function gathered(table: TableDeclaration, recipes: readonly Recipe[]): boolean {
  if (ALWAYS_THERE.includes(table.name)) return true;
  return recipes.some((recipe) => recipe.gathers.some((what) => what.table === table.name || what.table === table.comparesSidesOf));
}

function checkRegexes(where: unknown, path: Path, unsafe: (pattern: string) => string | null, report: Report): void {
  for (const [index, alternative] of (Array.isArray(where) ? where : [where]).entries()) {
    if (!isMap(alternative)) continue;
    for (const [key, value] of Object.entries(alternative)) {
      if (!key.split("|").includes("re")) continue;
      for (const [at, pattern] of (Array.isArray(value) ? value : [value]).entries()) {
        const why = typeof pattern === "string" ? unsafe(pattern) : null;
        if (why)
          report([...path, ...(Array.isArray(where) ? [index] : []), key, ...(Array.isArray(value) ? [at] : [])], "unsafe-regex", why);
      }
    }
  }
}

/** Absence can be earned only where a source can say for which machine, and be found wanting. */
function checkAbsence(query: Query, { tables }: LintContext, report: Report): void {
  if (query.expect.kind !== "none" || !query.expect.earned) return;
  const table = tables.find((one) => one.name === query.selection.table);
  if (!table) return;
  const path = ["evidence", query.name, "expect"];
  if (!table.host) {
    report(path, "unearnable-absence", `rows of ${table.name} belong to no machine, so no source can prove that one is missing`);
    return;
  }
  const columns = [table.host, table.peer];
  const pinned =
    query.of !== null || query.joins.some((terms) => terms.some((term) => columns.includes(term.column))) || query.near.length > 0;
  const fixed = query.selection.pins.every((pins) => pins.machines !== null || pins.side !== null);
  if (!pinned && !fixed)
    report(path, "unearnable-absence", `nothing says where ${query.name} has to be absent: join ${table.host}, name it, or say near what`);
}

/** In order, each once. What the schema says in general gives way to what the compiler says of the same place in particular. */
function tidied(found: readonly Diagnostic[]): Diagnostic[] {
  const particular = new Set(found.filter((one) => one.code !== "schema").map((one) => `${one.file} ${one.line} ${one.column}`));
  const once = new Map<string, Diagnostic>();
  for (const one of found) {
    const place = `${one.file} ${one.line} ${one.column}`;
    if (one.code !== "schema") once.set(`${place} ${one.code} ${one.message}`, one);
    else if (!particular.has(place)) once.set(`${one.file} ${one.line} schema ${one.column}`, one);
  }
  return [...once.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
