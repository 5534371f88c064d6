import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { formats } from "../engine/formats/index.ts";
import { tableDeclarations } from "../engine/tables/index.ts";

const root = dirname(import.meta.dirname);
/** Each room imports only itself and rooms to its left. */
const ROOMS = [
  "bytes",
  "containers",
  "decoders",
  "tables",
  "formats",
  "derive",
  "queries",
  "rules",
  "verdicts",
  "report",
  "catalogue",
  "index",
  "node",
];
/** Doors do not know each other, but for the command: it opens the other two. */
const DOORS = ["api", "site", "cli"];
const MAX_LINES = 300;
/** Files that are one table of data, whose length is the data's. */
const DATA_FILES = /(-ports|-words|-pages|-tables|-names)\.ts$|\/generated\//;

function sourceFiles(folder: string): string[] {
  const at = join(root, folder);
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

const engine = sourceFiles("engine");
const present = readdirSync(root).filter((name) => DOORS.includes(name));
const product = [...engine, ...present.flatMap(sourceFiles)];

interface Import {
  readonly file: string;
  readonly target: string;
}

const imports: Import[] = product.flatMap((file) =>
  [
    ...readFileSync(join(root, file), "utf8").matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
    ),
  ].map((match) => ({
    file,
    target: (match[1] ?? match[2] ?? match[3])!,
  })),
);

function resolved({ file, target }: Import): string {
  return posix.normalize(posix.join(posix.dirname(file), target));
}

function room(path: string): string {
  const [top, second] = path.split("/");
  if (top !== "engine") return top!;
  return second === "index.ts" ? "index" : second!;
}

describe("the house", () => {
  it("has only the rooms that are listed", () => {
    const rooms = new Set(engine.map(room));
    expect([...rooms].filter((name) => !ROOMS.includes(name))).toEqual([]);
  });

  it("has only the agreed folders at its top", () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !["node_modules", "dist", "coverage", ".git", ".vitest"].includes(entry.name),
    );
    const agreed = ["rules", "kb", "engine", "api", "site", "tests", "cli", "docs", ".ci", ".github", ".vscode"];
    expect(folders.map((entry) => entry.name).filter((name) => !agreed.includes(name))).toEqual([]);
  });

  it("lets each room import only rooms to its left", () => {
    const wrong = imports
      .filter((entry) => entry.target.startsWith("."))
      .filter((entry) => {
        const [from, to] = [room(entry.file), room(resolved(entry))];
        if (from === "cli") return false;
        if (DOORS.includes(from)) return DOORS.includes(to) && to !== from;
        return ROOMS.indexOf(to) > ROOMS.indexOf(from);
      })
      .map((entry) => `${entry.file} imports ${entry.target}`);
    expect(wrong).toEqual([]);
  });

  it("keeps Node out of the engine but for its edge", () => {
    const wrong = imports.filter(
      (entry) => entry.file.startsWith("engine/") && !entry.file.startsWith("engine/node/") && entry.target.startsWith("node:"),
    );
    expect(wrong).toEqual([]);
  });

  it("lets no format import another", () => {
    const ids = new Set(formats.map((format) => `engine/formats/${format.id}.ts`));
    const wrong = imports.filter((entry) => ids.has(entry.file) && entry.target.startsWith(".") && ids.has(resolved(entry)));
    expect(wrong).toEqual([]);
  });

  it("imports json-rules-engine in one place", () => {
    expect([...new Set(imports.filter((entry) => entry.target === "json-rules-engine").map((entry) => entry.file))]).toEqual([
      "engine/rules/evaluate.ts",
    ]);
  });

  it.each(product)("%s has one reason to exist and a size that shows it", (file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length - 1;
    if (!DATA_FILES.test(file)) expect(lines).toBeLessThanOrEqual(MAX_LINES);
    expect(file).not.toMatch(/(^|\/)(utils?|helpers?|common|types|base|misc)\.ts$/);
    expect(posix.basename(file)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*(\.worker)?\.ts$/);
  });
});

describe("the registries", () => {
  it("lists every format file once, alphabetically", () => {
    const ids = formats.map((format) => format.id);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(engine).toContain(`engine/formats/${id}.ts`);
    const tables = new Set(tableDeclarations.map((table) => table.name));
    for (const format of formats) expect(format.tables.filter((table) => !tables.has(table))).toEqual([]);
  });

  it("declares every table once, alphabetically, with a meaning for each column", () => {
    const names = tableDeclarations.map((table) => table.name);
    expect(names).toEqual([...names].sort());
    for (const table of tableDeclarations) {
      for (const [column, { about, type, values }] of Object.entries(table.columns)) {
        expect(`${table.name}.${column}: ${about}`).toMatch(/: .{4,}/);
        if (type === "enum") expect(values?.length).toBeGreaterThan(1);
      }
      for (const role of [table.host, table.time, table.side]) if (role) expect(table.columns).toHaveProperty(role);
    }
  });
});
