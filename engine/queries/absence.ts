import type { Coverage } from "../tables/coverage.ts";
import type { TableDeclaration } from "../tables/table.ts";
import { spans } from "./clock.ts";
import { sameMachine } from "./same-value.ts";
import type { Pins, Predicate } from "./selection.ts";
import { TRUE } from "./truth.ts";

export interface Ground {
  readonly covered: boolean;
  /** In words, why not; empty where it is covered. */
  readonly why: string;
  /** In words, what would cover it; empty where nothing in particular would. */
  readonly need: string;
  /** Sources that cover it, by index; empty where none had to. */
  readonly sources: readonly number[];
}

export const COVERED: Ground = { covered: true, why: "", need: "", sources: [] };

export function uncovered(why: string, need: string = ""): Ground {
  return { covered: false, why, need, sources: [] };
}

/** `a netstat listing`, `an export of the event log`. */
export function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** What one list of predicates fixes; a host or side of which several values are allowed gives several pins. */
export function pinsOf(predicates: readonly Predicate[], declaration: TableDeclaration): Pins[] {
  const values = new Map<string, readonly (string | number | boolean | bigint)[]>();
  for (const predicate of predicates) if (predicate.equals && !values.has(predicate.column)) values.set(predicate.column, predicate.equals);
  const several = (column: string | undefined): readonly (string | null)[] =>
    column && values.has(column) ? values.get(column)!.map(String) : [null];
  const pins: Pins[] = [];
  for (const host of several(declaration.host)) {
    for (const peer of several(declaration.peer)) {
      const machines = [host, peer].flatMap((name) => (name === null ? [] : [[name]]));
      for (const side of several(declaration.side))
        pins.push({ machines: machines.length > 0 ? machines : null, side, window: null, values });
    }
  }
  return pins;
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
  const { machines } = pins;
  const { shownBy } = declaration;
  const of = machines === null ? "" : ` of ${machines.map((names) => names.join(", ")).join(" or ")}`;
  const at = pins.side === null ? "" : ` taken at the ${pins.side}`;
  const one = `${withArticle(shownBy)}${of}${at}`;
  if (coverage.length === 0) return uncovered(`the bundle holds no ${shownBy}${of}`, one);
  // Most queries pin nothing, and most sources show everything of their kind.
  if (!strict && machines === null && pins.side === null && pins.window === null && coverage.some((entry) => entry.only === undefined))
    return COVERED;
  const speaksFor = ({ host }: Coverage) =>
    machines === null || (host !== null && machines.some((names) => sameMachine(host, names) === TRUE));
  const ofHost = coverage.filter(speaksFor);
  if (ofHost.length === 0) return uncovered(`the bundle holds no ${shownBy} that is known to be${of}`, one);
  const ofSide = pins.side === null ? ofHost : ofHost.filter((entry) => entry.side === pins.side);
  if (ofSide.length === 0) return uncovered(`the bundle holds no ${shownBy}${at}`, one);
  const ofValues = ofSide.filter((entry) => showsValues(entry, pins, strict));
  if (ofValues.length === 0) {
    const only = onlyText(ofSide[0]!);
    return uncovered(`the ${shownBy} shows only ${only}`, `${one} that shows more than ${only}`);
  }
  const ofTime = ofValues.filter((entry) => reaches(entry, pins, strict, sameClock));
  if (ofTime.length === 0) return uncovered(`the ${shownBy} does not cover that time`, `${one} that covers the time in question`);
  if (!strict) return COVERED;
  const whole = ofTime.filter((entry) => entry.complete);
  // Where nothing says at which machine such a row would be, every source that could hold it has to be whole.
  if (machines === null ? whole.length === ofTime.length : whole.length > 0)
    return { ...COVERED, sources: whole.map((entry) => entry.source).filter((source) => source >= 0) };
  const why = ofTime.find((entry) => !entry.complete)!.why ?? "part of it was cut off or filtered out";
  return uncovered(`the ${shownBy} proves no absence: ${why}`, `a complete ${shownBy}${of}${at} (${why})`);
}

function showsValues(entry: Coverage, pins: Pins, strict: boolean): boolean {
  return Object.entries(entry.only ?? {}).every(([column, shown]) => {
    const wanted = pins.values.get(column);
    return wanted ? wanted.every((value) => shown.some((known) => String(known).toLowerCase() === String(value).toLowerCase())) : !strict;
  });
}

/** Values of a column a sentence names; an export may hold thousands of keys. */
const MAX_TOLD = 12;

function onlyText(entry: Coverage): string {
  return Object.entries(entry.only ?? {})
    .map(([column, shown]) => {
      if (shown.length === 0) return `rows that name no ${column}`;
      return `${column} ${shown.slice(0, MAX_TOLD).join(", ")}${shown.length > MAX_TOLD ? ` and ${shown.length - MAX_TOLD} more` : ""}`;
    })
    .join(" and ");
}

function reaches(entry: Coverage, { window }: Pins, strict: boolean, sameClock: (source: number, other: number) => boolean): boolean {
  if (!window) return true;
  if (entry.from === null || entry.to === null) return false;
  return spans({ from: entry.from, to: entry.to }, window, strict, sameClock(entry.source, window.source));
}
