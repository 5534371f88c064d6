import type { Entry } from "../../engine/catalogue/catalogue.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { pageAddress } from "../addresses.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { Page, PageSource } from "../page.ts";
import { compareText } from "../parts/case-list.ts";
import { PAGE_SIZE, pager, pageSuffix, type Slice, slices } from "../parts/pager.ts";
import { searchBox } from "../search-box.ts";
import { KINDS } from "../search-words.ts";

type Kind = (typeof KINDS)[number];
const FOLDER = "search/";
const HOME = { title: "Search", address: FOLDER };

/** The page of results, which is the plain index of everything where no script runs, and the index's further pages. */
export const searchPages: PageSource = function* ({ catalogue }) {
  const entries = entriesOf(catalogue);
  const kinds = KINDS.map((kind) => ({ kind, list: entries.filter((entry) => entry.kind === kind.kind).sort(byTitle) }));
  const filled = kinds.filter(({ list }) => list.length > 0);
  yield resultsPage(filled, entries.length);
  for (const { kind, list } of filled) {
    if (list.length > PAGE_SIZE) for (const slice of slices(list)) yield indexPage(kind, slice);
  }
};

/** Numbers by their value: port 25 before port 135. */
function byTitle(a: Entry, b: Entry): number {
  const padded = ({ title }: Entry) => title.replace(/\d+/g, (digits) => digits.padStart(10, "0"));
  return compareText(padded(a), padded(b)) || compareText(a.address, b.address);
}

function resultsPage(kinds: readonly { readonly kind: Kind; readonly list: readonly Entry[] }[], total: number): Page {
  return {
    path: FOLDER,
    kind: "search-page",
    title: "Search",
    description: `Search ${total} cases, error codes, events, ports, registry values, updates and recipes, or browse them from A to Z.`,
    styles: ["search"],
    ownSearch: true,
    body: (to) => html`<header class="page-head"><h1>Search</h1></header>
${searchBox(to)}
<p class="note without-script">Searching takes JavaScript. Here is everything there is, by kind and from A to Z.</p>
<div class="search-live" data-search-results hidden>
<p class="search-status" role="status" data-search-status></p>
<a class="to-facets" href="#narrow">Narrow the results</a>
<div class="search-columns">
<form class="search-facets" id="narrow" data-search-facets aria-label="Narrow the results"></form>
<div class="search-found" data-search-found></div>
</div>
</div>
<div data-search-index>
<h2 class="unseen-text">Everything from A to Z</h2>
<nav class="index-kinds" aria-label="Kinds"><ul>${kinds.map(
      ({ kind, list }) => html`<li><a href="#${kind.folder}">${kind.many}</a> <span class="count">${list.length}</span></li>`,
    )}</ul></nav>
${kinds.map(
  ({ kind, list }) => html`<section aria-labelledby="${kind.folder}">
<h3 id="${kind.folder}">${kind.many}</h3>
${indexList(list.slice(0, PAGE_SIZE), to)}
${list.length > PAGE_SIZE && html`<p><a href="${to(`${FOLDER}${kind.folder}/`)}">All ${list.length} ${kind.many.toLowerCase()}</a></p>`}
</section>
`,
)}</div>`,
  };
}

function indexPage({ many, folder }: Kind, slice: Slice<Entry>): Page {
  const own = `${FOLDER}${folder}/`;
  const [first, last] = [slice.items[0]!, slice.items.at(-1)!];
  return {
    path: pageAddress(own, slice.number),
    title: `${many} from A to Z${pageSuffix(slice)}`,
    description: `${many} from “${first.title}” to “${last.title}”, page ${slice.number} of ${slice.count} of the plain index.`,
    styles: ["search"],
    trail: slice.number === 1 ? [HOME] : [HOME, { title: `${many} from A to Z`, address: own }],
    body: (to) => html`<header class="page-head"><h1>${many} from A to Z</h1></header>
${pager(slice, own, to)}
${indexList(slice.items, to)}
${pager(slice, own, to)}`,
  };
}

function indexList(entries: readonly Entry[], to: Link): Html {
  return html`<ul class="index-list">${entries.map(({ address, title }) => html`<li><a href="${to(address)}">${title}</a></li>\n`)}</ul>`;
}
