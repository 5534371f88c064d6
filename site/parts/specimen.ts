import type { Finding } from "../../engine/report/report.ts";
import { groupCitations, OUTCOMES, VERDICTS } from "../../engine/report/wording.ts";
import { type Html, html, joined } from "../html.ts";
import { levelBadge } from "./badges.ts";

/** A finding in short: what the report would say of it, with a place or two for each piece of evidence. */
export function specimen({ verdict, level, title, summary, evidence }: Finding, href: string): Html {
  const { sign, word } = VERDICTS[verdict];
  return html`<div class="specimen">
<p class="say"><span class="verdict ${verdict}"><span aria-hidden="true">${sign}</span> ${word}</span>${levelBadge(level)}</p>
<h3><a href="${href}">${title}</a></h3>
<p>${summary}</p>
<ul>${evidence
    .filter(({ outcome }) => outcome === "true")
    .map(({ about, outcome, citations }) => {
      const places = groupCitations(citations, 2).map(({ source, places }) => html`${source} ${places}`);
      return html`<li><span class="true" aria-hidden="true">${OUTCOMES[outcome].sign}</span><span>${about}</span><span class="places">${joined(places, html`<br>`)}</span></li>`;
    })}</ul>
</div>`;
}
