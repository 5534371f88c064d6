import { caseAddress, recipeAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { ladderFigure } from "../../engine/report/html-finding.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { SiteContext } from "../page.ts";
import { conditionMarkup, templateMarkup } from "./condition.ts";
import { copyable } from "./copyable.ts";
import { evidenceList } from "./evidence.ts";
import { remedyList } from "./remedies.ts";
import type { Section } from "./section.ts";

/** The parts of a case: what its article says and what its rule says, each where a reader looks for it. */
export function caseSections(document: CaseDocument, context: SiteContext, updates: ReadonlySet<string>, to: Link): Section[] {
  const { prose } = context;
  const article = new Map(document.sections.map(({ title, markdown }) => [title, markdown]));
  const told = (title: string) => {
    const markdown = article.get(title);
    article.delete(title);
    return markdown ? html`<div class="prose">${prose.block(markdown, to)}</div>` : null;
  };
  const part = (id: string, title: string, ...bodies: readonly (Html | null)[]): Section[] => {
    const written = bodies.filter((body) => body !== null);
    return written.length > 0 ? [{ id, title, body: html`${written}` }] : [];
  };
  const known = [
    ...part("symptom", "Symptom", told("Symptom")),
    ...part("cause", "Cause", told("Cause")),
    ...part("evidence", "How Casebook decides", decision(document, context, to)),
    ...part("proof", "The founding case", told("How Casebook proves it"), drawing(document, context, to), filters(document)),
    ...part("remedy", "Remedy", remedyList(document.resolutions, updates, prose, to), told("Remedy")),
    ...part("verify", "Verify", told("Verify") ?? list(document.verify, context, to)),
    ...part("collect", "Collect", told("Collect"), collect(document, context, to)),
    ...part("lookalikes", "What looks alike", list(document.falsepositives, context, to)),
  ];
  const references = part("references", "References", told("References"), furtherReading(document, context, to));
  const others = [...article.keys()].flatMap((title, index) => part(`more-${index + 1}`, title, told(title)));
  return [...known, ...others, ...references];
}

function decision({ evidence, condition, summary }: CaseDocument, { catalogue }: SiteContext, to: Link): Html {
  return html`<p>It is this case if</p>
${conditionMarkup(
  condition,
  evidence.map(({ name }) => name),
)}
<p class="note">Each name is true, false or unknown. Missing evidence is never read as an answer: while it could still change the verdict, the case stays open and the report says what to collect.</p>
<h3>Evidence</h3>
${evidenceList(evidence, catalogue.recipes, to)}
<h3>What the verdict says</h3>
<p>${templateMarkup(summary)}</p>`;
}

/** The session that decided, drawn from the case's own test bundle. */
function drawing({ id }: CaseDocument, { reported }: SiteContext, to: Link): Html | null {
  const entry = reported.get(id);
  if (!entry) return null;
  const { ladder } = entry.finding;
  return html`${ladder && html`<div class="report">${ladderFigure(ladder, "ladder")}</div>`}
<p><a href="${to(`${caseAddress(id)}report/`)}">Read Casebook's whole report of this bundle</a></p>`;
}

function filters({ filters }: CaseDocument): Html | null {
  if (filters.length === 0) return null;
  return html`<h3>Wireshark display filter</h3>
${filters.map((filter, index) =>
  copyable(
    `filter-${index + 1}`,
    filter.replace(/\{\{|\}\}/g, (pair) => pair[0]!),
    filters.length > 1 ? `display filter ${index + 1}` : "display filter",
  ),
)}
${filters.some((filter) => /\{[^{}]+\}/.test(filter)) && html`<p class="note">The report fills in what stands in braces.</p>`}`;
}

function list(texts: readonly string[], { prose }: SiteContext, to: Link): Html | null {
  return texts.length === 0 ? null : html`<ul>${texts.map((text) => html`<li>${prose.line(text, to)}</li>`)}</ul>`;
}

function collect({ id, collect }: CaseDocument, { catalogue }: SiteContext, to: Link): Html | null {
  const recipes = catalogue.recipes.filter((recipe) => collect.includes(recipe.id));
  if (recipes.length === 0) return null;
  return html`<ul class="cards">${recipes.map(
    ({ id: recipe, title, elevated }) =>
      html`<li><a href="${to(recipeAddress(recipe))}">${title}</a>${elevated && html`<p>Needs an elevated prompt</p>`}</li>`,
  )}</ul>
<p class="note">The same on a command line:</p>
${copyable("collect-command", `casebook collect ${id}`, "command that prints these recipes")}`;
}

/** References of the rule that the article does not name already. */
function furtherReading({ references, sections }: CaseDocument, { prose }: SiteContext, to: Link): Html | null {
  const named = sections.map(({ markdown }) => markdown).join("\n");
  const more = references.filter((reference) => !named.includes(reference));
  if (more.length === 0) return null;
  return html`<ul>${more.map((reference) =>
    /^https?:\/\/[^\s<>"]+$/.test(reference)
      ? html`<li><a rel="external noreferrer" href="${reference}">${reference}</a></li>`
      : html`<li>${prose.line(reference, to)}</li>`,
  )}</ul>`;
}
