import type { Column, TableDeclaration } from "../tables/table.ts";
import { pinsOf } from "./absence.ts";
import { compileGrouping } from "./compile-grouping.ts";
import { compileWhere, shown } from "./compile-where.ts";
import { parseDuration } from "./literals.ts";
import { isMap, type Path, type Report, suggestion } from "./problem.ts";
import { comparable } from "./same-value.ts";
import { type Expectation, type JoinTerm, type Nearness, parentsOf, type Query, type Reference, type Selection } from "./selection.ts";

export const DEFAULT_LIMIT = 40;

/** Table of each evidence name, for references between them; null where the block itself does not say (an error elsewhere). */
export type Tables = ReadonlyMap<string, TableDeclaration | null>;

const NO_SELECTION: Selection = { key: "", table: "", alternatives: [], pins: [], grouping: null };

/** Compiles one evidence block and reports everything that is wrong with it; null if no query can be made of it. */
export function compileQuery(name: string, raw: unknown, tables: Tables, path: Path, report: Report): Query | null {
  if (!isMap(raw)) {
    report(path, "schema", "an evidence block must be a map");
    return null;
  }
  const shared = {
    name,
    about: typeof raw.about === "string" ? raw.about : "",
    expect: compileExpectation(raw.expect, [...path, "expect"], report),
    limit: typeof raw.limit === "number" && raw.limit >= 1 ? Math.floor(raw.limit) : DEFAULT_LIMIT,
    alternativeTo: compileAlternatives(raw, name, tables, [...path, "alternative_to"], report),
  };
  if (raw.sequence !== undefined) return compileSequence(raw, shared, tables, path, report);
  const table = tables.get(name);
  if (!table) return null;
  const grouping = compileGrouping(raw, table, path, report);
  const alternatives = compileWhere(raw.where, table, [...path, "where"], report);
  const selection: Selection = {
    table: table.name,
    alternatives,
    pins: alternatives.flatMap((predicates) => pinsOf(predicates, table)),
    grouping,
    key: JSON.stringify([table.name, sorted(raw.where ?? null), sorted(raw.group ?? null), sorted(raw.having ?? null), raw.within ?? null]),
  };
  const bound = {
    of: typeof raw.of === "string" ? raw.of : null,
    joins: compileJoins(raw.join, name, table, tables, [...path, "join"], report),
    near: compileNear(raw.near, name, table, tables, [...path, "near"], report),
    sequence: null,
  };
  return { ...shared, ...bound, selection, parents: parentsOf(bound), cite: compileCite(raw.cite, table, [...path, "cite"], report) };
}

/** Maps with their keys in order, so that equal selections have equal keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function compileExpectation(raw: unknown, path: Path, report: Report): Expectation {
  if (raw === undefined || raw === "some") return { kind: "some", atLeast: 1 };
  if (raw === "none" || raw === "unseen") return { kind: "none", earned: raw === "none" };
  if (isMap(raw) && Number.isInteger(raw.at_least) && (raw.at_least as number) >= 1)
    return { kind: "some", atLeast: raw.at_least as number };
  report(path, "schema", "expect is some, none, unseen or { at_least: n }");
  return { kind: "some", atLeast: 1 };
}

/** Evidence that is looked for by itself, so that it is known before any row whether the bundle could show it. */
function compileAlternatives(
  raw: Readonly<Record<string, unknown>>,
  self: string,
  tables: Tables,
  path: Path,
  report: Report,
): readonly string[] {
  if (raw.alternative_to === undefined) return [];
  const names = (Array.isArray(raw.alternative_to) ? raw.alternative_to : [raw.alternative_to]).filter((name) => typeof name === "string");
  for (const key of ["of", "join", "near", "sequence"])
    if (raw[key] !== undefined)
      report(path, "schema", `evidence with ${key} hangs on other evidence and has no alternative_to`, { key: true });
  if (raw.expect === "none") report(path, "unearnable-absence", "what is expected to be absent has no alternative_to", { key: true });
  const known = names.filter((name) => name !== self && tables.has(name));
  for (const name of names)
    if (!known.includes(name))
      report(path, "unknown-name", `no other evidence is called ${JSON.stringify(name)}${suggestion(name, tables.keys())}`);
  return known;
}

function compileSequence(
  raw: Readonly<Record<string, unknown>>,
  shared: Pick<Query, "name" | "about" | "expect" | "limit" | "alternativeTo">,
  tables: Tables,
  path: Path,
  report: Report,
): Query | null {
  const members = Array.isArray(raw.sequence) ? raw.sequence.filter((member) => typeof member === "string") : [];
  if (members.length < 2) report([...path, "sequence"], "empty-group", "a sequence needs at least two evidence names");
  for (const [index, member] of members.entries()) {
    const at = [...path, "sequence", index];
    if (!tables.has(member))
      report(at, "unknown-name", `no evidence is called ${JSON.stringify(member)}${suggestion(member, tables.keys())}`);
    else if (tables.get(member) && !tables.get(member)!.time) report(at, "no-time", `rows of ${tables.get(member)!.name} have no time`);
  }
  for (const key of ["where", "join", "near", "group", "having", "of", "from", "cite"])
    if (raw[key] !== undefined) report([...path, key], "schema", `a sequence has no ${key} of its own`, { key: true });
  const within = parseDuration(raw.within);
  if (within === null) report([...path, raw.within === undefined ? "sequence" : "within"], "schema", "a sequence needs within: a duration");
  if (shared.expect.kind === "none" || shared.expect.atLeast > 1) report([...path, "expect"], "schema", "a sequence is expected once");
  if (members.length < 2 || within === null) return null;
  const bound = { of: null, joins: [], near: [], sequence: { members, within } };
  return { ...shared, ...bound, selection: NO_SELECTION, parents: parentsOf(bound), cite: null };
}

/** `other.column`, checked; `any` column where `type` is null. */
function compileReference(
  raw: unknown,
  self: string,
  tables: Tables,
  path: Path,
  report: Report,
): (Reference & { readonly type: Column }) | null {
  const [evidence = "", column = "", ...rest] = typeof raw === "string" ? raw.split(".") : [];
  if (column === "" || rest.length > 0) {
    report(path, "schema", `${shown(raw)} is not evidence.column`);
    return null;
  }
  if (!tables.has(evidence) || evidence === self) {
    report(
      path,
      "unknown-name",
      evidence === self
        ? "evidence cannot be joined to itself"
        : `no evidence is called ${JSON.stringify(evidence)}${suggestion(evidence, tables.keys())}`,
    );
    return null;
  }
  const table = tables.get(evidence);
  if (!table) return null;
  const type = Object.hasOwn(table.columns, column) ? table.columns[column] : undefined;
  if (!type) {
    report(
      path,
      "unknown-column",
      `${evidence} is of ${table.name}, which has no column ${JSON.stringify(column)}${suggestion(column, Object.keys(table.columns))}`,
    );
    return null;
  }
  return { evidence, column, type };
}

function compileJoins(raw: unknown, self: string, table: TableDeclaration, tables: Tables, path: Path, report: Report): JoinTerm[][] {
  if (raw === undefined) return [];
  const alternatives = Array.isArray(raw) ? raw : [raw];
  if (alternatives.length === 0) report(path, "empty-group", "an empty list of joins joins nothing");
  return alternatives.map((alternative, index) => {
    const at = Array.isArray(raw) ? [...path, index] : path;
    if (!isMap(alternative)) {
      report(at, "schema", "join must be a map of column: evidence.column, or a list of such maps");
      return [];
    }
    if (Object.keys(alternative).length === 0) report(at, "empty-group", "an empty join joins every row");
    return Object.entries(alternative).flatMap(
      ([column, value]) => compileTerm(column, value, self, table, tables, [...at, column], report) ?? [],
    );
  });
}

function compileTerm(
  column: string,
  raw: unknown,
  self: string,
  table: TableDeclaration,
  tables: Tables,
  path: Path,
  report: Report,
): JoinTerm | null {
  const own = Object.hasOwn(table.columns, column) ? table.columns[column] : undefined;
  if (!own) {
    report(
      path,
      "unknown-column",
      `table ${table.name} has no column ${JSON.stringify(column)}${suggestion(column, Object.keys(table.columns))}`,
      { key: true },
    );
    return null;
  }
  if (raw === null) return { column, equals: [] };
  const values = Array.isArray(raw) ? raw : [raw];
  if (values.length === 0) report(path, "empty-group", "an empty list of columns joins nothing");
  const equals = values.flatMap((value, index) => {
    const at = Array.isArray(raw) ? [...path, index] : path;
    const found = compileReference(value, self, tables, at, report);
    if (found && !comparable(own.type, found.type.type)) {
      report(at, "impossible-comparison", `${column} (${own.type}) cannot equal ${shown(value)} (${found.type.type})`);
      return [];
    }
    return found ? [{ evidence: found.evidence, column: found.column }] : [];
  });
  return equals.length > 0 ? { column, equals } : null;
}

function compileNear(raw: unknown, self: string, table: TableDeclaration, tables: Tables, path: Path, report: Report): Nearness[] {
  if (raw === undefined) return [];
  if (!isMap(raw) || Object.keys(raw).length === 0) {
    report(path, isMap(raw) ? "empty-group" : "schema", "near must be a map of evidence: duration");
    return [];
  }
  return Object.entries(raw).flatMap(([key, value]) => {
    const at = [...path, key];
    const other = key.includes(".") ? key : `${key}.${tables.get(key)?.time ?? ""}`;
    if (tables.get(key) && !tables.get(key)!.time) {
      report(at, "no-time", `rows of ${tables.get(key)!.name} have no time; name a time column: ${key}.column`, { key: true });
      return [];
    }
    const to = compileReference(tables.has(key) || key.includes(".") ? other : `${key}.?`, self, tables, at, (p, code, message) =>
      report(p, code, message, { key: true }),
    );
    const options = isMap(value) ? value : { within: value };
    const column = typeof options.column === "string" ? options.column : table.time;
    const within = parseDuration(options.within);
    const order = options.order ?? "any";
    if (within === null)
      report(isMap(value) ? [...at, "within"] : at, "schema", `${shown(options.within)} is not a duration (200ms, 1s, 2m, 1h)`);
    if (order !== "any" && order !== "after" && order !== "before") report([...at, "order"], "schema", "order is after or before");
    if (!column) report(at, "no-time", `rows of ${table.name} have no time`, { key: true });
    else if (table.columns[column]?.type !== "time")
      report([...at, "column"], "no-time", `${table.name} has no time column ${JSON.stringify(column)}`);
    if (to && to.type.type !== "time") report(at, "no-time", `${other} is not a time`, { key: true });
    if (
      to?.type.type !== "time" ||
      within === null ||
      !column ||
      table.columns[column]?.type !== "time" ||
      (order !== "any" && order !== "after" && order !== "before")
    )
      return [];
    return [{ column, to: { evidence: to.evidence, column: to.column }, within, order }];
  });
}

function compileCite(raw: unknown, table: TableDeclaration, path: Path, report: Report): string[] | null {
  if (raw === undefined) return null;
  const names = (Array.isArray(raw) ? raw : [raw]).map(String);
  for (const [index, name] of names.entries()) {
    const at = Array.isArray(raw) ? [...path, index] : path;
    const type = Object.hasOwn(table.columns, name) ? table.columns[name]!.type : undefined;
    if (name === "row") continue;
    if (type === undefined)
      report(
        at,
        "unknown-column",
        `table ${table.name} has no column ${JSON.stringify(name)}${suggestion(name, Object.keys(table.columns))}`,
      );
    else if (type !== "frame" && type !== "frames" && type !== "citations")
      report(at, "impossible-comparison", `${name} is ${type}; only frame, frames and citations columns (and row) can be cited`);
  }
  return names;
}
