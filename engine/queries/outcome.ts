import type { Value } from "../tables/table.ts";
import { COVERED, type Ground, uncovered } from "./absence.ts";
import type { Binder, Bindings, Matches } from "./bind.ts";
import { spanNear } from "./clock.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import { asNames } from "./same-value.ts";
import type { JoinTerm, Pins } from "./selection.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** What came of one query under one binding. */
export interface Outcome {
  readonly truth: Truth;
  readonly matches: Matches;
  /** Where no row was found: whether one could have been. */
  readonly ground: Ground;
}

/**
 * Turns what was found into an outcome. Rows that only perhaps belong make it unknown; no row at all makes it false (true
 * for `expect: none`) if the bundle could have shown one, and unknown if not. `strict`: the rule relies on the absence, by
 * `expect: none` or by `not`, so it has to be earned. For `expect: unseen` it is enough that the bundle shows no such row.
 */
export function outcomeOf(binder: Binder, matches: Matches, bindings: Bindings, strict: boolean, store: EvidenceStore): Outcome {
  const { expect } = binder.query;
  if (matches.orphaned !== null) return { truth: matches.orphaned, matches, ground: COVERED };
  let certain = 0;
  for (const truth of matches.truths) if (truth === TRUE) certain++;
  const needed = expect.kind === "none" ? 1 : expect.atLeast;
  const found: Truth = certain >= needed ? TRUE : matches.items.length >= needed || matches.perhapsMore ? UNKNOWN : FALSE;
  if (found !== FALSE) return { truth: expect.kind === "none" ? ((2 - found) as Truth) : found, matches, ground: COVERED };
  if (expect.kind === "none" && !expect.earned) return { truth: TRUE, matches, ground: COVERED };
  const ground = binder.query.of ? COVERED : groundOf(binder, bindings, strict, store);
  return { truth: ground.covered ? (expect.kind === "none" ? TRUE : FALSE) : UNKNOWN, matches, ground };
}

/** The weakest ground among all the places such a row could be. */
function groundOf(binder: Binder, bindings: Bindings, strict: boolean, store: EvidenceStore): Ground {
  const { selection } = binder.query;
  const window = windowOf(binder, bindings);
  const sources = new Set<number>();
  if (window === undefined) return uncovered("the time it has to be near to is not known");
  for (const fixed of selection.pins) {
    for (const joined of joinPins(binder, bindings, { ...fixed, window })) {
      if (joined === null) return uncovered("which machine or side it has to be on is not known");
      const ground = store.ground(selection.table, joined, strict);
      if (!ground.covered) return ground;
      for (const source of ground.sources) sources.add(source);
    }
  }
  return { ...COVERED, sources: [...sources].sort((a, b) => a - b) };
}

/** Span in which a row would have to lie; null if at any time, undefined if that is not known. */
function windowOf(binder: Binder, bindings: Bindings): Pins["window"] | undefined {
  const one = binder.query.near[0];
  if (!one) return null;
  const time = binder.value(one.to, bindings);
  if (typeof time !== "bigint") return undefined;
  return { ...spanNear(time, one.within, one.order), source: binder.sourceOf(one.to.evidence, bindings) };
}

/** The pins each way of joining adds; null for one whose machine or side is not known. */
function* joinPins(binder: Binder, bindings: Bindings, fixed: Pins): Generator<Pins | null> {
  const alternatives = binder.query.joins;
  if (alternatives.length === 0) yield fixed;
  for (const terms of alternatives) {
    // A row whose own machine is not stated comes from a source that the other ways of joining ask for.
    if (terms.some((term) => term.equals.length === 0) && alternatives.length > 1) continue;
    yield* termPins(binder, bindings, terms, fixed);
  }
}

function* termPins(binder: Binder, bindings: Bindings, terms: readonly JoinTerm[], fixed: Pins): Generator<Pins | null> {
  const { host, peer, side } = binder.items.view.table.declaration;
  let pins: (Pins | null)[] = [fixed];
  for (const { column, equals } of terms) {
    if (column !== host && column !== peer && column !== side) continue;
    const values = equals
      .filter((reference) => bindings(reference.evidence).item !== null)
      .map((reference) => binder.value(reference, bindings));
    if (values.length > 0)
      pins = pins.flatMap((pin) => values.map((value) => (pin === null || value === null ? null : narrowed(pin, value, column === side))));
  }
  yield* pins;
}

function narrowed(pin: Pins, value: NonNullable<Value>, bySide: boolean): Pins {
  return bySide ? { ...pin, side: String(value) } : { ...pin, machines: [...(pin.machines ?? []), asNames(value)] };
}
