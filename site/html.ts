import { escapeEntities, type Markup, markupTag } from "../engine/report/markup.ts";
import { printableLines } from "../engine/report/printable.ts";

/** Markup of a page. Made by the `html` tag; `Html.trusted` only for markup that another escaping renderer made. */
export { type Insertable, Markup as Html } from "../engine/report/markup.ts";

/** Most texts: neither changed by escaping nor worth the search for what would be. */
const PLAIN = /^[\n !#-%(-;=?-~]*$/;

/**
 * Template tag for pages. Every value is escaped for element content and quoted attributes unless it is `Html`; lists are joined, null,
 * undefined and false leave nothing. Line breaks stay; other control characters and direction overrides are shown, not sent.
 */
export const html = markupTag((text) => (PLAIN.test(text) ? text : escapeEntities(printableLines(text))));

/** Joins markup with text or markup between. */
export function joined(parts: readonly (Markup | null)[], between: string | Markup): Markup {
  return html`${parts.map((part, index) => html`${index > 0 && between}${part}`)}`;
}
