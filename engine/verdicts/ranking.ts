import { withArticle } from "../queries/absence.ts";
import type { RuleLevel } from "../rules/rule.ts";
import { tableDeclaration } from "../tables/index.ts";
import type { RuleOutcome, Verdict } from "./verdict.ts";

const VERDICTS: readonly Verdict[] = ["matched", "inconclusive", "error", "ruled_out", "not_applicable"];
const LEVELS: readonly RuleLevel[] = ["critical", "high", "medium", "low", "informational"];

/** Matched first, by level; then inconclusive, by how much of their evidence is true; ties by rule id. */
export function ranked(outcomes: readonly RuleOutcome[]): RuleOutcome[] {
  return [...outcomes].sort(
    (a, b) =>
      VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
      (a.verdict === "inconclusive" ? b.share - a.share : 0) ||
      LEVELS.indexOf(a.rule.level) - LEVELS.indexOf(b.rule.level) ||
      (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0),
  );
}

/** Findings that explain the same thing: what separates them, and what would settle it. */
export interface Competition {
  readonly rules: readonly string[];
  readonly symptom: string;
  readonly settled_by: string;
}

/** Groups findings that share a symptom, or that rest on the same rows. */
export function competing(outcomes: readonly RuleOutcome[]): Competition[] {
  const findings = ranked(outcomes.filter((outcome) => outcome.finding));
  const bySymptom = new Map<string, Set<RuleOutcome>>();
  const byCitation = new Map<string, Set<RuleOutcome>>();
  const join = (groups: Map<string, Set<RuleOutcome>>, key: string, finding: RuleOutcome) =>
    groups.set(key, (groups.get(key) ?? new Set()).add(finding));
  for (const finding of findings) {
    for (const symptom of finding.rule.symptoms) join(bySymptom, symptom, finding);
    for (const { outcome, citations } of finding.evidence)
      if (outcome === "true") for (const { source, unit, at } of citations) join(byCitation, `${source} ${unit} ${at}`, finding);
  }
  const together = new Set([...bySymptom.values()].map(idsOf));
  const competitions = [...bySymptom].filter(([, rivals]) => rivals.size > 1).map(([symptom, rivals]) => competition([...rivals], symptom));
  for (const rivals of byCitation.values()) {
    if (rivals.size < 2 || together.has(idsOf(rivals))) continue;
    together.add(idsOf(rivals));
    competitions.push(competition([...rivals], "They rest on the same frames, lines or records"));
  }
  return competitions;
}

function competition(rivals: readonly RuleOutcome[], symptom: string): Competition {
  return { rules: rivals.map((one) => one.rule.id), symptom, settled_by: settledBy(rivals) };
}

function idsOf(outcomes: ReadonlySet<RuleOutcome>): string {
  return [...outcomes]
    .map((outcome) => outcome.rule.id)
    .sort()
    .join(" ");
}

/** The piece of evidence most of the undecided rivals wait for; where all matched, what each rests on. */
function settledBy(rivals: readonly RuleOutcome[]): string {
  const waiting = new Map<string, string[]>();
  for (const { rule, verdict, missing } of rivals) {
    if (verdict !== "inconclusive") continue;
    for (const { table, side } of missing) {
      const declaration = tableDeclaration(table);
      const source = (side && tableDeclaration(declaration?.comparesSidesOf ?? "")) || declaration;
      const shownBy = source?.shownBy ?? table;
      const what = `${withArticle(shownBy)}${side ? ` taken at the ${side}` : ""}`;
      waiting.set(what, [...(waiting.get(what) ?? []), rule.id]);
    }
  }
  const [best] = [...waiting].sort(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1));
  if (best) return `${best[0]} would decide ${best[1].join(", ")}`;
  return rivals
    .map(
      ({ rule, evidence }) =>
        `${rule.id} rests on ${evidence
          .filter((one) => one.outcome === "true")
          .map((one) => one.about || one.name)
          .join("; ")}`,
    )
    .join(". ");
}

/** Recipes to run, those that would settle most first. */
export function collectPlan(
  outcomes: readonly RuleOutcome[],
): { readonly recipe: string; readonly side: "client" | "server" | null; readonly for: readonly string[] }[] {
  const plan = new Map<string, { recipe: string; side: "client" | "server" | null; for: Set<string> }>();
  for (const { rule, missing, finding } of outcomes) {
    if (!finding) continue;
    for (const { side, collect } of missing) {
      for (const recipe of collect) {
        const key = `${recipe} ${side}`;
        const entry = plan.get(key) ?? { recipe, side, for: new Set<string>() };
        entry.for.add(rule.id);
        plan.set(key, entry);
      }
    }
  }
  return [...plan.values()]
    .map((entry) => ({ ...entry, for: [...entry.for].sort() }))
    .sort(
      (a, b) =>
        b.for.length - a.for.length || (a.recipe < b.recipe ? -1 : a.recipe > b.recipe ? 1 : String(a.side) < String(b.side) ? -1 : 1),
    );
}
