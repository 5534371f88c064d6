import { layoutRow, textWidth } from "../../engine/report/text-layout.ts";
import { Failure, nearest } from "../failure.ts";
import { RULES_OPTION } from "../reading-options.ts";
import { EXIT, textWidthOf } from "../terminal.ts";
import { quote, type Verb } from "../verb.ts";

export const collect: Verb = {
  name: "collect",
  usage: "[RULE|RECIPE]",
  arity: [0, 1],
  about: "Says how to gather evidence",
  details:
    "Without a name: the list of recipes. With a recipe: what to run, when to stop, and what to send. With a rule: every recipe whose evidence it asks for.",
  options: { json: { about: "Write JSON" }, ...RULES_OPTION },
  examples: ["casebook collect", "casebook collect netstat", "casebook collect tcp-segments-lost-in-transit"],
  async run({ values, switches, positionals }, terminal) {
    const [{ readRecipes, recipesFor, recipeText }, { readKnowledge }] = await Promise.all([
      import("../recipe.ts"),
      import("../knowledge.ts"),
    ]);
    const knowledge = await readKnowledge(values.rules);
    const recipes = readRecipes(knowledge.recipes);
    const width = textWidthOf(terminal);
    const [name] = positionals;
    const rule = knowledge.rules.find(({ id }) => id.split("/").at(-1) === name);
    const recipe = recipes.find(({ id }) => id === name);
    const chosen = name === undefined ? recipes : recipe ? [recipe] : rule ? recipesFor(rule, recipes) : null;
    if (chosen === null) {
      const known = [...recipes.map(({ id }) => id), ...knowledge.rules.map(({ id }) => id.split("/").at(-1)!)];
      const meant = nearest(name!, known);
      throw new Failure(
        `there is no recipe or rule ${quote(name!)}`,
        meant ? `Did you mean ${meant}?` : "casebook collect lists the recipes",
      );
    }
    if (switches.has("json")) {
      await terminal.write(`${JSON.stringify(chosen, null, 2)}\n`);
    } else if (name === undefined) {
      const nameWidth = Math.max(0, ...recipes.map(({ id }) => textWidth(id)));
      const lines = recipes.flatMap(({ id, title }) =>
        layoutRow(2, [
          { text: id, width: nameWidth },
          { text: title, width: width - nameWidth - 4 },
        ]),
      );
      await terminal.write(
        `${lines.join("\n")}\n\ncasebook collect <recipe> says what to run, casebook collect <rule> what a rule asks for\n`,
      );
    } else if (chosen.length === 0) {
      await terminal.write(`no recipe gathers what ${name} asks for\n`);
    } else await terminal.write(chosen.map((entry) => recipeText(entry, width)).join("\n\n"));
    return EXIT.done;
  },
};
