import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ARTICLE_SECTIONS, articleSchema, type Recipe, recipeSchema, referenceSchemas } from "../engine/rules/knowledge-schema.ts";
import { tableDeclaration } from "../engine/tables/index.ts";

const root = join(import.meta.dirname, "..");
const filesBelow = (folder: string, pattern: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => pattern.test(file))
    .sort();
const text = (path: string) => readFileSync(join(root, path), "utf8");

interface RuleText {
  readonly id: string;
  readonly article: string;
  readonly evidence: Readonly<Record<string, { readonly from?: string }>>;
  readonly resolutions: readonly { readonly kb?: string; readonly kind: string; readonly value?: string; readonly key?: string }[];
}

const rules = filesBelow("rules", /\.ya?ml$/).map((file) => parse(text(`rules/${file}`)) as RuleText);
const recipes = filesBelow("kb/collect", /\.yaml$/).map((file) => ({ file, recipe: parse(text(`kb/collect/${file}`)) as Recipe }));
const articles = filesBelow("kb/articles", /\.md$/);

function problems(schema: TSchema, value: unknown): string[] {
  return [...Value.Errors(schema, value)].map((error) => `${error.instancePath} ${error.message}`);
}

describe("recipes", () => {
  it.each(recipes)("$file follows the declaration and fills tables that exist", ({ file, recipe }) => {
    expect(problems(recipeSchema, recipe)).toEqual([]);
    expect(`${recipe.id}.yaml`).toBe(file);
    expect(recipe.gathers.filter(({ table }) => !tableDeclaration(table))).toEqual([]);
  });

  it("gather every table a rule asks for", () => {
    const gathered = new Set(recipes.flatMap(({ recipe }) => recipe.gathers.map(({ table }) => table)));
    const wanted = rules.flatMap(({ id, evidence }) => Object.values(evidence).flatMap(({ from }) => (from ? [{ id, from }] : [])));
    expect(wanted.filter(({ from }) => !gathered.has(from))).toEqual([]);
  });
});

describe("reference data", () => {
  const entries = Object.entries(referenceSchemas).map(([name, schema]) => ({
    name,
    schema,
    value: parse(text(`kb/reference/${name}.yaml`)) as { id: string; cases?: string[]; kb?: string }[],
  }));

  it.each(entries)("$name.yaml follows its declaration, without an id twice", ({ schema, value }) => {
    expect(problems(schema, value)).toEqual([]);
    expect(new Set(value.map(({ id }) => id)).size).toBe(value.length);
  });

  it("names only cases and updates that are there", () => {
    const known = new Set(rules.map(({ id }) => id));
    const updates = new Set(entries.find(({ name }) => name === "updates")!.value.map(({ id }) => id));
    for (const { value } of entries) {
      expect(value.flatMap(({ cases }) => cases ?? []).filter((id) => !known.has(id))).toEqual([]);
      expect(value.flatMap(({ kb }) => kb ?? []).filter((id) => !updates.has(id))).toEqual([]);
    }
    expect(rules.flatMap(({ resolutions }) => resolutions.flatMap(({ kb }) => kb ?? [])).filter((id) => !updates.has(id))).toEqual([]);
  });

  it("describes every registry value a rule would set", () => {
    const described = new Set(
      (parse(text("kb/reference/registry.yaml")) as { key: string; value: string }[]).map(({ key, value }) => `${key}\\${value}`),
    );
    const set = rules.flatMap(({ resolutions }) =>
      resolutions.filter(({ kind }) => kind === "registry").map(({ key, value }) => `${key}\\${value}`),
    );
    expect(set.filter((value) => !described.has(value))).toEqual([]);
  });
});

describe("articles", () => {
  it("has one for every rule", () => {
    expect(rules.map(({ article }) => `${article}.md`).filter((file) => !articles.includes(file))).toEqual([]);
  });

  it.each(articles)("%s has its front matter, its sections in order, and links that lead somewhere", (file) => {
    const [, front, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text(`kb/articles/${file}`))!;
    const matter = parse(front!) as { id: string };
    expect(problems(articleSchema, matter)).toEqual([]);
    expect(file.endsWith(`/${matter.id}.md`)).toBe(true);
    expect([...body!.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([...ARTICLE_SECTIONS]);
    const links = [...body!.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target]) => target!);
    const broken = links.filter(
      (target) =>
        !recipes.some((recipe) => target === `../../collect/${recipe.file}`) && !articles.some((other) => target === `../${other}`),
    );
    expect(broken).toEqual([]);
  });
});
