import { areaAddress, caseAddress } from "../../engine/catalogue/addresses.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { reportParts } from "../../engine/report/html-parts.ts";
import { html } from "../html.ts";
import type { PageSource } from "../page.ts";

/** Casebook's report of the test bundle of a case, as `casebook match` would write it. */
export const caseReportPages: PageSource = function* ({ catalogue, reported }) {
  for (const { id, title, area } of catalogue.cases) {
    const entry = reported.get(id);
    if (!entry) continue;
    const { facts, glance, body, foot } = reportParts(entry.report);
    yield {
      path: `${caseAddress(id)}report/`,
      section: "cases",
      title: `Report: ${title}`,
      description: `What Casebook says of the test bundle of ${id}: verdicts, the frames and lines they rest on, and what is missing.`,
      trail: [
        { title: "Cases", address: "cases/" },
        { title: displayName(area), address: areaAddress(area) },
        { title, address: caseAddress(id) },
      ],
      styles: ["report"],
      hidden: true,
      body: (to) => html`<div class="page-head">
<p class="eyebrow">Casebook report</p>
<h1>${title}</h1>
<p class="lead">What Casebook says of the bundle that <a href="${to(caseAddress(id))}">this case</a> is tested with. Your own evidence gets the same, <a href="${to("match/")}">in this browser</a> or on the command line.</p>
</div>
<div class="report">${facts}${glance}${body}</div>
<div class="note report-foot">${foot}</div>`,
    };
  }
};
