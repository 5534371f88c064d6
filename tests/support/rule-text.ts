import { expect } from "vitest";
import { type Compilation, compileRule } from "../../engine/rules/compile.ts";
import type { CompiledRule } from "../../engine/rules/rule.ts";
import { evaluateRules, type RuleInput } from "../../engine/verdicts/evaluate-rules.ts";
import type { RuleOutcome } from "../../engine/verdicts/verdict.ts";

const HEAD = `title: A case
status: test
level: medium
symptoms: [Something is wrong]
resolutions: [{ kind: investigate, text: Look into it }]
verify: [It works]
article: test/case
`;

/** A whole rule file from its evidence and condition; what is given replaces what every rule needs. */
export function ruleText(evidence: string, condition: string, more = `summary: Found`): string {
  return `id: a-case\n${HEAD}evidence:\n${evidence.replace(/^\n/, "")}\ncondition: ${condition}\n${more}\n`;
}

export function compiled(text: string, path = "a-case.yaml"): CompiledRule {
  const { rule, diagnostics }: Compilation = compileRule(text, path);
  expect(diagnostics).toEqual([]);
  return rule;
}

/** Asks one rule; every evidence is looked at. */
export async function ask(text: string, input: RuleInput): Promise<RuleOutcome> {
  const [outcome] = await evaluateRules([compiled(text)], input, { all: true });
  return outcome!;
}

/** Evidence name to outcome. */
export function outcomes(outcome: RuleOutcome): Record<string, string> {
  return Object.fromEntries(outcome.evidence.map((one) => [one.name, one.outcome]));
}
