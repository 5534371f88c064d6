#!/usr/bin/env node
/**
 * The whole job (all tables filled, all rules matched) beside tshark, tcptrace and a bare loop over record headers: CPU, packets
 * per second and peak memory, each command in turn so that a drifting machine hurts all alike, ratios from pairs of runs.
 *
 *     npm run bench [-- --runs 5] [--only S,M,L,pair,growth,search,bundles,event-logs]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchBundles } from "./bundles.ts";
import { benchEventLogs } from "./event-logs.ts";
import { type CaptureOptions, generateCaptures } from "./gen-captures.ts";
import { measure, median, type Run } from "./measure.ts";
import { benchServer } from "./server.ts";

const root = join(import.meta.dirname, "../..");
const data = join(import.meta.dirname, "data");
const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" }, only: { type: "string", default: "S,M,L,pair,growth" } },
});

const CAPTURES: Record<string, Partial<CaptureOptions>> = {
  S: { bytes: 10e6, packets: Number.POSITIVE_INFINITY },
  M: { bytes: 100e6, packets: Number.POSITIVE_INFINITY },
  L: { packets: 1_000_000 },
  XL: { packets: 10_000_000 },
  pair: { pair: true, packets: 300_000, loss: 0.01, nat: true, rewriteIsn: true, injectRst: 0.02, clockOffsetUs: 3_500_000 },
};

interface Contender {
  readonly name: string;
  command(files: readonly string[]): string[];
  /** Rejects a run that did not do its work: a usage error is fast, too. tcptrace counts IP packets only. */
  check(run: Run, packets: number): boolean;
}

const casebook: Contender = {
  name: "casebook match",
  command: (files) => [process.execPath, join(root, "dist/main.js"), "match", ...files, "--format", "json"],
  check(run, packets) {
    if (run.status !== 0) return false;
    const report = JSON.parse(Buffer.from(run.stdout, "latin1").toString()) as { bundle: { sources: { packets?: number }[] } };
    return report.bundle.sources.reduce((sum, source) => sum + (source.packets ?? 0), 0) === packets;
  },
};
const peers: Contender[] = [
  {
    name: "tshark -q -z expert",
    command: (files) => ["tshark", "-r", files[0]!, "-q", "-z", "expert"],
    check: (run) => run.status === 0 && run.stdout.includes("Warns"),
  },
  {
    name: "tcptrace -n -l",
    command: (files) => ["tcptrace", "-n", "-l", files[0]!],
    check: (run, packets) => run.status === 0 && Number(/(\d+) packets seen/.exec(run.stdout)?.[1]) > 0.9 * packets,
  },
  {
    name: "record headers only",
    command: (files) => [process.execPath, join(import.meta.dirname, "record-loop.ts"), files[0]!],
    check: (run, packets) => run.stdout.trim() === String(packets),
  },
];

function prepare(name: string): { files: string[]; packets: number } {
  const options = CAPTURES[name];
  if (!options) throw new Error(`no such capture: ${name}; there are ${Object.keys(CAPTURES).join(", ")}`);
  mkdirSync(data, { recursive: true });
  const { truth, files } = generateCaptures({ ...options, out: join(data, options.pair ? name : `${name}.pcap`) });
  return { files, packets: Object.values(truth.taps).reduce((sum, tap) => sum + tap.packets, 0) };
}

async function available(contender: Contender): Promise<boolean> {
  const [program] = contender.command(["-"]);
  if (program!.includes("/")) return true;
  return (await measure(["which", program!])).status === 0;
}

async function compare(name: string, runs: number): Promise<void> {
  const { files, packets } = prepare(name);
  const contenders = [casebook];
  for (const peer of name === "pair" ? [] : peers) {
    if (await available(peer)) contenders.push(peer);
    else console.log(`skipped: ${peer.name} is not installed`);
  }
  const results = new Map<Contender, Run[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= runs; round++) {
    for (const contender of contenders) {
      const run = await measure(contender.command(files));
      if (!contender.check(run, packets)) throw new Error(`${contender.name} on ${name} did not do its work: exit ${run.status}`);
      if (round > 0) results.get(contender)!.push(run);
    }
  }
  console.log(`\n${name}: ${packets.toLocaleString("en")} packets, ${runs} alternating runs after one warm-up; medians`);
  console.log(
    ["", "CPU s", "packets/CPU s", "peak MiB", "CPU ratio to casebook (min-max)"]
      .map((cell, i) => cell.padEnd([24, 10, 16, 10, 0][i]!))
      .join(""),
  );
  const ours = results.get(casebook)!;
  for (const [contender, list] of results) {
    const cpu = median(list.map((run) => run.cpu));
    const ratios = list.map((run, i) => run.cpu / ours[i]!.cpu);
    const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`;
    const cells = [
      contender.name,
      cpu.toFixed(2),
      Math.round(packets / cpu).toLocaleString("en"),
      median(list.map((run) => run.peakMiB)).toFixed(0),
      ratio,
    ];
    console.log(cells.map((cell, i) => cell.padEnd([24, 10, 16, 10, 0][i]!)).join(""));
  }
}

/** What ten times the packets cost, above the cost of starting: CPU and memory of the same work on a tenth and on the whole. */
async function growth(runs: number): Promise<void> {
  mkdirSync(data, { recursive: true });
  const small = generateCaptures({ packets: 100_000, out: join(data, "tenth.pcap") });
  const large = generateCaptures({ packets: 1_000_000, out: join(data, "whole.pcap") });
  const ratios: number[] = [];
  const peaks: [number, number][] = [];
  for (let round = 0; round <= runs; round++) {
    const start = await measure([process.execPath, join(root, "dist/main.js"), "match", join(root, "README.md")]);
    const tenth = await measure(casebook.command(small.files));
    const whole = await measure(casebook.command(large.files));
    if (!casebook.check(tenth, 100_000) || !casebook.check(whole, 1_000_000)) throw new Error("casebook did not do its work");
    if (round === 0) continue;
    ratios.push((whole.cpu - start.cpu) / (tenth.cpu - start.cpu));
    peaks.push([tenth.peakMiB, whole.peakMiB]);
  }
  console.log(
    `\ngrowth: ten times the packets cost ${median(ratios).toFixed(1)} times the CPU (${Math.min(...ratios).toFixed(1)}-${Math.max(...ratios).toFixed(1)}) above start-up`,
  );
  console.log(
    `peak MiB: ${median(peaks.map(([tenth]) => tenth)).toFixed(0)} for 100,000 packets, ${median(peaks.map(([, whole]) => whole)).toFixed(0)} for 1,000,000`,
  );
}

/** Search at ten thousand cases has a file of its own. */
function search(): void {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "search.ts")], { stdio: "inherit" });
  if (status !== 0) throw new Error("the benchmark of the search failed");
}

if (!existsSync(join(root, "dist/main.js"))) throw new Error("dist/ is missing: npm run build");
const runs = Number(values.runs);
for (const name of values.only.split(",")) {
  if (name === "search") search();
  else if (name === "growth") await growth(runs);
  else if (name === "server") await benchServer(runs);
  else if (name === "bundles") await benchBundles(runs);
  else if (name === "event-logs") await benchEventLogs(runs);
  else await compare(name, runs);
}
