import type { TableDeclaration } from "../tables/table.ts";
import { parseDuration, parseLiteral } from "./literals.ts";
import { isMap, type Path, type Report, suggestion } from "./problem.ts";
import type { Aggregate, Grouping, Having } from "./selection.ts";

const KEY = /^(count|distinct|min|max|sum)(?:\(([^)]*)\))?(?:\|(\w+))?$/;
const COMPARISONS = ["eq", "neq", "gt", "gte", "lt", "lte"] as const;
const ORDERED = ["integer", "number", "port", "duration", "time"];

/** Compiles `group`, `having` and `within`; null if the block has none of them. */
export function compileGrouping(
  raw: Readonly<Record<string, unknown>>,
  table: TableDeclaration,
  path: Path,
  report: Report,
): Grouping | null {
  if (raw.group === undefined && raw.having === undefined && raw.within === undefined) return null;
  if (raw.having === undefined)
    report([...path, raw.group === undefined ? "within" : "group"], "schema", "group and within need having", { key: true });
  const within = raw.within === undefined ? null : parseDuration(raw.within);
  if (raw.within !== undefined && within === null) report([...path, "within"], "schema", "within is a duration (200ms, 1s, 2m, 1h)");
  if (raw.within !== undefined && !table.time) report([...path, "within"], "no-time", `rows of ${table.name} have no time`);
  return {
    columns: compileColumns(raw.group, table, [...path, "group"], report),
    having: compileHaving(raw.having, table, [...path, "having"], report),
    within,
  };
}

function compileColumns(raw: unknown, table: TableDeclaration, path: Path, report: Report): string[] {
  if (raw === undefined) return [];
  const names = (Array.isArray(raw) ? raw : [raw]).map(String);
  if (names.length === 0) report(path, "empty-group", "an empty list of columns groups nothing");
  return names.filter((name, index) => {
    if (Object.hasOwn(table.columns, name)) return true;
    report(
      Array.isArray(raw) ? [...path, index] : path,
      "unknown-column",
      `table ${table.name} has no column ${JSON.stringify(name)}${suggestion(name, Object.keys(table.columns))}`,
    );
    return false;
  });
}

function compileHaving(raw: unknown, table: TableDeclaration, path: Path, report: Report): Having[] {
  if (raw === undefined) return [];
  if (!isMap(raw) || Object.keys(raw).length === 0) {
    report(path, isMap(raw) ? "empty-group" : "schema", "having must be a map such as count|gte: 3");
    return [];
  }
  return Object.entries(raw).flatMap(([key, value]) => compileOne(key, value, table, [...path, key], report) ?? []);
}

function compileOne(key: string, raw: unknown, table: TableDeclaration, path: Path, report: Report): Having | null {
  const match = KEY.exec(key);
  const aggregate = match?.[1] as Aggregate | undefined;
  const name = match?.[2];
  if (!match || !aggregate || (aggregate === "count") !== (name === undefined)) {
    report(path, "schema", `${JSON.stringify(key)} is not count, distinct(column), min(column), max(column) or sum(column)`, { key: true });
    return null;
  }
  const compare = COMPARISONS.find((known) => known === (match[3] ?? "eq"));
  if (!compare) {
    report(path, "unknown-modifier", `|${match[3]} does not compare numbers${suggestion(match[3]!, COMPARISONS)}`, { key: true });
    return null;
  }
  const column = name === undefined || !Object.hasOwn(table.columns, name) ? undefined : table.columns[name]!;
  if (name !== undefined && !column) {
    report(
      path,
      "unknown-column",
      `table ${table.name} has no column ${JSON.stringify(name)}${suggestion(name, Object.keys(table.columns))}`,
      { key: true },
    );
    return null;
  }
  const ofValues = aggregate === "min" || aggregate === "max" || aggregate === "sum";
  if (ofValues && (!ORDERED.includes(column!.type) || (aggregate === "sum" && column!.type === "time"))) {
    report(path, "impossible-comparison", `${aggregate} does not fit ${name}, which is ${column!.type}`, { key: true });
    return null;
  }
  const bound = ofValues
    ? parseLiteral(column!, raw)
    : Number.isInteger(raw) && (raw as number) >= 0
      ? { value: raw as number }
      : { problem: `${JSON.stringify(raw)} is not a count` };
  if ("problem" in bound) {
    report(path, "impossible-comparison", bound.problem);
    return null;
  }
  return { text: `${key}: ${String(raw)}`, aggregate, column: name ?? null, compare, bound: bound.value as number | bigint };
}
