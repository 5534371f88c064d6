import { describe, expect, it } from "vitest";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { linksFrom } from "../../site/links.ts";
import { createProse } from "../../site/markdown.ts";
import type { SiteContext } from "../../site/page.ts";
import { pageSources } from "../../site/pages/index.ts";

const catalogue = await loadCatalogue();
/** What the pages of the catalogue are made from. */
const part: Partial<SiteContext> = { catalogue, url: null, api: null, prose: createProse(catalogue), changelog: "", reported: new Map() };
const context = part as SiteContext;
const pages = new Map(
  pageSources.flatMap((source) => [...source(context)]).map((page) => [page.path, () => page.body(linksFrom(page.path)).text]),
);

describe("what a search or a look-up leads to", () => {
  it.each(entriesOf(catalogue))("$address is there", ({ address }) => {
    const [path, anchor] = address.split("#");
    const body = pages.get(path!)?.();
    expect(body).toBeDefined();
    if (anchor !== undefined) expect(body).toContain(` id="${anchor}"`);
  });
});
