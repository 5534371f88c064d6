import { html } from "../html.ts";
import type { PageSource } from "../page.ts";
import { searchBox } from "../search-box.ts";

/** The start page: search first. */
export const startPages: PageSource = ({ catalogue }) => [
  {
    path: "",
    kind: "start",
    title: "Casebook: network problems, diagnosed from evidence",
    description: "Captures, netstat, event logs and traces in; verdicts that cite the frames and lines they rest on out.",
    ownSearch: true,
    body: (to) => html`<h1>What does the evidence say?</h1>
${searchBox(to)}
<ul>${catalogue.cases.map(({ id, title }) => html`<li><a href="${to(`cases/${id}/`)}">${title}</a></li>`)}</ul>`,
  },
];
