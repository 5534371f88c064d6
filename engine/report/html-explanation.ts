import type { NearestMiss, QueryExplanation } from "../verdicts/explain.ts";
import { html, type Markup } from "./markup.ts";
import { quoted } from "./printable.ts";
import { counted, OUTCOMES } from "./wording.ts";

/** Why a rule came to its verdict, query by query: what was considered, what each predicate left, and the nearest miss. */
export function htmlExplanation(queries: readonly QueryExplanation[], sources: readonly string[]): Markup {
  if (queries.length === 0) return html`<p>The rule cannot be asked: <code>casebook rules lint</code> says why.</p>`;
  return html`<ol class="explanation">${queries.map((query) => renderQuery(query, sources))}</ol>`;
}

function renderQuery(query: QueryExplanation, sources: readonly string[]): Markup {
  const { sign, word } = OUTCOMES[query.outcome];
  return html`<li><p class="line"><span class="${query.outcome}" aria-hidden="true">${sign}</span> <span class="outcome ${query.outcome}">${word}</span> <span class="about">${quoted(query.about)} <code class="name">${query.name}</code></span></p>
<div class="scroll" role="group" aria-label="Rows for ${query.name}" tabindex="0"><table class="funnel"><thead><tr><th scope="col" class="n">Rows</th><th scope="col">What they are</th></tr></thead>
<tbody>${steps(query).map(([count, what]) => html`<tr><td class="n">${count}</td><td>${what}</td></tr>`)}</tbody></table></div>
${query.nearest && nearestMiss(query.nearest, sources)}${query.notes.map((note) => html`<p class="note">${quoted(note)}</p>`)}</li>
`;
}

function steps({ table, considered, funnels, selected, perhaps, joined }: QueryExplanation): [number, Markup][] {
  const several = funnels.length > 1;
  return [
    [considered, html`in <code>${table}</code>`],
    ...funnels.flatMap((funnel, index) =>
      funnel.map(({ predicate, left, unknown }): [number, Markup] => [
        left,
        html`${several && `alternative ${index + 1}: `}left after <code>${quoted(predicate)}</code>${unknown > 0 && `, ${unknown} with a cell that is not known`}`,
      ]),
    ),
    [selected, html`selected${perhaps > 0 && `, ${perhaps} of them only perhaps: a cell is not known`}`],
    [joined, html`${joined === 1 ? "belongs" : "belong"} together with the rest of the evidence`],
  ];
}

function nearestMiss({ citation, failed }: NearestMiss, sources: readonly string[]): Markup {
  const place = citation ? html`<bdi>${sources[citation.source] ?? ""}</bdi> ${citation.unit} ${citation.at}` : html`a derived row`;
  return html`<p class="miss">Nearest miss: ${place}, which fails ${counted(failed.length, "predicate")}:</p>
<ul class="fixes">${failed.map(
    ({ predicate, column, cell, truth }) =>
      html`<li><code>${column}</code> is ${truth === "unknown" ? "not known" : html`<code><bdi>${quoted(cell, 80)}</bdi></code>`}, asked for <code>${quoted(predicate)}</code></li>`,
  )}</ul>
`;
}
