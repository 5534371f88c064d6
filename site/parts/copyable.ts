import { type Html, html } from "../html.ts";

/** A command, filter or file to be copied. `id` is unique on the page; `what` names it for whoever hears the button. */
export function copyable(id: string, text: string, what: string): Html {
  return html`<div class="copyable"><pre><code id="${id}">${text}</code></pre><button class="copy" type="button" data-copy="${id}" aria-label="Copy: ${what}" hidden>Copy</button></div>`;
}

/** The sign beside a heading or a table row that leads to it; a click copies its address. */
export function anchorLink(id: string, what: string): Html {
  return html`<a class="anchor" href="#${id}" data-copy-link aria-label="Link to ${what}">#</a>`;
}
