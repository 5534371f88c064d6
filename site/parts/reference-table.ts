import { caseAddress, referenceAnchor } from "../../engine/catalogue/addresses.ts";
import { counted } from "../../engine/report/wording.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import { anchorLink } from "./copyable.ts";

/** A column of a table of reference data. */
export interface ReferenceColumn<T> {
  readonly title: string;
  readonly cell: (entry: T) => Html | string;
  /** What the rows are sorted by, where it is not what the cell says. */
  readonly sortKey?: (entry: T) => string | number;
  readonly className?: string;
  /** Left out of a table that is very long. */
  readonly detail?: boolean;
}

/** Entries of a table that is told in full. What is longer leaves details to the static API, so that it stays a page and no archive. */
const MOST_DETAILED = 1000;

export interface ReferenceTable<T> {
  /** What is listed, in the plural: `ports`. */
  readonly what: string;
  readonly columns: readonly ReferenceColumn<T>[];
  readonly entries: readonly T[];
  /** What scripts read from a row. */
  readonly data?: (entry: T) => Readonly<Record<string, string | undefined>>;
}

/** A table with one addressable row an entry. With scripts it can be sorted by each column and filtered; nothing moves when they arrive. */
export function referenceTable<T extends { readonly id: string }>({ what, columns: all, entries, data }: ReferenceTable<T>): Html {
  const brief = entries.length > MOST_DETAILED;
  const columns = all.filter(({ detail }) => !brief || !detail);
  const attributes = (entry: T) =>
    Object.entries(data?.(entry) ?? {}).map(([name, value]) => value !== undefined && html` data-${name}="${value}"`);
  return html`<div class="table-tools"><label class="field">Filter these ${what}<input type="search" data-filter="reference" autocomplete="off" spellcheck="false"></label><p class="note" role="status" data-filter-count>${counted(entries.length, "entry", "entries")}</p></div>
<div class="scroll" role="region" aria-label="Table of ${what}" tabindex="0"><table class="reference" id="reference" data-sortable>
<thead><tr>${columns.map(({ title, className }) => html`<th scope="col"${className && html` class="${className}"`}><span class="sort">${title}</span></th>`)}</tr></thead>
<tbody>${entries.map((entry) => {
    const anchor = referenceAnchor(entry.id);
    return html`<tr id="${anchor}"${attributes(entry)}>${columns.map(({ cell, sortKey, className }, index) => {
      const shared = html`${className && html` class="${className}"`}${sortKey && html` data-sort="${sortKey(entry)}"`}`;
      return index === 0
        ? html`<th scope="row"${shared}>${cell(entry)}${anchorLink(anchor, entry.id)}</th>`
        : html`<td${shared}>${cell(entry)}</td>`;
    })}</tr>
`;
  })}</tbody></table></div>`;
}

/** Where a fact comes from and since when. */
export function originColumn<T extends { readonly source: string; readonly as_of: string }>(): ReferenceColumn<T> {
  return {
    title: "Source",
    detail: true,
    className: "origin",
    cell: ({ source, as_of }) => html`${source} <time class="nowrap" datetime="${as_of}">${as_of}</time>`,
    sortKey: ({ as_of }) => as_of,
  };
}

/** Cases that name an entry; ids without a case stay unlinked. */
export function casesOf(ids: readonly string[] | undefined, titles: ReadonlyMap<string, string>, to: Link): Html | null {
  if (!ids || ids.length === 0) return null;
  return html`<ul class="cases" aria-label="Cases">${ids.map((id) => {
    const title = titles.get(id);
    return html`<li>${title === undefined ? id : html`<a href="${to(caseAddress(id))}">${title}</a>`}</li>`;
  })}</ul>`;
}
