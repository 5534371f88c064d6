import { areaAddress, caseAddress, productAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { type Html, html, joined } from "../html.ts";
import type { Link } from "../links.ts";
import type { Page, PageSource, SiteContext } from "../page.ts";
import { levelBadge, statusBadge } from "../parts/badges.ts";
import { caseList } from "../parts/case-list.ts";
import { caseSections } from "../parts/case-sections.ts";
import { jumpList, sectionMarkup } from "../parts/section.ts";

/** One page a case: symptom, cause, how it is decided, remedy, verification, what to collect. */
export const casePages: PageSource = function* (context) {
  const lookUp = new Map(context.catalogue.cases.map((document) => [document.id, document]));
  const updates = new Set(context.catalogue.references.updates.map(({ id }) => id));
  for (const document of context.catalogue.cases) yield casePage(document, context, lookUp, updates);
};

function casePage(
  document: CaseDocument,
  context: SiteContext,
  lookUp: ReadonlyMap<string, CaseDocument>,
  updates: ReadonlySet<string>,
): Page {
  const { id, area, title, symptoms } = document;
  return {
    path: caseAddress(id),
    kind: "case",
    section: "cases",
    title,
    description: `${symptoms[0] ?? title}. How Casebook proves it (${id}), what to change, how to verify it and what to collect.`,
    trail: [
      { title: "Cases", address: "cases/" },
      { title: displayName(area), address: areaAddress(area) },
    ],
    scripts: ["copy"],
    ...(context.reported.get(id)?.finding.ladder ? { styles: ["report"] } : {}),
    body(to) {
      const sections = [...caseSections(document, context, updates, to), ...neighbours(document, lookUp, to)];
      return html`<article>
<header class="page-head case-head">
<h1>${title}</h1>
<ul class="heard" aria-label="Symptoms">${symptoms.map((symptom) => html`<li>${symptom}</li>`)}</ul>
${facts(document, to)}
</header>
${jumpList(sections)}${sections.map(sectionMarkup)}</article>`;
    },
  };
}

function facts({ id, level, status, area, products, protocols, updated }: CaseDocument, to: Link): Html {
  const links = (entries: readonly string[], address: (entry: string) => string) =>
    joined(
      entries.map((entry) => html`<a href="${to(address(entry))}">${displayName(entry)}</a>`),
      ", ",
    );
  const rows: [string, Html | null][] = [
    ["Level", levelBadge(level)],
    ["Status", statusBadge(status)],
    ["Area", links([area], areaAddress)],
    [products.length === 1 ? "Product" : "Products", products.length > 0 ? links(products, productAddress) : null],
    [protocols.length === 1 ? "Protocol" : "Protocols", protocols.length > 0 ? html`${protocols.map(displayName).join(", ")}` : null],
    ["Revised", updated === "" ? null : html`<time datetime="${updated}">${updated}</time>`],
    ["Rule", html`<code>${id}</code>`],
  ];
  return html`<dl class="facts">${rows.map(([term, value]) => value && html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Cases that share a symptom, those this one stands back for, and those its author would compare. */
function neighbours(document: CaseDocument, lookUp: ReadonlyMap<string, CaseDocument>, to: Link) {
  const { competes_with, yields_to, related } = document;
  const groups: [string, readonly string[]][] = [
    ["Share a symptom with this case. Where several of them fit, the report says what would settle it", competes_with],
    ["More particular cases: where one of them matches the same frames, this one stands back", yields_to],
    ["Worth comparing", related.filter((id) => !competes_with.includes(id) && !yields_to.includes(id))],
  ];
  const shown = groups.flatMap(([what, ids]) => {
    const cases = ids.slice(0, MOST_NEIGHBOURS).flatMap((id) => lookUp.get(id) ?? []);
    return cases.length > 0 ? [html`<p class="note">${what}.</p>${caseList(cases, to)}`] : [];
  });
  return shown.length > 0 ? [{ id: "neighbours", title: "Other cases", body: html`${shown}` }] : [];
}

/** A symptom that hundreds of cases share tells nothing of any of them. */
const MOST_NEIGHBOURS = 20;
