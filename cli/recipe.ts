import { parse } from "yaml";
import type { KnowledgeFile } from "../engine/node/knowledge.ts";
import { layoutRow } from "../engine/report/text-layout.ts";
import { Failure } from "./failure.ts";

/** A collection recipe as `kb/collect/<id>.yaml` has it; fields beside these are printed as they stand. */
export interface RecipeFile {
  readonly id: string;
  readonly title: string;
  /** Tables it fills, and the side it must be run at where that matters. */
  readonly gathers: readonly { readonly table: string; readonly side?: string }[];
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads all recipes; a file that is none is a defect of the knowledge base and says so. */
export function readRecipes(files: readonly KnowledgeFile[]): RecipeFile[] {
  return files.map(({ id, path, text }) => {
    const fields: unknown = parse(text, { maxAliasCount: 100 });
    if (!isRecord(fields) || typeof fields.title !== "string")
      throw new Failure(`${path} is not a recipe: it has no title`, "casebook rules lint says more");
    const gathers = Array.isArray(fields.gathers) ? fields.gathers.filter(isRecord) : [];
    return {
      id,
      title: fields.title,
      gathers: gathers.map((entry) => ({ table: String(entry.table), ...(typeof entry.side === "string" ? { side: entry.side } : {}) })),
      fields,
    };
  });
}

/** Recipes that fill a table some evidence of the rule is read from, in order of the evidence. */
export function recipesFor(rule: KnowledgeFile, recipes: readonly RecipeFile[]): RecipeFile[] {
  const fields: unknown = parse(rule.text, { maxAliasCount: 100 });
  const evidence = isRecord(fields) && isRecord(fields.evidence) ? Object.values(fields.evidence).filter(isRecord) : [];
  const wanted = evidence.flatMap((query) => recipes.filter(({ gathers }) => gathers.some(({ table }) => table === query.from)));
  return [...new Set(wanted)];
}

/** Which way the fields of a recipe are best read; others follow in the order of the file. */
const READING_ORDER = [
  "about",
  "where",
  "side",
  "versions",
  "before",
  "start",
  "steps",
  "commands",
  "reproduce",
  "stop",
  "collect",
  "send",
  "limits",
  "notes",
];
const HIDDEN = new Set(["title", "id", "gathers"]);

/** One recipe in full. Commands stand on lines of their own, unbroken, ready to be copied. */
export function recipeText({ id, title, gathers, fields }: RecipeFile, width: number): string {
  const names = Object.keys(fields).filter((name) => !HIDDEN.has(name));
  const ordered = [...READING_ORDER.filter((name) => names.includes(name)), ...names.filter((name) => !READING_ORDER.includes(name))];
  const lines = ordered.flatMap((name) => ["", ...fieldLines(name, fields[name], 0, width)]);
  const tables = gathers.map(({ table, side }) => (side ? `${table} (${side} side)` : table)).join(", ");
  return `${[`${title}   ${id}`, ...lines, "", ...layoutRow(0, [{ text: `fills: ${tables}`, width }])].join("\n")}\n`;
}

function fieldLines(name: string, value: unknown, indent: number, width: number): string[] {
  const label = name.replaceAll("_", " ");
  if (!isRecord(value) && !Array.isArray(value) && !isBlock(value))
    return layoutRow(indent, [{ text: `${label}: ${scalar(value)}`, width: width - indent }]);
  return [`${" ".repeat(indent)}${label}:`, ...valueLines(value, indent + 2, width)];
}

function valueLines(value: unknown, indent: number, width: number): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => valueLines(entry, indent, width));
  if (isRecord(value)) return Object.entries(value).flatMap(([name, inner]) => fieldLines(name, inner, indent, width));
  if (isCommand(value) || isBlock(value)) {
    return String(value)
      .trimEnd()
      .split("\n")
      .map((line) => " ".repeat(indent) + line);
  }
  return layoutRow(indent, [{ text: scalar(value), width: width - indent }]);
}

/** A command is never folded: it would no longer work when copied. */
function isCommand(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^(netsh|netstat|nmcap|wevtutil|logman|tracerpt|tasklist|reg|pktmon|dumpcap|tshark|tcpdump|ipconfig|arp|Get-|Set-|New-|Export-|sudo |[\w.-]+\.exe)/.test(
      value,
    )
  );
}

function isBlock(value: unknown): boolean {
  return typeof value === "string" && value.trimEnd().includes("\n");
}

function scalar(value: unknown): string {
  return value === null ? "none" : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
