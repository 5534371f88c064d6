import { escapeEntities, type Markup, markupTag } from "../engine/report/markup.ts";

/** What XML 1.0 section 2.2 allows in no form at all, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Template tag for XML: every value is escaped unless it is markup already; characters XML cannot carry become U+FFFD. */
export const xml = markupTag((text) => escapeEntities(text.replace(FORBIDDEN, "\uFFFD")));

/** A whole document, UTF-8. */
export function xmlDocument(root: Markup): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.text}\n`;
}
