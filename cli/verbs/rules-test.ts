import { dirname, join, relative, resolve } from "node:path";
import { packageRoot } from "../../engine/node/package-root.ts";
import { palette } from "../../engine/report/ansi.ts";
import { counted } from "../../engine/report/wording.ts";
import { Failure } from "../failure.ts";
import { RULES_OPTION } from "../reading-options.ts";
import { EXIT, wantsColour } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const rulesTest: Verb = {
  name: "rules test",
  usage: "[id]",
  arity: [0, 1],
  about: "Runs the test bundles of all cases, or of one",
  details:
    "Each folder tests/cases/<id>/<variant> holds a bundle and an expect.yaml with the verdict and the citations it must come to. Exits 1 if any differs.",
  options: RULES_OPTION,
  examples: ["casebook rules test", "casebook rules test tcp-segments-lost-in-transit"],
  async run({ values, positionals }, terminal) {
    const [{ runTestCase }, { findTestCases }] = await Promise.all([
      import("../../engine/node/case-test.ts"),
      import("../../engine/node/test-cases.ts"),
    ]);
    const [id] = positionals;
    const root = values.rules === undefined ? await packageRoot() : dirname(resolve(values.rules));
    const folder = join(root, "tests", "cases");
    const cases = await findTestCases(folder, id);
    if (cases.length === 0)
      throw new Failure(
        `there are no test bundles in ${relative("", join(folder, id ?? ""))}`,
        "casebook rules new writes a first set; an installed package has none",
      );
    const paint = palette(wantsColour(terminal));
    let failed = 0;
    for (const testCase of cases) {
      terminal.signal.throwIfAborted();
      const differences = await runTestCase(testCase, {
        ...(values.rules === undefined ? {} : { rulesDir: values.rules }),
        signal: terminal.signal,
      });
      const name = `${testCase.rule}/${testCase.variant}`;
      if (differences.length > 0) failed++;
      await terminal.write(
        differences.length === 0
          ? `${paint.green("✓")} ${name}\n`
          : `${paint.red("✗")} ${name}\n${differences.map((line) => `    ${line}\n`).join("")}`,
      );
    }
    await terminal.write(`\n${counted(cases.length - failed, "bundle")} as expected, ${failed} not\n`);
    return failed === 0 ? EXIT.done : EXIT.found;
  },
};
