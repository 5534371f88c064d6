import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../../engine/node/package-root.ts";
import { counted } from "../../engine/report/wording.ts";
import { tableDeclarations } from "../../engine/tables/index.ts";
import { readKnowledge } from "../knowledge.ts";
import { RULES_OPTION } from "../reading-options.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const rulesLint: Verb = {
  name: "rules lint",
  usage: "",
  arity: [0, 0],
  about: "Checks every rule file and says all that is wrong",
  details: "One problem a line, as file:line:column: code message. Exits 1 if there are any.",
  options: RULES_OPTION,
  examples: ["casebook rules lint", "casebook rules lint --rules ./rules"],
  async run({ values }, terminal) {
    const [{ lintRules }, { exponentialRegex }, { readRecipes }, { readTestSides }] = await Promise.all([
      import("../../engine/rules/lint.ts"),
      import("../../engine/node/regex-safety.ts"),
      import("../recipe.ts"),
      import("../../engine/node/test-cases.ts"),
    ]);
    const knowledge = await readKnowledge(values.rules);
    const root = values.rules === undefined ? await packageRoot() : dirname(resolve(values.rules));
    const diagnostics = lintRules(knowledge.rules, {
      tables: tableDeclarations,
      articles: knowledge.articles,
      recipes: readRecipes(knowledge.recipes),
      testSides: await readTestSides(join(root, "tests", "cases")),
      unsafeRegex: exponentialRegex,
    });
    await terminal.write(
      diagnostics.map(({ file, line, column, code, message }) => `${file}:${line}:${column}: ${code} ${message}\n`).join(""),
    );
    terminal.complain(`${counted(knowledge.rules.length, "rule")}, ${counted(diagnostics.length, "problem")}\n`);
    return diagnostics.length === 0 ? EXIT.done : EXIT.found;
  },
};
