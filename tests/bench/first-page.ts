#!/usr/bin/env node
/**
 * What a first visit costs on a phone: bytes over the wire, first and largest paint, and when the page can be used, with the network and
 * processor of Lighthouse's mobile profile (1.6 Mbit/s, 150 ms round trip, a quarter of this machine's speed).
 *
 *     node tests/bench/first-page.ts [--runs 5]
 */
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { builtSite } from "../support/site.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { median } from "./measure.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const PAGES = ["", "cases/rdp-listener-gone/", "reference/updates/", "search/", "match/"];
const MOST_BYTES = 60_000;
/** As Lighthouse simulates a phone: bytes a second, milliseconds, times slower. */
const PHONE = { downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9, latency: 150, offline: false } as const;
const SLOWER = 4;

interface Visit {
  readonly bytes: number;
  readonly firstPaint: number;
  readonly largestPaint: number;
  /** Scripts have run: everything on the page answers. */
  readonly usable: number;
}

tellWithoutChromium("first visits");
if (hasChromium) {
  const site = await builtSite();
  const server = await serveStatic(site.folder);
  const browser = await launchBrowser();
  process.stdout.write(`${"page".padEnd(28)} bytes  first paint ms  largest paint ms  usable ms\n`);
  for (const path of PAGES) {
    const visits: Visit[] = [];
    for (let run = 0; run < Number(values.runs); run++) visits.push(await visit(browser, server, path));
    const of = (measure: (one: Visit) => number) => Math.round(median(visits.map(measure)));
    const bytes = of((one) => one.bytes);
    process.stdout.write(
      `/${path.padEnd(27)} ${String(bytes).padStart(5)} ${String(of((one) => one.firstPaint)).padStart(15)} ${String(of((one) => one.largestPaint)).padStart(17)} ${String(of((one) => one.usable)).padStart(10)}\n`,
    );
    if (path === "" && bytes > MOST_BYTES) throw new Error(`the first page takes ${bytes} bytes`);
  }
  await browser.close();
  await server.close();
  await site.remove();
}

/** One visit with nothing cached. */
async function visit(browser: Browser, server: StaticServer, path: string): Promise<Visit> {
  const context = await browser.newContext({ serviceWorkers: "block", viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", PHONE);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.addInitScript(
    'globalThis.largest = 0; new PerformanceObserver((list) => { for (const { startTime } of list.getEntries()) largest = startTime; }).observe({ type: "largest-contentful-paint", buffered: true });',
  );
  const before = server.requests.length;
  await page.goto(server.url + path, { waitUntil: "load" });
  const times = await page.evaluate<Omit<Visit, "bytes">>(
    `new Promise((resolve) => setTimeout(() => resolve({
      firstPaint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      largestPaint: largest,
      usable: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    }), 200))`,
  );
  const bytes = server.requests.slice(before).reduce((sum, request) => sum + request.bytes, 0);
  await context.close();
  return { bytes, ...times };
}
