import type { TruthName } from "../queries/truth.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { Citation } from "../tables/table.ts";
import type { CaptureSide } from "./missing.ts";

export type Verdict = "matched" | "ruled_out" | "inconclusive" | "not_applicable" | "error";

/** What came of one evidence block, in the rows that belong together best. */
export interface EvidenceOutcome {
  readonly name: string;
  readonly about: string;
  readonly table: string;
  readonly outcome: TruthName;
  /** Rows found; groups count their rows. For `expect: none` the rows that should not be there. */
  readonly rows: number;
  readonly citations: readonly Citation[];
  /** Sources that were read whole and so prove an absence, by index. */
  readonly provenBy: readonly number[];
  /** Assumptions the outcome rests on, and why it is not known. */
  readonly notes: readonly string[];
  /** Whether, being true, it speaks for the case. */
  readonly lead: boolean;
}

/** Evidence that would settle an inconclusive verdict. */
export interface MissingEvidence {
  readonly table: string;
  readonly side: CaptureSide | null;
  /** Ids of the recipes that gather it. */
  readonly collect: readonly string[];
  readonly why: string;
}

/** What came of one rule. */
export interface RuleOutcome {
  readonly rule: CompiledRule;
  readonly verdict: Verdict;
  /** Why, for `not_applicable` and `error`. */
  readonly reason: string | null;
  /** False for a rule that was decided without looking at each evidence: the fields below are then empty. */
  readonly detailed: boolean;
  readonly summary: string;
  readonly evidence: readonly EvidenceOutcome[];
  readonly missing: readonly MissingEvidence[];
  readonly filters: readonly string[];
  /** The row whose session is to be drawn. */
  readonly ladder: { readonly table: string; readonly row: number } | null;
  /** Share of the evidence that is true, 0 to 1. */
  readonly share: number;
  /** Whether it is worth reporting: it matched, or it is inconclusive with some evidence true. */
  readonly finding: boolean;
}
