import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readRecipes, recipesFor, recipeText } from "../cli/recipe.ts";
import { skeleton } from "../cli/skeleton.ts";
import { KnowledgeError, loadKnowledge } from "../engine/node/knowledge.ts";
import { findTestCases, readExpectation, readTestSides } from "../engine/node/test-cases.ts";
import { textWidth } from "../engine/report/text-layout.ts";
import { casebook } from "./support/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-knowledge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(files: ReadonlyMap<string, string>, root: string): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe("the shipped knowledge", () => {
  it("is all there", async () => {
    const { rules, articles, recipes, references, dataAsOf, version } = await loadKnowledge();
    const count = (path: string, extension: string) =>
      readdirSync(join(import.meta.dirname, "..", path), { recursive: true }).filter((name) => String(name).endsWith(extension)).length;
    expect(rules).toHaveLength(count("rules", ".yaml"));
    expect(articles.size).toBe(count("kb/articles", ".md"));
    expect(recipes).toHaveLength(count("kb/collect", ".yaml"));
    expect(references).toHaveLength(count("kb/reference", ".yaml"));
    expect(rules.map(({ id }) => id)).toContain("rds/rdp-listener-gone");
    expect(dataAsOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("has recipes that print whole, within the width but for commands", async () => {
    const recipes = readRecipes((await loadKnowledge()).recipes);
    for (const recipe of recipes) {
      const text = recipeText(recipe, 80);
      for (const { command } of [...recipe.start, ...(recipe.stop ?? [])]) if (command) expect(text).toContain(command.split("\n")[0]);
      for (const line of text.split("\n")) if (!line.startsWith("       ")) expect(textWidth(line)).toBeLessThanOrEqual(80);
    }
  });

  it("names recipes for every rule", async () => {
    const { rules, recipes } = await loadKnowledge();
    const all = readRecipes(recipes);
    for (const rule of rules) expect(`${rule.id}: ${recipesFor(rule, all).length > 0}`).toBe(`${rule.id}: true`);
  });

  it("is listed and told by casebook collect", async () => {
    const list = await casebook(["collect"]);
    expect(list.code).toBe(0);
    expect(list.out).toMatch(/^ {2}two-sided-capture +/m);
    expect((await casebook(["collect", "two-sided-capture"])).out).toContain("netsh trace start");
    expect((await casebook(["collect", "rdp-listener-gone"])).out).toContain("netstat -ano");
    const json = JSON.parse((await casebook(["collect", "netstat", "--json"])).out);
    expect(json).toMatchObject([{ id: "netstat", gathers: [{ table: "sockets" }] }]);
  });
});

describe("knowledge of another folder", () => {
  it("has a digest over ids and texts that no line end changes", async () => {
    const root = join(folder, "digest");
    write(
      new Map([
        ["rules/b/two.yaml", "id: two\r\n"],
        ["rules/a/one.yaml", "id: one\n"],
        ["rules/rule.schema.json", "{}"],
      ]),
      root,
    );
    const { rules, digest } = await loadKnowledge(join(root, "rules"));
    expect(rules.map(({ id }) => id)).toEqual(["a/one", "b/two"]);
    expect(digest).toBe(`sha256:${createHash("sha256").update("a/one\nid: one\n\0b/two\nid: two\n\0").digest("hex")}`);
  });

  it("takes articles, recipes and the newest date from the kb folder beside it", async () => {
    const root = join(folder, "beside");
    write(
      new Map([
        ["rules/a/one.yaml", ""],
        ["kb/articles/a/one.md", ""],
        ["kb/reference/ports.yaml", "- { id: x, as_of: 2025-03-01 }\n- as_of: '2024-12-31'\n"],
        ["kb/collect/r.yaml", "updated: 2025-02-01\n"],
      ]),
      root,
    );
    const { articles, dataAsOf, recipes } = await loadKnowledge(join(root, "rules"));
    expect([...articles]).toEqual(["a/one"]);
    expect(recipes.map(({ id }) => id)).toEqual(["r"]);
    expect(dataAsOf).toBe("2025-03-01");
  });

  it.skipIf(process.platform === "win32")("may have more files than a process may open", () => {
    const root = join(folder, "many");
    const names = Array.from({ length: 300 }, (_, number) => `r${number}`);
    write(new Map(names.map((name) => [`rules/a/${name}.yaml`, `id: ${name}\n`])), root);
    const module = JSON.stringify(join(import.meta.dirname, "../engine/node/knowledge.ts"));
    const script = `const { loadKnowledge } = await import(${module}); console.log((await loadKnowledge("rules")).rules.length)`;
    const command = ["-c", 'ulimit -n 128 && exec "$0" --input-type=module -e "$1"', process.execPath, script];
    expect(execFileSync("sh", command, { cwd: root, encoding: "utf8" })).toBe("300\n");
  });

  it("says when it is not there", async () => {
    await expect(loadKnowledge(join(folder, "nowhere"))).rejects.toThrow(KnowledgeError);
  });

  it("refuses a recipe that is none", () => {
    expect(() => readRecipes([{ id: "x", path: "kb/collect/x.yaml", text: "title: only that" }])).toThrow(
      "kb/collect/x.yaml is not a recipe",
    );
  });
});

describe("rules new", () => {
  const root = join(folder, "new");

  it("writes a rule, an article and test bundles that lint, and overwrites nothing", async () => {
    mkdirSync(join(root, "rules"), { recursive: true });
    const made = await casebook(["rules", "new", "tcp-my-case", "--area", "tcp", "--rules", join(root, "rules")]);
    expect(made).toMatchObject({ code: 0, err: "" });
    for (const path of skeleton("tcp-my-case", "tcp", "2026-01-01").keys()) expect(made.out).toContain(path);
    expect(await casebook(["rules", "lint", "--rules", join(root, "rules")])).toEqual({ code: 0, out: "", err: "1 rule, 0 problems\n" });
    const again = await casebook(["rules", "new", "tcp-my-case", "--area", "tcp", "--rules", join(root, "rules")]);
    expect(again.code).toBe(2);
    expect(again.err).toContain("exists already");
  });

  it("has an expectation in each of its test bundles, from three sides", async () => {
    const cases = await findTestCases(join(root, "tests", "cases"));
    expect(cases.map(({ variant }) => variant)).toEqual(["article", "generated", "look-alike", "undecided"]);
    for (const testCase of cases) expect(await readExpectation(testCase)).toBeTypeOf("object");
    expect(await readTestSides(join(root, "tests", "cases"))).toEqual(
      new Map([["tcp-my-case", new Set(["matched", "ruled_out", "inconclusive"])]]),
    );
  });

  it.each([
    [["rules", "new", "Tcp_Case", "--area", "tcp"], "a rule cannot be called"],
    [["rules", "new", "tcp-case"], "--area is missing"],
    [["rules", "new", "tcp-case", "--area", "../etc"], "an area cannot be called"],
  ])("%j is refused", async (args, message) => {
    const { code, err } = await casebook(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe("rules lint", () => {
  it("prints file, line, column, code and message of everything that is wrong, and exits 1", async () => {
    const root = join(folder, "wrong");
    const files = new Map(skeleton("tcp-wrong", "tcp", "2026-01-01"));
    const rule = files.get("rules/tcp/tcp-wrong.yaml")!;
    files.set(
      "rules/tcp/tcp-wrong.yaml",
      rule.replace("conn_state: REJ", "conn_stat: REJ").replace("condition: refused", "condition: refused and nothing"),
    );
    files.delete("kb/articles/tcp/tcp-wrong.md");
    write(files, root);
    mkdirSync(join(root, "kb", "articles"), { recursive: true });
    const { code, out, err } = await casebook(["rules", "lint", "--rules", join(root, "rules")]);
    expect(code).toBe(1);
    const lines = out.trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/tcp-wrong\.yaml:\d+:\d+: [a-z-]+ \S/);
    expect(out).toMatch(/:12:\d+: unknown-column .*conn_stat/);
    expect(out).toMatch(/:13:\d+: .*nothing/);
    expect(out).toContain("missing-article");
    expect(err).toBe(`1 rule, ${lines.length} problems\n`);
  });
});

describe("an expectation", () => {
  it.each([
    ["verdict: matched", /expect\.yaml: .*/],
    ["about: a\norigin: b\nverdict: perhaps", /expect\.yaml: \/verdict/],
    ["about: a\norigin: b\nverdict: matched\ncites: { x: [somewhere] }", /expect\.yaml: \/cites/],
    ["{", /expect\.yaml: /],
  ])("%j is refused in words", async (text, words) => {
    const testCase = { rule: "r", variant: "v", folder: join(folder, "expect") };
    mkdirSync(testCase.folder, { recursive: true });
    writeFileSync(join(testCase.folder, "expect.yaml"), text);
    expect(await readExpectation(testCase)).toMatch(words);
  });
});
