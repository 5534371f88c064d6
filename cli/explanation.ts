import type { Diagnosis } from "../engine/node/diagnose.ts";
import { renderExplanation } from "../engine/report/explanation.ts";
import { type ExplanationDocument, explanationDocuments } from "../engine/report/explanation-document.ts";
import type { Finding } from "../engine/report/report.ts";
import { VERDICTS } from "../engine/report/wording.ts";
import type { QueryExplanation } from "../engine/verdicts/explain.ts";
import { Failure, nearest } from "./failure.ts";
import { type Terminal, textWidthOf, wantsColour } from "./terminal.ts";
import { quote } from "./verb.ts";

/** Why one rule came to its verdict. */
export interface RuleExplanation {
  readonly rule: string;
  /** Null where the report does not list the rule. */
  readonly verdict: Finding["verdict"] | null;
  readonly queries: readonly QueryExplanation[];
}

/** Explains one rule of a diagnosis; the name of a rule that is not there is the person's to put right. */
export function explanationOf({ report, rules, explain }: Diagnosis, id: string): RuleExplanation {
  if (!rules.includes(id)) {
    const meant = nearest(id, rules);
    throw new Failure(`there is no rule ${quote(id)}`, meant ? `Did you mean ${meant}?` : "casebook match --all lists the rules");
  }
  return { rule: id, verdict: report.findings.find(({ rule }) => rule === id)?.verdict ?? null, queries: explain(id) };
}

/** The explanation as JSON that stands by itself. */
export function explanationDocument(
  { paths }: Diagnosis,
  { queries, ...explanation }: RuleExplanation,
): Omit<RuleExplanation, "queries"> & { readonly queries: readonly ExplanationDocument[] } {
  return { ...explanation, queries: explanationDocuments(queries, paths) };
}

/** The explanation for a terminal. */
export function explanationText(diagnosis: Diagnosis, { rule, verdict, queries }: RuleExplanation, terminal: Terminal): string {
  const head = `${rule}${verdict ? `: ${VERDICTS[verdict].word}` : ""}\n\n`;
  return head + renderExplanation(queries, { colour: wantsColour(terminal), width: textWidthOf(terminal), sources: diagnosis.paths });
}
