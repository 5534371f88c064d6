import { areaAddress, productAddress } from "../../engine/catalogue/addresses.ts";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { displayName } from "../../engine/catalogue/display-name.ts";
import { counted } from "../../engine/report/wording.ts";
import { pageAddress } from "../addresses.ts";
import { type Html, html } from "../html.ts";
import type { Link } from "../links.ts";
import type { Page, PageSource } from "../page.ts";
import { byWeight, caseList, compareText } from "../parts/case-list.ts";
import { pager, pageSuffix, type Slice, slices } from "../parts/pager.ts";

interface Listing {
  readonly folder: string;
  readonly title: string;
  readonly about: string;
  readonly cases: readonly CaseDocument[];
  readonly trail: NonNullable<Page["trail"]>;
  /** What stands between the head and the list on the first page. */
  readonly before?: (to: Link) => Html;
  readonly showArea?: boolean;
}

/** All cases, and those of one area or product, a hundred a page. */
export const caseIndexPages: PageSource = function* ({ catalogue: { cases } }) {
  const areas = grouped(cases, ({ area }) => [area]);
  const products = grouped(cases, (document) => document.products);
  yield* listing({
    folder: "cases/",
    title: "Cases",
    about: "Every case Casebook can decide, the gravest first.",
    cases,
    trail: [],
    showArea: true,
    before: (to) =>
      html`<ul class="tags" aria-label="Other ways in">${[...areas.keys()].map((area) => html`<li><a href="${to(areaAddress(area))}">${displayName(area)}</a></li>`)}<li><a href="${to("products/")}">By product</a></li><li><a href="${to("symptoms/")}">By symptom</a></li></ul>`,
  });
  yield overview("areas/", "Areas", "Cases by the part of the network they are about.", areas, areaAddress);
  for (const [area, found] of areas)
    yield* listing({
      folder: areaAddress(area),
      title: `${displayName(area)} cases`,
      about: `Network problems of the area ${displayName(area)} that Casebook can prove, the gravest first.`,
      cases: found,
      trail: [{ title: "Areas", address: "areas/" }],
    });
  yield overview("products/", "Products", "Cases by the product they are found on.", products, productAddress);
  for (const [product, found] of products)
    yield* listing({
      folder: productAddress(product),
      title: `Cases of ${displayName(product)}`,
      about: `Network problems found on ${displayName(product)} that Casebook can prove, the gravest first.`,
      cases: found,
      trail: [{ title: "Products", address: "products/" }],
      showArea: true,
    });
};

function* listing({ folder, title, about, cases, trail, before, showArea = false }: Listing): Iterable<Page> {
  for (const slice of slices(cases.toSorted(byWeight))) {
    yield {
      path: pageAddress(folder, slice.number),
      section: "cases",
      title: `${title}${pageSuffix(slice)}`,
      description: `${about} ${extent(slice)}.`,
      trail: [...trail, ...(slice.number === 1 ? [] : [{ title, address: folder }])],
      body: (to) => html`<div class="page-head"><h1>${title}</h1><p class="lead">${about}</p>
${slice.number === 1 && before?.(to)}</div>
<p class="note">${extent(slice)}</p>
${slice.items.length > 0 && caseList(slice.items, to, { area: showArea })}
${pager(slice, folder, to)}`,
    };
  }
}

/** `1 to 100 of 2,340 cases`. */
function extent({ items, number, count, total }: Slice<CaseDocument>): string {
  if (count === 1) return counted(total, "case");
  const first = (number - 1) * 100 + 1;
  return `Cases ${first} to ${first + items.length - 1} of ${total}`;
}

function overview(
  path: string,
  title: string,
  description: string,
  groups: ReadonlyMap<string, readonly CaseDocument[]>,
  address: (key: string) => string,
): Page {
  return {
    path,
    section: "cases",
    title,
    description,
    trail: [{ title: "Cases", address: "cases/" }],
    body: (to) => html`<div class="page-head"><h1>${title}</h1><p class="lead">${description}</p></div>
<ul class="cards">${[...groups].map(
      ([key, cases]) => html`<li><a href="${to(address(key))}">${displayName(key)}</a><p>${counted(cases.length, "case")}</p></li>`,
    )}</ul>`,
  };
}

/** By key, in order of its display name. */
function grouped(cases: readonly CaseDocument[], keysOf: (document: CaseDocument) => readonly string[]): Map<string, CaseDocument[]> {
  const groups = new Map<string, CaseDocument[]>();
  for (const document of cases)
    for (const key of new Set(keysOf(document))) {
      const group = groups.get(key);
      if (group) group.push(document);
      else groups.set(key, [document]);
    }
  return new Map([...groups].sort(([a], [b]) => compareText(displayName(a), displayName(b))));
}
