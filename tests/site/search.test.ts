import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { searchPages } from "../../site/pages/search.ts";
import { KINDS } from "../../site/search-words.ts";
import { complaints, hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { generateCases, generatedCatalogue } from "../support/generated-cases.ts";
import { type BuiltSite, builtSite, siteContext } from "../support/site.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";

tellWithoutChromium("search");

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Run in the page's own world, where the types of a browser hold. */
const RUN_AXE = `axe.run({ runOnly: ${JSON.stringify(TAGS)} })`;
const RUN_AXE_ON_COLOURS = `axe.run({ runOnly: ["color-contrast", "link-in-text-block"] })`;
const IS_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
const WHEN_KEPT = "navigator.serviceWorker.ready.then(() => true)";

describe("the plain index", () => {
  it("names every kind of entry", async () => {
    const kinds = new Set(entriesOf(await loadCatalogue()).map(({ kind }) => kind));
    expect([...kinds].filter((kind) => !KINDS.some((known) => known.kind === kind))).toEqual([]);
  });

  it("has pages of a hundred for what is much, and leads to each of them", () => {
    const pages = [...searchPages(siteContext(generatedCatalogue(generateCases({ cases: 250 }))))];
    expect(pages.map(({ path }) => path)).toEqual([
      "search/",
      ...["cases", "errors", "updates"].flatMap((folder) => ["", "2/", "3/"].map((page) => `search/${folder}/${page}`)),
    ]);
    for (const { body } of pages) expect(body((address) => address).text.match(/<ul class="index-list">|<li>/g)!.length).toBeLessThan(500);
    expect(pages[0]!.body((address) => address).text).toContain('<a href="search/cases/">All 250 cases</a>');
  });
});

describe.skipIf(!hasChromium)("in a browser", () => {
  let site: BuiltSite;
  let server: StaticServer;
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    site = await builtSite();
    server = await serveStatic(site.folder, { base: "/kb/casebook/" });
    browser = await launchBrowser();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await site?.remove();
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(server.url + path);
    return page;
  }
  const path = (page: Page) => page.url().slice(server.url.length);
  const hits = (page: Page) => page.locator(".hits .hit-title");
  const status = (page: Page) => page.locator("[data-search-status]");

  describe("the box of every page", () => {
    it("is reached, used and left by keyboard", async () => {
      const page = await open("collect/netstat/");
      const box = page.getByRole("combobox");
      await page.keyboard.press("/");
      await page.keyboard.type("rdp refused");
      const options = page.getByRole("option");
      await options.first().waitFor();
      expect(await box.getAttribute("aria-expanded")).toBe("true");
      expect(await box.getAttribute("aria-activedescendant")).toBeNull();
      await page.keyboard.press("ArrowDown");
      expect(await box.getAttribute("aria-activedescendant")).toBe(await options.first().getAttribute("id"));
      expect(await options.first().getAttribute("aria-selected")).toBe("true");
      expect(await options.first().textContent()).toContain("Remote Desktop stops listening");
      await page.keyboard.press("ArrowUp");
      expect(await box.getAttribute("aria-activedescendant")).toBeNull();
      await page.keyboard.press("ArrowUp");
      expect(await box.getAttribute("aria-activedescendant")).toBe("search-option-all");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForURL(/cases\/rdp-listener-gone\/$/);
    });

    it("closes by Escape and then empties, and takes a slash as a sign once it is in", async () => {
      const page = await open("");
      const box = page.getByRole("combobox");
      await box.focus();
      await page.keyboard.type("tcp/3389");
      await page.getByRole("option", { name: /TCP port 3389/ }).waitFor();
      expect(await box.inputValue()).toBe("tcp/3389");
      await page.keyboard.press("Escape");
      expect([await box.getAttribute("aria-expanded"), await box.inputValue()]).toEqual(["false", "tcp/3389"]);
      await page.keyboard.press("Escape");
      expect(await box.inputValue()).toBe("");
    });

    it("closes when the focus leaves it", async () => {
      const page = await open("about/");
      await page.getByRole("combobox").fill("timeout");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("Tab");
      expect(await page.getByRole("combobox").getAttribute("aria-expanded")).toBe("false");
      expect(await page.getByRole("listbox").isVisible()).toBe(false);
    });

    it("shows what a code is before anything else, in any notation", async () => {
      const page = await open("");
      for (const [notation, is] of [
        ["0x274C", "Winsock error 10060"],
        ["-2147014836", "HRESULT 2147952460"],
        ["WSAETIMEDOUT", "Winsock error 10060"],
      ] as const) {
        await page.getByRole("combobox").fill(notation);
        await page.locator(".search-list > :first-child .option-kind").filter({ hasText: is }).waitFor();
      }
    });

    it("tells how many there are, once typing has paused", async () => {
      const page = await open("");
      await page.getByRole("combobox").fill("directaccess");
      await page
        .getByRole("status")
        .filter({ hasText: /^\d+ results?$/ })
        .waitFor({ state: "attached" });
    });

    it("leads to the page of results by Enter, and says so where nothing is found", async () => {
      const page = await open("cases/");
      await page.getByRole("combobox").fill("xylophone");
      await page.getByRole("option", { name: "No results; browse the index" }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(/search\/\?q=xylophone$/);
      await page.getByText("No results for “xylophone”.").waitFor();
      expect(await page.locator("[data-search-index]").isVisible()).toBe(true);
    });

    it("stays a plain form where the index cannot be loaded", async () => {
      const page = await open("");
      await page.route("**/search/*.json", (route) => route.abort());
      await page.getByRole("combobox").fill("timeout");
      await page.keyboard.press("Enter");
      await page.waitForURL(/search\/\?q=timeout$/);
      await page.getByText("The search cannot be loaded.").waitFor();
      expect(await page.locator("[data-search-index]").isVisible()).toBe(true);
    });

    it("loads nothing before it is used", async () => {
      const before = server.requests.length;
      const page = await open("cases/");
      await page.waitForLoadState("networkidle");
      const loaded = () => server.requests.slice(before).map((request) => request.path);
      expect(loaded().filter((one) => /search\.worker|\/search\//.test(one))).toEqual([]);
      await page.getByRole("combobox").focus();
      await page.waitForResponse(/manifest\.json/);
      expect(loaded().some((one) => one.includes("search.worker"))).toBe(true);
    });
  });

  describe("the page of results", () => {
    it("shows what its address asks for, marked", async () => {
      const page = await open("search/?q=remote+desktop&kind=case");
      await hits(page).first().waitFor();
      expect((await hits(page).allTextContents())[0]).toBe("Remote Desktop stops listening after its service crashed");
      expect(await page.locator(".hits mark").first().textContent()).toBe("Remote");
      expect(await page.getByRole("checkbox", { name: /^Case/ }).isChecked()).toBe(true);
      expect(await page.title()).toContain("remote desktop");
      expect(await page.locator("[data-search-index]").isVisible()).toBe(false);
    });

    it("follows typing and facets, keeps them in the address, and goes back and forward", async () => {
      const page = await open("search/");
      expect(await page.locator("[data-search-index]").isVisible()).toBe(true);
      await page.getByRole("searchbox").fill("reset");
      await hits(page).first().waitFor();
      expect(path(page)).toBe("search/?q=reset");
      const everything = await status(page).textContent();
      await page.getByRole("checkbox", { name: /^Case/ }).check();
      await page.waitForURL(/\?q=reset&kind=case$/);
      await page.waitForFunction(`document.querySelector("[data-search-status]").textContent !== ${JSON.stringify(everything)}`);
      expect(await page.getByRole("checkbox", { name: /^Case/ }).evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
      await page.getByRole("checkbox", { name: /^high/ }).check();
      await page.waitForURL(/\?q=reset&kind=case&level=high$/);
      await page.goBack();
      await page.waitForURL(/\?q=reset&kind=case$/);
      await page.goBack();
      await page.waitForURL(/\?q=reset$/);
      await status(page).filter({ hasText: everything! }).waitFor();
      expect(await page.getByRole("checkbox", { name: /^Case/ }).isChecked()).toBe(false);
      await page.goForward();
      await page.waitForURL(/kind=case$/);
      await page.reload();
      await hits(page).first().waitFor();
      expect(await page.getByRole("checkbox", { name: /^Case/ }).isChecked()).toBe(true);
      expect(await page.getByRole("searchbox").inputValue()).toBe("reset");
    });

    it("goes from page to page of results", async () => {
      const page = await open("search/?q=update");
      await hits(page).first().waitFor();
      const first = await hits(page).allTextContents();
      expect(first).toHaveLength(20);
      await page.getByRole("link", { name: "Next →" }).click();
      await page.waitForURL(/\?q=update&page=2$/);
      await page.getByText(/^Page 2 of \d+$/).waitFor();
      expect((await hits(page).allTextContents()).filter((title) => first.includes(title))).toEqual([]);
      await page.goBack();
      await page.getByText(/^Page 1 of \d+$/).waitFor();
      expect(await hits(page).allTextContents()).toEqual(first);
    });

    it("says how it understood the question", async () => {
      const page = await open("search/?q=the+remte+desktop");
      await hits(page).first().waitFor();
      expect(await status(page).textContent()).toContain("Nothing holds “remte”; searched for “remote”. Not searched for: “the”.");
    });

    it("shows text as text", async () => {
      const page = await open(`search/?q=${encodeURIComponent('<img src=x onerror=alert(1)> "reset"')}&area=${encodeURIComponent("<b>")}`);
      await status(page).filter({ hasText: "<img" }).waitFor();
      expect(await page.locator("main img, main b").count()).toBe(0);
    });
  });

  it.each(["light", "dark"] as const)("has nothing axe-core objects to, %s, open and full", async (colorScheme) => {
    for (const at of ["", "search/?q=tcp"]) {
      const page = await open(at, { colorScheme });
      if (at === "") {
        await page.getByRole("combobox").fill("10060");
        await page.getByRole("option").first().waitFor();
        await page.keyboard.press("ArrowDown");
      } else await hits(page).first().waitFor();
      await page.evaluate(AXE);
      const { violations } = await page.evaluate<AxeResults>(colorScheme === "light" ? RUN_AXE : RUN_AXE_ON_COLOURS);
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${at} ${id}: ${html}`))).toEqual([]);
    }
  });

  it("fits a phone", async () => {
    const page = await open("cases/rdp-listener-gone/", { viewport: { width: 320, height: 640 } });
    await page.getByRole("combobox").fill("0x8007274c");
    await page.getByRole("option").first().waitFor();
    expect(await page.evaluate(IS_WIDER)).toBe(false);
    await page.goto(`${server.url}search/?q=hresult`);
    await hits(page).first().waitFor();
    expect(await page.evaluate(IS_WIDER)).toBe(false);
  });

  it("needs no network once the site is kept for use without one", async () => {
    const page = await open("match/");
    await page.evaluate(WHEN_KEPT);
    await page.goto(`${server.url}search/`);
    await page.context().setOffline(true);
    await page.goto(`${server.url}search/?q=delayed+acknowledgement`);
    await hits(page).first().waitFor();
    expect(await hits(page).first().textContent()).toContain("delayed acknowledgement");
    await page.getByRole("searchbox").fill("wsaetimedout");
    await hits(page).filter({ hasText: "WSAETIMEDOUT" }).first().waitFor();
  });

  it("complains of nothing in the page", async () => {
    const context = await browser.newContext();
    contexts.push(context);
    const page = await context.newPage();
    const found = complaints(page);
    await page.goto(`${server.url}search/?q=tcp&area=tcp`);
    await hits(page).first().waitFor();
    await page.getByRole("searchbox").fill("rdp");
    await page.waitForURL(/\?q=rdp&area=tcp$/);
    await status(page).filter({ hasText: "rdp" }).waitFor();
    expect(found).toEqual([]);
  });

  it("is an index of everything without JavaScript", async () => {
    const page = await open("search/?q=rdp", { javaScriptEnabled: false });
    const links = await page.locator("[data-search-index] .index-list a").count();
    expect(links).toBe(entriesOf(await loadCatalogue()).length);
    expect(await page.getByText("Searching takes JavaScript.").isVisible()).toBe(true);
    expect(await page.locator("[data-search-results]").isVisible()).toBe(false);
    await page.getByRole("link", { name: "Remote Desktop stops listening after its service crashed" }).click();
    expect(path(page)).toBe("cases/rdp-listener-gone/");
    await page.getByRole("searchbox").fill("mss");
    await page.keyboard.press("Enter");
    await page.waitForURL(/search\/\?q=mss$/);
  });
});
