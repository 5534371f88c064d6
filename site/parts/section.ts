import { type Html, html } from "../html.ts";
import { anchorLink } from "./copyable.ts";

/** A part of a page with its heading in the margin. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export function sectionMarkup({ id, title, body }: Section): Html {
  return html`<section class="entry" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${anchorLink(id, title)}</h2>
<div class="entry-body">
${body}
</div>
</section>
`;
}

/** Links to the parts of a page; nothing where there are hardly any. */
export function jumpList(sections: readonly Section[]): Html | null {
  if (sections.length < 3) return null;
  return html`<nav class="jump" aria-label="On this page"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
`;
}
