import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BuiltCatalogue } from "../../engine/catalogue/build-catalogue.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { feedFiles } from "../../site/feeds.ts";
import type { FileSource, PageEntry, SiteFile } from "../../site/files.ts";
import { opensearchFiles } from "../../site/opensearch.ts";
import type { SiteContext } from "../../site/page.ts";
import { sitemapFiles } from "../../site/sitemap.ts";
import { apiFiles } from "../../site/static-api.ts";
import { xml, xmlDocument } from "../../site/xml.ts";
import { childText, elements, parseXml } from "../support/xml.ts";

const shipped = await loadCatalogue();
const URL_BELOW = new URL("https://kb.example.org/casebook/");
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function context(url: URL | null, catalogue: BuiltCatalogue = shipped): SiteContext {
  return { catalogue, url } as Partial<SiteContext> as SiteContext;
}

async function filesOf(source: FileSource, url: URL | null, pages: readonly PageEntry[] = [], catalogue = shipped) {
  const files = new Map<string, string>();
  for await (const { path, content } of source(context(url, catalogue), pages) as AsyncIterable<SiteFile>) files.set(path, String(content));
  return files;
}

/** The shipped catalogue with other titles and dates, as hostile as a rule file may be. */
function retold(title: string, updated: readonly string[]): BuiltCatalogue {
  return { ...shipped, cases: shipped.cases.map((one, index) => ({ ...one, title, updated: updated[index % updated.length]! })) };
}

describe("the Atom feed", () => {
  it("is what RFC 4287 asks of a feed, with addresses of the site", async () => {
    const feed = parseXml((await filesOf(feedFiles, URL_BELOW)).get("feed.atom")!);
    expect([feed.name, feed.attributes.xmlns]).toEqual(["feed", "http://www.w3.org/2005/Atom"]);
    expect(childText(feed, "id")).toBe("https://kb.example.org/casebook/feed.atom");
    const entries = elements(feed, "entry");
    expect(entries).toHaveLength(shipped.cases.length);
    for (const element of [feed, ...entries]) {
      expect(childText(element, "title")).toMatch(/./);
      expect(childText(element, "updated")).toMatch(RFC3339);
      expect(Number.isNaN(Date.parse(childText(element, "updated")!))).toBe(false);
    }
    expect(elements(feed, "author").flatMap((author) => childText(author, "name"))).toEqual(["Casebook"]);
    const links = elements(feed, "link").map(({ attributes }) => [attributes.rel, attributes.href]);
    expect(links).toContainEqual(["self", "https://kb.example.org/casebook/feed.atom"]);
    expect(links).toContainEqual(["alternate", "https://kb.example.org/casebook/cases/rdp-listener-gone/"]);
    const ids = entries.map((entry) => childText(entry, "id"));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has the newest revision first and leaves out what has no date", async () => {
    const catalogue = retold("A case", ["2026-01-02", "2026-03-01", "", "2025-12-31"]);
    const feed = parseXml((await filesOf(feedFiles, null, [], catalogue)).get("feed.atom")!);
    const dates = elements(feed, "entry").map((entry) => childText(entry, "updated")!.slice(0, 10));
    expect(dates).toEqual(
      catalogue.cases
        .flatMap(({ updated }) => (updated === "" ? [] : [updated]))
        .sort()
        .reverse(),
    );
    expect(childText(feed, "updated")).toBe("2026-03-01T00:00:00Z");
  });

  it("has ids that are addresses nowhere and the same in every build where the site has no address", async () => {
    const read = async () => elements(parseXml((await filesOf(feedFiles, null)).get("feed.atom")!), "entry");
    const entries = await read();
    for (const entry of entries) {
      // Version 5 and the variant of RFC 9562.
      expect(childText(entry, "id")).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(elements(entry, "link")[0]!.attributes.href).toMatch(/^cases\/[a-z0-9-]+\/$/);
    }
    expect((await read()).map((entry) => childText(entry, "id"))).toEqual(entries.map((entry) => childText(entry, "id")));
  });

  it("carries any title", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (title) => {
        const root = parseXml(xmlDocument(xml`<title kind="${title}">${title}</title>`));
        const kept = title.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
        expect([root.text, root.attributes.kind]).toEqual([kept, kept]);
      }),
    );
  });
});

describe("the JSON feed", () => {
  it("is what JSON Feed 1.1 asks", async () => {
    const feed = JSON.parse((await filesOf(feedFiles, URL_BELOW)).get("feed.json")!);
    expect(feed).toMatchObject({
      version: "https://jsonfeed.org/version/1.1",
      title: "Casebook: cases",
      home_page_url: "https://kb.example.org/casebook/",
      feed_url: "https://kb.example.org/casebook/feed.json",
    });
    expect(feed.items).toHaveLength(shipped.cases.length);
    for (const item of feed.items) {
      expect(item.id).toBe(item.url);
      expect(item.content_text).toMatch(/./);
      expect(item.date_modified).toMatch(RFC3339);
      expect(item.tags.every((tag: unknown) => typeof tag === "string")).toBe(true);
    }
  });
});

describe("the sitemap", () => {
  const page = (path: string): PageEntry => ({ path, title: path, description: "" });

  it("lists every page by its whole address, a case with the day of its revision", async () => {
    const files = await filesOf(sitemapFiles, URL_BELOW, [page(""), page("cases/rdp-listener-gone/"), page("about/")]);
    const root = parseXml(files.get("sitemap.xml")!);
    expect(elements(root, "url").map((url) => [childText(url, "loc"), childText(url, "lastmod")])).toEqual([
      ["https://kb.example.org/casebook/", undefined],
      ["https://kb.example.org/casebook/cases/rdp-listener-gone/", shipped.cases.find(({ id }) => id === "rdp-listener-gone")!.updated],
      ["https://kb.example.org/casebook/about/", undefined],
    ]);
    expect(files.get("robots.txt")).toBe("User-agent: *\nAllow: /\n\nSitemap: https://kb.example.org/casebook/sitemap.xml\n");
  });

  it("is left out where the site has no address", async () => {
    const files = await filesOf(sitemapFiles, null, [page("")]);
    expect([...files]).toEqual([["robots.txt", "User-agent: *\nAllow: /\n"]]);
  });

  it("is cut into files of 50,000 addresses below an index", async () => {
    const files = await filesOf(
      sitemapFiles,
      URL_BELOW,
      Array.from({ length: 50_001 }, (_, index) => page(`cases/${index}/`)),
    );
    expect([...files.keys()]).toEqual(["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "robots.txt"]);
    const index = parseXml(files.get("sitemap.xml")!);
    expect([index.name, elements(index, "loc").map(({ text }) => text)]).toEqual([
      "sitemapindex",
      ["https://kb.example.org/casebook/sitemap-1.xml", "https://kb.example.org/casebook/sitemap-2.xml"],
    ]);
    expect(elements(parseXml(files.get("sitemap-2.xml")!), "loc").map(({ text }) => text)).toEqual([
      "https://kb.example.org/casebook/cases/50000/",
    ]);
  });
});

describe("the OpenSearch description", () => {
  it("searches the site from an address bar", async () => {
    const root = parseXml((await filesOf(opensearchFiles, URL_BELOW)).get("opensearch.xml")!);
    expect([root.name, root.attributes.xmlns]).toEqual(["OpenSearchDescription", "http://a9.com/-/spec/opensearch/1.1/"]);
    expect(childText(root, "ShortName")!.length).toBeLessThanOrEqual(16);
    const [search] = elements(root, "Url");
    expect(search!.attributes).toEqual({ type: "text/html", template: "https://kb.example.org/casebook/search/?q={searchTerms}" });
  });

  it("is left out where the site has no address", async () => expect((await filesOf(opensearchFiles, null)).size).toBe(0));
});

describe("the static API", async () => {
  const files = await filesOf(apiFiles, URL_BELOW);
  const openapi = JSON.parse(files.get("api/openapi.json")!);
  const documents = [...files].filter(([path]) => path !== "api/openapi.json").map(([path, content]) => ({ path, content }));
  const described = (components: unknown) => {
    const ajv = new Ajv2020({ allErrors: true, keywords: ["components"] });
    return ajv.addSchema({ $id: "openapi", components } as AnySchema);
  };
  const ajv = described(openapi.components);

  /** The schema the description gives for a file, found the way a client finds it. */
  function schemaOf(path: string): string {
    const [template] = Object.keys(openapi.paths).filter((candidate) =>
      new RegExp(`^api${candidate.replaceAll(".", "\\.").replace("{id}", "[^/]+")}$`).test(path),
    );
    return openapi.paths[template!].get.responses["200"].content["application/json"].schema.$ref;
  }

  it("has a file for every case, recipe and kind of reference data", () => {
    expect(documents.map(({ path }) => path)).toEqual([
      "api/cases.json",
      ...shipped.cases.map(({ id }) => `api/cases/${id}.json`),
      "api/recipes.json",
      ...shipped.recipes.map(({ id }) => `api/recipes/${id}.json`),
      ...["updates", "ports", "registry", "errors", "events"].map((kind) => `api/reference/${kind}.json`),
    ]);
  });

  it.each(documents)("$path is what its description says", ({ path, content }) => {
    const validate = ajv.compile({ $ref: `openapi${schemaOf(path)}` });
    expect(validate(JSON.parse(content)) ? [] : validate.errors).toEqual([]);
  });

  it.each(documents)("$path says nothing its description does not", ({ path, content }) => {
    const closed = JSON.parse(JSON.stringify(openapi.components), (_, value) =>
      value?.type === "object" && value.properties ? { ...value, additionalProperties: false } : value,
    );
    const validate = described(closed).compile({ $ref: `openapi${schemaOf(path)}` });
    expect(validate(JSON.parse(content)) ? [] : validate.errors).toEqual([]);
  });

  it("refuses a document that lacks something", () => {
    const validate = ajv.compile({ $ref: "openapi#/components/schemas/Case" });
    const { condition: _, ...lacking } = JSON.parse(files.get("api/cases/rdp-listener-gone.json")!);
    expect(validate(lacking)).toBe(false);
    expect(validate({ ...lacking, condition: "a", level: "dreadful" })).toBe(false);
  });

  it("is described in OpenAPI 3.1, every operation once and every reference leading somewhere", () => {
    expect(openapi.openapi).toMatch(/^3\.1\.\d+$/);
    expect(openapi.info).toMatchObject({ title: expect.any(String), version: shipped.version });
    expect(openapi.servers).toEqual([{ url: "https://kb.example.org/casebook/api" }]);
    const operations = Object.entries<{ get: { operationId: string; parameters?: { name: string }[] } }>(openapi.paths);
    const ids = operations.map(([, { get }]) => get.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, { get }] of operations)
      expect((get.parameters ?? []).map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const references = [...JSON.stringify(openapi).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target!);
    const leads = (target: string) =>
      target.startsWith("#/") &&
      target
        .slice(2)
        .split("/")
        .reduce((value, step) => value?.[step], openapi) !== undefined;
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter((target) => !leads(target))).toEqual([]);
    const used = new Set(references.map((target) => target.split("/").at(-1)));
    expect(Object.keys(openapi.components.schemas).filter((name) => !used.has(name))).toEqual([]);
  });

  it("is served from beside its description where the site has no address", async () => {
    const { servers } = JSON.parse((await filesOf(apiFiles, null)).get("api/openapi.json")!);
    // OpenAPI resolves a relative server against the address of the description.
    expect(new URL(`${new URL(servers[0].url, "https://host/any/base/api/openapi.json").href}/cases.json`).pathname).toBe(
      "/any/base/api/cases.json",
    );
  });
});
