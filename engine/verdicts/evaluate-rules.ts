import { type Evidence, EvidenceStore } from "../queries/evidence-store.ts";
import type { Spare } from "../queries/scenes.ts";
import { itemsThat } from "../queries/select.ts";
import { isLead } from "../queries/selection.ts";
import { TRUE, type Truth } from "../queries/truth.ts";
import { notApplicable } from "../rules/applies.ts";
import { evaluateCondition } from "../rules/condition.ts";
import { type Decision, decide } from "../rules/evaluate.ts";
import type { CompiledRule, Recipe, RuleBody } from "../rules/rule.ts";
import { renderSummary, renderTemplate, type Template } from "../rules/template.ts";
import { bestScene, type Scene } from "./best-scene.ts";
import { evidenceOutcome, type Found, findRows, rowCount } from "./describe.ts";
import { decisiveUnknowns } from "./missing.ts";
import { missingEvidence } from "./missing-evidence.ts";
import { quickVerdict } from "./prefilter.ts";
import type { RuleOutcome, Verdict } from "./verdict.ts";
import { type Findings, yielding } from "./yielding.ts";

export interface RuleInput extends Evidence {
  /** What `kb/collect/` knows to gather. */
  readonly recipes: readonly Recipe[];
}

export interface RuleOptions {
  /** Look at every rule in full, so that each outcome has its details. */
  readonly all?: boolean;
}

type Decided = { readonly rule: CompiledRule; readonly scene: Scene; readonly body: RuleBody } | RuleOutcome;

/** Asks every rule about the evidence. Outcomes come in the order of the rules. */
export async function evaluateRules(
  rules: readonly CompiledRule[],
  input: RuleInput,
  { all = false }: RuleOptions = {},
): Promise<RuleOutcome[]> {
  const store = new EvidenceStore(input);
  const decided: Decided[] = rules.map((rule) => contained(rule, () => prepare(rule, input, store, all)));
  const candidates = decided.flatMap((one) => ("scene" in one ? [one] : []));
  const decisions = await decide(candidates.map(({ body, scene }) => ({ condition: body.condition, outcomes: scene.outcomes })));
  const byRule = new Map(candidates.map((candidate, index) => [candidate.rule.id, { candidate, decision: decisions[index]! }]));
  const matched = new Map<string, Findings>();
  const outcomes = decided.map((one) => {
    if (!("scene" in one)) return one;
    const { decision } = byRule.get(one.rule.id)!;
    return contained(one.rule, () => {
      const found = findRows(one.scene, one.body.queries);
      if (decision.verdict === "matched") matched.set(one.rule.id, found);
      return detailed(one, decision, found, input, store);
    });
  });
  return yielding(outcomes, matched, (rule, isFree) => {
    const { candidate, decision } = byRule.get(rule.id)!;
    return contained(rule, () => {
      const { body } = candidate;
      // What the rule denies, it denies of everything.
      const spare: Spare = (query, items, polarity) =>
        query.expect.kind === "none" || polarity !== "positive" ? items : itemsThat(items, (item) => isFree(query, items, item));
      const scene = bestScene(body, store, spare);
      if (evaluateCondition(body.condition, (name) => scene.outcomes.get(name)!) !== TRUE) return null;
      return detailed({ rule, body, scene }, decision, findRows(scene, body.queries), input, store);
    });
  });
}

/** Whatever goes wrong in one rule is that rule's error, not the run's. */
function contained<T>(rule: CompiledRule, work: () => T): T | RuleOutcome {
  try {
    return work();
  } catch (error) {
    return plain(rule, "error", error instanceof Error ? error.message : String(error));
  }
}

function prepare(rule: CompiledRule, input: RuleInput, store: EvidenceStore, all: boolean): Decided {
  if (rule.body === null || rule.defect !== null) return plain(rule, "error", rule.defect ?? "the rule could not be compiled");
  const reason = notApplicable(rule.appliesTo, input.tables.get("hosts"));
  if (reason !== null) return plain(rule, "not_applicable", reason);
  const quick = all ? null : quickVerdict(rule.body, store);
  return quick ? plain(rule, quick, null) : { rule, body: rule.body, scene: bestScene(rule.body, store) };
}

function plain(rule: CompiledRule, verdict: Verdict, reason: string | null): RuleOutcome {
  return {
    rule,
    verdict,
    reason,
    detailed: false,
    summary: "",
    evidence: [],
    missing: [],
    filters: [],
    ladder: null,
    share: 0,
    finding: false,
  };
}

function detailed(
  { rule, body, scene }: { readonly rule: CompiledRule; readonly body: RuleBody; readonly scene: Scene },
  decision: Decision,
  found: Findings,
  input: RuleInput,
  store: EvidenceStore,
): RuleOutcome {
  if (decision.verdict === "error") return plain(rule, "error", decision.reason);
  const { verdict } = decision;
  const truths = [...scene.outcomes].filter(([name]) => isLead(body.queries.get(name)!, body.polarity.get(name))).map(([, truth]) => truth);
  const trues = truths.filter((truth) => truth === TRUE).length;
  const fill = (template: Template) => renderTemplate(template, valuesOf(found));
  return {
    rule,
    verdict,
    reason: null,
    detailed: true,
    summary: verdict === "matched" ? renderSummary(body.summary, valuesOf(found)) : summaryOf(verdict, body, scene.outcomes),
    evidence: [...found].map(([name, what]) => evidenceOutcome(name, what, body.polarity.get(name))),
    missing: verdict === "inconclusive" ? missingEvidence(body, scene, found, input.recipes, store) : [],
    filters: filtersOf(body, found).map(fill).filter(isFirst),
    ladder: ladderOf(body, found),
    share: trues / Math.max(1, truths.length),
    finding: verdict === "matched" || (verdict === "inconclusive" && trues > 0),
  };
}

/** Display filters of which every value is known. */
function filtersOf({ filters }: RuleBody, found: ReadonlyMap<string, Found>): Template[] {
  return filters.filter((template) =>
    template.every((part) => typeof part === "string" || (found.get(part.evidence)?.chosen.length ?? 0) > 0),
  );
}

/** Different evidence often tells of the same connection, and would have its filter shown twice. */
function isFirst(text: string, index: number, texts: readonly string[]): boolean {
  return texts.indexOf(text) === index;
}

function valuesOf(found: ReadonlyMap<string, Found>): Parameters<typeof renderTemplate>[1] {
  return {
    found: (evidence) => found.get(evidence)?.truth === TRUE && found.get(evidence)!.chosen.length > 0,
    count: (evidence) => rowCount(found.get(evidence)!),
    cell: (evidence, column) => {
      const { items, chosen } = found.get(evidence)!;
      return {
        value: items && chosen.length > 0 ? items.view.reader(column)(items.first[chosen[0]!]!) : null,
        column: items?.view.table.declaration.columns[column] ?? null,
      };
    },
    cells: (evidence, column) => {
      const { items, chosen } = found.get(evidence)!;
      const read = items?.view.reader(column);
      const values = items && read ? chosen.map((item) => read(items.first[item]!)).filter((value) => value !== null) : [];
      return { values, column: items?.view.table.declaration.columns[column] ?? null };
    },
  };
}

/** One line for a rule that did not match: what speaks for it, or what is against it. */
function summaryOf(verdict: Verdict, { queries, condition }: RuleBody, outcomes: ReadonlyMap<string, Truth>): string {
  const about = (names: readonly string[]) => names.map((name) => queries.get(name)!.about || name).join("; ");
  const held = [...outcomes].filter(([, truth]) => truth === TRUE).map(([name]) => name);
  if (verdict === "inconclusive")
    return held.length > 0
      ? `Possible: ${about(held)}. Not known: ${about(decisiveUnknowns(condition, outcomes))}`
      : `Not known: ${about(decisiveUnknowns(condition, outcomes))}`;
  const against = [...outcomes].filter(([, truth]) => truth === 0).map(([name]) => name);
  return against.length > 0 ? `Not found: ${about(against)}` : "The evidence is against it";
}

function ladderOf({ ladder, queries }: RuleBody, found: ReadonlyMap<string, Found>): RuleOutcome["ladder"] {
  const what = ladder === null ? undefined : found.get(ladder);
  if (!what?.items || what.chosen.length === 0) return null;
  return { table: queries.get(ladder!)!.selection.table, row: what.items.first[what.chosen[0]!]! };
}
