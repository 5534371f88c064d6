import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateCaptures } from "./gen-captures.ts";
import { measure, median, type Run } from "./measure.ts";

const main = join(import.meta.dirname, "../../dist/main.js");
const data = join(import.meta.dirname, "data");
const CAPTURES = [50, 100, 200, 400];
const ROWS = 800_000;

interface Report {
  readonly bundle: { readonly sources: readonly unknown[]; readonly warnings: readonly unknown[] };
}

/** Bundles of an unusual kind: hundreds of captures, of which one in forty has its counterpart, and a listing of 800,000 rows. */
export async function benchBundles(runs: number): Promise<void> {
  mkdirSync(data, { recursive: true });
  for (const count of CAPTURES) await time(`${count} captures`, captures(count), count, runs);
  await time(`${ROWS.toLocaleString("en")} netstat rows`, listing(), 1, runs);
}

async function time(name: string, path: string, sources: number, runs: number): Promise<void> {
  const kept: Run[] = [];
  for (let round = 0; round <= runs; round++) {
    const run = await measure([process.execPath, main, "match", path, "--format", "json"]);
    const { bundle } = JSON.parse(Buffer.from(run.stdout, "latin1").toString()) as Report;
    if (run.status !== 0 || bundle.sources.length !== sources) throw new Error(`${name} was not read: exit ${run.status}`);
    if (round > 0) kept.push(run);
  }
  const [cpu, peak] = [median(kept.map((run) => run.cpu)), median(kept.map((run) => run.peakMiB))];
  console.log(`${name}: ${cpu.toFixed(1)} CPU s, ${peak.toFixed(0)} MiB`);
}

/** A folder of so many captures of 200 packets each, pairs somewhat longer. */
function captures(count: number): string {
  const folder = join(data, `captures-${count}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (let n = 0; n < count; n++) {
    const pair = n % 40 === 7 && n + 1 < count;
    const out = join(folder, `${String(n).padStart(3, "0")}${pair ? "" : ".pcap"}`);
    generateCaptures({ packets: 200, seed: n + 1, out, ...(pair && { pair, loss: 0.02, nat: n % 80 === 7, injectRst: 0.05 }) });
    rmSync(`${out}.truth.json`);
    if (pair) n++;
  }
  return folder;
}

/** Connections of one machine, nearly every one to another address. */
function listing(): string {
  const path = join(data, "netstat.txt");
  const lines = ["Active Connections", "", "  Proto  Local Address  Foreign Address  State  PID"];
  for (let n = 0; n < ROWS; n++) {
    const far = Math.imul(n, 2654435761) >>> 0;
    const remote = `10.${far >>> 24}.${(far >>> 16) & 255}.${(far >>> 8) & 255}:${1024 + (far % 60_000)}`;
    const state = ["ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT"][n % 3]!;
    lines.push(`  TCP    10.20.30.40:${1024 + (n % 64_000)}      ${remote}     ${state}     ${1000 + (n % 500)}`);
  }
  writeFileSync(path, `${lines.join("\r\n")}\r\n`);
  return path;
}
