import type { EvidenceStore } from "../queries/evidence-store.ts";
import { isLead, type Query } from "../queries/selection.ts";
import { both, FALSE, TRUE, type Truth, UNKNOWN } from "../queries/truth.ts";
import { evaluateCondition } from "../rules/condition.ts";
import type { RuleBody } from "../rules/rule.ts";
import { standsAside } from "./stand-in.ts";

/**
 * Decides a rule by what its queries select each by itself, without joining anything: most rules of a large knowledge base
 * are about tables or values the bundle does not have. Answers null where rows have to be looked at together; else exactly
 * what the full evaluation would answer.
 */
export function quickVerdict(body: RuleBody, store: EvidenceStore): "ruled_out" | "inconclusive" | null {
  const highest = new Map<string, Truth>();
  const high = (name: string): Truth => {
    let truth = highest.get(name);
    if (truth === undefined) {
      truth = highestOf(body.queries.get(name)!, body, store, high);
      highest.set(name, truth);
    }
    return truth;
  };
  // What is negated may be false whatever is found: its best is true.
  const may = evaluateCondition(body.condition, (name, negated) => (negated ? FALSE : high(name)));
  if (may === TRUE) return null;
  if (may === FALSE) return "ruled_out";
  const low = (name: string): Truth => lowestOf(body.queries.get(name)!, body, store, low);
  const must = evaluateCondition(body.condition, (name, negated) => (negated ? TRUE : low(name)));
  // An inconclusive rule with some evidence true is a finding, and is looked at in full.
  return must === UNKNOWN &&
    [...body.queries.values()].every((query) => !isLead(query, body.polarity.get(query.name)) || high(query.name) !== TRUE)
    ? "inconclusive"
    : null;
}

/** The most an evidence can come to. */
function highestOf(query: Query, body: RuleBody, store: EvidenceStore, high: (name: string) => Truth): Truth {
  if (query.sequence) return query.sequence.members.reduce<Truth>((least, member) => both(least, high(member)), TRUE);
  if (standsAside(query, body, store)) return FALSE;
  const { selection, expect } = query;
  const fillable = store.canFill(selection.table);
  if (expect.kind === "none") return fillable || !expect.earned ? TRUE : UNKNOWN;
  if (!fillable) return UNKNOWN;
  if (store.mayFind(selection) && store.items(selection).count >= expect.atLeast) return TRUE;
  if (body.polarity.get(query.name) !== "positive" || query.parents.length > 0) return UNKNOWN;
  return selection.pins.every((pins) => store.ground(selection.table, pins, false).covered) ? FALSE : UNKNOWN;
}

/** The least an evidence can come to: unknown where nothing could have shown it and nothing it hangs on can be false. */
function lowestOf(query: Query, body: RuleBody, store: EvidenceStore, low: (name: string) => Truth): Truth {
  const { expect, sequence, selection } = query;
  const nothing = expect.kind === "none" && !expect.earned ? TRUE : UNKNOWN;
  const own = (!sequence && store.canFill(selection.table)) || standsAside(query, body, store) ? FALSE : nothing;
  return query.parents.reduce<Truth>((least, parent) => both(least, low(parent)), own);
}
