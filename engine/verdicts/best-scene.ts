import type { EvidenceStore } from "../queries/evidence-store.ts";
import { ComponentSolver, type Spare } from "../queries/scenes.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "../queries/truth.ts";
import { undominated, type Vector } from "../queries/vectors.ts";
import { evaluateCondition } from "../rules/condition.ts";
import type { RuleBody } from "../rules/rule.ts";
import { standsAside } from "./stand-in.ts";

/** One way to read the bundle with rows that belong together: what each evidence of a rule comes to in it. */
export interface Scene {
  readonly outcomes: ReadonlyMap<string, Truth>;
  /** The components of the rule with their part of the scene, to look the rows up again. */
  readonly parts: readonly { readonly solver: ComponentSolver; readonly vector: Vector }[];
  /** There were more combinations of rows than the engine compares: what it did not find is not known. */
  readonly exhausted: boolean;
}

/** Most scenes of independent components that are put together. */
const MAX_SCENES = 1024;

/**
 * The scene that serves the condition best: the highest value, then most evidence true, then least unknown, then the
 * earliest rows. A rule holds if it holds in some scene, so no other one needs to be looked at. `spare` takes items out of it.
 */
export function bestScene(body: RuleBody, store: EvidenceStore, spare?: Spare): Scene {
  const solvers = body.components.map((component) => new ComponentSolver(component, body.queries, body.polarity, store, spare));
  let scenes: Vector[][] = [[]];
  let exhausted = false;
  for (const solver of solvers) {
    const names = solver.names.map((name) => body.polarity.get(name) ?? "positive");
    const vectors = undominated(solver.solve(), names);
    exhausted ||= solver.exhausted || scenes.length * vectors.length > MAX_SCENES;
    scenes = scenes.flatMap((scene) => vectors.map((vector) => [...scene, vector])).slice(0, MAX_SCENES);
  }
  const aside = new Set([...body.queries.values()].filter((query) => standsAside(query, body, store)).map(({ name }) => name));
  let best: { scene: Vector[]; outcomes: Map<string, Truth>; score: number } | null = null;
  for (const scene of scenes) {
    const outcomes = outcomesOf(body, solvers, scene, aside);
    const score = scoreOf(body, outcomes);
    if (best === null || score > best.score) best = { scene, outcomes, score };
  }
  const { scene, outcomes } = best!;
  if (exhausted && evaluateCondition(body.condition, (name) => outcomes.get(name)!) !== TRUE) doubt(body, outcomes);
  return { outcomes, parts: solvers.map((solver, index) => ({ solver, vector: scene[index]! })), exhausted };
}

/** In the order of the rule file; what stands aside was not found. */
function outcomesOf(
  body: RuleBody,
  solvers: readonly ComponentSolver[],
  scene: readonly Vector[],
  aside: ReadonlySet<string>,
): Map<string, Truth> {
  const found = new Map(solvers.flatMap((solver, index) => solver.names.map((name, slot) => [name, scene[index]![slot]!] as const)));
  return new Map([...body.queries.keys()].map((name) => [name, aside.has(name) ? FALSE : found.get(name)!]));
}

function scoreOf(body: RuleBody, outcomes: ReadonlyMap<string, Truth>): number {
  const value = evaluateCondition(body.condition, (name) => outcomes.get(name)!);
  let [decided, known] = [0, 0];
  for (const [name, truth] of outcomes) {
    const good = body.polarity.get(name) === "negative" ? FALSE : TRUE;
    if (truth === good) decided++;
    if (truth !== UNKNOWN) known++;
  }
  return (value * 1000 + decided) * 1000 + known;
}

/** A better scene may exist among those not looked at. */
function doubt(body: RuleBody, outcomes: Map<string, Truth>): void {
  for (const [name, truth] of outcomes) {
    const worst = body.polarity.get(name) === "negative" ? TRUE : FALSE;
    if (truth === worst) outcomes.set(name, UNKNOWN);
  }
}
