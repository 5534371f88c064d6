import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { readKnowledgePack, textDigest } from "./knowledge-pack.ts";
import { packageRoot, packageVersion } from "./package-root.ts";

/** A text file of the knowledge base. */
export interface KnowledgeFile {
  /** Path to show: relative to the working folder if it is below it, else absolute. */
  readonly path: string;
  /** Path inside its folder without extension, `rds/rdp-listener-gone`. */
  readonly id: string;
  readonly text: string;
  /** What the text holds, where the build parsed it ahead. */
  readonly data?: unknown;
}

/** Everything Casebook knows, as texts; whoever uses them parses them, so that a broken file is reported where it is used. */
export interface Knowledge {
  readonly rules: readonly KnowledgeFile[];
  /** Article ids, `rds/rdp-listener-gone`. */
  readonly articles: ReadonlySet<string>;
  readonly recipes: readonly KnowledgeFile[];
  readonly references: readonly KnowledgeFile[];
  /** `sha256:` over ids and texts of the rules in order of id, line ends as LF. */
  readonly digest: string;
  /** Newest `as_of` or `updated` date in reference data and recipes, `2026-11-20`; empty if there is none. */
  readonly dataAsOf: string;
  /** Version of Casebook. */
  readonly version: string;
}

/** Thrown where a folder that was asked for cannot be read. */
export class KnowledgeError extends Error {}

/** Reads rules from `rulesDir`, or the shipped ones; articles, recipes and reference data each from the `kb` folder beside it, or the shipped ones. */
export async function loadKnowledge(rulesDir?: string): Promise<Knowledge> {
  const rulesFolder = await folderOfRules(rulesDir);
  const beside = (name: string) => folderBeside(rulesFolder, name);
  const pack = await readKnowledgePack();
  const [rules, articles, recipes, references, version] = await Promise.all([
    readTexts(rulesFolder, /\.ya?ml$/, pack),
    listIds(await beside("articles"), /\.md$/),
    readTexts(await beside("collect"), /\.ya?ml$/, pack),
    readTexts(await beside("reference"), /\.ya?ml$/),
    packageVersion(),
  ]);
  return {
    rules,
    articles: new Set(articles),
    recipes,
    references,
    digest: digestOf(rules),
    dataAsOf: newestDate([...references, ...recipes]),
    version,
  };
}

/** The texts of the articles, which no verdict needs: only who shows them reads them. */
export async function loadArticles(rulesDir?: string): Promise<readonly KnowledgeFile[]> {
  return readTexts(await folderBeside(await folderOfRules(rulesDir), "articles"), /\.md$/);
}

async function folderOfRules(rulesDir: string | undefined): Promise<string> {
  const folder = rulesDir === undefined ? join(await packageRoot(), "rules") : resolve(rulesDir);
  if (!(await isFolder(folder))) throw new KnowledgeError(`no such folder of rules: ${folder}`);
  return folder;
}

/** `kb/<name>` beside the rules, or the shipped one. */
async function folderBeside(rulesFolder: string, name: string): Promise<string> {
  const own = resolve(rulesFolder, "..", "kb", name);
  return (await isFolder(own)) ? own : join(await packageRoot(), "kb", name);
}

function digestOf(rules: readonly KnowledgeFile[]): string {
  const hash = createHash("sha256");
  for (const { id, text } of rules) hash.update(`${id}\n${text.replaceAll("\r\n", "\n")}\0`);
  return `sha256:${hash.digest("hex")}`;
}

/** Compares by code unit, so that the order is the same everywhere. */
function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

async function readTexts(folder: string, pattern: RegExp, pack?: ReadonlyMap<string, unknown>): Promise<KnowledgeFile[]> {
  const files = (await listFiles(folder, pattern)).map((path): KnowledgeFile => {
    // One at a time: small files are read nine times as cheaply so, and ten thousand are not open at once.
    const text = readFileSync(path, "utf8");
    const file = { path: shownPath(path), id: idOf(folder, path), text };
    const data = pack && pack.size > 0 ? pack.get(textDigest(text)) : undefined;
    return data === undefined ? file : { ...file, data };
  });
  return files.sort(byId);
}

async function listIds(folder: string, pattern: RegExp): Promise<string[]> {
  return (await listFiles(folder, pattern)).map((path) => idOf(folder, path)).sort();
}

async function listFiles(folder: string, pattern: RegExp): Promise<string[]> {
  if (!(await isFolder(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && pattern.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
}

async function isFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

function idOf(folder: string, path: string): string {
  return relative(folder, path)
    .replace(/\.\w+$/, "")
    .split(sep)
    .join("/");
}

function shownPath(path: string): string {
  const near = relative("", path);
  return near.startsWith("..") ? path : near;
}

// A search, not a parse: a file that does not parse is the linter's to report, and a start should not wait for all of it.
const DATE = /\b(?:as_of|updated):\s*["']?(\d{4}-\d\d-\d\d)\b/g;

function newestDate(files: readonly KnowledgeFile[]): string {
  const dates = files.flatMap(({ text }) => [...text.matchAll(DATE)].map(([, date]) => date!));
  return dates.sort().at(-1) ?? "";
}
