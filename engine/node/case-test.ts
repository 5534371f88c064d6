import { join } from "node:path";
import type { Finding, Report } from "../report/report.ts";
import { groupCitations, VERDICTS } from "../report/wording.ts";
import type { Expectation } from "../rules/expectation-schema.ts";
import { diagnosePaths } from "./diagnose.ts";
import { readExpectation, type TestCase } from "./test-cases.ts";

/** Diagnoses a test case's bundle and says in words how the report differs from what is expected; nothing if it does not. */
export async function runTestCase(
  testCase: TestCase,
  options: { readonly rulesDir?: string; readonly signal?: AbortSignal } = {},
): Promise<string[]> {
  const expectation = await readExpectation(testCase);
  if (typeof expectation === "string") return [expectation];
  const { report } = await diagnosePaths([join(testCase.folder, "bundle")], { all: true, ...options });
  return differences(testCase.rule, expectation, report);
}

/** How a report differs from what is expected of it, one line each. */
export function differences(rule: string, expectation: Expectation, report: Report): string[] {
  const finding = report.findings.find((candidate) => candidate.rule === rule);
  if (!finding) return [`there is no rule ${rule}`];
  const allowed = new Set([rule, ...(expectation.also ?? [])]);
  const matched = report.findings.filter(({ verdict }) => verdict === "matched").map((candidate) => candidate.rule);
  return [
    ...(finding.verdict === expectation.verdict
      ? []
      : [`verdict: expected ${VERDICTS[expectation.verdict].word}, got ${VERDICTS[finding.verdict].word}`, ...why(finding)]),
    ...Object.entries(expectation.cites ?? {}).flatMap(([name, wanted]) => citationDifferences(name, wanted, finding)),
    ...(expectation.summary === undefined || finding.summary.includes(expectation.summary)
      ? []
      : [`summary: expected "${expectation.summary}" in "${finding.summary}"`]),
    ...(expectation.collect ?? [])
      .filter((recipe) => !finding.missing.some(({ collect }) => collect.includes(recipe)))
      .map(
        (recipe) =>
          `collect: ${recipe} is not asked for, only ${finding.missing.flatMap(({ collect }) => collect).join(", ") || "nothing"}`,
      ),
    ...matched.filter((other) => !allowed.has(other)).map((other) => `${other} matches as well, which is not expected`),
    ...(expectation.also ?? [])
      .filter((other) => !matched.includes(other))
      .map((other) => `${other} does not match, though it is expected to`),
  ];
}

function why(finding: Finding): string[] {
  const evidence = finding.evidence.map(
    ({ name, outcome, notes }) => `  ${name}: ${outcome}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`,
  );
  return [...(finding.reason ? [`  ${finding.reason}`] : []), ...evidence];
}

function citationDifferences(name: string, wanted: readonly string[], finding: Finding): string[] {
  const evidence = finding.evidence.find((candidate) => candidate.name === name);
  if (!evidence) return [`cites: there is no evidence ${name}`];
  const cited = new Set(evidence.citations.map(({ source, unit, at }) => `${source} ${unit} ${at}`));
  const lacking = wanted.filter((place) => !cited.has(place));
  if (lacking.length === 0) return [];
  const got = groupCitations(evidence.citations, 12).map(({ source, places }) => `${source} ${places}`);
  return [`${name}: expected ${lacking.join(", ")}; cited ${got.join(", ") || "nothing"}`];
}
