import { FACETS, type Filters } from "../../../engine/catalogue/search-facets.ts";

/** What the page of results shows, as its address says it: `?q=rdp&area=rds&level=high&page=2`. */
export interface SearchState {
  readonly query: string;
  readonly filters: Filters;
  /** From 1. */
  readonly page: number;
}

export function readState(parameters: URLSearchParams): SearchState {
  const chosen = FACETS.map((facet) => [facet, [...new Set(parameters.getAll(facet).filter((value) => value !== ""))]] as const);
  const page = Number(parameters.get("page") ?? 1);
  return {
    query: parameters.get("q") ?? "",
    filters: Object.fromEntries(chosen.filter(([, values]) => values.length > 0)),
    page: Number.isInteger(page) && page >= 1 && page <= 10_000 ? page : 1,
  };
}

/** The query part of an address; empty for a search for nothing. */
export function writeState({ query, filters, page }: SearchState): string {
  const parameters = new URLSearchParams();
  if (query.trim() !== "") parameters.set("q", query.trim());
  for (const facet of FACETS) for (const value of filters[facet] ?? []) parameters.append(facet, value);
  if (page > 1) parameters.set("page", String(page));
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
