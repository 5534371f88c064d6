import { type Html, html } from "./html.ts";
import type { Link } from "./links.ts";

/** Where `site/browser/search.ts` finds what it works on. */
export const SEARCH_INPUT_ID = "search-input";

/**
 * The search box, once a page. Without JavaScript a plain form that leads to the index of everything; with it a combobox whose list
 * shows hits as one types.
 */
export function searchBox(to: Link): Html {
  return html`<form class="search-box" role="search" action="${to("search/")}" method="get" data-search-box>
<label class="unseen-text" for="${SEARCH_INPUT_ID}">Search cases, error codes, updates, ports and events</label>
<svg class="search-sign" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="8.5" cy="8.5" r="5.5"/><path d="M13 13l4 4"/></svg>
<input id="${SEARCH_INPUT_ID}" type="search" name="q" placeholder="Symptom, code, KB, port …" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="500" enterkeyhint="search" aria-keyshortcuts="/">
<kbd class="search-key" aria-hidden="true">/</kbd>
</form>`;
}
