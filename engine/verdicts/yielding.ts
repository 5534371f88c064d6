import type { Items } from "../queries/select.ts";
import type { Query } from "../queries/selection.ts";
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
 * it holds without everything they explain, too, for a bundle may show two faults, and then speaks of what is left: `again` asks
 * it anew with only the items that `isFree`, and answers null if it does not match on them. `found` holds what the rules that matched have found.
 */
export function yielding(
  outcomes: readonly RuleOutcome[],
  found: ReadonlyMap<string, Findings>,
  again: (rule: CompiledRule, isFree: (query: Query, items: Items, item: number) => boolean) => RuleOutcome | null,
): RuleOutcome[] {
  const places = new Map<string, ReadonlySet<string>>();
  const placesOf = (id: string): ReadonlySet<string> => {
    const known = places.get(id) ?? new Set(trueOf(found.get(id)!).flatMap((one) => one.chosen.flatMap((item) => placesOfItem(one, item))));
    places.set(id, known);
    return known;
  };
  return outcomes.map((outcome) => {
    const own = outcome.verdict === "matched" && found.has(outcome.rule.id);
    const particulars = own ? outcome.rule.yieldsTo.filter((id) => found.has(id)) : [];
    const particular = particulars.find((id) => [...placesOf(outcome.rule.id)].some((place) => placesOf(id).has(place)));
    if (particular === undefined) return outcome;
    const explained = (place: string) => particulars.some((id) => placesOf(id).has(place));
    const elsewhere = again(outcome.rule, (query, items, item) => !placesOfItem({ query, items }, item).some(explained));
    return (
      elsewhere ?? {
        ...outcome,
        verdict: "ruled_out",
        summary: `Explained by ${particular}`,
        reason: `explained by ${particular}, which rests on the same evidence`,
        finding: false,
      }
    );
  });
}

/** Evidence that holds and rests on rows. */
function trueOf(findings: Findings): Found[] {
  return [...findings.values()].filter(({ truth, items, chosen }) => truth === TRUE && items !== null && chosen.length > 0);
}

function placesOfItem(found: Pick<Found, "query" | "items">, item: number): string[] {
  return itemCitations(found, item).map(placeOf);
}

function placeOf({ source, unit, at }: Citation): string {
  return `${source} ${unit} ${at}`;
}
