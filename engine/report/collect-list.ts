import type { Recipe } from "../rules/rule.ts";
import { collectPlan } from "../verdicts/ranking.ts";
import type { RuleOutcome } from "../verdicts/verdict.ts";
import type { Report } from "./report.ts";

/** The plan of what to collect, with each recipe's title. */
export function collectList(outcomes: readonly RuleOutcome[], recipes: readonly Recipe[]): Report["collect"] {
  const titles = new Map(recipes.map(({ id, title }) => [id, title]));
  return collectPlan(outcomes).map(({ recipe, side, for: rules }) => ({ recipe, title: titles.get(recipe) ?? recipe, side, for: rules }));
}
