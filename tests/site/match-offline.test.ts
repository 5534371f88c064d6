import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { complaints, hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { projectRoot } from "../support/bundles.ts";
import { type MatchPage, openMatchPage } from "../support/match-page.ts";
import { type BuiltSite, builtSite } from "../support/site.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { casebook } from "../support/terminal.ts";

tellWithoutChromium("the site without a network");

const RDP = join(projectRoot, "tests/cases/rdp-listener-gone/article/bundle");
/** Scripts of the page's own world, where the types of a browser hold. */
const KEPT = `(async () => {
  const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return (await Promise.all(stores.map((store) => store.keys()))).flat().map(({ url }) => url);
})()`;
const NAMES = "caches.keys()";
const UPDATE = `(async () => {
  const registration = await (await navigator.serviceWorker.ready).update();
  while (!registration.waiting) await new Promise((resolve) => setTimeout(resolve, 20));
})()`;
const READY = "html[data-offline=ready]";

describe.skipIf(!hasChromium)("the site without a network", () => {
  let site: BuiltSite;
  let browser: Browser;
  let server: StaticServer;
  let context: BrowserContext;
  let match: MatchPage;

  beforeAll(async () => {
    site = await builtSite();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.remove();
  });
  beforeEach(async () => {
    server = await serveStatic(site.folder, { base: "/kb/casebook/" });
    context = await browser.newContext();
    match = await openMatchPage(context, server.url);
    await match.page.waitForSelector(READY);
  });
  afterEach(async () => {
    await context.close();
    await server.close();
  });

  /** Paths below the site that are kept. */
  async function kept(): Promise<string[]> {
    const urls = (await match.page.evaluate(KEPT)) as string[];
    return urls.map((url) => url.slice(server.url.length));
  }

  it("matches after the page was opened once", async () => {
    await server.close();
    await match.page.reload();
    expect(await match.page.textContent("#offline-state")).toContain("disconnect now");
    await match.chooseFolder(RDP);
    expect((await match.download("json")).text).toBe((await casebook(["match", RDP, "--format", "json"])).out);
    await match.page.click("#again");
    await match.page.click("#example button");
    await match.settled();
    expect(await match.trouble()).toBe(null);
    expect(match.found.filter((complaint) => !/ERR_CONNECTION_REFUSED|update/.test(complaint))).toEqual([]);
  });

  it("shows the pages that were visited, with their query, and says so of others", async () => {
    const { page } = match;
    await page.goto(`${server.url}cases/rdp-listener-gone/`);
    await expect.poll(kept).toContain("cases/rdp-listener-gone/");
    await server.close();
    await page.goto(`${server.url}cases/rdp-listener-gone/?from=feed`);
    expect(await page.locator("h1").count()).toBe(1);
    await page.goto(server.url);
    expect(await page.locator("h1").count()).toBe(1);
    const answer = await page.goto(`${server.url}about/`);
    expect(answer?.status()).toBe(503);
    expect(await page.innerText("body")).toContain("no network");
  });

  it("keeps nothing of the server's API, of other methods or of its neighbours", async () => {
    await mkdir(join(site.folder, "v1"), { recursive: true });
    await writeFile(join(site.folder, "v1/jobs.json"), "{}");
    await mkdir(join(site.folder, "neighbour"), { recursive: true });
    await writeFile(join(site.folder, "neighbour/index.html"), "<title>somebody else</title>");
    const { page } = match;
    const statuses = await page.evaluate(
      async (base) => [
        (await fetch(`${base}v1/jobs.json`)).status,
        (await fetch(`${base}neighbour/`)).status,
        (await fetch(`${base}match/`, { method: "POST", body: "x" })).status,
      ],
      server.url,
    );
    expect(statuses).toEqual([200, 200, 405]);
    const paths = await kept();
    expect(paths).toContain("match/");
    expect(paths.filter((path) => /^(v1|neighbour)/.test(path))).toEqual([]);
  });

  it("is asked for by nobody who only reads", async () => {
    const reading = await browser.newContext();
    const page = await reading.newPage();
    const found = complaints(page);
    const before = server.requests.length;
    await page.goto(server.url);
    await page.waitForLoadState("networkidle");
    const asked = server.requests.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => /match\.worker|knowledge|service-worker/.test(path))).toEqual([]);
    expect(found).toEqual([]);
    await reading.close();
  });

  it("gives way to a new version once the last page of the old one is closed", async () => {
    const script = join(site.folder, "service-worker.js");
    const old = await readFile(script, "utf8");
    const names = async () => ((await match.page.evaluate(NAMES)) as string[]).sort();
    const [before] = await names();
    await match.page.evaluate("caches.open('casebook /somewhere/else/ 1')");
    try {
      await writeFile(script, old.replace(/"version":"[0-9a-f]+"/, '"version":"next"'));
      await match.page.evaluate(UPDATE);
      // The old one still serves the page that is open.
      expect(await names()).toContain(before);
      const reopened = async () => {
        await match.page.goto("about:blank");
        await match.page.goto(`${server.url}match/`);
        await match.page.waitForSelector(READY);
        return names();
      };
      await expect.poll(reopened, { timeout: 20_000 }).toEqual(["casebook /kb/casebook/ next", "casebook /somewhere/else/ 1"]);
      await server.close();
      await match.page.reload();
      await match.chooseFolder(RDP);
      expect(await match.trouble()).toBe(null);
    } finally {
      await writeFile(script, old);
    }
  });
});
