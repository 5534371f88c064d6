import { recipeAddress } from "../../engine/catalogue/addresses.ts";
import type { EvidenceDocument, RecipeDocument } from "../../engine/catalogue/catalogue.ts";
import { tableAddress } from "../addresses.ts";
import { type Html, html, joined } from "../html.ts";
import type { Link } from "../links.ts";
import { letterOf } from "./condition.ts";

/** The evidence of a case, each piece with what is asked, of which table, and how that is gathered. */
export function evidenceList(evidence: readonly EvidenceDocument[], recipes: readonly RecipeDocument[], to: Link): Html {
  return html`<ol class="exhibits">${evidence.map((entry, index) => exhibit(entry, letterOf(index), recipes, to))}</ol>`;
}

function exhibit(entry: EvidenceDocument, letter: string, recipes: readonly RecipeDocument[], to: Link): Html {
  const { name, about, table, where, belongs, counted, source } = entry;
  return html`<li id="evidence-${name}"><span class="letter">${letter}</span><div>
<h4>${about} <code>${name}</code></h4>
${asks(entry, to)}
${joined(
  where.map((alternative) => predicateList(alternative)),
  html`<p class="either">or</p>`,
)}
${predicateList([...belongs, ...counted])}
${
  table !== null &&
  gathered(
    recipes.filter(({ gathers }) => gathers.some((one) => one.table === table)),
    to,
  )
}
<details class="source"><summary>As the rule has it<span class="unseen-text">: ${name}</span></summary><pre tabindex="0" aria-label="YAML of ${name}"><code>${source}</code></pre></details>
</div></li>
`;
}

function asks({ table, expect, where }: EvidenceDocument, to: Link): Html {
  if (table === null) return html`<p class="asks">Rows of other evidence, one after the other</p>`;
  const rows = html`<a href="${to(tableAddress(table))}"><code>${table}</code></a>`;
  const that = where.length > 0 ? html` with` : null;
  if (expect === "none")
    return html`<p class="asks"><strong>No row</strong> of ${rows}, in a source that was read whole and speaks for that machine and time,${that}</p>`;
  if (expect === "unseen") return html`<p class="asks"><strong>No row</strong> of ${rows} that the bundle shows,${that}</p>`;
  return html`<p class="asks"><strong>${expect === "some" ? "At least one row" : `${expect.charAt(0).toUpperCase()}${expect.slice(1)} rows`}</strong> of ${rows}${that}</p>`;
}

function predicateList(predicates: readonly string[]): Html | null {
  if (predicates.length === 0) return null;
  return html`<ul class="predicates">${predicates.map((predicate) => html`<li>${predicateText(predicate)}</li>`)}</ul>`;
}

/** A predicate of more characters is cut, where it lists values: a name in twenty languages would hide what stands around it. */
const LONG_PREDICATE = 240;
const SHOWN_OF_IT = 120;

function predicateText(predicate: string): Html {
  const cut = predicate.length > LONG_PREDICATE ? predicate.lastIndexOf(", “", SHOWN_OF_IT) : -1;
  if (cut < 0) return html`${predicate}`;
  const rest = predicate.slice(cut + 2);
  return html`<details><summary>${predicate.slice(0, cut)} and ${rest.split("”").length - 1} more</summary>${rest}</details>`;
}

function gathered(recipes: readonly RecipeDocument[], to: Link): Html | null {
  if (recipes.length === 0) return null;
  return html`<p class="needs">Gathered by ${joined(
    recipes.map(({ id, title }) => html`<a href="${to(recipeAddress(id))}">${title}</a>`),
    ", ",
  )}</p>`;
}
