import { caseAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";

import { LEVELS, levelBadge, statusBadge } from "./badges.ts";

/** Cases as a list: title, first symptom, and what tells them apart at a glance. */
export function caseList(cases: readonly CaseDocument[], to: Link, shows: { readonly area?: boolean; readonly date?: boolean } = {}): Html {
  return html`<ul class="case-list">${cases.map(
    ({ id, title, symptoms, level, status, area, updated }) => html`<li>
<a class="case-title" href="${to(caseAddress(id))}">${title}</a>
${symptoms[0] && html`<p class="case-symptom">${symptoms[0]}</p>`}
<p class="case-facts">${levelBadge(level)}${status !== "stable" && statusBadge(status)}${shows.area && html`<span>${displayName(area)}</span>`}${shows.date && html`<time datetime="${updated}">${updated}</time>`}</p>
</li>
`,
  )}</ul>`;
}

/** The gravest first, then by title. */
export function byWeight(a: CaseDocument, b: CaseDocument): number {
  return LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || compareText(a.title, b.title) || compareText(a.id, b.id);
}

/** The last revised first, then by title. */
export function byDate(a: CaseDocument, b: CaseDocument): number {
  return compareText(b.updated, a.updated) || compareText(a.title, b.title) || compareText(a.id, b.id);
}

/** By code unit of the lower-case text, so that the order is the same everywhere. */
export function compareText(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : a > b ? 1 : 0;
}
