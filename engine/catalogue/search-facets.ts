import type { Entry } from "./catalogue.ts";
import type { FacetTable } from "./search-files.ts";

/** What a search may be narrowed to: the facets of an entry and its kind. */
export const FACETS = ["kind", "area", "product", "protocol", "level", "evidence"] as const;
export type FacetName = (typeof FACETS)[number];

/** Values chosen by facet: an entry has to fit one of them in each facet that has any. */
export type Filters = Readonly<Partial<Record<FacetName, readonly string[]>>>;

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

/** By facet, the most frequent value first; levels from critical down. */
export type FacetCounts = Readonly<Record<FacetName, readonly FacetCount[]>>;

export const NO_FACETS: FacetCounts = { kind: [], area: [], product: [], protocol: [], level: [], evidence: [] };

const LEVELS = ["critical", "high", "medium", "low", "informational"];

function valuesOf(entry: Entry, facet: FacetName): readonly string[] {
  if (facet === "kind") return [entry.kind];
  const value = entry.facets[facet];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** Facets of all documents, in their order. */
export function facetTable(entries: readonly Entry[]): FacetTable {
  const columns = FACETS.map((facet) => {
    const values = [...new Set(entries.flatMap((entry) => valuesOf(entry, facet)))].sort();
    const numbers = new Map(values.map((value, number) => [value, number]));
    const sets = new Map<string, number>();
    const documents = entries.map((entry) => {
      const set = valuesOf(entry, facet)
        .map((value) => numbers.get(value)!)
        .join();
      if (!sets.has(set)) sets.set(set, sets.size);
      return sets.get(set)!;
    });
    return [facet, { values, sets: [...sets.keys()].map((set) => (set === "" ? [] : set.split(",").map(Number))), documents }];
  });
  return Object.fromEntries(columns) as FacetTable;
}

export function hasFilters(filters: Filters): boolean {
  return FACETS.some((facet) => (filters[facet]?.length ?? 0) > 0);
}

/** Which documents fit in one facet; null where nothing is chosen in it. */
type Test = ((document: number) => boolean) | null;

function testOf(table: FacetTable, facet: FacetName, filters: Filters): Test {
  const chosen = filters[facet];
  if (chosen === undefined || chosen.length === 0) return null;
  const { values, sets, documents } = table[facet];
  const fitting = sets.map((set) => set.some((value) => chosen.includes(values[value]!)));
  return (document) => fitting[documents[document]!]!;
}

/** Documents that fit all filters. */
export function fitting(documents: readonly number[], table: FacetTable, filters: Filters): number[] {
  const tests = FACETS.map((facet) => testOf(table, facet, filters));
  return documents.filter((document) => tests.every((test) => test === null || test(document)));
}

/** How many documents each value would leave, with the choices in the other facets held. A chosen value is listed even where it leaves none. */
export function countFacets(documents: readonly number[], table: FacetTable, filters: Filters): FacetCounts {
  const tests = FACETS.map((facet) => testOf(table, facet, filters));
  const counted = FACETS.map((facet, own) => {
    const { values, sets, documents: setOf } = table[facet];
    const inSet = new Array<number>(sets.length).fill(0);
    for (const document of documents)
      if (tests.every((test, at) => at === own || test === null || test(document))) inSet[setOf[document]!]!++;
    const counts = new Map<string, number>((filters[facet] ?? []).map((value) => [value, 0]));
    for (const [at, set] of sets.entries())
      if (inSet[at]! > 0) for (const value of set) counts.set(values[value]!, (counts.get(values[value]!) ?? 0) + inSet[at]!);
    return [facet, [...counts].map(([value, count]) => ({ value, count })).sort(facet === "level" ? byLevel : byCount)] as const;
  });
  return Object.fromEntries(counted) as Record<FacetName, FacetCount[]>;
}

function byLevel(a: FacetCount, b: FacetCount): number {
  return LEVELS.indexOf(a.value) - LEVELS.indexOf(b.value);
}

function byCount(a: FacetCount, b: FacetCount): number {
  return b.count - a.count || (a.value < b.value ? -1 : 1);
}
