import { caseAddress, recipeAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument, RecipeDocument, RecipeStep } from "../../engine/catalogue/catalogue.ts";
import { counted } from "../../engine/report/wording.ts";
import { tableAddress } from "../addresses.ts";
import { type Html, html, joined } from "../html.ts";
import type { Link } from "../links.ts";
import type { Prose } from "../markdown.ts";
import type { Page, PageSource, SiteContext } from "../page.ts";
import { copyable } from "../parts/copyable.ts";
import { sectionMarkup } from "../parts/section.ts";

/** How to gather evidence: the list, and a page for each recipe. */
export const recipePages: PageSource = function* (context) {
  const { recipes } = context.catalogue;
  yield {
    path: "collect/",
    section: "collect",
    title: "Collect evidence",
    description: "What to run, where and when, what to put into the bundle, and what it may disclose: recipes for gathering evidence.",
    trail: [],
    body: (to) => html`<div class="page-head"><h1>Collect evidence</h1>
<p class="lead">A verdict is as good as its evidence. Each recipe says what to run, when to stop, what to send, what it cannot show and what it may disclose.</p></div>
<ul class="cards">${recipes.map(
      ({ id, title, windows, cases }) =>
        html`<li><a href="${to(recipeAddress(id))}">${title}</a><p>${windows}</p><p>${cases.length > 0 ? `Asked for by ${counted(cases.length, "case")}` : ""}</p></li>`,
    )}</ul>`,
  };
  const lookUp = new Map(context.catalogue.cases.map((document) => [document.id, document]));
  for (const recipe of recipes) yield recipePage(recipe, context, lookUp);
};

function recipePage(recipe: RecipeDocument, { prose }: SiteContext, lookUp: ReadonlyMap<string, CaseDocument>): Page {
  const { id, title, windows, elevated, privacy, source, as_of } = recipe;
  return {
    path: recipeAddress(id),
    kind: "recipe",
    section: "collect",
    title,
    description: `${title}: commands to copy, what to put into the bundle, limits and privacy. ${windows}.`,
    trail: [{ title: "Collect", address: "collect/" }],
    scripts: ["copy"],
    body: (to) => html`<article><header class="page-head case-head"><h1>${title}</h1>
<dl class="facts"><div><dt>Works on</dt><dd>${windows}</dd></div><div><dt>Prompt</dt><dd>${elevated ? "Elevated" : "Any"}</dd></div><div><dt>Recipe</dt><dd><code>${id}</code></dd></div></dl></header>
${recipeParts(recipe, prose, lookUp, to).map(sectionMarkup)}
<p class="note origin">${prose.line(source, to)}, as of <time datetime="${as_of}">${as_of}</time>. ${privacy !== "" && "Look through what you send before you send it."}</p></article>`,
  };
}

function recipeParts(recipe: RecipeDocument, prose: Prose, lookUp: ReadonlyMap<string, CaseDocument>, to: Link) {
  const { id, start, stop, bundle, limits, privacy, gathers, cases } = recipe;
  const list = (texts: readonly string[]) => html`<ul>${texts.map((text) => html`<li>${prose.line(text, to)}</li>`)}</ul>`;
  const tables = gathers.map(
    ({ table, side }) => html`<a href="${to(tableAddress(table))}"><code>${table}</code></a>${side && ` (${side} side)`}`,
  );
  const asking = cases.flatMap((name) => lookUp.get(name) ?? []);
  return [
    { id: "start", title: "Start", body: html`<p class="note">Before the problem is reproduced</p>${steps("start", start, prose, to)}` },
    ...(stop.length > 0
      ? [{ id: "stop", title: "Stop", body: html`<p class="note">As soon as it has been seen</p>${steps("stop", stop, prose, to)}` }]
      : []),
    { id: "bundle", title: "Put into the bundle", body: list(bundle) },
    { id: "limits", title: "Limits", body: list(limits) },
    { id: "privacy", title: "Privacy", body: html`<p>${prose.line(privacy, to)}</p>` },
    { id: "fills", title: "Tables it fills", body: html`<p>${joined(tables, ", ")}</p>` },
    ...(asking.length > 0
      ? [
          {
            id: "cases",
            title: "Cases that ask for it",
            body: html`<ul>${asking.slice(0, MOST_CASES).map((entry) => html`<li><a href="${to(caseAddress(entry.id))}">${entry.title}</a></li>`)}</ul>${asking.length > MOST_CASES && html`<p class="note">and ${counted(asking.length - MOST_CASES, "other case", "other cases")}</p>`}`,
          },
        ]
      : []),
    {
      id: "command",
      title: "On a command line",
      body: copyable("collect-command", `casebook collect ${id}`, "command that prints this recipe"),
    },
  ];
}

/** A capture serves most cases; a page names some of them. */
const MOST_CASES = 50;

const AT: Readonly<Record<NonNullable<RecipeStep["at"]>, string>> = {
  client: "at the client",
  server: "at the server",
  both: "at both ends",
};

function steps(phase: string, list: readonly RecipeStep[], prose: Prose, to: Link): Html {
  return html`<ol class="steps">${list.map(
    ({ text, command, at }, index) =>
      html`<li>${at && html`<span class="at">${AT[at]}</span>`}${prose.line(text, to)}${command && copyable(`${phase}-${index + 1}`, command, `command of step ${index + 1} (${phase})`)}</li>`,
  )}</ol>`;
}
