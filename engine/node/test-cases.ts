import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Check, Errors } from "typebox/value";
import { parse } from "yaml";
import { type Expectation, expectationSchema } from "../rules/expectation-schema.ts";

/** One bundle with a verdict to come to: `tests/cases/<rule>/<variant>/`. */
export interface TestCase {
  readonly rule: string;
  readonly variant: string;
  readonly folder: string;
}

/** All test cases below a folder, or those of one rule, in order of name. */
export async function findTestCases(casesFolder: string, rule?: string): Promise<TestCase[]> {
  const rules = rule === undefined ? await foldersIn(casesFolder) : [rule];
  const cases = await Promise.all(
    rules.map(async (name) =>
      (await foldersIn(join(casesFolder, name))).map((variant) => ({ rule: name, variant, folder: join(casesFolder, name, variant) })),
    ),
  );
  return cases.flat();
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** What a test case expects, or what is wrong with its `expect.yaml`. */
export async function readExpectation(testCase: TestCase): Promise<Expectation | string> {
  try {
    const data: unknown = parse(await readFile(join(testCase.folder, "expect.yaml"), "utf8"), { maxAliasCount: 0 });
    if (Check(expectationSchema, data)) return data;
    const [first] = Errors(expectationSchema, data);
    return `expect.yaml: ${first ? `${first.instancePath || "/"} ${first.message}` : "is not what it should be"}`;
  } catch (error) {
    return `expect.yaml: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}

/** By rule, the verdicts its test bundles expect; null where there is no folder of tests, as in an installed package. */
export async function readTestSides(casesFolder: string): Promise<ReadonlyMap<string, ReadonlySet<string>> | null> {
  const cases = await findTestCases(casesFolder);
  if (cases.length === 0) return null;
  const sides = new Map<string, Set<string>>();
  for (const testCase of cases) {
    const expectation = await readExpectation(testCase);
    if (typeof expectation === "string") continue;
    sides.set(testCase.rule, (sides.get(testCase.rule) ?? new Set()).add(expectation.verdict));
  }
  return sides;
}
