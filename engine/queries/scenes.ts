import { Binder, type Binding, type Bindings, type Matches } from "./bind.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Component } from "./plan.ts";
import type { Items } from "./select.ts";
import type { Query } from "./selection.ts";
import { sequenceOutcome } from "./sequence.ts";
import { both, FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";
import { best, type Polarity, undominated, type Vector } from "./vectors.ts";

/** What working out one outcome costs beside the rows it looks at. */
const OUTCOME_STEPS = 10;

/** Most rows a rule may compare with each other before the engine gives up and says unknown. */
export const MAX_STEPS = 1_000_000;

/** Leaves of a query's items those that may be chosen. */
export type Spare = (query: Query, items: Items, polarity: Polarity) => Items;

/** One choice for a level: an item of its query, or nothing. */
interface Choice {
  readonly binding: Binding;
  readonly truth: Truth;
}

/** What an outcome reads of the item a level is bound to. */
interface Read {
  readonly level: number;
  /** The evidence of that level. */
  readonly name: string;
  /** Null for the item itself. */
  readonly column: string | null;
  /** Whether it matters which source the row is from: whose clock it was timed by. */
  readonly source: boolean;
}

/**
 * Tries every way to choose rows that belong together for the queries of one component, and keeps the outcomes that no
 * other choice beats: the scenes. Levels are bound in order; what comes after a level is computed once for each choice of
 * the cells it really depends on.
 */
export class ComponentSolver {
  readonly component: Component;
  readonly names: readonly string[];
  /** A limit was reached: a better scene may have been missed. */
  exhausted = false;
  private readonly queries: ReadonlyMap<string, Query>;
  private readonly store: EvidenceStore;
  private readonly polarity: ReadonlyMap<string, Polarity>;
  private readonly binders = new Map<string, Binder>();
  private readonly bound: (Binding | null)[];
  /** What each query reads of the levels. */
  private readonly reads = new Map<string, readonly Read[]>();
  /** What the queries at a level or after it read of the levels before it. */
  private readonly readsBefore: readonly (readonly Read[])[];
  private readonly memo: Map<string, readonly Vector[]>[];
  private readonly outcomes = new Map<string, Map<string, Outcome>>();
  private readonly levelOf = new Map<string, number>();
  private steps = 0;

  /** `spare` may take items away from a query before anything is chosen. */
  constructor(
    component: Component,
    queries: ReadonlyMap<string, Query>,
    polarity: ReadonlyMap<string, Polarity>,
    store: EvidenceStore,
    spare: Spare = (_, items) => items,
  ) {
    this.component = component;
    this.queries = queries;
    this.polarity = polarity;
    this.store = store;
    this.names = [...component.leaves[0]!, ...component.levels.flatMap((name, level) => [name, ...component.leaves[level + 1]!])];
    this.bound = component.levels.map(() => null);
    this.memo = component.levels.map(() => new Map());
    for (const [level, name] of component.levels.entries()) this.levelOf.set(name, level);
    const items = new Map<string, Items>();
    for (const name of this.names) {
      const query = queries.get(name)!;
      if (!query.sequence) items.set(name, spare(query, store.items(query.selection), polarity.get(name) ?? "positive"));
    }
    for (const [name, found] of items) this.binders.set(name, new Binder(queries.get(name)!, found, items, store));
    for (const name of this.names) this.reads.set(name, this.readsOf(name));
    this.readsBefore = component.levels.map((_, level) => {
      const later = [...component.levels.slice(level), ...component.leaves.slice(level + 1).flat()];
      const reads = later.flatMap((name) => this.reads.get(name)!).filter((read) => read.level < level);
      return [...new Map(reads.map((read) => [`${read.level} ${read.column} ${read.source}`, read])).values()];
    });
  }

  /** The cells, or the very item, of each level that a query's outcome hangs on: equal ones have equal outcomes. */
  private readsOf(name: string): Read[] {
    const query = this.queries.get(name)!;
    const read = (evidence: string, column: string | null, source: boolean): Read => ({
      level: this.levelOf.get(evidence)!,
      name: evidence,
      column,
      source,
    });
    if (query.sequence)
      return query.sequence.members.flatMap((member) => (this.levelOf.has(member) ? [read(member, null, false)] : this.readsOf(member)));
    return [
      ...(query.of ? [read(query.of, null, false)] : []),
      ...query.joins.flatMap((terms) =>
        terms.flatMap((term) => term.equals.map((reference) => read(reference.evidence, reference.column, false))),
      ),
      ...query.near.map(({ to }) => read(to.evidence, to.column, true)),
    ];
  }

  private keyOf(reads: readonly Read[]): string {
    return reads.map((read) => this.cellKey(read)).join("\u0000");
  }

  private cellKey({ level, name, column, source }: Read): string {
    const binding = this.bound[level]!;
    if (binding.item === null) return binding.truth === UNKNOWN ? "?" : "-";
    const { view, first } = this.binders.get(name)!.items;
    if (column === null) return String(binding.item);
    const row = first[binding.item]!;
    const cell = view.reader(column)(row);
    return `${Array.isArray(cell) ? cell.join("\u0001") : typeof cell} ${String(cell)}${source ? view.sourceOf(row) : ""}`;
  }

  private readonly bindings: Bindings = (name) => this.bound[this.levelOf.get(name)!]!;

  /** The scenes of the component; each vector holds one outcome for each of `names`. */
  solve(): readonly Vector[] {
    const head = this.component.leaves[0]!.map((name) => this.outcome(name).truth);
    return this.solveLevel(0).map((rest) => [...head, ...rest]);
  }

  private solveLevel(level: number): readonly Vector[] {
    if (level === this.component.levels.length) return [[]];
    const key = this.keyOf(this.readsBefore[level]!);
    const known = this.memo[level]!.get(key);
    if (known) return known;
    const polarity = this.polarityFrom(level);
    const ideal = best(polarity);
    let vectors: Vector[] = [];
    for (const choice of this.choices(level)) {
      this.bound[level] = choice.binding;
      const head = [choice.truth, ...this.component.leaves[level + 1]!.map((name) => this.outcome(name).truth)];
      vectors = undominated([...vectors, ...this.solveLevel(level + 1).map((rest) => [...head, ...rest])], polarity);
      if (vectors.length === 1 && vectors[0]!.every((truth, slot) => truth === ideal[slot])) break;
      if (this.steps > MAX_STEPS) {
        this.exhausted = true;
        break;
      }
    }
    this.bound[level] = null;
    this.memo[level]!.set(key, vectors);
    return vectors;
  }

  private polarityFrom(level: number): Polarity[] {
    const names = this.component.levels.slice(level).flatMap((name, index) => [name, ...this.component.leaves[level + index + 1]!]);
    return names.map((name) => this.polarity.get(name) ?? "positive");
  }

  /** Ways to bind a level under the levels before it, in row order. */
  private choices(level: number): Choice[] {
    const name = this.component.levels[level]!;
    const { truth, matches } = this.outcome(name);
    if (matches.items.length === 0) return [{ binding: { item: null, truth }, truth }];
    this.steps += matches.items.length;
    const negated = this.polarity.get(name) !== "positive" && this.polarity.has(name);
    const choices: Choice[] = matches.items.map((item, index) => ({
      binding: { item },
      truth: negated ? truth : both(truth, matches.truths[index]!),
    }));
    // Evidence with other ways to be joined may do better without this one.
    if (!negated && this.hasRival(name)) choices.push({ binding: { item: null, truth: FALSE }, truth: FALSE });
    return choices;
  }

  private hasRival(name: string): boolean {
    return this.names.some((other) => {
      const parents = this.queries.get(other)!.parents;
      return parents.length > 1 && parents.includes(name);
    });
  }

  /** The outcome of a query under the current binding, computed once for each binding of what it depends on. */
  outcome(name: string): Outcome {
    const key = this.keyOf(this.reads.get(name)!);
    let known = this.outcomes.get(name);
    if (!known) {
      known = new Map();
      this.outcomes.set(name, known);
    }
    let outcome = known.get(key);
    if (!outcome) {
      outcome = this.compute(name);
      known.set(key, outcome);
    }
    return outcome;
  }

  private compute(name: string): Outcome {
    const query = this.queries.get(name)!;
    if (query.sequence) return sequenceOutcome(query.sequence, (member) => this.membersOf(member), this.store);
    const binder = this.binders.get(name)!;
    const before = binder.steps;
    const matches = binder.match(this.bindings);
    this.steps += binder.steps - before + OUTCOME_STEPS;
    const strict = query.expect.kind === "none" || (this.polarity.get(name) ?? "positive") !== "positive";
    return outcomeOf(binder, matches, this.bindings, strict, this.store);
  }

  /** Items a sequence may use of one member: the bound one, or all that match. */
  private membersOf(name: string): { readonly binder: Binder; readonly matches: Matches; readonly truth: Truth } {
    const binder = this.binders.get(name)!;
    const level = this.levelOf.get(name);
    if (level === undefined) return { binder, ...this.outcome(name) };
    const binding = this.bound[level]!;
    const matches: Matches = { items: binding.item === null ? [] : [binding.item], truths: [TRUE], orphaned: null, perhapsMore: false };
    return { binder, matches, truth: binding.item === null ? binding.truth : TRUE };
  }

  /**
   * Calls `visit` under every binding of the levels that leads to the given scene, the first one first, until it answers
   * false: `outcome` then tells what each query found there.
   */
  replay(scene: Vector, visit: (bindings: Bindings) => boolean): void {
    let more = true;
    const descend = (level: number, slot: number): void => {
      if (level === this.component.levels.length) {
        more = visit(this.bindings);
        return;
      }
      for (const choice of this.choices(level)) {
        if (!more) break;
        this.bound[level] = choice.binding;
        const head = [choice.truth, ...this.component.leaves[level + 1]!.map((name) => this.outcome(name).truth)];
        if (!head.every((truth, index) => truth === scene[slot + index])) continue;
        const next = slot + head.length;
        if (this.solveLevel(level + 1).some((rest) => rest.every((truth, index) => truth === scene[next + index])))
          descend(level + 1, next);
      }
      this.bound[level] = null;
    };
    descend(0, this.component.leaves[0]!.length);
  }

  binder(name: string): Binder | undefined {
    return this.binders.get(name);
  }
}
