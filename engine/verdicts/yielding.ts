import { TRUE } from "../queries/truth.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Citation } from "../tables/table.ts";
import { type Found, itemCitations } from "./describe.ts";
import type { RuleOutcome } from "./verdict.ts";

/** What a rule found, evidence by evidence. */
export type Findings = ReadonlyMap<string, Found>;

/**
 * A general case stands back where more particular ones that it names matched on the same frames, lines or records: what is
 * lost on the way is explained once the way itself is. The general case is then ruled out, and says in whose favour. It stays where
 * each piece of its evidence was found elsewhere, too, for a bundle may show two faults, and then speaks of what was found there:
 * `retell` writes its outcome anew from that. `found` holds what the rules that matched have found.
 */
export function yielding(
  outcomes: readonly RuleOutcome[],
  found: ReadonlyMap<string, Findings>,
  retell: (rule: CompiledRule, findings: Findings) => RuleOutcome,
): RuleOutcome[] {
  const places = new Map<string, ReadonlySet<string>>();
  const placesOf = (id: string): ReadonlySet<string> => {
    const known =
      places.get(id) ?? new Set(trueOf(found.get(id)!).flatMap(([, one]) => one.chosen.flatMap((item) => placesOfItem(one, item))));
    places.set(id, known);
    return known;
  };
  return outcomes.map((outcome) => {
    const own = outcome.verdict === "matched" ? found.get(outcome.rule.id) : undefined;
    const particulars = own ? outcome.rule.yieldsTo.filter((id) => found.has(id)) : [];
    if (!own || particulars.length === 0) return outcome;
    const particular = particulars.find((id) => [...placesOf(outcome.rule.id)].some((place) => placesOf(id).has(place)));
    if (particular === undefined) return outcome;
    const elsewhere = unexplained(own, (place) => particulars.some((id) => placesOf(id).has(place)));
    if (elsewhere) return retell(outcome.rule, elsewhere);
    return {
      ...outcome,
      verdict: "ruled_out",
      summary: `Explained by ${particular}`,
      reason: `explained by ${particular}, which rests on the same evidence`,
      finding: false,
    };
  });
}

/** What was found that rests on nothing explained; null if a piece of the evidence then has nothing left. */
function unexplained(findings: Findings, isExplained: (place: string) => boolean): Findings | null {
  const left = new Map(findings);
  for (const [name, one] of trueOf(findings)) {
    const chosen = one.chosen.filter((item) => !placesOfItem(one, item).some(isExplained));
    if (chosen.length === 0) return null;
    left.set(name, { ...one, chosen });
  }
  return left;
}

/** Evidence that holds and rests on rows. */
function trueOf(findings: Findings): [string, Found][] {
  return [...findings].filter(([, { truth, items, chosen }]) => truth === TRUE && items !== null && chosen.length > 0);
}

function placesOfItem(found: Found, item: number): string[] {
  return itemCitations(found, item).map(placeOf);
}

function placeOf({ source, unit, at }: Citation): string {
  return `${source} ${unit} ${at}`;
}
