import type { EvidenceStore } from "../queries/evidence-store.ts";
import type { Query } from "../queries/selection.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "../queries/truth.ts";
import { type Condition, evaluateCondition } from "../rules/condition.ts";
import type { Recipe } from "../rules/rule.ts";
import type { TableDeclaration } from "../tables/table.ts";

export type CaptureSide = "client" | "server";

const SIDES: readonly CaptureSide[] = ["client", "server"];

/** Evidence that is not known and on which the verdict hangs; all that is not known where no single piece would settle it. */
export function decisiveUnknowns(condition: Condition, outcomes: ReadonlyMap<string, Truth>): string[] {
  const unknown = [...outcomes].filter(([, truth]) => truth === UNKNOWN).map(([name]) => name);
  const value = (name: string, truth: Truth) => evaluateCondition(condition, (other) => (other === name ? truth : outcomes.get(other)!));
  const decisive = unknown.filter((name) => value(name, TRUE) !== value(name, FALSE));
  return decisive.length > 0 ? decisive : unknown;
}

/** Sides at which rows of the table would have to be seen and nothing in the bundle was taken. */
export function missingSides(query: Query, declaration: TableDeclaration, store: EvidenceStore): readonly (CaptureSide | null)[] {
  if (declaration.comparesSidesOf) {
    const there = new Set(store.coverageOf(declaration.comparesSidesOf).map((entry) => entry.side));
    const absent = SIDES.filter((side) => !there.has(side));
    return absent.length === 1 ? absent : [null];
  }
  if (declaration.side) {
    const pinned = new Set(query.selection.pins.map((pins) => pins.side));
    const sides = SIDES.filter((side) => pinned.has(side));
    return sides.length > 0 ? sides : [null];
  }
  return [null];
}

/**
 * Recipes that gather a table at a side; for a table that compares two captures and has none of its own, those that gather captures. Where some
 * gather just the values that are `wanted`, by column, they are the right ones, and otherwise those that are not about particular values.
 */
export function recipesFor(
  declaration: TableDeclaration,
  side: CaptureSide | null,
  recipes: readonly Recipe[],
  wanted: readonly Wanted[] = [],
): string[] {
  for (const table of [declaration.name, declaration.comparesSidesOf]) {
    const found = recipes.flatMap(({ id, gathers }) =>
      gathers
        .filter((what) => what.table === table && (side === null || what.side === undefined || what.side === side))
        .map(({ only }) => ({ id, only })),
    );
    const chosen = [
      found.filter(({ only }) => only && wanted.some((values) => gathersValues(only, values))),
      found.filter(({ only }) => !only),
      found,
    ].find((some) => some.length > 0);
    if (chosen) return [...new Set(chosen.map(({ id }) => id))].sort();
  }
  return [];
}

/** Values a query asks for, by column. */
export type Wanted = ReadonlyMap<string, readonly (string | number | boolean | bigint)[]>;

function gathersValues(only: Readonly<Record<string, readonly string[]>>, wanted: Wanted): boolean {
  return Object.entries(only).every(([column, values]) =>
    wanted.get(column)?.some((value) => values.some((gathered) => gathered.toLowerCase() === String(value).toLowerCase())),
  );
}
