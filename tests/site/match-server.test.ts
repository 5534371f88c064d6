import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JobBody } from "../../api/schemas/job.ts";
import type { JobProgress } from "../../api/store/store.ts";
import { openRunner, type Runner, type RunOptions } from "../../api/work/runner.ts";
import type { Worker } from "../../api/work/worker.ts";
import { CancelledError } from "../../engine/derive/analyse-source.ts";
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
  /** What happens before a bundle is analysed. */
  let between: (options?: RunOptions) => Promise<void> = async () => {};

  beforeAll(async () => {
    site = await builtSite();
    browser = await launchBrowser();
    runner = openRunner({ knowledge: await loadKnowledge(), dataKey: null, limits: {}, threads: 1, jobMemory: 1 << 30, jobTime: 60_000 });
    api = await startApi({ services: { site: site.folder, wake: () => worker.wake() } });
    worker = workOn(api.backend, { analyse: (bundle, options) => between(options).then(() => runner.analyse(bundle, options)) });
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
  afterEach(async () => {
    between = async () => {};
    await context.close();
  });

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

  describe("while the server is at work", () => {
    /** An analysis that says what it is told to, and waits. */
    function heldUp() {
      let [say, release]: [(progress: Partial<JobProgress>) => void, () => void] = [() => {}, () => {}];
      const ready = new Promise<void>((resolve) => {
        between = (options) =>
          new Promise((go, stop) => {
            say = (progress) => options?.onProgress?.({ stage: "reading", bytes: 0, totalBytes: 0, packets: 0, rules: 0, ...progress });
            release = go;
            options?.signal?.addEventListener("abort", () => stop(new CancelledError("stopped")));
            resolve();
          });
      });
      return { ready, say: (progress: Partial<JobProgress>) => say(progress), release: () => release() };
    }

    /** Sends something new to the server, without waiting for what comes of it. */
    async function sendSomething(content: string): Promise<void> {
      await match.page.check("input[value=server]");
      await match.page.setInputFiles("#files", { name: "netstat.txt", mimeType: "text/plain", buffer: Buffer.from(content) });
    }

    const shows = (id: string, text: string) =>
      match.page
        .locator(`#${id}`)
        .and(match.page.getByText(text, { exact: true }))
        .waitFor();

    it("shows how far it has come as the server's events tell it, and asks for nothing else", async () => {
      const asked: string[] = [];
      match.page.on("request", (request) => {
        const { pathname } = new URL(request.url());
        // The page's icon may be fetched at any time.
        if (pathname.startsWith("/v1/")) asked.push(`${request.method()} ${pathname.replace(/[^/]{20,}/, "ID")}`);
      });
      const analysis = heldUp();
      await sendSomething("live");
      await analysis.ready;
      analysis.say({ bytes: 1500, totalBytes: 6000, packets: 1234 });
      await shows("stage", "Reading");
      await shows("amount", "1.5 kB of 6.0 kB, 1,234 packets");
      expect(await match.page.getAttribute("#bar", "value")).toBe("0.25");
      analysis.say({ stage: "matching", bytes: 6000, totalBytes: 6000, packets: 5000, rules: 26 });
      await shows("stage", "Asking the rules");
      await shows("amount", "6.0 kB of 6.0 kB, 5,000 packets, 26 rules");
      analysis.release();
      await match.settled();
      expect(await match.page.textContent("#sent-text")).toContain("has analysed netstat.txt");
      expect(asked).toEqual(["POST /v1/bundles", "GET /v1/jobs/ID/events"]);
    });

    it.each([
      ["are refused", (route: Route) => route.fulfill({ status: 503, body: "full" })],
      ["cannot be reached", (route: Route) => route.abort()],
      [
        "break off in the middle",
        (route: Route) => route.fulfill({ contentType: "text/event-stream", body: 'id: 1\nevent: job\ndata: {"id"' }),
      ],
      ["are something else", (route: Route) => route.fulfill({ contentType: "text/event-stream", body: "data: [1, 2]\n\n" })],
    ])("asks how far it has come where the events %s", async (how, answer) => {
      await match.page.route("**/events", answer);
      const analysis = heldUp();
      await sendSomething(how);
      await analysis.ready;
      analysis.say({ bytes: 10, totalBytes: 20 });
      await shows("amount", "10 bytes of 20 bytes");
      analysis.release();
      await match.settled();
      expect(await match.trouble()).toBe(null);
      expect(await match.page.textContent("#sent-text")).toContain("has analysed netstat.txt");
    });

    it("listens again after events that ended early", async () => {
      let broken = 0;
      await match.page.route("**/events", async (route) => {
        const [id] = /[^/]{20,}/.exec(route.request().url())!;
        const job = JSON.stringify({ id, state: "running", error: null, progress: null });
        return broken++ === 0 ? route.fulfill({ contentType: "text/event-stream", body: `data: ${job}\n\n` }) : route.continue();
      });
      const analysis = heldUp();
      await sendSomething("again");
      await analysis.ready;
      const listening = match.page.waitForResponse((response) => response.url().endsWith("/events") && broken === 2);
      await listening;
      analysis.say({ bytes: 10, totalBytes: 20 });
      await shows("amount", "10 bytes of 20 bytes");
      analysis.release();
      await match.settled();
      expect(await match.trouble()).toBe(null);
    });

    it("rides out a server that is away for a moment", async () => {
      let away = 0;
      await match.page.route("**/v1/jobs/**", (route) => (away++ < 4 ? route.abort("connectionrefused") : route.continue()));
      await sendSomething("away");
      await match.settled();
      expect(await match.trouble()).toBe(null);
      expect(away).toBeGreaterThan(4);
    });

    it("has the server stop when it is cancelled", async () => {
      const analysis = heldUp();
      const accepting = match.page.waitForResponse((response) => response.status() === 202);
      await sendSomething("cancelled");
      const { id } = await (await accepting).json();
      await analysis.ready;
      await match.page.click("#cancel");
      await match.page.waitForSelector("#drop:visible");
      await expect.poll(async () => (await api.call<JobBody>("GET", `/v1/jobs/${id}`)).body.state, { timeout: 20_000 }).toBe("cancelled");
      expect(await match.trouble()).toBe(null);
    });
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
