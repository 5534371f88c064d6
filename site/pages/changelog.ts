import { html } from "../html.ts";
import type { PageSource } from "../page.ts";

/** What changed for users, as `CHANGELOG.md` says it. */
export const changelogPages: PageSource = ({ changelog, prose }) => [
  {
    path: "changelog/",
    section: "about",
    title: "Changelog",
    description: "What changed for users of Casebook, version by version.",
    trail: [{ title: "About", address: "about/" }],
    body: (to) => html`<div class="page-head"><h1>Changelog</h1></div>
<div class="prose">${prose.block(changelog, to, 2)}</div>`,
  },
];
