import { describe, expect, it } from "vitest";
import { renderPage } from "../../site/layout.ts";
import { pageSources } from "../../site/pages/index.ts";
import { generateCases, generatedCatalogue } from "../support/generated-cases.ts";
import { elementsOf } from "../support/html-outline.ts";
import { siteContext, unbundled } from "../support/site.ts";

const CASES = 1250;
const catalogue = generatedCatalogue(generateCases({ cases: CASES }));
const context = siteContext(catalogue);
const files = new Map(
  pageSources.flatMap((source) =>
    [...source(context)].map((page) => [`${page.path}index.html`, Buffer.from(renderPage(page, context, unbundled))]),
  ),
);

/** Ids of the cases the pages of a list lead to, in order, and how many pages they are. */
function listed(folder: string): { ids: string[]; pages: number } {
  const ids: string[] = [];
  let pages = 0;
  for (let number = 1; ; number++) {
    const page = files.get(`${folder}${number === 1 ? "" : `${number}/`}index.html`);
    if (!page) return { ids, pages };
    pages++;
    const links = elementsOf(page.toString()).filter(({ attributes }) => attributes.class === "case-title");
    expect(links.length).toBeLessThanOrEqual(100);
    ids.push(...links.map(({ attributes }) => attributes.href!.split("/").at(-2)!));
  }
}

describe(`with ${CASES} cases`, () => {
  it("lists every case once, a hundred a page, the gravest first", () => {
    const { ids, pages } = listed("cases/");
    expect(pages).toBe(13);
    expect(ids.toSorted()).toEqual(catalogue.cases.map(({ id }) => id).toSorted());
    const levels = ids.map((id) => catalogue.cases.find((one) => one.id === id)!.level);
    expect(levels.filter((level, index) => level !== levels[index - 1])).toEqual(["critical", "high", "medium", "low"]);
  });

  it("has all cases of an area and of a product on its pages", () => {
    for (const area of new Set(catalogue.cases.map((one) => one.area))) {
      expect(listed(`areas/${area}/`).ids).toHaveLength(catalogue.cases.filter((one) => one.area === area).length);
    }
    expect(listed("products/windows-7/").ids).toHaveLength(catalogue.cases.filter(({ products }) => products.includes("windows-7")).length);
  });

  it("leads from page to page, and the first has no number", () => {
    const hrefs = (path: string) =>
      elementsOf(files.get(path)!.toString()).flatMap(({ attributes }) => (attributes.rel ? [`${attributes.rel} ${attributes.href}`] : []));
    expect(hrefs("cases/index.html")).toContain("next 2/");
    expect(hrefs("cases/2/index.html")).toEqual(expect.arrayContaining(["prev ../", "next ../3/"]));
    expect(hrefs("cases/13/index.html").filter((href) => /^(prev|next)/.test(href))).toEqual(["prev ../12/"]);
  });

  it("has no page that is a burden, and no title twice", () => {
    const pages = [...files].filter(([path]) => path.endsWith(".html"));
    expect(pages.length).toBeGreaterThan(CASES);
    const heavy = pages.filter(([, content]) => content.length > 1_000_000).map(([path, { length }]) => `${path}: ${length}`);
    expect(heavy).toEqual([]);
    const titles = pages.map(([, content]) => /<title>([^<]*)/.exec(content.toString())![1]!);
    const own = titles.filter((title) => !catalogue.cases.some((one) => title.startsWith(one.title)));
    expect(own.filter((title, index) => own.indexOf(title) !== index)).toEqual([]);
  });
});

describe("with no cases at all", () => {
  it("still has every kind of page", () => {
    const empty = generatedCatalogue([]);
    const paths = pageSources.flatMap((source) => [...source(siteContext(empty))].map(({ path }) => path));
    for (const path of ["", "cases/", "areas/", "symptoms/", "reference/updates/", "collect/"]) expect(paths).toContain(path);
  });
});
