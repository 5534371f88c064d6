import { parse } from "yaml";
import { recipesOfRule } from "../engine/catalogue/recipes-of-rule.ts";
import type { KnowledgeFile } from "../engine/node/knowledge.ts";
import { layoutRow } from "../engine/report/text-layout.ts";
import type { Recipe } from "../engine/rules/knowledge-schema.ts";
import { Failure } from "./failure.ts";

type Step = Recipe["start"][number];

/** Aliases a file may expand to. */
const MAX_ALIASES = 100;

/** Reads all recipes, `kb/collect/<id>.yaml`. The linter says all that is wrong with one; here it must merely be one. */
export function readRecipes(files: readonly KnowledgeFile[]): Recipe[] {
  return files.map(({ path, text }) => {
    const data: unknown = parse(text, { maxAliasCount: MAX_ALIASES });
    if (!isRecipe(data)) throw new Failure(`${path} is not a recipe`, "See another file of kb/collect for what belongs in one");
    return data;
  });
}

function isRecipe(data: unknown): data is Recipe {
  if (!isRecord(data)) return false;
  const { id, title, gathers, start, bundle, limits } = data;
  return typeof id === "string" && typeof title === "string" && [gathers, start, bundle, limits].every(Array.isArray);
}

/** Recipes that gather what the evidence of a rule rests on, in the order in which it asks. */
export function recipesFor(rule: KnowledgeFile, recipes: readonly Recipe[]): Recipe[] {
  return recipesOfRule(parse(rule.text, { maxAliasCount: MAX_ALIASES }), recipes);
}

/** One recipe in full. Commands stand on lines of their own, unbroken, ready to be copied. */
export function recipeText(recipe: Recipe, width: number): string {
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ["", title, ...lines]);
  const item = (text: string) =>
    layoutRow(2, [
      { text: "-", width: 1, gap: 1 },
      { text, width: width - 4 },
    ]);
  const paragraph = (text: string) => layoutRow(2, [{ text, width: width - 2 }]);
  const fills = recipe.gathers.map(({ table, side }) => (side ? `${table} (${side} side)` : table));
  return `${[
    ...layoutRow(0, [{ text: `${recipe.title} (${recipe.id})`, width }]),
    ...paragraph(`${recipe.windows}${recipe.elevated ? "; needs an elevated prompt" : ""}`),
    ...section("Start, before the problem is reproduced", steps(recipe.start, width)),
    ...section("Stop, as soon as it has been seen", steps(recipe.stop ?? [], width)),
    ...section("Put into the bundle", recipe.bundle.flatMap(item)),
    ...section("Limits", recipe.limits.flatMap(item)),
    ...section("Privacy", paragraph(recipe.privacy)),
    ...section("Fills", paragraph(fills.join(", "))),
    ...section("Source", paragraph(`${recipe.source}, as of ${recipe.as_of}`)),
  ].join("\n")}\n`;
}

function steps(list: readonly Step[], width: number): string[] {
  return list.flatMap(({ text, command, at }, index) => [
    ...layoutRow(2, [
      { text: `${index + 1}.`, width: 2, gap: 1 },
      { text: at ? `${text} (${at === "both" ? "at both ends" : `at the ${at}`})` : text, width: width - 5 },
    ]),
    ...(command ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `       ${line}`),
  ]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
