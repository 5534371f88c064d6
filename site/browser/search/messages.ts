import type { SearchOptions, SearchResult } from "../../../engine/catalogue/search.ts";

/** What the page asks its search worker. */
export interface SearchQuestion {
  readonly id: number;
  /** Address of the folder with the search's files. */
  readonly folder: string;
  readonly query: string;
  readonly options: SearchOptions;
}

export type SearchAnswer = { readonly id: number; readonly result: SearchResult } | { readonly id: number; readonly error: string };
