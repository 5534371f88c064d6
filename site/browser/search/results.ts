import type { Hit, SearchResult } from "../../../engine/catalogue/search.ts";
import { facetValueName, kindName } from "../../search-words.ts";
import { readState, type SearchState, writeState } from "./address-state.ts";
import type { SearchClient } from "./client.ts";
import { element, markedText } from "./elements.ts";
import { chosenFilters, showFacets } from "./facets.ts";
import { TYPING_PAUSE_MS } from "./typing.ts";
import { countText, remarks, UNREACHABLE } from "./wording.ts";

const PER_PAGE = 20;

/** The parts of `site/pages/search.ts` a script fills. */
interface Parts {
  readonly live: HTMLElement;
  readonly status: HTMLElement;
  readonly facets: HTMLFormElement;
  readonly found: HTMLElement;
  readonly index: HTMLElement;
}

/** Runs the page of results: as one types, as facets are ticked, and as one goes back and forward, its address saying what is shown. */
export function attachResults(form: HTMLFormElement, input: HTMLInputElement, parts: Parts, client: SearchClient, root: string): void {
  const title = document.title;
  let state = readState(new URLSearchParams(location.search));
  let newest = 0;

  const isEmpty = () => state.query.trim() === "" && Object.keys(state.filters).length === 0;
  const show = (result: SearchResult): void => {
    parts.live.hidden = false;
    parts.index.hidden = result.total > 0;
    parts.status.textContent = [`${countText(result)}${result.query && ` for “${result.query}”`}.`, ...remarks(result)].join(" ");
    parts.found.replaceChildren(...hitList(result.hits, root), ...pages(state, result));
  };
  const ask = async (): Promise<void> => {
    const question = ++newest;
    document.title = state.query.trim() === "" ? title : `${state.query.trim()} · ${title}`;
    if (isEmpty()) {
      parts.live.hidden = true;
      parts.index.hidden = false;
      return;
    }
    const { query, filters, page } = state;
    const options = { filters, offset: (page - 1) * PER_PAGE, limit: PER_PAGE };
    try {
      // Facets take more of the index than the hits do, so they may come later.
      const [best, counted] = [client.ask(query, { ...options, count: "best" }), client.ask(query, { ...options, limit: 0, count: "all" })];
      counted.catch(() => {});
      const result = await best;
      if (question === newest) show(result);
      const { facets } = await counted;
      if (question === newest) showFacets(parts.facets, facets, filters);
    } catch {
      if (question !== newest) return;
      parts.live.hidden = false;
      parts.index.hidden = false;
      parts.status.textContent = UNREACHABLE;
      parts.found.replaceChildren();
      parts.facets.replaceChildren();
    }
  };
  let asking: ReturnType<typeof setTimeout> | undefined;
  const go = (next: SearchState, how: "push" | "replace", pause = 0): void => {
    state = next;
    const address = location.pathname + writeState(state);
    if (how === "push" && address !== location.pathname + location.search) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    clearTimeout(asking);
    asking = setTimeout(ask, pause);
  };

  parts.index.hidden = !isEmpty();
  input.value = state.query;
  input.addEventListener("input", () => go({ ...state, query: input.value, page: 1 }, "replace", TYPING_PAUSE_MS));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go({ ...state, query: input.value, page: 1 }, "push");
  });
  parts.facets.addEventListener("change", () => go({ ...state, filters: chosenFilters(parts.facets), page: 1 }, "push"));
  parts.facets.addEventListener("submit", (event) => event.preventDefault());
  parts.found.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-page]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go({ ...state, page: Number(link.dataset.page) }, "push");
    parts.status.scrollIntoView({ block: "start" });
  });
  addEventListener("popstate", () => {
    state = readState(new URLSearchParams(location.search));
    input.value = state.query;
    void ask();
  });
  void ask();
  document.body.dataset.searchReady = "";
}

function hitList(hits: readonly Hit[], root: string): HTMLElement[] {
  if (hits.length === 0) return [];
  return [element("ol", { class: "hits" }, ...hits.map((hit) => hitItem(hit, root)))];
}

function hitItem({ entry, title, snippet, is, relation }: Hit, root: string): HTMLElement {
  const { area, level } = entry.facets;
  const facts = [kindName(entry.kind), area && facetValueName("area", area), level && `level ${level}`].filter(
    (fact) => fact !== undefined,
  );
  return element(
    "li",
    relation === "itself" ? { class: "exact" } : {},
    element("a", { class: "hit-title", href: new URL(entry.address, root).href }, markedText(title)),
    is !== undefined && element("p", { class: "hit-is" }, relation === "related" ? `Related: ${is}` : is),
    element("p", { class: "hit-text" }, markedText(snippet)),
    element("p", { class: "hit-facts" }, facts.join(" · ")),
  );
}

function pages(state: SearchState, { total }: SearchResult): HTMLElement[] {
  const count = Math.ceil(total / PER_PAGE);
  if (count <= 1 && state.page === 1) return [];
  const link = (page: number, text: string, there: boolean) =>
    there && element("a", { class: "step", href: writeState({ ...state, page }) || "?", "data-page": String(page) }, text);
  return [
    element(
      "nav",
      { class: "pager", "aria-label": "Pages of results" },
      link(state.page - 1, "← Previous", state.page > 1),
      element("span", {}, `Page ${state.page} of ${Math.max(count, 1)}`),
      link(state.page + 1, "Next →", state.page < count),
    ),
  ];
}
