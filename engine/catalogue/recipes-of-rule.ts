import { isMap } from "../queries/problem.ts";
import type { Recipe } from "../rules/rule.ts";
import { tableDeclaration } from "../tables/index.ts";
import { recipesFor, type Wanted } from "../verdicts/missing.ts";

type Block = Readonly<Record<string, unknown>>;

/**
 * Tables the evidence of a rule file rests on, in the order in which it asks: those it reads, and those whose comparison of two
 * captures tells a column it asks for. Whatever is wrong with the file is passed over.
 */
export function tablesOfRule(data: unknown): string[] {
  const evidence = isMap(data) && isMap(data.evidence) ? data.evidence : {};
  const blocks = Object.values(evidence).filter(isMap);
  return [...new Set(blocks.flatMap((block) => tablesOfBlock(block, evidence)))];
}

function tablesOfBlock(block: Block, evidence: Block): string[] {
  const read = typeof block.from === "string" ? [block.from] : [];
  const columns = tableDeclaration(tableRead(block, evidence))?.columns ?? {};
  const asked = (Array.isArray(block.where) ? block.where : [block.where]).filter(isMap).flatMap((where) => Object.keys(where));
  const compared = asked.flatMap((key) => columns[key.split("|")[0]!]?.comparison ?? columns[key.split("|")[0]!]?.toldBy ?? []);
  return [...read, ...compared];
}

/** Table of a block, `of` followed to its end. */
function tableRead(block: Block, evidence: Block): string {
  let at: unknown = block;
  for (let steps = Object.keys(evidence).length; isMap(at) && typeof at.of === "string" && steps > 0; steps--)
    at = Object.hasOwn(evidence, at.of) ? evidence[at.of] : null;
  return isMap(at) && typeof at.from === "string" ? at.from : "";
}

/** Recipes that gather what the evidence of a rule file rests on, in the order in which it asks. */
export function recipesOfRule<R extends Recipe>(data: unknown, recipes: readonly R[]): R[] {
  const ids = tablesOfRule(data).flatMap((table) => {
    const declaration = tableDeclaration(table);
    return declaration ? recipesFor(declaration, null, recipes, valuesWanted(data, table)) : [];
  });
  return [...new Set(ids)].map((id) => recipes.find((recipe) => recipe.id === id)!);
}

/** Values that the evidence of a rule file asks for by plain equality in a table it reads. */
function valuesWanted(data: unknown, table: string): Wanted[] {
  const evidence = isMap(data) && isMap(data.evidence) ? data.evidence : {};
  return Object.values(evidence)
    .filter(isMap)
    .filter(({ from }) => from === table)
    .flatMap(({ where }) => (Array.isArray(where) ? where : [where]).filter(isMap))
    .map((where) => new Map(Object.entries(where).map(([column, value]) => [column, [value].flat().map(String)])));
}
