import { hasOneCaptureOnly, MARKS, ONE_CAPTURE_ONLY, renderLadder } from "./ladder.ts";
import { html, type Markup } from "./markup.ts";
import { printable, quoted } from "./printable.ts";
import type { Finding, Ladder, ReportEvidence } from "./report.ts";
import { groupCitations, OUTCOMES, resolutionFacts, VERDICTS } from "./wording.ts";

/** Citations quoted under one piece of evidence; the rest is only counted. */
const QUOTES = 40;
/** Evidence of a match with at most this many quotes stands open. */
const OPEN_QUOTES = 6;

/** One finding as an article. `id` is its anchor. */
export function renderFinding(finding: Finding, id: string): Markup {
  const { sign, word } = VERDICTS[finding.verdict];
  const matched = finding.verdict === "matched";
  return html`<article class="finding ${finding.verdict} ${finding.level}" id="${id}" aria-labelledby="${id}-title">
<p class="meta"><span class="verdict"><span aria-hidden="true">${sign}</span> ${word}</span> <span class="level">level ${finding.level}</span> <code>${finding.rule}</code></p>
<h2 id="${id}-title">${quoted(finding.title)}</h2>
${finding.summary !== "" && html`<p class="lead"><bdi>${quoted(finding.summary)}</bdi></p>`}
${finding.reason && html`<p>${quoted(finding.reason)}</p>`}
${
  finding.evidence.length > 0 &&
  html`<h3>Evidence</h3>
<ul class="evidence">${finding.evidence.map((entry) => renderEvidence(entry, matched))}</ul>`
}
${finding.ladder && ladderFigure(finding.ladder, `${id}-ladder`)}
${
  finding.missing.length > 0 &&
  html`<h3>Still needed</h3>
<ul class="fixes">${finding.missing.map(({ why, collect }) => html`<li>${quoted(why)}${collect.map((recipe) => html` <code class="fact">casebook collect ${recipe}</code>`)}</li>`)}</ul>`
}
${
  matched &&
  finding.resolutions.length > 0 &&
  html`<h3>What to change</h3>
<ul class="fixes">${finding.resolutions.map((resolution) => html`<li><bdi>${prose(resolution.text)}</bdi>${resolutionFacts(resolution).map((fact) => html` <span class="fact">${fact}</span>`)}</li>`)}</ul>`
}
${
  matched &&
  finding.verify.length > 0 &&
  html`<h3>How to tell that it worked</h3>
<ul class="fixes">${finding.verify.map((text) => html`<li><bdi>${prose(text)}</bdi></li>`)}</ul>`
}
${
  finding.filters.length > 0 &&
  html`<h3>Wireshark display filter</h3>
${finding.filters.map((filter) => html`<pre><code>${printable(filter)}</code></pre>`)}`
}
</article>
`;
}

/** What a rule says in words, with what stands between backticks set as code. */
function prose(text: string): Markup {
  const parts = quoted(text).split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

function renderEvidence(entry: ReportEvidence, matched: boolean): Markup {
  const { sign, word } = OUTCOMES[entry.outcome];
  const places = groupCitations(entry.citations).map(
    (group, index) => html`${index > 0 && html`<br>`}<bdi>${group.source}</bdi> ${group.places}`,
  );
  const line = html`<span class="${entry.outcome}" aria-hidden="true">${sign}</span><span class="outcome ${entry.outcome}">${word}</span><span class="about">${quoted(entry.about)} <code class="name">${entry.name}</code></span><span class="places">${places}</span>`;
  const notes = entry.notes.map((note) => html`<p class="note">${quoted(note)}</p>`);
  if (entry.citations.length === 0) return html`<li><div class="line">${line}</div>${notes}</li>`;
  const open = matched && entry.outcome === "true" && entry.citations.length <= OPEN_QUOTES;
  return html`<li><details${open && html` open`}><summary>${line}</summary>${notes}${quotes(entry)}</details></li>`;
}

/** What stands at the cited places, one table a source. */
function quotes(entry: ReportEvidence): Markup {
  const shown = entry.citations.slice(0, QUOTES);
  const rest = entry.citations.length - shown.length;
  const sources = Map.groupBy(shown, ({ source }) => source);
  return html`<div class="quotes">${[...sources].map(
    ([
      source,
      citations,
    ]) => html`<table><caption><bdi>${source}</bdi></caption><thead class="unseen-text"><tr><th scope="col">Place</th><th scope="col">What stands there</th></tr></thead>
<tbody>${citations.map(({ unit, at, text }) => html`<tr><th scope="row">${unit} ${at}</th><td><bdi>${quoted(text)}</bdi></td></tr>`)}</tbody></table>`,
  )}${rest > 0 && html`<p class="note">and ${rest} more; the JSON report has them all</p>`}</div>`;
}

/** The drawing with its legend and the same as a table. `id` is unique in the document. */
export function ladderFigure(ladder: Ladder, id: string): Markup {
  const marks: [string, string][] = Object.entries(MARKS).filter(([mark]) => ladder.steps.some((step) => step.mark === mark));
  if (hasOneCaptureOnly(ladder)) marks.push(["half", ONE_CAPTURE_ONLY]);
  return html`<figure><figcaption>${quoted(ladder.title)}</figcaption>
<div class="scroll" role="group" aria-label="Diagram: ${quoted(ladder.title)}" tabindex="0">${renderLadder(ladder, id)}</div>
${marks.length > 0 && html`<ul class="legend">${marks.map(([mark, words]) => html`<li>${sample(mark)}${words}</li>`)}</ul>`}
<details><summary>The same as a table</summary><div class="scroll" role="group" aria-label="Packets: ${quoted(ladder.title)}" tabindex="0">${table(ladder)}</div></details></figure>`;
}

function sample(mark: string): Markup {
  const half = mark === "lost" || mark === "half";
  const end = half
    ? mark === "lost"
      ? html`<path class="cross" d="M24 2l8 8m0 -8l-8 8"/>`
      : html`<circle class="unseen" cx="28" cy="6" r="4"/>`
    : html`<path class="tip" d="M38 6l-8 -4v8z"/>${mark === "foreign" && html`<path class="origin" d="M6 1l5 5l-5 5l-5 -5z"/>`}`;
  return html`<svg class="${mark}" width="40" height="12" viewBox="0 0 40 12" aria-hidden="true"><line class="way" x1="2" y1="6" x2="${half ? 28 : 32}" y2="6"/>${end}</svg>`;
}

function table({ points, steps }: Ladder): Markup {
  return html`<table><thead><tr><th scope="col" class="n">Seconds</th>${points.map(({ source }) => html`<th scope="col" class="n">Frame in <bdi>${source}</bdi></th>`)}<th scope="col">From</th><th scope="col">Packet</th><th scope="col">Remark</th></tr></thead>
<tbody>${steps.map(
    (step) =>
      html`<tr><td class="n">${step.time.toFixed(3)}</td>${points.map((_, index) => html`<td class="n">${step.frames[index] ?? "not seen"}</td>`)}<td>${step.from}</td><td class="mono"><bdi>${quoted(step.text)}</bdi></td><td>${step.mark === null ? "" : MARKS[step.mark]}</td></tr>`,
  )}</tbody></table>`;
}
