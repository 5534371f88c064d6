import { areaAddress, caseAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { counted } from "../../engine/report/wording.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { PageSource, SiteContext } from "../page.ts";
import { byDate, caseList, compareText } from "../parts/case-list.ts";
import { specimen } from "../parts/specimen.ts";
import { searchBox } from "../search-box.ts";
import { REFERENCE_PAGES } from "./reference.ts";

/** Cases on the start page, the last revised ones. */
const RECENT = 6;
/** Areas on the start page, the largest ones; the rest is a click away. */
const MOST_AREAS = 12;

/** The start page: search first, then what Casebook is, where to hand evidence in, and ways in. */
export const startPages: PageSource = (context) => [
  {
    path: "",
    kind: "start",
    title: "Casebook: network problems, diagnosed from evidence",
    description:
      "Captures, netstat, event logs and traces in; verdicts out that cite the frames and lines they rest on. Searchable cases, updates, ports, registry values, error codes and events.",
    ownSearch: true,
    body: (to) => html`<div class="hero">
<h1>What does the evidence say?</h1>
<p class="lead">Network problems an escalation engineer has seen before, written down so that a machine can prove them: each with its cause, its remedy and what to collect.</p>
${searchBox(to)}
${examples(context)}
</div>
<div class="two">
<div class="stack">
${handIn(context, to)}
${whatItIs(to)}
</div>
${exemplar(context, to)}
</div>
${areas(context.catalogue.cases, to)}
<section class="start-part" aria-labelledby="recent"><h2 id="recent">Last revised</h2>
${caseList(context.catalogue.cases.toSorted(byDate).slice(0, RECENT), to, { area: true, date: true })}
<p><a href="${to("cases/")}">All ${counted(context.catalogue.cases.length, "case")}</a></p></section>
<section class="start-part" aria-labelledby="facts"><h2 id="facts">Look up</h2>
<ul class="cards">${REFERENCE_PAGES.map(
      ({ kind, title, about }) =>
        html`<li><a href="${to(`reference/${kind}/`)}">${title}</a><p>${about}.</p><p class="count">${counted(context.catalogue.references[kind].length, "entry", "entries")}</p></li>`,
    )}<li><a href="${to("collect/")}">Collect evidence</a><p>What to run, where and when, with commands to copy.</p><p class="count">${counted(context.catalogue.recipes.length, "recipe")}</p></li></ul></section>`,
  },
];

/** What one may type, from what there is. */
function examples({ catalogue: { references } }: SiteContext): Html | null {
  const { errors, updates, ports, events } = references;
  const known = [
    errors[0]?.id,
    updates[0]?.id,
    ports[0] && `${ports[0].protocol} ${ports[0].ports}`,
    events[0] && `event ${events[0].event_id}`,
  ];
  const shown = known.filter((example) => example !== undefined);
  if (shown.length === 0) return null;
  return html`<p class="examples">Any symptom, code, update, port or event: ${shown.map((example, index) => html`${index > 0 && ", "}<code>${example}</code>`)}</p>`;
}

function whatItIs(to: Link): Html {
  return html`<section aria-labelledby="how"><h2 id="how">What Casebook is</h2>
<ul class="ways">
<li><h3>It reads what you have</h3><p>Captures from one or both ends, packet lists pasted from Wireshark or Network Monitor, <code>netstat</code>, event logs, SIP traces: recognised by content, in any language Windows speaks.</p></li>
<li><h3>It proves or says what is missing</h3><p>Every verdict cites frames, lines and records. Missing evidence is never read as an answer; an open case names the recipe that would close it.</p></li>
<li><h3>It keeps to itself</h3><p>Evidence is read in your browser or on your machine. Nothing is uploaded, nothing is loaded from elsewhere. <a href="${to("about/#privacy")}">How that is made sure</a>.</p></li>
</ul></section>`;
}

function handIn({ api }: SiteContext, to: Link): Html {
  return html`<section class="drop" aria-labelledby="hand-in"><h2 id="hand-in">Have evidence at hand?</h2>
<p>Drop files, a folder or an archive. The whole engine runs in this browser; nothing is uploaded${api && " unless you ask for it"}.</p>
<p><a class="button" href="${to("match/")}">Match evidence</a></p></section>`;
}

/** A verdict as the report has it, of the first case by level that has a test bundle. */
function exemplar({ reported, catalogue }: SiteContext, to: Link): Html | null {
  const shown = catalogue.cases.filter(({ id }) => reported.has(id)).sort(richestFirst(reported));
  const [first] = shown;
  if (!first) return null;
  return html`<section aria-labelledby="specimen"><h2 id="specimen">A verdict looks like this</h2>
${specimen(reported.get(first.id)!.finding, to(caseAddress(first.id)))}</section>`;
}

/** The case whose verdict rests on most pieces of evidence shows best what a verdict is. */
function richestFirst(reported: SiteContext["reported"]): (a: CaseDocument, b: CaseDocument) => number {
  const cited = ({ id }: CaseDocument) => reported.get(id)!.finding.evidence.filter(({ citations }) => citations.length > 0).length;
  return (a, b) => cited(b) - cited(a) || compareText(a.id, b.id);
}

function areas(cases: readonly CaseDocument[], to: Link): Html {
  const sizes = [...Map.groupBy(cases, ({ area }) => area)].sort(
    ([a, x], [b, y]) => y.length - x.length || compareText(displayName(a), displayName(b)),
  );
  const shown = sizes.slice(0, MOST_AREAS).sort(([a], [b]) => compareText(displayName(a), displayName(b)));
  return html`<section class="start-part" aria-labelledby="areas"><h2 id="areas">Areas</h2>
<ul class="cards small">${shown.map(
    ([area, group]) =>
      html`<li><a href="${to(areaAddress(area))}">${displayName(area)}</a><p class="count">${counted(group.length, "case")}</p></li>`,
  )}</ul>
<p>${sizes.length > shown.length && html`<a href="${to("areas/")}">All ${sizes.length} areas</a>, `}<a href="${to("products/")}">${sizes.length > shown.length ? "by" : "By"} product</a>, <a href="${to("symptoms/")}">by symptom</a></p></section>`;
}
