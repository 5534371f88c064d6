import type { Citation } from "../tables/table.ts";
import type { RuleOutcome } from "./verdict.ts";

/**
 * A general case stands back where more particular ones that it names matched on the same frames, lines or records: what is
 * lost on the way is explained once the way itself is. The general case is then ruled out, and says in whose favour. It stays where
 * each piece of its evidence was found elsewhere, too: a bundle may show two faults.
 */
export function yielding(outcomes: readonly RuleOutcome[]): RuleOutcome[] {
  const matched = new Map(outcomes.filter(({ verdict }) => verdict === "matched").map((outcome) => [outcome.rule.id, outcome]));
  return outcomes.map((outcome) => {
    if (outcome.verdict !== "matched") return outcome;
    const places = placesOf(outcome);
    const particulars = outcome.rule.yieldsTo.flatMap((id) => matched.get(id) ?? []);
    const particular = particulars.find((other) => [...placesOf(other)].some((place) => places.has(place)))?.rule.id;
    if (particular === undefined) return outcome;
    const explained = new Set(particulars.flatMap((other) => [...placesOf(other)]));
    const found = outcome.evidence.filter(({ outcome: truth, citations }) => truth === "true" && citations.length > 0);
    if (found.every(({ citations }) => citations.some((citation) => !explained.has(placeOf(citation))))) return outcome;
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
  return new Set(evidence.filter(({ outcome }) => outcome === "true").flatMap(({ citations }) => citations.map(placeOf)));
}

function placeOf({ source, unit, at }: Citation): string {
  return `${source} ${unit} ${at}`;
}
