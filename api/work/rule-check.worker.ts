/** A thread that lints a submitted rule and tries it on evidence, beside the rules there are and in place of its namesake. */
import { join } from "node:path";
import { openPaths } from "../../engine/node/bundle.ts";
import { differences } from "../../engine/node/case-test.ts";
import { exponentialRegex } from "../../engine/node/regex-safety.ts";
import { readExpectation } from "../../engine/node/test-cases.ts";
import { explanationDocuments } from "../../engine/report/explanation-document.ts";
import { compileRule } from "../../engine/rules/compile.ts";
import type { CompiledKnowledge } from "../../engine/rules/compile-knowledge.ts";
import { type LintContext, lintRules } from "../../engine/rules/lint.ts";
import { type Diagnostic, YamlSource } from "../../engine/rules/yaml-source.ts";
import { tableDeclarations } from "../../engine/tables/index.ts";
import { analyse } from "./analyse.ts";
import type { Refusal, RuleCheck, RuleCheckTask, RuleTrial, RuleTrialOutcome, TaskBundle } from "./task.ts";
import { onLine, threadData, threadKnowledge } from "./thread.ts";

/** Its article and tests come with a rule when it is contributed, not when it is tried. */
const CONTEXT: Omit<LintContext, "recipes" | "unsafeRegex"> = { tables: tableDeclarations, articles: null, testSides: null };
/** What a rule without a usable id is called in problems. */
const NAMELESS = "rule.yaml";

export default function checkRule(task: RuleCheckTask): Promise<RuleCheck | Refusal> {
  return onLine(task, async () => {
    const id = statedId(task.rule);
    const path = id === null ? NAMELESS : `${id}.yaml`;
    const problems = lint(task.rule, path);
    const { rule } = compileRule(task.rule, path);
    if (id === null || rule.body === null || rule.defect !== null) return { rule: id, problems, trials: [] };
    const shipped = threadKnowledge();
    const knowledge = { ...shipped, rules: [...shipped.rules.filter((other) => other.id !== id), rule] };
    const trials: RuleTrialOutcome[] = [];
    for (const trial of task.against) trials.push(await outcomeOf(trial, id, knowledge, task));
    return { rule: id, problems, trials };
  });
}

function statedId(text: string): string | null {
  const { data } = new YamlSource(text, NAMELESS);
  const id = typeof data === "object" && data !== null && "id" in data ? data.id : null;
  return typeof id === "string" && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) ? id : null;
}

function lint(text: string, path: string): Diagnostic[] {
  const { rules } = threadData.knowledge;
  const submitted = { path, text };
  const others = rules.filter(({ id }) => id.split("/").at(-1) !== path.replace(/\.yaml$/, ""));
  // Beside the others it is seen whether the rules it names exist; regular expressions are looked at in this one alone, for that takes long.
  const beside = lintRules([submitted, ...others], { ...CONTEXT, recipes: threadKnowledge().recipes, unsafeRegex: null });
  const alone = lintRules([submitted], { ...CONTEXT, recipes: null, unsafeRegex: exponentialRegex });
  return [...beside, ...alone.filter(({ code }) => code === "unsafe-regex")].filter(({ file }) => file === path);
}

async function outcomeOf(trial: RuleTrial, id: string, knowledge: CompiledKnowledge, task: RuleCheckTask): Promise<RuleTrialOutcome> {
  const bundle = "bundle" in trial ? trial.bundle : await folderBundle(join(trial.case.folder, "bundle"));
  const { report, explain, paths } = await analyse(
    bundle,
    knowledge,
    { ...threadData, dataKey: "bundle" in trial ? threadData.dataKey : null },
    task,
  );
  const finding = report.findings.find(({ rule }) => rule === id);
  if (!finding) throw new Error(`the report does not list ${id}`);
  const expectation = "case" in trial && trial.case.rule === id ? await readExpectation(trial.case) : null;
  return {
    name: trial.name,
    finding,
    explanation: explanationDocuments(explain(id), paths),
    matched: report.findings.filter(({ verdict }) => verdict === "matched").map(({ rule }) => rule),
    differences: expectation === null ? null : typeof expectation === "string" ? [expectation] : differences(id, expectation, report),
  };
}

async function folderBundle(folder: string): Promise<TaskBundle> {
  const { name, files } = await openPaths([folder]);
  return { name, files: files.map(({ path, location, size }) => ({ path, location, bytes: size ?? 0, stored: null })) };
}
