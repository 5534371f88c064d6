import { renderFinding } from "./html-finding.ts";
import { STYLE } from "./html-style.ts";
import { html, Markup } from "./markup.ts";
import { quoted } from "./printable.ts";
import type { Finding, Report } from "./report.ts";
import { bundleSize, byteSize, counted, files, isDetailed, knowledge, remainder, sourceWarnings, VERDICTS, whyNot } from "./wording.ts";

/** Nothing is fetched and nothing runs: not even a slip in escaping could make this page act. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one self-contained HTML page without scripts. Ends with a line end. */
export function renderHtml(report: Report): string {
  const { findings } = report;
  const detailed = findings.filter(isDetailed).map((finding, index) => ({ finding, id: `case-${index + 1}` }));
  const name = quoted(report.bundle.name, 120);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${Markup.trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${name} · Casebook report</title>
<style>${Markup.trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<header>
<p class="eyebrow">Casebook report</p>
<h1><bdi>${name}</bdi></h1>
<p class="facts">${bundleSize(report)}. Asked ${knowledge(report)}.</p>
${glance(detailed)}
</header>
<main id="findings">
${notice(report)}
${report.findings.length === 0 && html`<section><h2>No case matched</h2><p>None of the ${counted(report.engine.rules.count, "rule")} matched, and none has evidence that points to it.</p></section>`}
${detailed.map(({ finding, id }) => renderFinding(finding, id))}
${report.competing.map(competing)}
${collect(report)}
${others(findings.filter((finding) => !isDetailed(finding)))}
${sources(report)}
</main>
<footer>
<p>${remainder(report)}.</p>
<p>Casebook ${report.engine.version}, rules <code>${report.engine.rules.digest}</code>, bundle <code>sha256:${report.bundle.sha256}</code></p>
</footer>
</body>
</html>
`.text;
}

function glance(entries: readonly { finding: Finding; id: string }[]): Markup | null {
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
