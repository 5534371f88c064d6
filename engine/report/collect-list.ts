import type { Recipe } from "../rules/rule.ts";
import type { RuleOutcome } from "../verdicts/verdict.ts";
import type { Report, Side } from "./report.ts";

/** Recipes the inconclusive findings ask for, those that would settle most rules first. */
export function collectList(outcomes: readonly RuleOutcome[], recipes: readonly Recipe[]): Report["collect"] {
  const wanted = new Map<string, { recipe: string; side: Side | null; for: Set<string> }>();
  for (const outcome of outcomes) {
    if (!outcome.finding || outcome.verdict !== "inconclusive") continue;
    for (const { side, collect } of outcome.missing) {
      for (const recipe of collect) {
        const key = `${recipe} ${side ?? ""}`;
        const entry = wanted.get(key) ?? { recipe, side, for: new Set() };
        wanted.set(key, entry);
        entry.for.add(outcome.rule.id);
      }
    }
  }
  const titles = new Map(recipes.map(({ id, title }) => [id, title]));
  return [...wanted.values()]
    .map((entry) => ({
      recipe: entry.recipe,
      title: titles.get(entry.recipe) ?? entry.recipe,
      side: entry.side,
      for: [...entry.for].sort(),
    }))
    .sort(
      (a, b) =>
        b.for.length - a.for.length || (a.recipe < b.recipe ? -1 : a.recipe > b.recipe ? 1 : (a.side ?? "") < (b.side ?? "") ? -1 : 1),
    );
}
