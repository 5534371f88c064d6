#!/usr/bin/env node
/**
 * What `casebook site build` costs as the knowledge base grows: rule files and articles cloned from the shipped ones under new ids, so
 * that YAML is parsed, rules are compiled and articles rendered as they would be. Checks that every case has its page and that no page
 * grows with the number of cases.
 *
 *     npm run build && node tests/bench/site.ts [--cases 6,1000,10000]
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const command = join(root, "dist/main.js");
const { values } = parseArgs({ options: { cases: { type: "string", default: "6,1000,10000" } } });
/** No single page may be longer, however many cases there are. */
const LONGEST_PAGE = 1_500_000;
const COLUMNS = ["cases", "pages", "files", "MB", "CPU s", "CPU ms/case", "wall s", "peak MiB", "longest page kB"];

if (!existsSync(command)) throw new Error("dist/ is missing: npm run build");
const home = await mkdtemp(join(tmpdir(), "casebook-site-bench-"));
try {
  process.stdout.write(`${COLUMNS.join("  ")}\n`);
  for (const count of values.cases.split(",").map(Number)) await benchmark(count);
} finally {
  await rm(home, { recursive: true, force: true });
}

async function benchmark(count: number): Promise<void> {
  const rules = await clonedRules(join(home, String(count)), count);
  const out = join(home, `site-${count}`);
  const { cpu, wall, peakMiB, status, stdout } = await measure([
    process.execPath,
    command,
    ...["site", "build", "--rules", rules, "--out", out],
  ]);
  // Nothing but success exits with 0: a rule or an article that is broken does not.
  const [, pages, files, size] = /(\d+) pages, (\d+) files, (\S+ \S+)/.exec(stdout) ?? [];
  if (status !== 0 || pages === undefined) throw new Error(`exit ${status}: ${stdout}`);
  const cases = await readdir(join(out, "cases"), { withFileTypes: true });
  const found = cases.filter((entry) => entry.isDirectory() && !/^\d+$/.test(entry.name)).length;
  if (found !== count) throw new Error(`${count} cases, but ${found} pages of cases`);
  const longest = await longestPage(out);
  if (longest > LONGEST_PAGE) throw new Error(`a page of ${longest} bytes`);
  const row = [
    count,
    pages,
    files,
    size!.replace(" MB", ""),
    cpu.toFixed(1),
    ((cpu * 1000) / count).toFixed(2),
    wall.toFixed(1),
    Math.round(peakMiB),
    Math.round(longest / 1000),
  ];
  process.stdout.write(`${row.map((cell, index) => String(cell).padStart(COLUMNS[index]!.length)).join("  ")}\n`);
  await rm(out, { recursive: true });
}

/** The shipped rules and articles over and over, each time under another id. */
async function clonedRules(folder: string, count: number): Promise<string> {
  const shipped = await textsIn(join(root, "rules"), ".yaml");
  for (let number = 0; number < count; number++) {
    const [path, rule] = shipped[number % shipped.length]!;
    const [id, area] = [basename(path, ".yaml"), basename(dirname(path))];
    const copy = number < shipped.length ? id : `${id}-${number}`;
    const article = await readFile(join(root, "kb/articles", area, `${id}.md`), "utf8");
    const renamed = (text: string) =>
      (number < shipped.length ? text : asCopy(text, number)).replace(`article: ${area}/${id}`, `article: ${area}/${copy}`);
    const own = (text: string) => renamed(text).replace(new RegExp(`^id: ${id}$`, "m"), `id: ${copy}`);
    await write(join(folder, "rules", area, `${copy}.yaml`), own(rule));
    await write(join(folder, "kb/articles", area, `${copy}.md`), own(article));
  }
  return join(folder, "rules");
}

/** Titles and symptoms of its own: cases that share a symptom compete, and thousands do not. */
function asCopy(text: string, number: number): string {
  return text
    .replace(/^title: .*/m, (line) => `${line} ${number}`)
    .replace(/^symptoms:\n(?: +- .*\n)+/m, (list) => list.replace(/^( +- .*)$/gm, `$1 (${number})`));
}

async function textsIn(folder: string, extension: string): Promise<(readonly [path: string, text: string])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.sort().map(async (path) => [path, await readFile(path, "utf8")] as const));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function longestPage(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let longest = 0;
  for (const entry of entries)
    if (entry.isFile() && entry.name.endsWith(".html")) longest = Math.max(longest, (await stat(join(entry.parentPath, entry.name))).size);
  return longest;
}
