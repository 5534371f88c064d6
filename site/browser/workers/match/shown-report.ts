import type { Diagnosis } from "../../../../engine/report/diagnose.ts";
import { detailedFindings, reportParts } from "../../../../engine/report/html-parts.ts";
import { html } from "../../../../engine/report/markup.ts";
import { whyUnreadable } from "../../../../engine/report/wording.ts";
import type { CompiledRule } from "../../../../engine/rules/rule.ts";
import type { ShownReport } from "../../match/messages.ts";

/** A report as the page shows it: the same parts as the HTML report, for a page with a heading of its own. */
export function shownReport({ report }: Diagnosis, rules: readonly CompiledRule[]): ShownReport {
  const { name, facts, glance, body, foot } = reportParts(report);
  return {
    name: report.bundle.name,
    markup: html`<div class="report-head"><h2 id="report-title" tabindex="-1">${name}</h2>
${facts}
${glance}</div>
${body}
<div class="report-foot">${foot}</div>`.text,
    unreadable: whyUnreadable(report),
    detailed: detailedFindings(report).map(({ id, finding }) => ({ id, rule: finding.rule })),
    rules: rules.map(({ id, title }) => ({ id, title })).sort((a, b) => (a.title < b.title ? -1 : 1)),
  };
}
