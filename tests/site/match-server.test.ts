import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openRunner, type Runner } from "../../api/work/runner.ts";
import type { Worker } from "../../api/work/worker.ts";
import { loadKnowledge } from "../../engine/node/knowledge.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { projectRoot } from "../support/bundles.ts";
import { workOn } from "../support/jobs.ts";
import { type MatchPage, openMatchPage } from "../support/match-page.ts";
import { type BuiltSite, builtSite } from "../support/site.ts";
import { serveStatic } from "../support/static-server.ts";
import { casebook } from "../support/terminal.ts";

tellWithoutChromium("sending bundles to a server from the page");

const RDP = join(projectRoot, "tests/cases/rdp-listener-gone/article/bundle");

describe.skipIf(!hasChromium)("a site with a server", () => {
  let site: BuiltSite;
  let browser: Browser;
  let context: BrowserContext;
  let runner: Runner;
  let api: ApiServer;
  let worker: Worker;
  let match: MatchPage;

  beforeAll(async () => {
    site = await builtSite();
    browser = await launchBrowser();
    runner = openRunner({ knowledge: await loadKnowledge(), dataKey: null, limits: {}, threads: 1, jobMemory: 1 << 30, jobTime: 60_000 });
    api = await startApi({ services: { site: site.folder, wake: () => worker.wake() } });
    worker = workOn(api.backend, runner);
  });
  afterAll(async () => {
    await browser?.close();
    await worker?.stop(0);
    await runner?.close();
    await api?.close();
    await site?.remove();
  });
  beforeEach(async () => {
    context = await browser.newContext({ serviceWorkers: "block" });
    match = await openMatchPage(context, `${api.address}/`);
  });
  afterEach(() => context.close());

  const jobs = async () => (await api.call<{ bundles: unknown[] }>("GET", "/v1/bundles")).body.bundles.length;

  it("still matches in the page unless told otherwise, under the server's own policy", async () => {
    await match.page.waitForSelector("#place:not([hidden])");
    expect(await match.page.isChecked("input[value=page]")).toBe(true);
    await match.chooseFolder(RDP);
    expect((await match.download("json")).text).toBe((await casebook(["match", RDP, "--format", "json"])).out);
    expect(await jobs()).toBe(0);
    expect(match.found.filter((complaint) => !complaint.includes("Service Worker registration blocked"))).toEqual([]);
  });

  it("sends a bundle there on request, follows its job and leads to the report", async () => {
    const { page } = match;
    expect(await page.textContent("#server-name")).toBe(new URL(api.address).host);
    await page.check("input[value=server]");
    expect(await page.isVisible("#privacy")).toBe(false);
    await match.chooseFolder(RDP);
    expect(await match.trouble()).toBe(null);
    expect(await page.textContent("#sent-text")).toContain("has analysed bundle");
    await page.click("#sent-links a");
    await page.waitForURL(/\/v1\/reports\//);
    expect(await page.textContent("h1")).toBe("bundle");
    expect(await page.textContent("article.finding .verdict")).toMatch(/matched/);
    expect(await jobs()).toBe(1);
  });

  it("sends the key that was given, and saves the report where a link could not carry it", async () => {
    const key = await api.key("acme", "submit", "read");
    const { page } = match;
    await page.check("input[value=server]");
    await page.fill("#key", key);
    await match.chooseFolder(RDP);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#sent-links a")]);
    expect(saved.suggestedFilename()).toBe("bundle-report.html");
    expect(await readFile(await saved.path(), "utf8")).toContain("Casebook report");
    expect((await api.call<{ bundles: unknown[] }>("GET", "/v1/bundles", { key })).body.bundles).toHaveLength(1);
  });

  it("says what the server has against it, and what to do", async () => {
    await match.page.check("input[value=server]");
    await match.page.fill("#key", "cb_wrong");
    await match.chooseFolder(RDP);
    const [text, { body }] = [await match.trouble(), await api.call("GET", "/v1/bundles", { key: "cb_wrong" })];
    expect(text).toContain(body.detail);
  });

  it("says when the server cannot be reached", async () => {
    const gone = await serveStatic(site.folder);
    await gone.close();
    const away = await builtSite({ assets: site.assets, api: new URL(gone.url) });
    const server = await serveStatic(away.folder, { base: "/kb/" });
    const page = await openMatchPage(context, server.url);
    await page.page.check("input[value=server]");
    await page.chooseFolder(RDP);
    expect(await page.trouble()).toBe(`${new URL(gone.url).host} cannot be reached, or does not take bundles from this page`);
    expect(await page.page.isVisible("#drop")).toBe(true);
    await server.close();
    await away.remove();
  });
});
