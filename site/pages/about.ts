import { VERDICTS } from "../../engine/report/wording.ts";
import { type Html, html } from "../html.ts";
import type { PageSource } from "../page.ts";
import { LEVELS, levelBadge, STATUS_MEANINGS, statusBadge } from "../parts/badges.ts";
import { sectionMarkup } from "../parts/section.ts";

/** What each verdict promises. */
const PROMISES: Readonly<Record<keyof typeof VERDICTS, string>> = {
  matched: "All of it is there: every piece of evidence the condition asks for was found, and belongs together.",
  ruled_out: "Something in the evidence speaks against it. A look-alike, told apart.",
  inconclusive: "What is there fits, and what would decide is missing. The report names it, and the recipe that gathers it.",
  not_applicable: "The case is about other products or versions than the machines of this bundle.",
  error: "The rule could not be asked. All the others were asked all the same.",
};

/** What Casebook is, what becomes of evidence, and how verdicts come about. */
export const aboutPages: PageSource = ({ api, catalogue }) => [
  {
    path: "about/",
    section: "about",
    title: "About Casebook",
    description: "What Casebook does, what happens to your evidence, and how a verdict comes about.",
    trail: [],
    body: (to) => html`<div class="page-head"><h1>About Casebook</h1>
<p class="lead">Casebook is what an experienced network escalation engineer knows, written down as data and made to run.</p></div>
${sectionMarkup({
  id: "what",
  title: "What it does",
  body: html`<div class="prose"><p>Hand it the evidence of a network problem: captures from one or both ends, Wireshark or Network Monitor exports, <code>netstat</code>, event logs, SIP traces, <code>netsh</code> output, all in one archive if you like. It asks every <a href="${to("cases/")}">case</a> in its knowledge base whether this is it.</p>
<p>The answer cites the frames, lines and records it rests on and says what to change: an update, a registry value, a firewall port. Where it cannot decide, it says exactly <a href="${to("collect/")}">what to collect next</a>.</p></div>`,
})}
${sectionMarkup({ id: "privacy", title: "Privacy", body: privacy(api) })}
${sectionMarkup({
  id: "verdicts",
  title: "How verdicts work",
  body: html`<div class="prose"><p>Evidence becomes rows of typed <a href="${to("authors/tables/")}">tables</a> in the field's own words. A case asks questions of those tables and combines the answers, which are true, false or unknown. Missing evidence is never read as an answer.</p>
<p>That something did <em>not</em> happen counts only where a source that was read whole covers that machine, that side and that time. The same evidence and the same rules give the same report, byte for byte.</p></div>
<dl class="verdicts">${Object.entries(VERDICTS).map(
    ([name, { sign, word }]) =>
      html`<div><dt class="verdict ${name}"><span aria-hidden="true">${sign}</span> ${word}</dt><dd>${PROMISES[name as keyof typeof VERDICTS]}</dd></div>`,
  )}</dl>`,
})}
${sectionMarkup({
  id: "levels",
  title: "Level and status",
  body: html`<p>The level says how much is at stake where the case matches; the status how well it is proven.</p>
<ul class="badges">${LEVELS.map((level) => html`<li>${levelBadge(level)}</li>`)}</ul>
<dl class="verdicts">${Object.entries(STATUS_MEANINGS).map(
    ([status, meaning]) => html`<div><dt>${statusBadge(status as keyof typeof STATUS_MEANINGS)}</dt><dd>${meaning}.</dd></div>`,
  )}</dl>`,
})}
${sectionMarkup({
  id: "data",
  title: "The data",
  body: html`<div class="prose"><p>${catalogue.cases.length} cases, ${catalogue.recipes.length} recipes and ${Object.values(catalogue.references).reduce((sum, entries) => sum + entries.length, 0)} entries of reference data, each with its source and date. Everything on this site is also there as <a href="${to("api/cases.json")}">JSON</a>, described by <a href="${to("api/openapi.json")}">OpenAPI</a>, and what is new comes as <a href="${to("feed.atom")}">Atom</a> or <a href="${to("feed.json")}">JSON Feed</a>.</p></div>`,
})}`,
  },
];

function privacy(api: URL | null): Html {
  return html`<div class="prose"><p>This site sets no cookie, counts no visit and loads nothing from anywhere else. Its pages are bound by a Content-Security-Policy that lets them speak to ${api ? html`this host and to <code>${api.origin}</code>` : "this host"} alone. What you type into the search box stays in your browser.</p>
<p>When you match evidence here, it is read by your browser. Nothing is uploaded${api && ", unless you press the button that says so"}; once the page has been loaded it works with the network cable pulled out. The command line sends nothing either.</p></div>`;
}
