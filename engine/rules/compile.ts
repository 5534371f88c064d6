import { compileQuery, type Tables } from "../queries/compile-query.ts";
import { CycleError, components } from "../queries/plan.ts";
import { isMap, type Path, type Report, suggestion } from "../queries/problem.ts";
import type { Query } from "../queries/selection.ts";
import { FALSE, TRUE } from "../queries/truth.ts";
import type { Polarity } from "../queries/vectors.ts";
import { tableDeclarations } from "../tables/index.ts";
import type { TableDeclaration } from "../tables/table.ts";
import type { Applicability } from "./applies.ts";
import { type Condition, evaluateCondition, parseCondition, polarities } from "./condition.ts";
import type { CompiledRule, Resolution, RuleBody, RuleLevel, RuleStatus } from "./rule.ts";
import { namesIn, parseSummary, parseTemplate, type Summary } from "./template.ts";
import { type Diagnostic, YamlSource } from "./yaml-source.ts";

export interface Compilation {
  /** Always there: a rule that cannot be asked says why in `defect` and gets the verdict `error`. */
  readonly rule: CompiledRule;
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles the text of a rule file, YAML or JSON. Never throws: whatever is wrong is in the diagnostics. */
export function compileRule(text: string, path: string, tables: readonly TableDeclaration[] = tableDeclarations): Compilation {
  const source = new YamlSource(text, path);
  return compileSource(source, tables);
}

export function compileSource(source: YamlSource, tables: readonly TableDeclaration[]): Compilation {
  const found: Diagnostic[] = [...source.problems];
  const rule = compileData(
    source.data,
    source.path,
    tables,
    (at, code, message, point) => found.push(source.diagnostic(at, code, message, point)),
    found,
  );
  return { rule, diagnostics: found };
}

/** Whether a rule compiles without any problem: its data then goes into knowledge packs, for `compileRuleData`. */
export function compiles(source: YamlSource): boolean {
  return compileSource(source, tableDeclarations).diagnostics.length === 0;
}

/** Compiles data that was parsed and compiled before, as the build does with what goes into its knowledge pack. */
export function compileRuleData(data: unknown, path: string, tables: readonly TableDeclaration[] = tableDeclarations): Compilation {
  const found: Diagnostic[] = [];
  const add: Report = (at, code, message) => found.push({ file: path, line: 1, column: 1, code, message: `${at.join(".")}: ${message}` });
  const report: Report = Object.assign(add, { compiledBefore: true });
  const rule = compileData(data, path, tables, report, found);
  return { rule, diagnostics: found };
}

function compileData(
  data: unknown,
  path: string,
  tables: readonly TableDeclaration[],
  report: Report,
  found: readonly Diagnostic[],
): CompiledRule {
  const raw = isMap(data) ? data : {};
  let body: RuleBody | null = null;
  try {
    if (isMap(data)) body = compileBody(data, tables, report);
    else if (found.length === 0) report([], "schema", "a rule file is a map");
  } catch (error) {
    report([], "schema", error instanceof Error ? error.message : String(error));
  }
  const first = found.find((one) => !HARMLESS.includes(one.code));
  return {
    id: text(raw.id) || path.replace(/^.*\//, "").replace(/\.ya?ml$/, ""),
    path,
    title: text(raw.title),
    status: (text(raw.status) || "experimental") as RuleStatus,
    level: (text(raw.level) || "medium") as RuleLevel,
    products: texts(raw.products),
    appliesTo: list(raw.applies_to).flatMap(applicability),
    symptoms: texts(raw.symptoms),
    references: texts(raw.references),
    falsepositives: texts(raw.falsepositives),
    resolutions: list(raw.resolutions).filter(
      (one): one is Resolution => isMap(one) && typeof one.kind === "string" && typeof one.text === "string",
    ),
    verify: texts(raw.verify),
    article: text(raw.article),
    related: texts(raw.related),
    yieldsTo: texts(raw.yields_to),
    body: first ? null : body,
    defect: first ? `${first.file}:${first.line}:${first.column}: ${first.code} ${first.message}` : null,
  };
}

/** Untidy, but the rule can be asked. */
const HARMLESS: readonly string[] = ["unused-evidence"];

function text(raw: unknown): string {
  return typeof raw === "string" ? raw : "";
}

function list(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : raw === undefined || raw === null ? [] : [raw];
}

function texts(raw: unknown): string[] {
  return list(raw).filter((one) => typeof one === "string");
}

function applicability(raw: unknown): Applicability[] {
  if (typeof raw === "string") return [{ product: raw, from: null, before: null }];
  return isMap(raw) ? [{ product: text(raw.product) || null, from: text(raw.from) || null, before: text(raw.before) || null }] : [];
}

function compileBody(raw: Readonly<Record<string, unknown>>, declarations: readonly TableDeclaration[], report: Report): RuleBody | null {
  if (!isMap(raw.evidence) || Object.keys(raw.evidence).length === 0) {
    report(["evidence"], "schema", "a rule needs a map of evidence");
    return null;
  }
  const tables = evidenceTables(raw.evidence, declarations, report);
  const queries = new Map<string, Query>();
  for (const [name, block] of Object.entries(raw.evidence)) {
    const query = compileQuery(name, block, tables, ["evidence", name], report);
    if (query) queries.set(name, query);
  }
  for (const query of queries.values()) checkBindings(query, queries, report);
  const template = (value: unknown, path: Path) => parseTemplate(text(value), tables, path, report);
  const summary = parseSummary(text(raw.summary), tables, ["summary"], report);
  const filters = list(raw.filter).map((one, index) => template(one, Array.isArray(raw.filter) ? ["filter", index] : ["filter"]));
  const ladder = text(raw.ladder) || null;
  if (ladder !== null && !tables.has(ladder))
    report(["ladder"], "unknown-name", `no evidence is called ${JSON.stringify(ladder)}${suggestion(ladder, tables.keys())}`);
  if (typeof raw.condition !== "string") {
    report(["condition"], "schema", "a rule needs a condition line");
    return null;
  }
  const { condition, problems } = parseCondition(raw.condition, [...tables.keys()]);
  for (const { offset, code, message } of problems) report(["condition"], code, message, { offset });
  const plan = order(queries, report);
  if (!condition || !plan || queries.size < tables.size) return null;
  const polarity = polarities(condition);
  checkUse(queries, [...polarity.keys()], report);
  for (const { name, alternativeTo } of queries.values())
    if (alternativeTo.length > 0 && polarity.get(name) !== "positive")
      report(["evidence", name, "alternative_to"], "unearnable-absence", `${name} is negated, so that its absence has to be earned`, {
        key: true,
      });
  checkUnseen(condition, queries, polarity, report);
  checkShown([summary, ...filters], queries, report);
  return { queries, condition, polarity, components: plan, summary, filters, ladder };
}

/** `expect: unseen` lends weight to other evidence: denied, or alone, it would decide without anything that could have shown a row. */
function checkUnseen(
  condition: Condition,
  queries: ReadonlyMap<string, Query>,
  polarity: ReadonlyMap<string, Polarity>,
  report: Report,
): void {
  const unseen = [...queries.values()].filter(({ expect }) => expect.kind === "none" && !expect.earned);
  for (const { name } of unseen)
    if ((polarity.get(name) ?? "positive") !== "positive")
      report(
        ["evidence", name, "expect"],
        "unearnable-absence",
        `${name} is negated: say what is looked for, and let the condition deny that`,
      );
  const names = new Set(unseen.map(({ name }) => name));
  if (names.size > 0 && evaluateCondition(condition, (name, negated) => (names.has(name) !== negated ? TRUE : FALSE)) === TRUE)
    report(["condition"], "unearnable-absence", `the case would match on what is unseen alone (${[...names].join(", ")})`);
}

/** The table of each evidence name, `of` followed to its end. */
function evidenceTables(evidence: Readonly<Record<string, unknown>>, declarations: readonly TableDeclaration[], report: Report): Tables {
  const tables = new Map<string, TableDeclaration | null>();
  const byName = new Map(declarations.map((table) => [table.name, table]));
  for (const name of Object.keys(evidence)) {
    let [at, block] = [name, evidence[name]];
    const seen = new Set<string>();
    while (isMap(block) && typeof block.of === "string" && !seen.has(at)) {
      seen.add(at);
      [at, block] = [block.of, Object.hasOwn(evidence, block.of) ? evidence[block.of] : undefined];
    }
    const from = isMap(block) ? block.from : undefined;
    tables.set(name, (typeof from === "string" && byName.get(from)) || null);
    checkOrigin(name, evidence, byName, report);
  }
  return tables;
}

function checkOrigin(
  name: string,
  evidence: Readonly<Record<string, unknown>>,
  tables: ReadonlyMap<string, TableDeclaration>,
  report: Report,
): void {
  const block = evidence[name];
  if (!isMap(block) || block.sequence !== undefined) return;
  const path = ["evidence", name];
  if ((block.from === undefined) === (block.of === undefined))
    report(path, "schema", "evidence needs exactly one of from, of and sequence", { key: true });
  else if (block.of !== undefined && (typeof block.of !== "string" || block.of === name || !Object.hasOwn(evidence, block.of)))
    report(
      [...path, "of"],
      "unknown-name",
      `no other evidence is called ${JSON.stringify(block.of)}${suggestion(String(block.of), Object.keys(evidence))}`,
    );
  else if (block.from !== undefined && (typeof block.from !== "string" || !tables.has(block.from)))
    report(
      [...path, "from"],
      "unknown-table",
      `no table is called ${JSON.stringify(block.from)}${suggestion(String(block.from), tables.keys())}`,
    );
  if (block.of !== undefined && block.having !== undefined)
    report([...path, "having"], "schema", "of and having cannot be combined", { key: true });
}

/** Absence has no row to be joined to, and a group has only the cells it was grouped by. */
function checkBindings(query: Query, queries: ReadonlyMap<string, Query>, report: Report): void {
  const path = ["evidence", query.name];
  for (const parent of query.parents) {
    if (queries.get(parent)?.expect.kind === "none")
      report(path, "join-to-absence", `${query.name} refers to ${parent}, which is expected to be absent and has no row`, { key: true });
    if (queries.get(parent)?.sequence)
      report(
        path,
        "join-to-absence",
        `${query.name} refers to ${parent}, a sequence, which has no row of its own; refer to one of its members`,
        { key: true },
      );
  }
  const grouped = (name: string, column: string): boolean => {
    const grouping = queries.get(name)?.selection.grouping;
    return !grouping || grouping.columns.includes(column);
  };
  for (const term of query.joins.flat()) {
    if (!grouped(query.name, term.column))
      report([...path, "join"], "ungrouped-column", `${query.name} is grouped, but not by ${term.column}`);
    for (const { evidence, column } of term.equals)
      if (!grouped(evidence, column)) report([...path, "join"], "ungrouped-column", `${evidence} is grouped, but not by ${column}`);
  }
}

function order(queries: ReadonlyMap<string, Query>, report: Report): RuleBody["components"] | null {
  try {
    return components(queries);
  } catch (error) {
    if (!(error instanceof CycleError)) throw error;
    report(["evidence", error.names[0]!], "cycle", error.message, { key: true });
    return null;
  }
}

/** Evidence must bear on the condition: be in it, or be what something in it is joined to. */
function checkUse(queries: ReadonlyMap<string, Query>, mentioned: readonly string[], report: Report): void {
  const used = new Set<string>();
  const mark = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    const query = queries.get(name);
    if (query) for (const parent of query.parents) mark(parent);
  };
  for (const name of mentioned) mark(name);
  for (const name of queries.keys())
    if (!used.has(name)) report(["evidence", name], "unused-evidence", `${name} does not bear on the condition`, { key: true });
}

function checkShown(templates: readonly Summary[], queries: ReadonlyMap<string, Query>, report: Report): void {
  for (const name of new Set(templates.flatMap(namesIn))) {
    if (queries.get(name)?.expect.kind === "none")
      report(["summary"], "join-to-absence", `${name} is expected to be absent and has no row to show`);
  }
}
