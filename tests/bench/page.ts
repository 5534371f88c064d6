#!/usr/bin/env node
/**
 * Matching in the page beside the command line: time, CPU and peak memory of the same captures, each report held against the other.
 * CPU and memory of the page are those of the browser's processes, from its start to the report.
 *
 *     npm run build && node tests/bench/page.ts [--runs 3] [--only M,L,pair]
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hasChromium, launchBrowser, tellWithoutChromium } from "../support/browser.ts";
import { openMatchPage } from "../support/match-page.ts";
import { builtSite } from "../support/site.ts";
import { serveStatic } from "../support/static-server.ts";
import { type CaptureOptions, generateCaptures } from "./gen-captures.ts";
import { measure, median, type Run } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const data = join(import.meta.dirname, "data");
const { values } = parseArgs({ options: { runs: { type: "string", default: "3" }, only: { type: "string", default: "M,L,pair" } } });

const CAPTURES: Readonly<Record<string, Partial<CaptureOptions>>> = {
  S: { bytes: 10e6, packets: Number.POSITIVE_INFINITY },
  M: { bytes: 200e6, packets: Number.POSITIVE_INFINITY },
  L: { bytes: 600e6, packets: Number.POSITIVE_INFINITY },
  pair: { pair: true, packets: 300_000, loss: 0.01, nat: true, rewriteIsn: true, injectRst: 0.02, clockOffsetUs: 3_500_000 },
};
/** The longest a match may take, in milliseconds. */
const PATIENCE = 600_000;

async function inPage(site: string, files: readonly string[]): Promise<Run> {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ serviceWorkers: "block" });
    context.setDefaultTimeout(PATIENCE);
    const devtools = await browser.newBrowserCDPSession();
    const processes = async () => (await devtools.send("SystemInfo.getProcessInfo")).processInfo;
    const match = await openMatchPage(context, site);
    const before = (await processes()).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    const start = performance.now();
    await match.chooseFiles(files);
    const wall = (performance.now() - start) / 1000;
    const after = await processes();
    const cpu = after.reduce((sum, { cpuTime }) => sum + cpuTime, 0) - before;
    const peakMiB = Math.max(...after.filter(({ type }) => type === "renderer").map(({ id }) => peakOf(id)));
    const trouble = await match.trouble();
    if (trouble !== null) throw new Error(trouble);
    return { cpu, wall, peakMiB, status: 0, stdout: (await match.download("json")).text };
  } finally {
    await browser.close();
  }
}

/** `VmHWM` of a process, MiB; Linux only. */
function peakOf(pid: number): number {
  return existsSync("/proc/self/status") ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024 : 0;
}

function onCommandLine(files: readonly string[]): Promise<Run> {
  return measure([process.execPath, join(root, "dist/main.js"), "match", ...files, "--format", "json"]);
}

function line(name: string, runs: readonly Run[]): string {
  const cells = [
    median(runs.map(({ wall }) => wall)).toFixed(2),
    median(runs.map(({ cpu }) => cpu)).toFixed(2),
    median(runs.map(({ peakMiB }) => peakMiB)).toFixed(0),
  ];
  return name.padEnd(24) + cells.map((cell) => cell.padStart(10)).join("");
}

async function compare(site: string, name: string): Promise<void> {
  const options = CAPTURES[name];
  if (!options) throw new Error(`no such capture: ${name}; there are ${Object.keys(CAPTURES).join(", ")}`);
  mkdirSync(data, { recursive: true });
  const { truth, files } = generateCaptures({ ...options, out: join(data, options.pair ? `page-${name}` : `page-${name}.pcap`) });
  const taps = Object.values(truth.taps);
  const [page, terminal]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < Number(values.runs); round++) {
    page.push(await inPage(site, files));
    terminal.push(await onCommandLine(files));
    // Byte for byte; the measured output is Latin-1, a byte a character.
    const same = page.at(-1)!.stdout === Buffer.from(terminal.at(-1)!.stdout, "latin1").toString();
    if (!same) throw new Error(`${name}: the page and the command line say different things`);
  }
  const bytes = taps.reduce((sum, tap) => sum + tap.fileBytes, 0);
  const packets = taps.reduce((sum, tap) => sum + tap.packets, 0);
  console.log(
    `\n${name}: ${(bytes / 1e6).toFixed(0)} MB, ${packets.toLocaleString("en")} packets, ${values.runs} runs each, medians; same report`,
  );
  console.log("".padEnd(24) + ["wall s", "CPU s", "peak MiB"].map((cell) => cell.padStart(10)).join(""));
  console.log(line("in the page", page));
  console.log(line("casebook match", terminal));
}

tellWithoutChromium("matching in the page");
if (!existsSync(join(root, "dist/main.js"))) throw new Error("dist/ is missing: npm run build");
if (hasChromium) {
  const site = await builtSite();
  const server = await serveStatic(site.folder, { base: "/kb/casebook/" });
  for (const name of values.only.split(",")) await compare(server.url, name);
  await server.close();
  await site.remove();
}
