import { pageAddress } from "../addresses.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";

/** Entries of one list page. More would make long pages, fewer a long way. */
export const PAGE_SIZE = 100;
/** Numbers shown beside the first, the last and the current one. */
const NEAR = 2;

/** One page of a long list. */
export interface Slice<T> {
  readonly items: readonly T[];
  /** From 1. */
  readonly number: number;
  readonly count: number;
  readonly total: number;
}

/** Cuts a list into pages; an empty list is one empty page. */
export function slices<T>(items: readonly T[]): Slice<T>[] {
  const count = Math.max(1, Math.ceil(items.length / PAGE_SIZE));
  return Array.from({ length: count }, (_, index) => ({
    items: items.slice(index * PAGE_SIZE, (index + 1) * PAGE_SIZE),
    number: index + 1,
    count,
    total: items.length,
  }));
}

/** `, page 2 of 7` for titles; nothing on the first page. */
export function pageSuffix({ number, count }: Slice<unknown>): string {
  return number === 1 ? "" : `, page ${number} of ${count}`;
}

/** Links to the other pages of a list; nothing where there is one page. */
export function pager({ number, count }: Slice<unknown>, folder: string, to: Link): Html | null {
  if (count === 1) return null;
  const shown = [...new Set([1, ...range(number - NEAR, number + NEAR), count])].filter((page) => page >= 1 && page <= count);
  const step = (page: number, text: string, rel: string) =>
    page >= 1 && page <= count && html`<a class="step" rel="${rel}" href="${to(pageAddress(folder, page))}">${text}</a>`;
  return html`<nav class="pager" aria-label="Pages">${step(number - 1, "← Previous", "prev")}<ol>${shown.map((page, index) => {
    const gap = index > 0 && page - shown[index - 1]! > 1;
    const link =
      page === number
        ? html`<a href="${to(pageAddress(folder, page))}" aria-current="page">${page}</a>`
        : html`<a href="${to(pageAddress(folder, page))}">${page}</a>`;
    return html`${gap && html`<li class="gap" aria-hidden="true">…</li>`}<li>${link}</li>`;
  })}</ol>${step(number + 1, "Next →", "next")}</nav>`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
