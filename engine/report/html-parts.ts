import { renderFinding } from "./html-finding.ts";
import { html, type Markup } from "./markup.ts";
import { quoted } from "./printable.ts";
import type { Finding, Report } from "./report.ts";
import { bundleSize, byteSize, counted, files, isDetailed, knowledge, remainder, sourceWarnings, VERDICTS, whyNot } from "./wording.ts";

/** The parts of a report that every page that shows one is put together from. */
export interface ReportParts {
  /** Name of the bundle. */
  readonly name: Markup;
  /** What was read and asked, in a sentence. */
  readonly facts: Markup;
  /** List of the findings told in full, with links to them; null if there are none. */
  readonly glance: Markup | null;
  readonly body: Markup;
  /** What was left out, and what the report rests on. */
  readonly foot: Markup;
}

interface Anchored {
  readonly finding: Finding;
  readonly id: string;
}

/** Findings that are told in full, with their anchors. */
export function detailedFindings(report: Report): Anchored[] {
  return report.findings.filter(isDetailed).map((finding, index) => ({ finding, id: `case-${index + 1}` }));
}

/** Renders the parts. Second-level headings begin the sections. */
export function reportParts(report: Report): ReportParts {
  const detailed = detailedFindings(report);
  return {
    name: html`<bdi>${quoted(report.bundle.name, 120)}</bdi>`,
    facts: html`<p class="facts">${bundleSize(report)}. Asked ${knowledge(report)}.</p>`,
    glance: glance(detailed),
    body: html`${notice(report)}
${report.findings.length === 0 && html`<section><h2>No case matched</h2><p>None of the ${counted(report.engine.rules.count, "rule")} matched, and none has evidence that points to it.</p></section>`}
${detailed.map(({ finding, id }) => renderFinding(finding, id))}
${report.competing.map(competing)}
${collect(report)}
${others(report.findings.filter((finding) => !isDetailed(finding)))}
${sources(report)}`,
    foot: html`<p>${remainder(report)}.</p>
<p>Casebook ${report.engine.version}, rules <code>${report.engine.rules.digest}</code>, bundle <code>sha256:${report.bundle.sha256}</code></p>`,
  };
}

function glance(entries: readonly Anchored[]): Markup | null {
  if (entries.length === 0) return null;
  return html`<nav aria-label="Findings at a glance"><ul class="glance">${entries.map(({ finding, id }) => {
    const { sign, word } = VERDICTS[finding.verdict];
    return html`<li class="${finding.verdict} ${finding.level}"><span class="verdict"><span aria-hidden="true">${sign}</span> ${word}</span><a href="#${id}">${quoted(finding.title)}</a><span class="level">${finding.level}</span></li>`;
  })}</ul></nav>`;
}

function notice(report: Report): Markup | null {
  const warnings = sourceWarnings(report);
  if (warnings.length === 0) return null;
  return html`<section class="notice" aria-labelledby="unread"><h2 id="unread">Not everything could be read</h2>
<ul>${warnings.map(({ source, text }) => html`<li><code><bdi>${source}</bdi></code>: <bdi>${quoted(text)}</bdi></li>`)}</ul></section>`;
}

function competing({ rules, symptom, settled_by }: Report["competing"][number]): Markup {
  return html`<aside class="competing"><h2>Competing explanations</h2><p>${rules.map((rule, index) => html`${index > 0 && ", "}<code>${rule}</code>`)} may each explain this symptom: <bdi>${quoted(symptom)}</bdi>.</p>
<p>What would settle it: <bdi>${quoted(settled_by)}</bdi>.</p></aside>`;
}

function collect(report: Report): Markup | null {
  if (report.collect.length === 0) return null;
  return html`<section aria-labelledby="collect"><h2 id="collect">To collect next</h2><div class="scroll" role="group" aria-labelledby="collect" tabindex="0">
<table><thead><tr><th scope="col">Recipe</th><th scope="col">Command</th><th scope="col">Side</th><th scope="col">For</th></tr></thead>
<tbody>${report.collect.map(
    ({ recipe, title, side, for: rules }) =>
      html`<tr><th scope="row">${quoted(title)}</th><td><code>casebook collect ${recipe}</code></td><td>${side ?? "either"}</td><td>${rules.map((rule, index) => html`${index > 0 && html`<br>`}<code>${rule}</code>`)}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function others(findings: readonly Finding[]): Markup | null {
  if (findings.length === 0) return null;
  return html`<section aria-labelledby="others"><h2 id="others">Other cases</h2><div class="scroll" role="group" aria-labelledby="others" tabindex="0">
<table><thead><tr><th scope="col">Case</th><th scope="col">Verdict</th><th scope="col">Why</th></tr></thead>
<tbody>${findings.map(
    (finding) =>
      html`<tr><th scope="row">${quoted(finding.title)}<br><code>${finding.rule}</code></th><td><span aria-hidden="true">${VERDICTS[finding.verdict].sign}</span> ${VERDICTS[finding.verdict].word}</td><td><bdi>${quoted(whyNot(finding))}</bdi></td></tr>`,
  )}</tbody></table></div></section>`;
}

function sources(report: Report): Markup {
  const rows = files(report).map(
    (source) =>
      html`<tr><th scope="row"><code><bdi>${source.path}</bdi></code></th><td>${[source.format, ...(source.also ?? [])].join(", ")}</td><td>${source.side ?? "not known"}</td><td><bdi>${source.host?.join(", ") ?? "not known"}</bdi></td><td class="n">${byteSize(source.bytes)}</td><td>${
        Object.entries(source.rows)
          .map(([table, count]) => `${table} ${count}`)
          .join(", ") || "none"
      }</td></tr>`,
  );
  return html`<section aria-labelledby="sources"><h2 id="sources">Sources</h2><div class="scroll" role="group" aria-labelledby="sources" tabindex="0">
<table><thead><tr><th scope="col">File</th><th scope="col">Format</th><th scope="col">Side</th><th scope="col">Host</th><th scope="col" class="n">Size</th><th scope="col">Rows</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}
