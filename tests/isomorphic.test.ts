import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createContext, Script } from "node:vm";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

const root = dirname(import.meta.dirname);
const NODE_GLOBALS = ["process", "Buffer", "require", "global", "setImmediate", "__dirname", "module"];

/** What a browser worker offers that the engine may use. */
const WEB_GLOBALS = [
  "TextDecoder",
  "TextEncoder",
  "Blob",
  "ReadableStream",
  "DecompressionStream",
  "setTimeout",
  "clearTimeout",
  "queueMicrotask",
  "structuredClone",
  "URL",
  "performance",
] as const;

function read(folder: string): { id: string; path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ id: path.replace(/^.*\/|\.yaml$/g, ""), path: relative(root, path), text: readFileSync(path, "utf8") }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe("the engine in a browser worker", () => {
  let code = "";
  beforeAll(async () => {
    const result = await build({
      entryPoints: [join(root, "engine/index.ts")],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "casebook",
      platform: "browser",
      target: "es2024",
      logLevel: "silent",
    });
    expect(result.errors).toEqual([]);
    code = result.outputFiles[0]!.text;
  });

  it("bundles without a Node module", () => {
    expect(code).not.toMatch(/require\("node:|from "node:/);
  });

  it("matches a case with no Node global in reach", async () => {
    const web = Object.fromEntries(WEB_GLOBALS.map((name) => [name, globalThis[name]]));
    const sandbox: Record<string, unknown> = { ...web, console };
    const context = createContext(sandbox);
    for (const name of NODE_GLOBALS) expect(new Script(`typeof ${name}`).runInContext(context)).toBe("undefined");
    new Script(code).runInContext(context);
    const folder = join(root, "tests/cases/rdp-listener-gone/article/bundle");
    sandbox.evidence = readdirSync(folder)
      .sort()
      .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
    sandbox.texts = { rules: read("rules"), recipes: read("kb/collect"), digest: "", dataAsOf: "", version: "" };
    const run = new Script(`(async () => {
      const files = evidence.map(({ name, bytes }) => ({ path: name, size: bytes.length, open: async () => casebook.memorySource(bytes) }));
      const knowledge = casebook.compileKnowledge(texts);
      const { report } = await casebook.diagnose({ name: "bundle", files, warnings: [] }, knowledge, casebook.inlineSurroundings());
      return JSON.stringify(report.findings.map(({ rule, verdict }) => [rule, verdict]));
    })()`);
    const findings = JSON.parse((await run.runInContext(context)) as string) as [string, string][];
    expect(findings).toContainEqual(["rdp-listener-gone", "matched"]);
    expect(findings.filter(([, verdict]) => verdict === "matched")).toHaveLength(1);
  });
});
