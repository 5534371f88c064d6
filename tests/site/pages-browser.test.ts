import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaints, hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { type BuiltSite, builtSite } from "../support/site.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";

tellWithoutChromium("pages of the site");

/** One page of each kind. */
const KINDS = [
  "",
  "cases/",
  "cases/tcp-segments-lost-in-transit/",
  "cases/tcp-delayed-ack-nagle-stall/",
  "cases/lync-edge-front-end-5061-reset-in-path/report/",
  "areas/",
  "areas/tcp/",
  "products/",
  "symptoms/",
  "reference/",
  "reference/updates/",
  "reference/updates/lync-2010/",
  "reference/ports/",
  "reference/registry/",
  "reference/errors/",
  "reference/events/",
  "collect/",
  "collect/two-sided-capture/",
  "authors/",
  "authors/tables/",
  "authors/modifiers/",
  "authors/rules/",
  "match/",
  "search/",
  "about/",
  "changelog/",
  "404.html",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** All that a colour scheme changes. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** Scripts of the page's own world, where the types of a browser hold. */
const NOTE_SHIFTS = `globalThis.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value, sources }) => [value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 120))]))).observe({ type: "layout-shift", buffered: true });`;
const NOTE_FIRST_THEME = `new MutationObserver((_, observer) => {
  if (!document.body) return;
  observer.disconnect();
  globalThis.first = document.documentElement.dataset.theme;
}).observe(document, { childList: true, subtree: true });`;

/** Where a page is wider than its window, and what has moved, once two frames have been painted. */
const AFTER_PAINT = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth > width;
  const overflowing = wide ? [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width).map((one) => one.outerHTML.slice(0, 120)) : [];
  resolve({ overflowing, shifts });
})))`;

/** A page in some twenty pieces, each but the last ending with an end tag. */
function afterEndTags(page: string): string[] {
  const parts = page.split(/(?<=<\/\w+>)/);
  const size = Math.ceil(parts.length / 20);
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, index) => parts.slice(index * size, (index + 1) * size).join(""));
}

declare const axe: { run(options: object): Promise<AxeResults> };

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
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await site?.remove();
  });

  async function open(address: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<{ page: Page; found: string[] }> {
    const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const found = complaints(page);
    await page.goto(server.url + address);
    return { page, found };
  }

  async function violations(page: Page, runOnly: object): Promise<object[]> {
    const { violations } = await page.evaluate((only) => axe.run({ runOnly: only, resultTypes: ["violations"] }), runOnly);
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      at: nodes.slice(0, 3).map(({ html, failureSummary }) => [html, failureSummary]),
    }));
  }

  it.each(KINDS)("/%s meets WCAG 2.2 AA in light and dark, fits a narrow phone and moves nothing while it loads", async (address) => {
    const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 320, height: 640 }, colorScheme: "light" });
    const page = await context.newPage();
    const found = complaints(page);
    await page.addInitScript(NOTE_SHIFTS);
    await page.goto(server.url + address);
    expect(await page.evaluate(AFTER_PAINT)).toEqual({ overflowing: [], shifts: [] });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(AXE);
    expect(await violations(page, { type: "tag", values: TAGS })).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await violations(page, { type: "rule", values: COLOURS })).toEqual([]);
    expect(found.filter((complaint) => !complaint.includes("blocked by Playwright"))).toEqual([]);
    await context.close();
  });

  it.each(["", "cases/", "reference/ports/", "match/"])("/%s moves nothing either where it arrives piece by piece", async (address) => {
    const slow = await serveStatic(site.folder, { stutter: afterEndTags });
    const context = await browser.newContext({ serviceWorkers: "block" });
    for (const width of [320, 1280]) {
      const page = await context.newPage();
      await page.setViewportSize({ width, height: 900 });
      await page.addInitScript(NOTE_SHIFTS);
      await page.goto(slow.url + address);
      expect(await page.evaluate(AFTER_PAINT)).toEqual({ overflowing: [], shifts: [] });
      await page.close();
    }
    await context.close();
    await slow.close();
  });

  it("reads the same without scripts, and offers nothing that needs them", async () => {
    const { page } = await open("reference/updates/lync-2010/", { javaScriptEnabled: false });
    expect(await page.locator("table.reference tbody tr").count()).toBeGreaterThan(5);
    expect(await page.locator("button:visible, .table-tools:visible, form.behind:visible").count()).toBe(0);
    await page.goto(`${server.url}cases/tcp-delayed-ack-nagle-stall/`);
    expect(await page.locator("button:visible").count()).toBe(0);
    expect(await page.getByText("reg add").isVisible()).toBe(true);
  });

  it("copies a command, and says so", async () => {
    const { page } = await open("collect/netstat/", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByRole("button", { name: /^Copy: command of step 1/ }).press("Enter");
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor({ state: "attached" });
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("netstat -ano > %COMPUTERNAME%-netstat.txt");
  });

  it("sorts a table by what its cells mean, by keyboard, and back", async () => {
    const { page } = await open("reference/ports/");
    const ports = () =>
      page
        .locator("table.reference tbody th")
        .allInnerTexts()
        .then((texts) => texts.map((text) => Number(/\d+/.exec(text)![0])));
    const before = await ports();
    expect(before).toEqual(before.toSorted((a, b) => a - b));
    const heading = page.getByRole("button", { name: "Port", exact: true });
    await heading.press("Enter");
    await heading.press("Enter");
    expect(await ports()).toEqual(before.toReversed());
    expect(await page.getByRole("columnheader", { name: "Port", exact: true }).getAttribute("aria-sort")).toBe("descending");
    await page.getByRole("button", { name: "Service" }).click();
    expect(await page.locator("th[aria-sort]").count()).toBe(1);
  });

  it("filters a table by every word, and shows what a link leads to all the same", async () => {
    const { page } = await open("reference/errors/");
    await page.getByRole("searchbox", { name: "Filter these error codes" }).fill("hresult untrusted");
    expect(await page.locator("table.reference tbody tr:visible").evaluateAll((rows) => rows.map((row) => row.id))).toEqual(["0x800b0109"]);
    expect(await page.locator("[data-filter-count]").innerText()).toMatch(/^1 of \d+$/);
    await page.evaluate('location.hash = "#0x274c"');
    await page.locator("#\\30 x274c").waitFor({ state: "visible" });
  });

  it("counts how many updates a build is behind", async () => {
    const { page } = await open("reference/updates/lync-2010/");
    const build = page.getByLabel("Installed build");
    await build.fill("4.0.7577.4398");
    const said = page.locator("[data-standing-text]");
    // The list the founding article has: October 2013 and January 2014 follow July 2013.
    expect(await said.innerText()).toContain("4.0.7577.4398 is 2 updates behind; the newest known is 4.0.7577.4419 (KB2912208)");
    expect(await page.locator('tr[data-standing="missing"]').evaluateAll((rows) => rows.map((row) => row.id))).toEqual([
      "kb2912208",
      "kb2884632",
    ]);
    expect(await page.locator('tr[data-standing="installed"]').getAttribute("id")).toBe("kb2842627");
    await build.fill("4.0.7577.4419");
    expect(await said.innerText()).toContain("up to date");
    await build.fill("what");
    expect(await said.innerText()).toContain("is not a version");
    expect(await page.locator("tr[data-standing]").count()).toBe(0);
  });

  it("remembers a chosen theme without a flash of the other", async () => {
    const { page } = await open("", { colorScheme: "light" });
    const paper = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    const toggle = page.getByRole("button", { name: /^Theme/ });
    await toggle.click();
    await toggle.click();
    expect(await toggle.innerText()).toContain("dark");
    const dark = await paper();
    expect(dark).not.toBe(light);
    // Set by the script in the head, hence before the body is there to be painted.
    await page.addInitScript(NOTE_FIRST_THEME);
    await page.goto(`${server.url}about/`);
    expect(await page.evaluate("first")).toBe("dark");
    expect(await paper()).toBe(dark);
  });

  it("prints a case without what only a screen can do", async () => {
    const { page } = await open("cases/rdp-listener-gone/");
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav:visible, button:visible, .site-header:visible").count()).toBe(0);
    expect(await page.getByText("no listener on TCP 3389", { exact: false }).first().isVisible()).toBe(true);
  });
});
