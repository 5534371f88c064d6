import { html } from "../html.ts";
import type { PageSource } from "../page.ts";

/** What a host shows where there is nothing. */
export const notFoundPages: PageSource = () => [
  {
    path: "404.html",
    title: "Nothing here",
    description: "There is no page at this address.",
    hidden: true,
    body: (to) => html`<div class="page-head"><p class="eyebrow">404</p><h1>No evidence of this page</h1>
<p class="lead">It was not found, and the site was read whole. Cases keep their address; look for it under its name.</p></div>
<ul class="cards">
<li><a href="${to("search/")}">Search</a><p>Cases, codes, updates, ports, events</p></li>
<li><a href="${to("cases/")}">Cases</a><p>Everything Casebook can decide</p></li>
<li><a href="${to("reference/")}">Reference</a><p>The facts cases turn on</p></li>
</ul>`,
  },
];
