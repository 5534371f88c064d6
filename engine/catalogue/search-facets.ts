import type { Entry } from "./catalogue.ts";

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

const LEVELS = ["critical", "high", "medium", "low", "informational"];

export function facetValues(entry: Entry, facet: FacetName): readonly string[] {
  if (facet === "kind") return [entry.kind];
  const value = entry.facets[facet];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** Whether an entry fits the filters, but for one facet. */
export function fits(entry: Entry, filters: Filters, except?: FacetName): boolean {
  return FACETS.every((facet) => {
    const chosen = filters[facet];
    if (facet === except || chosen === undefined || chosen.length === 0) return true;
    return facetValues(entry, facet).some((value) => chosen.includes(value));
  });
}

/** How many entries each value would leave, with the choices in the other facets held. A chosen value is listed even where it leaves none. */
export function countFacets(entries: readonly Entry[], filters: Filters): FacetCounts {
  const counted = FACETS.map((facet) => {
    const counts = new Map<string, number>((filters[facet] ?? []).map((value) => [value, 0]));
    for (const entry of entries) {
      if (!fits(entry, filters, facet)) continue;
      for (const value of facetValues(entry, facet)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const list = [...counts].map(([value, count]) => ({ value, count }));
    const order = (a: FacetCount, b: FacetCount) =>
      facet === "level" ? LEVELS.indexOf(a.value) - LEVELS.indexOf(b.value) : b.count - a.count || (a.value < b.value ? -1 : 1);
    return [facet, list.sort(order)] as const;
  });
  return Object.fromEntries(counted) as Record<FacetName, FacetCount[]>;
}
