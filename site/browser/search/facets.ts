import { FACETS, type FacetCounts, type FacetName, type Filters } from "../../../engine/catalogue/search-facets.ts";
import { FACET_NAMES, facetValueName } from "../../search-words.ts";
import { element } from "./elements.ts";

/** Values of a facet shown at once; the others are unfolded. */
const SHOWN = 8;

/** Fills the form with a group of checkboxes for each facet that tells results apart. What has the focus keeps it. */
export function showFacets(form: HTMLFormElement, counts: FacetCounts, filters: Filters): void {
  const focused = form.contains(document.activeElement) ? (document.activeElement?.id ?? null) : null;
  const unfolded = new Set([...form.querySelectorAll<HTMLDetailsElement>("details[open]")].map(({ id }) => id));
  const groups = FACETS.filter((facet) => counts[facet].length > 1 || (filters[facet]?.length ?? 0) > 0);
  form.replaceChildren(...groups.map((facet) => group(facet, counts, filters[facet] ?? [], unfolded)));
  if (focused) document.getElementById(focused)?.focus();
}

function group(facet: FacetName, counts: FacetCounts, chosen: readonly string[], unfolded: ReadonlySet<string>): HTMLElement {
  const rows = counts[facet].map(({ value, count }) => {
    const box = element("input", { type: "checkbox", name: facet, value, id: `facet-${facet}-${value}` });
    box.checked = chosen.includes(value);
    const name = element("span", { class: "facet-name" }, facetValueName(facet, value));
    return element("label", {}, box, name, element("span", { class: "count" }, String(count)));
  });
  const first = rows.filter((row, index) => index < SHOWN || row.querySelector("input")!.checked);
  const others = rows.filter((row) => !first.includes(row));
  const fieldset = element("fieldset", {}, element("legend", {}, FACET_NAMES[facet]), ...first);
  if (others.length > 0) {
    const details = element("details", { id: `facet-more-${facet}` }, element("summary", {}, `${others.length} more`), ...others);
    details.open = unfolded.has(details.id);
    fieldset.append(details);
  }
  return fieldset;
}

/** What is ticked. */
export function chosenFilters(form: HTMLFormElement): Filters {
  const data = new FormData(form);
  return Object.fromEntries(
    FACETS.map((facet) => [facet, data.getAll(facet).map(String)] as const).filter(([, values]) => values.length > 0),
  );
}
