import { type Html, html } from "./html.ts";
import type { Link } from "./links.ts";

/** The search box. Without JavaScript it leads to the plain index. */
export function searchBox(to: Link): Html {
  return html`<form class="search-box" role="search" action="${to("search/")}"><input type="search" name="q" aria-label="Search" placeholder="Search"></form>`;
}
