import type { Entry } from "../engine/catalogue/catalogue.ts";
import { displayName } from "../engine/catalogue/display-name.ts";
import type { FacetName } from "../engine/catalogue/search-facets.ts";

/** Words the search is shown with, the same in pages that are built and in those a script makes. */

type Kind = Entry["kind"];

/** In the order the plain index has them; with the folder of each kind's own list below `search/`. */
export const KINDS: readonly { readonly kind: Kind; readonly one: string; readonly many: string; readonly folder: string }[] = [
  { kind: "case", one: "Case", many: "Cases", folder: "cases" },
  { kind: "error", one: "Error code", many: "Error codes", folder: "errors" },
  { kind: "event", one: "Event", many: "Events", folder: "events" },
  { kind: "port", one: "Port", many: "Ports", folder: "ports" },
  { kind: "registry", one: "Registry value", many: "Registry values", folder: "registry" },
  { kind: "update", one: "Update", many: "Updates", folder: "updates" },
  { kind: "recipe", one: "Recipe", many: "Recipes", folder: "recipes" },
  { kind: "page", one: "Overview", many: "Overviews", folder: "overviews" },
];

export function kindName(kind: string): string {
  return KINDS.find((known) => known.kind === kind)?.one ?? kind;
}

export const FACET_NAMES: Readonly<Record<FacetName, string>> = {
  kind: "Kind",
  area: "Area",
  product: "Product",
  protocol: "Protocol",
  level: "Level",
  evidence: "Evidence",
};

/** A value of a facet as it is shown. */
export function facetValueName(facet: FacetName, value: string): string {
  if (facet === "kind") return kindName(value);
  if (facet === "area" || facet === "product") return displayName(value);
  return facet === "protocol" ? value.toUpperCase() : value;
}
