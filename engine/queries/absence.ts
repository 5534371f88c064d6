import type { Coverage } from "../tables/coverage.ts";
import type { TableDeclaration } from "../tables/table.ts";
import { type Span, spans } from "./clock.ts";
import { sameMachine } from "./same-value.ts";
import type { Predicate } from "./selection.ts";
import { TRUE } from "./truth.ts";

/** What a query fixes before it looks at any row: the ground its absence has to cover. */
export interface Pins {
  /** Addresses and names of the machine; null if it may be any. */
  readonly host: readonly string[] | null;
  readonly side: string | null;
  readonly window: (Span & { readonly source: number }) | null;
  /** Values of other columns, by column. */
  readonly values: ReadonlyMap<string, readonly (string | number | boolean | bigint)[]>;
}

export interface Ground {
  readonly covered: boolean;
  /** In words, why not; empty where it is covered. */
  readonly why: string;
}

export const COVERED: Ground = { covered: true, why: "" };

/** What one list of predicates fixes; a host or side of which several values are allowed gives several pins. */
export function pinsOf(predicates: readonly Predicate[], declaration: TableDeclaration): Pins[] {
  const values = new Map<string, readonly (string | number | boolean | bigint)[]>();
  for (const predicate of predicates) if (predicate.equals && !values.has(predicate.column)) values.set(predicate.column, predicate.equals);
  const several = (column: string | undefined): readonly (string | null)[] =>
    column && values.has(column) ? values.get(column)!.map(String) : [null];
  return several(declaration.host).flatMap((host) =>
    several(declaration.side).map((side) => ({ host: host === null ? null : [host], side, window: null, values })),
  );
}

/**
 * Whether the bundle could have shown such rows. `strict` asks for proof of absence: everything that is pinned lies within
 * sources that were read whole. Otherwise it is enough that some source speaks for that host, side and time at all.
 */
export function ground(
  declaration: TableDeclaration,
  coverage: readonly Coverage[],
  pins: Pins,
  strict: boolean,
  sameClock: (source: number, other: number) => boolean,
): Ground {
  if (coverage.length === 0) return { covered: false, why: `nothing in the bundle can fill ${declaration.name}` };
  const ofHost =
    pins.host === null ? coverage : coverage.filter((entry) => entry.host !== null && sameMachine(entry.host, pins.host!) === TRUE);
  if (ofHost.length === 0)
    return { covered: false, why: `no source of ${declaration.name} is known to speak for ${pins.host!.join(", ")}` };
  const ofSide = pins.side === null ? ofHost : ofHost.filter((entry) => entry.side === pins.side);
  if (ofSide.length === 0) return { covered: false, why: `no source of ${declaration.name} was taken at the ${pins.side}` };
  const ofValues = ofSide.filter((entry) => showsValues(entry, pins, strict));
  if (ofValues.length === 0) return { covered: false, why: `the sources of ${declaration.name} show only ${onlyText(ofSide[0]!)}` };
  const ofTime = ofValues.filter((entry) => reaches(entry, pins, strict, sameClock));
  if (ofTime.length === 0) return { covered: false, why: `the sources of ${declaration.name} do not cover that time` };
  if (!strict) return COVERED;
  // Nothing says where such a row would be, so every source that could hold it has to be whole.
  const broken = ofTime.filter((entry) => !entry.complete);
  const proven = pins.host === null ? broken.length === 0 : broken.length < ofTime.length;
  return proven
    ? COVERED
    : { covered: false, why: `${declaration.name} is not complete: ${broken[0]!.why ?? "part of it was cut off or filtered out"}` };
}

function showsValues(entry: Coverage, pins: Pins, strict: boolean): boolean {
  return Object.entries(entry.only ?? {}).every(([column, shown]) => {
    const wanted = pins.values.get(column);
    return wanted ? wanted.every((value) => shown.some((known) => String(known).toLowerCase() === String(value).toLowerCase())) : !strict;
  });
}

function onlyText(entry: Coverage): string {
  return Object.entries(entry.only ?? {})
    .map(([column, shown]) => `${column} ${shown.join(", ")}`)
    .join(" and ");
}

function reaches(entry: Coverage, { window }: Pins, strict: boolean, sameClock: (source: number, other: number) => boolean): boolean {
  if (!window) return true;
  if (entry.from === null || entry.to === null) return false;
  return spans({ from: entry.from, to: entry.to }, window, strict, sameClock(entry.source, window.source));
}
