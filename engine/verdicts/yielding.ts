import type { RuleOutcome } from "./verdict.ts";

/**
 * A general case stands back where a more particular one that it names matched on the same frames, lines or records: what is
 * lost on the way is explained once the way itself is. The general case is then ruled out, and says in whose favour.
 */
export function yielding(outcomes: readonly RuleOutcome[]): RuleOutcome[] {
  const matched = new Map(outcomes.filter(({ verdict }) => verdict === "matched").map((outcome) => [outcome.rule.id, outcome]));
  return outcomes.map((outcome) => {
    if (outcome.verdict !== "matched") return outcome;
    const places = placesOf(outcome);
    const particular = outcome.rule.yieldsTo.find((id) => {
      const other = matched.get(id);
      return other !== undefined && [...placesOf(other)].some((place) => places.has(place));
    });
    if (particular === undefined) return outcome;
    return {
      ...outcome,
      verdict: "ruled_out",
      summary: `Explained by ${particular}`,
      reason: `explained by ${particular}, which rests on the same evidence`,
      finding: false,
    };
  });
}

function placesOf({ evidence }: RuleOutcome): Set<string> {
  return new Set(
    evidence
      .filter(({ outcome }) => outcome === "true")
      .flatMap(({ citations }) => citations.map(({ source, unit, at }) => `${source} ${unit} ${at}`)),
  );
}
