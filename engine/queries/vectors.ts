import { FALSE, TRUE, type Truth } from "./truth.ts";

/** Outcomes of several queries in one scene, in a fixed order. */
export type Vector = readonly Truth[];

/** How a condition uses an evidence name: plainly, under `not`, or both ways. */
export type Polarity = "positive" | "negative" | "mixed";

/** The vector nothing can beat; a name used both ways has none, hence -1. */
export function best(polarity: readonly Polarity[]): readonly (Truth | -1)[] {
  return polarity.map((one) => (one === "positive" ? TRUE : one === "negative" ? FALSE : -1));
}

/** Whether `a` serves any condition with these polarities at least as well as `b`. */
function beats(a: Vector, b: Vector, polarity: readonly Polarity[]): boolean {
  return polarity.every((one, slot) =>
    one === "positive" ? a[slot]! >= b[slot]! : one === "negative" ? a[slot]! <= b[slot]! : a[slot] === b[slot],
  );
}

/** Drops vectors that another one beats; of equal ones the first stays. A Kleene condition is monotone, so its best value stays. */
export function undominated(vectors: readonly Vector[], polarity: readonly Polarity[]): Vector[] {
  const kept: Vector[] = [];
  for (const vector of vectors) {
    if (kept.some((other) => beats(other, vector, polarity))) continue;
    for (let i = kept.length - 1; i >= 0; i--) if (beats(vector, kept[i]!, polarity)) kept.splice(i, 1);
    kept.push(vector);
  }
  return kept;
}
