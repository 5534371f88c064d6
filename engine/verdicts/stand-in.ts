import type { EvidenceStore } from "../queries/evidence-store.ts";
import type { Query } from "../queries/selection.ts";
import type { RuleBody } from "../rules/rule.ts";

/**
 * Whether evidence counts as not found although the bundle holds nothing that could show it: the rule names other evidence of the
 * same thing, and that the bundle could show. Where neither can be shown, neither counts.
 */
export function standsAside(query: Query, { queries }: Pick<RuleBody, "queries">, store: EvidenceStore): boolean {
  return (
    query.alternativeTo.length > 0 && !couldShow(query, store) && query.alternativeTo.some((name) => couldShow(queries.get(name)!, store))
  );
}

function couldShow({ selection }: Query, store: EvidenceStore): boolean {
  return store.items(selection).count > 0 || selection.pins.every((pins) => store.ground(selection.table, pins, false).covered);
}
