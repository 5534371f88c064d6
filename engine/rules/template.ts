import type { Tables } from "../queries/compile-query.ts";
import { type Path, type Report, suggestion } from "../queries/problem.ts";
import type { Column, ColumnType, Value } from "../tables/table.ts";

/** `{evidence.column}` in a text. */
interface Placeholder {
  readonly evidence: string;
  /** Column name; null for `count`. */
  readonly column: string | null;
  /** The cells of all rows, not of the first. */
  readonly all?: true;
  /** What the number counts, in the singular: `{x.count|reset}` is "1 reset" or "3 resets". */
  readonly noun?: string;
}

export type Template = readonly (string | Placeholder)[];

/** `[...]` in a summary: left out unless everything it names was found and is known. */
interface Clause {
  readonly clause: Template;
}

export type Summary = readonly (Template[number] | Clause)[];

const PLACEHOLDER = /\{\{|\}\}|\{([^{}]*)\}/g;
const CLAUSE = /\[([^[\]]*)\]/g;
const REFERENCE = /^([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?:(\*)|\|([a-z]+(?: [a-z]+)*))?$/;

/**
 * Parses a text with `{evidence.column}`; `{{` and `}}` stand for brackets. `{x.count}` is the number of rows found,
 * `{x.time}` the row's declared time whatever its column is called. `{x.count|reset}` counts resets, one or several; `{x.column*}`
 * names what all rows hold in that column, each once.
 */
export function parseTemplate(text: string, tables: Tables, path: Path, report: Report): Template {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[1] === undefined) parts.push(match[0][0]!);
    else {
      const placeholder = parsePlaceholder(match[1], tables, path, (where, code, message) =>
        report(where, code, message, { offset: match.index + 1 }),
      );
      if (placeholder) parts.push(placeholder);
    }
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/** A template in which `[...]` may be left out; such clauses do not nest. */
export function parseSummary(text: string, tables: Tables, path: Path, report: Report): Summary {
  const parts: Summary[number][] = [];
  let end = 0;
  const plain = (from: number, to: number) =>
    parseTemplate(text.slice(from, to), tables, path, (where, code, message, at) =>
      report(where, code, message, { ...at, offset: from + (at?.offset ?? 0) }),
    );
  for (const match of text.matchAll(CLAUSE)) {
    const start = match.index + 1;
    parts.push(...plain(end, match.index), { clause: plain(start, start + match[1]!.length) });
    end = match.index + match[0].length;
  }
  return [...parts, ...plain(end, text.length)];
}

function parsePlaceholder(text: string, tables: Tables, path: Path, report: Report): Placeholder | null {
  const match = REFERENCE.exec(text);
  if (!match) {
    report(path, "unknown-name", `{${text}} is not {evidence.column}; write {{ for a bracket`);
    return null;
  }
  const [, evidence = "", column = "", all, noun] = match;
  const counted = { ...(noun !== undefined && { noun }), ...(all !== undefined && { all: true as const }) };
  if (!tables.has(evidence)) {
    report(path, "unknown-name", `no evidence is called ${JSON.stringify(evidence)}${suggestion(evidence, tables.keys())}`);
    return null;
  }
  const table = tables.get(evidence);
  if (column === "count") return { evidence, column: null, ...counted };
  if (!table) return null;
  if (column === "time" && !Object.hasOwn(table.columns, "time") && table.time) return { evidence, column: table.time, ...counted };
  if (Object.hasOwn(table.columns, column)) return { evidence, column, ...counted };
  report(
    path,
    "unknown-column",
    `${evidence} is of ${table.name}, which has no column ${JSON.stringify(column)}${suggestion(column, Object.keys(table.columns))}`,
  );
  return null;
}

/** Evidence names a template reads. */
export function namesIn(template: Summary): string[] {
  return template.flatMap((part) => (typeof part === "string" ? [] : "clause" in part ? namesIn(part.clause) : [part.evidence]));
}

/** What fills a template: the number of rows of an evidence, and its first row's cells. */
export interface TemplateValues {
  /** The evidence holds, and has rows to show. */
  found(evidence: string): boolean;
  count(evidence: string): number;
  cell(evidence: string, column: string): { readonly value: Value; readonly column: Column | null };
  /** The cells of all rows found, as far as they are different and known. */
  cells(evidence: string, column: string): { readonly values: readonly Value[]; readonly column: Column | null };
}

export function renderTemplate(template: Template, values: TemplateValues): string {
  return template
    .map((part) => {
      if (typeof part === "string") return part;
      if (part.all && part.column !== null) return listText(values.cells(part.evidence, part.column));
      const { value, column } =
        part.column === null ? { value: values.count(part.evidence), column: null } : values.cell(part.evidence, part.column);
      const text = wordOf(value, column);
      return part.noun === undefined ? text : `${text} ${part.noun}${value === 1 ? "" : "s"}`;
    })
    .join("");
}

export function renderSummary(summary: Summary, values: TemplateValues): string {
  return summary
    .map((part) =>
      typeof part === "object" && "clause" in part
        ? part.clause.every((one) => isKnown(one, values))
          ? renderTemplate(part.clause, values)
          : ""
        : renderTemplate([part], values),
    )
    .join("");
}

function isKnown(part: Template[number], values: TemplateValues): boolean {
  if (typeof part === "string") return true;
  if (!values.found(part.evidence)) return false;
  if (part.column === null) return true;
  return part.all ? values.cells(part.evidence, part.column).values.length > 0 : values.cell(part.evidence, part.column).value !== null;
}

/** Values of one column that a text names before it goes on to count them. */
const MAX_LISTED = 12;

function listText({ values, column }: ReturnType<TemplateValues["cells"]>): string {
  const texts = [...new Set(values.map((value) => wordOf(value, column)))];
  const rest = texts.length - MAX_LISTED;
  return texts.length === 0 ? "(not known)" : `${texts.slice(0, MAX_LISTED).join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

function wordOf(value: Value, column: Column | null): string {
  return typeof value === "string" ? (column?.words?.[value] ?? value) : formatCell(value, column?.type ?? "text");
}

/** A cell as a sentence shows it. */
export function formatCell(value: Value, type: ColumnType): string {
  if (value === null) return "(not known)";
  if (type === "time") return formatTime(value as bigint);
  if (type === "duration") return formatDuration(value as number);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value))
    return type === "host"
      ? String(value[0] ?? "(not known)")
      : value.map((entry) => (typeof entry === "object" ? String(entry.at) : String(entry))).join(", ");
  return String(value);
}

/** `2013-01-06 08:54:40`, with milliseconds where there are any. */
export function formatTime(nanoseconds: bigint): string {
  const milliseconds = nanoseconds / 1_000_000n - (nanoseconds % 1_000_000n < 0n ? 1n : 0n);
  const date = new Date(Number(milliseconds));
  if (Number.isNaN(date.getTime())) return "(not known)";
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/(\.000)?Z$/, "");
}

/** `190 ms`, `21.0 s`, `2 min 5 s`, `1 h 10 min`. */
export function formatDuration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 0.0995) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (size < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (size < 99.95) return `${Number(seconds.toFixed(2))} s`;
  const whole = Math.round(size);
  const sign = seconds < 0 ? "-" : "";
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${sign}${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
