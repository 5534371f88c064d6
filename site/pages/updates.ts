import { productAddress, referenceAddress, seriesAddress } from "../../engine/catalogue/addresses.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { updateText } from "../../engine/catalogue/update-words.ts";
import { counted } from "../../engine/report/wording.ts";
import type { Update } from "../../engine/rules/knowledge-schema.ts";
import { buildSeries } from "../../engine/rules/updates-behind.ts";
import { type Html, html, joined } from "../html.ts";
import type { Link } from "../links.ts";
import type { Page, PageSource } from "../page.ts";
import { compareText } from "../parts/case-list.ts";
import { casesOf, originColumn, type ReferenceColumn, referenceTable } from "../parts/reference-table.ts";
import { REFERENCE_PAGES } from "./reference.ts";

const KINDS: Readonly<Record<Update["kind"], string>> = {
  cumulative_update: "cumulative update",
  security_update: "security update",
  update: "update",
  service_pack: "service pack",
  hotfix: "hotfix",
  knowledge_article: "article",
};

/** All updates, and the series of builds of each product that has one. */
export const updatePages: PageSource = function* ({ catalogue: { references, cases }, prose }) {
  const { updates } = references;
  const titles = new Map(cases.map(({ id, title }) => [id, title]));
  const known = new Set(cases.flatMap(({ products }) => products));
  const series = [...new Set(updates.flatMap(({ builds = [] }) => builds.map(({ product }) => product)))].sort((a, b) =>
    compareText(displayName(a), displayName(b)),
  );
  const { title, about } = REFERENCE_PAGES.find(({ kind }) => kind === "updates")!;
  const text = (to: Link): ReferenceColumn<Update> => ({
    title: "What it is",
    className: "wide",
    cell: (update) =>
      html`<p>${update.title}</p><p class="note">${prose.line(updateText(update), to)}</p>${casesOf(update.cases, titles, to)}`,
  });
  yield {
    path: "reference/updates/",
    section: "reference",
    title,
    description: `${about}, each with its source and date.`,
    trail: [{ title: "Reference", address: "reference/" }],
    scripts: ["copy", "table-sort"],
    body: (to) => html`<div class="page-head"><h1>${title}</h1><p class="lead">${about}.</p></div>
${
  series.length > 0 &&
  html`<section class="group" aria-labelledby="series"><h2 id="series">How far behind is a build?</h2>
<ul class="cards">${series.map((product) => html`<li><a href="${to(seriesAddress(product))}">${displayName(product)}</a><p>${counted(buildSeries(updates, product).length, "update")}</p></li>`)}</ul></section>`
}
<section class="group" aria-labelledby="all"><h2 id="all">All updates and articles</h2>
${referenceTable<Update>({
  what: "updates",
  entries: updates.toSorted(newestFirst),
  columns: [
    { title: "Number", cell: ({ id, url }) => numberCell(id, url), sortKey: ({ id }) => id },
    text(to),
    { title: "Kind", detail: true, cell: ({ kind }) => KINDS[kind] },
    { title: "Released", className: "nowrap", cell: ({ released }) => released ?? "", sortKey: ({ released = "" }) => released },
    {
      title: "Products",
      cell: ({ products }) =>
        joined(
          products.map((product) => productLink(product, series, known, to)),
          ", ",
        ),
    },
    originColumn(),
  ],
})}</section>`,
  };
  for (const product of series) yield seriesPage(product, updates, text);
};

function seriesPage(product: string, updates: readonly Update[], text: (to: Link) => ReferenceColumn<Update>): Page {
  const name = displayName(product);
  const series = buildSeries(updates, product).reverse();
  const versions = new Map(series.map(({ update, version }) => [update.id, version]));
  const order = new Map(series.map(({ update }, index) => [update.id, series.length - index]));
  const newest = series.find(({ version }) => version !== null);
  return {
    path: seriesAddress(product),
    section: "reference",
    title: `Updates of ${name}`,
    description: `${counted(series.length, "update")} of ${name} with the build each brings, and how many an installed build is behind.`,
    trail: [
      { title: "Reference", address: "reference/" },
      { title: "Updates", address: "reference/updates/" },
    ],
    scripts: ["copy", "table-sort", "updates-behind"],
    body: (to) => html`<div class="page-head"><h1>Updates of ${name}</h1>
<p class="lead">${newest ? html`The newest build known is <strong>${newest.version}</strong>${newest.update.released !== undefined && `, released ${newest.update.released}`}.` : "No build of this product is known."}</p></div>
<form class="behind needs-script" data-behind="${product}"><label class="field">Installed build<input name="build" inputmode="decimal" autocomplete="off" spellcheck="false" placeholder="${newest?.version ?? ""}"></label>
<div class="standing" role="status" data-standing-text>Type or paste the build that is installed, to see how many updates it is behind.</div></form>
${referenceTable<Update>({
  what: `updates of ${name}`,
  entries: series.map(({ update }) => update),
  columns: [
    {
      title: "Build",
      className: "nowrap",
      cell: ({ id }) => html`<span class="mono">${versions.get(id) ?? "not stated"}</span>`,
      sortKey: ({ id }) => order.get(id)!,
    },
    { title: "Number", cell: ({ id }) => html`<a href="${to(referenceAddress("updates", id))}">${id}</a>` },
    { title: "Released", className: "nowrap", cell: ({ released }) => released ?? "", sortKey: ({ released = "" }) => released },
    text(to),
    originColumn(),
  ],
  data: ({ id, released, as_of }) => ({ kb: id, released, "as-of": as_of, version: versions.get(id) ?? undefined }),
})}`,
  };
}

function numberCell(id: string, url: string): Html {
  return /^https?:\/\/[^\s<>"]+$/.test(url) ? html`<a rel="external noreferrer" href="${url}">${id}</a>` : html`${id}`;
}

function productLink(product: string, series: readonly string[], known: ReadonlySet<string>, to: Link): Html {
  const address = series.includes(product) ? seriesAddress(product) : known.has(product) ? productAddress(product) : null;
  return address === null ? html`${displayName(product)}` : html`<a href="${to(address)}">${displayName(product)}</a>`;
}

function newestFirst(a: Update, b: Update): number {
  return compareText(b.released ?? "", a.released ?? "") || compareText(a.id, b.id);
}
