import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import { zipSync } from "fflate";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findTestCases } from "../../engine/node/test-cases.ts";
import { generateCaptures } from "../bench/gen-captures.ts";
import { hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { projectRoot } from "../support/bundles.ts";
import { type MatchPage, openMatchPage } from "../support/match-page.ts";
import { type BuiltSite, builtSite } from "../support/site.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { casebook } from "../support/terminal.ts";

tellWithoutChromium("matching in the page");

const CASES = join(projectRoot, "tests/cases");
const QUIET = join(projectRoot, "tests/quiet");
const bundles = [
  // Every variant is matched on the command line; in a browser those that match.
  ...(await findTestCases(CASES))
    .filter(({ variant }) => /^(article|generated)$/.test(variant))
    .map(({ rule, variant, folder }) => [`${rule}/${variant}`, join(folder, "bundle")] as const),
  ...(await readdir(QUIET)).map((name) => [`quiet/${name}`, join(QUIET, name, "bundle")] as const),
];
const RDP = join(CASES, "rdp-listener-gone/article/bundle");
const LOST = join(CASES, "tcp-segments-lost-in-transit/article/bundle");
const AXE = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Complaints that the tests themselves bring about: they keep service workers out, leave pages, and try to speak to somebody else. */
const EXPECTED = [/Service Worker registration blocked by Playwright/, /net::ERR_ABORTED/, /connect-src 'self'/, /net::ERR_BLOCKED_BY_CSP/];

declare const axe: { run(): Promise<AxeResults> };

async function commandLine(...args: readonly string[]): Promise<string> {
  return (await casebook(["match", ...args])).out;
}

describe.skipIf(!hasChromium)("matching in the page", () => {
  let site: BuiltSite;
  let server: StaticServer;
  let elsewhere: StaticServer;
  let browser: Browser;
  let context: BrowserContext;
  let match: MatchPage;
  let folder: string;
  /** Method, address and body of everything any page or worker asked for. */
  const asked: { readonly method: string; readonly url: string; readonly body: string | null }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "casebook-match-"));
    site = await builtSite();
    server = await serveStatic(site.folder, { base: "/kb/casebook/" });
    elsewhere = await serveStatic(site.folder);
    browser = await launchBrowser();
    context = await browser.newContext({ serviceWorkers: "block" });
    context.on("request", (request) => asked.push({ method: request.method(), url: request.url(), body: request.postData() }));
    match = await openMatchPage(context, server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await elsewhere?.close();
    await site?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  describe("gives the report of the command line, byte for byte", () => {
    it.each(bundles)("for %s", async (_, bundle) => {
      await match.chooseFolder(bundle);
      expect((await match.download("json")).text).toBe(await commandLine(bundle, "--format", "json"));
    });

    it("for an archive, under its own name", async () => {
      const archive = join(folder, "outage.zip");
      const names = await readdir(LOST);
      await writeFile(
        archive,
        zipSync(Object.fromEntries(await Promise.all(names.map(async (name) => [`evidence/${name}`, await readFile(join(LOST, name))])))),
      );
      await match.chooseFiles([archive]);
      const { name, text } = await match.download("json");
      expect(name).toBe("outage-report.json");
      expect(text).toBe(await commandLine(archive, "--format", "json"));
    });

    it("for several files", async () => {
      const paths = (await readdir(RDP)).sort().map((name) => join(RDP, name));
      await match.chooseFiles(paths);
      expect((await match.download("json")).text).toBe(await commandLine(...paths, "--format", "json"));
    });

    it("for a folder with folders in it, what is hidden and a bundle.yaml", async () => {
      const deep = join(folder, "deep");
      await mkdir(join(deep, "client/.cache"), { recursive: true });
      await mkdir(join(deep, "server"));
      await copyFile(join(LOST, "client.txt"), join(deep, "client/trace.txt"));
      await copyFile(join(LOST, "server.txt"), join(deep, "server/trace.txt"));
      await writeFile(join(deep, "client/.cache/trace.txt"), "hidden");
      await writeFile(join(deep, ".hidden"), "hidden");
      await writeFile(join(deep, "bundle.yaml"), "sources:\n  client/trace.txt: { side: client }\n  server/trace.txt: { side: server }\n");
      const expected = await commandLine(deep, "--format", "json");
      await match.chooseFolder(deep);
      expect((await match.download("json")).text).toBe(expected);
      await match.drop([deep]);
      await match.settled();
      expect((await match.download("json")).text).toBe(expected);
    });

    it("for several large captures, read in threads", async () => {
      const large = { pair: true, bytes: 9e6, packets: Number.POSITIVE_INFINITY, loss: 0.01, out: join(folder, "large") };
      const { files } = generateCaptures(large);
      await match.chooseFiles(files);
      expect((await match.download("json")).text).toBe(await commandLine(...files, "--format", "json"));
    });

    it("for a folder and a file that are dropped together", async () => {
      const file = join(CASES, "rdp-listener-gone/article/expect.yaml");
      await match.drop([RDP, file]);
      await match.settled();
      expect((await match.download("json")).text).toBe(await commandLine(RDP, file, "--format", "json"));
    });
  });

  describe("shows the report", () => {
    beforeEach(() => match.chooseFolder(LOST));

    it("with verdict, evidence, drawing, sources and a way to the case", async () => {
      const { page } = match;
      expect(await page.textContent("#report-title")).toBe("bundle");
      expect(await page.evaluate("document.activeElement.id")).toBe("report-title");
      const finding = page.locator("article.finding");
      expect(await finding.locator(".verdict").first().innerText()).toMatch(/matched/);
      expect(await finding.locator(".evidence > li").count()).toBeGreaterThan(2);
      expect(await finding.locator("svg.ladder").isVisible()).toBe(true);
      expect(await page.locator("section[aria-labelledby=sources] tbody tr").count()).toBe(2);
      await page.click("text=Read the case");
      expect(page.url()).toBe(`${server.url}cases/tcp-segments-lost-in-transit/`);
      await page.goBack();
    });

    it("and saves it as HTML and Markdown, as the command line writes them", async () => {
      expect(await match.download("html")).toEqual({ name: "bundle-report.html", text: await commandLine(LOST, "--format", "html") });
      expect(await match.download("markdown")).toEqual({ name: "bundle-report.md", text: await commandLine(LOST, "--format", "markdown") });
    });

    it("with every rule on request, and saves that", async () => {
      await match.page.click("#show-all");
      await match.page.waitForSelector("#others");
      expect((await match.download("json")).text).toBe(await commandLine(LOST, "--format", "json", "--all"));
      await match.page.click("#show-all");
      await match.page.waitForSelector("#others", { state: "detached" });
    });

    it("and explains a verdict query by query", async () => {
      const { page } = match;
      await page.click("article.finding >> text=Explain this verdict");
      await page.waitForSelector("#explanation:not([hidden])");
      const { explanation } = JSON.parse(await commandLine(LOST, "--format", "json", "--explain", "tcp-segments-lost-in-transit")) as {
        explanation: { queries: { name: string; considered: number; funnels: { predicate: string; left: number }[][] }[] };
      };
      const shown = await page.locator("#explanation li:has(> p.line)").allInnerTexts();
      expect(shown).toHaveLength(explanation.queries.length);
      for (const [index, { name, considered, funnels }] of explanation.queries.entries()) {
        expect(shown[index]).toContain(name);
        expect(shown[index]).toMatch(new RegExp(`^${considered}\\s+in`, "m"));
        for (const { predicate, left } of funnels.flat())
          expect(shown[index]!.replace(/alternative \d+: /g, "").replace(/\s+/g, " ")).toContain(`${left} left after ${predicate}`);
      }
    });

    it("and explains why another rule did not match, with the row that came nearest", async () => {
      const { page } = match;
      await page.selectOption("#explain-rule", "rdp-listener-gone");
      await page.click("#explain button");
      await page.waitForSelector("#explanation:not([hidden])");
      expect(await page.textContent("#explanation h3")).toContain("rdp-listener-gone");
      expect(await page.textContent("#explanation")).toContain("Nearest miss");
    });

    it("without a fault that axe finds, light and dark, and without sideways scroll on a phone", async () => {
      const { page } = match;
      await page.click("article.finding >> text=Explain this verdict");
      await page.waitForSelector("#explanation:not([hidden])");
      await page.evaluate(await AXE);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await page.evaluate(() => axe.run());
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null });
      const size = page.viewportSize()!;
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
      await page.setViewportSize(size);
    });
  });

  describe("says what is wrong", () => {
    it("with a file that nothing recognises", async () => {
      const noise = join(folder, "noise.bin");
      await writeFile(
        noise,
        Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) >> 3),
      );
      await match.chooseFiles([noise]);
      await match.page.waitForSelector("#trouble:not([hidden])");
      expect(await match.trouble()).toBe("“noise.bin” could not be read: no format recognises anything in it.");
    });

    it("with a capture that was cut", async () => {
      const { files } = generateCaptures({ packets: 50, out: join(folder, "cut.pcap") });
      await truncate(files[0]!, 3001);
      await match.chooseFiles(files);
      expect(await match.page.textContent(".notice[aria-labelledby=unread]")).toContain("cut.pcap");
      expect((await match.download("json")).text).toBe(await commandLine(files[0]!, "--format", "json"));
    });

    it("with an empty folder", async () => {
      await mkdir(join(folder, "nothing"), { recursive: true });
      await match.drop([join(folder, "nothing")]);
      await match.page.waitForSelector("#trouble:not([hidden])");
      expect(await match.trouble()).toBe("There are no files in nothing.");
      expect(await match.page.isVisible("#drop")).toBe(true);
    });

    it("with a file that is no longer what was chosen", async () => {
      const changing = join(folder, "changing.txt");
      await copyFile(join(LOST, "client.txt"), changing);
      const page = await openMatchPage(context, server.url);
      // The engine arrives only once the file has changed.
      await page.page.route("**/match.worker-*.js", async (route) => {
        await writeFile(changing, "something else");
        await route.continue();
      });
      await page.chooseFiles([changing]);
      await page.page.waitForSelector("#trouble:not([hidden])");
      expect(await page.page.textContent("#report .notice")).toContain("changing.txt");
      await page.page.close();
    });

    it("with an engine that cannot be loaded, and tries again the next time", async () => {
      const page = await openMatchPage(context, server.url);
      await page.page.route("**/match.worker-*.js", (route) => route.fulfill({ status: 503, body: "" }));
      await page.chooseFolder(RDP);
      expect(await page.trouble()).toMatch(/^the engine could not be loaded: 503/);
      await page.page.unroute("**/match.worker-*.js");
      await page.chooseFolder(RDP);
      expect(await page.trouble()).toBe(null);
      await page.page.close();
    });
  });

  describe("of something long", () => {
    let long: string;
    beforeAll(() => {
      [long] = generateCaptures({ bytes: 60e6, packets: Number.POSITIVE_INFINITY, out: join(folder, "long.pcap") }).files as [string];
    });

    it("tells how far it has come, stage by stage", async () => {
      const { page } = match;
      await page.evaluate(`
        globalThis.stages = [];
        globalThis.shares = [];
        const bar = document.getElementById("bar");
        new MutationObserver(() => {
          const said = document.getElementById("stage").textContent;
          if (stages.at(-1) !== said) stages.push(said);
          if (bar.hasAttribute("value") && shares.at(-1) !== bar.value) shares.push(bar.value);
        }).observe(document.getElementById("progress"), { subtree: true, childList: true, attributes: true, characterData: true });`);
      await match.chooseFiles([long]);
      const stages = (await page.evaluate("stages")) as string[];
      const shares = (await page.evaluate("shares")) as number[];
      expect(stages.filter((said) => said !== "")).toEqual([
        "Loading the engine",
        "Opening",
        "Reading",
        "Bringing together what belongs together",
        "Asking the rules",
        "Quoting the evidence",
      ]);
      expect(shares.length).toBeGreaterThan(5);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
    });

    it("stops at once when cancelled, leaves no worker behind, and takes the next bundle", async () => {
      const { page } = match;
      await page.setInputFiles("#files", long);
      await page.waitForSelector("#bar[value]");
      expect(await page.evaluate("document.activeElement.id")).toBe("cancel");
      await page.keyboard.press("Enter");
      expect(await page.isVisible("#progress")).toBe(false);
      expect(await page.isVisible("#drop")).toBe(true);
      await expect.poll(() => page.workers().length).toBe(0);
      await match.chooseFolder(RDP);
      expect(await page.textContent("article.finding code")).toBe("rdp-listener-gone");
    });
  });

  it("takes an example of the site, and starts over", async () => {
    const { page } = match;
    await page.goto(`${server.url}match/?example=rdp-listener-gone`);
    await page.click("#example button");
    await match.settled();
    expect(await page.textContent("#report-title")).toBe("rdp-listener-gone.zip");
    expect(await page.textContent("article.finding .verdict")).toMatch(/matched/);
    await page.click("#again");
    expect(await page.isVisible("#drop")).toBe(true);
    expect(await page.isVisible("#result")).toBe(false);
  });

  it("shows the command line where no script runs", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(`${server.url}match/`);
    expect(await page.innerText("main")).toContain("npx casebook match outage.zip");
    expect(await page.isVisible("#drop")).toBe(false);
    await plain.close();
  });

  it("lets the engine speak to nobody else", async () => {
    await match.chooseFolder(RDP);
    const [worker] = match.page.workers();
    const before = elsewhere.requests.length;
    const outcome = await worker!.evaluate(
      (url) => fetch(url, { mode: "no-cors" }).then(String, (error: Error) => error.name),
      elsewhere.url,
    );
    expect(outcome).toBe("TypeError");
    expect(elsewhere.requests).toHaveLength(before);
    // The same request from a document without that policy arrives, so it is the policy that stopped it.
    const free = await context.newPage();
    await free.goto(`${server.url}config.json`);
    await free.evaluate((url) => fetch(url, { mode: "no-cors" }), elsewhere.url);
    expect(elsewhere.requests.length).toBeGreaterThan(before);
    await free.close();
  });

  it("asked, all this time, for nothing but files of the site, and complained of nothing", () => {
    const own = asked.filter(({ url }) => !url.startsWith("blob:") && !url.startsWith(elsewhere.url));
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter(({ url }) => !url.startsWith(server.url))).toEqual([]);
    expect(own.filter(({ method, body }) => method !== "GET" || body !== null)).toEqual([]);
    expect(own.filter(({ url }) => /[?](?!example=)/.test(url))).toEqual([]);
    expect(match.found.filter((complaint) => !EXPECTED.some((pattern) => pattern.test(complaint)))).toEqual([]);
  });
});
