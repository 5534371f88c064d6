import { type ConditionProperties, Engine, type TopLevelCondition } from "json-rules-engine";
import { type Truth, truthName } from "../queries/truth.ts";
import type { Condition } from "./condition.ts";

/** A condition and what came of its evidence. */
export interface Candidate {
  readonly condition: Condition;
  readonly outcomes: ReadonlyMap<string, Truth>;
}

export type Decision =
  | { readonly verdict: "matched" | "ruled_out" | "inconclusive" }
  | { readonly verdict: "error"; readonly reason: string };

type Reading = "must" | "may";

/**
 * Decides conditions with json-rules-engine: one run, a new engine, every rule of equal priority. The engine is
 * two-valued, so each condition runs twice: once asking what must be so (unknown counts against it) and once what may be
 * (unknown counts for it). Must is matched, not even may is ruled out, the rest is inconclusive. A candidate the engine
 * cannot take is that candidate's error, not the run's.
 */
export async function decide(candidates: readonly Candidate[]): Promise<Decision[]> {
  try {
    return await run(candidates);
  } catch (error) {
    if (candidates.length === 1) return [{ verdict: "error", reason: error instanceof Error ? error.message : String(error) }];
    // One of them made the whole run fail: find out which.
    return (await Promise.all(candidates.map((candidate) => decide([candidate])))).flat();
  }
}

async function run(candidates: readonly Candidate[]): Promise<Decision[]> {
  if (candidates.length === 0) return [];
  const engine = new Engine([], { allowUndefinedFacts: false, allowUndefinedConditions: false, pathResolver: refusePath });
  for (const [number, { condition, outcomes }] of candidates.entries()) {
    for (const [name, truth] of outcomes) engine.addFact(factId(number, name), truthName(truth), { cache: false });
    for (const reading of ["must", "may"] as const) {
      engine.addRule({ name: `${number}.${reading}`, conditions: topLevel(condition, number, reading), event: { type: reading } });
    }
  }
  const { results } = await engine.run();
  const passed = new Set(results.map((result) => result.name));
  return candidates.map((_, number) => ({
    verdict: passed.has(`${number}.must`) ? "matched" : passed.has(`${number}.may`) ? "inconclusive" : "ruled_out",
  }));
}

function factId(candidate: number, name: string): string {
  return `${candidate}.${name}`;
}

/** The engine wants a group at the top; an empty group would be true, so none is ever made. */
function topLevel(condition: Condition, candidate: number, reading: Reading): TopLevelCondition {
  return condition.kind === "leaf"
    ? { all: [nested(condition, candidate, reading)] }
    : (nested(condition, candidate, reading) as TopLevelCondition);
}

function nested(condition: Condition, candidate: number, reading: Reading): ConditionProperties | TopLevelCondition {
  if (condition.kind !== "leaf") {
    if (condition.parts.length === 0) throw new Error("a condition has an empty group");
    const parts = condition.parts.map((part) => nested(part, candidate, reading));
    return condition.kind === "all" ? { all: parts } : { any: parts };
  }
  const fact = factId(candidate, condition.name);
  const [wanted, unwanted] = condition.negated ? ["false", "true"] : ["true", "false"];
  return reading === "must" ? { fact, operator: "equal", value: wanted } : { fact, operator: "notEqual", value: unwanted };
}

function refusePath(): never {
  throw new Error("conditions have no paths");
}
