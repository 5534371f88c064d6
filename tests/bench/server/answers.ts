import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accepted, hasEnded, jobOnce } from "../../support/api-client.ts";
import { filesBelow, projectRoot } from "../../support/bundles.ts";
import { startServer } from "../../support/server-process.ts";
import { generateCaptures } from "../gen-captures.ts";
import { measure } from "../measure.ts";
import { cpuSeconds, get, keptConnections, spread, table, timed, uploadFile } from "./load.ts";

export const PROGRAM = join(projectRoot, "dist/main.js");
export const CASE = "tests/cases/rdp-listener-gone/article/bundle";
const UNLIMITED = ["--request-rate", "0", "--upload-rate", "0"];
const READS = { times: 1500, atOnce: 16 };
const LATENCIES = 5;

const agent = keptConnections();

/** A capture of 10 MB, the same each time. */
export function tenMegabytes(): { readonly path: string; readonly packets: number } {
  const data = join(import.meta.dirname, "../data");
  mkdirSync(data, { recursive: true });
  const { truth, files } = generateCaptures({ bytes: 10e6, packets: Number.POSITIVE_INFINITY, out: join(data, "S.pcap") });
  return { path: files[0]!, packets: Object.values(truth.taps)[0]!.packets };
}

/** How often reports can be read, and how long a bundle of 10 MB takes from the first byte sent to the last byte of its report. */
export async function benchAnswers(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "casebook-bench-"));
  const server = await startServer(["--data", folder, "--log-level", "warn", ...UNLIMITED], {}, PROGRAM);
  try {
    await benchReads(server.address, server.pid, runs);
    await benchLatency(server.address);
  } finally {
    await server.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchReads(address: string, pid: number, runs: number): Promise<void> {
  const { id } = await accepted(address, filesBelow(CASE), "bundle");
  await jobOnce(address, id, hasEnded);
  const printed = await measure([process.execPath, PROGRAM, "match", join(projectRoot, CASE), "--format", "json"]);
  const kinds = [
    {
      name: "report, JSON",
      path: `/v1/reports/${id}`,
      accept: "application/json",
      expected: Buffer.from(printed.stdout, "latin1").toString(),
    },
    { name: "report, HTML", path: `/v1/reports/${id}`, accept: "text/html", expected: null },
    { name: "job", path: `/v1/jobs/${id}`, accept: "application/json", expected: null },
    { name: "/health/live", path: "/health/live", accept: "application/json", expected: null },
  ];
  const figures = kinds.map(() => ({ rate: [] as number[], cpu: [] as number[], bytes: 0 }));
  for (let round = 0; round <= runs; round++)
    for (const [index, { path, accept, expected }] of kinds.entries()) {
      const first = await get(agent, address + path, { accept });
      if (first.status !== 200 || (expected !== null && first.body !== expected))
        throw new Error(`${path} as ${accept} is not what it has to be`);
      const before = cpuSeconds(pid);
      const seconds = await timed(READS.times, READS.atOnce, async () => {
        const { status, body } = await get(agent, address + path, { accept });
        if (status !== 200 || body !== first.body)
          throw new Error(`${path} as ${accept} was answered with ${status}, or otherwise than before`);
      });
      if (round === 0) continue;
      const of = figures[index]!;
      of.rate.push(READS.times / seconds);
      of.cpu.push(((cpuSeconds(pid) - before) / READS.times) * 1000);
      of.bytes = Buffer.byteLength(first.body);
    }
  console.log(`\nreads, ${READS.atOnce} at once: ${READS.times} a run, ${runs} alternating runs after one warm-up; median (least-most)`);
  table([
    ["", "bytes", "reads/s", "server's CPU ms each"],
    ...kinds.map(({ name }, index) => {
      const { rate, cpu, bytes } = figures[index]!;
      return [name, String(bytes), spread(rate, 0), spread(cpu, 2)];
    }),
  ]);
}

async function benchLatency(address: string): Promise<void> {
  const { path, packets } = tenMegabytes();
  const content = readFileSync(path);
  const [served, told, alone]: [number[], number[], number[]] = [[], [], []];
  for (let run = 0; run <= LATENCIES; run++) {
    const begun = performance.now();
    const { body } = await uploadFile(agent, `${address}/v1/bundles?name=run-${run}`, "S.pcap", [content]);
    const { id } = JSON.parse(body) as { id: string };
    const acceptedAt = performance.now();
    // The events end when the job has.
    await get(agent, `${address}/v1/jobs/${id}/events`);
    const answer = await get(agent, `${address}/v1/reports/${id}`, { accept: "application/json" });
    const ended = performance.now();
    const command = await measure([process.execPath, PROGRAM, "match", path, "--format", "json"]);
    const [report, printed] = [JSON.parse(answer.body), JSON.parse(Buffer.from(command.stdout, "latin1").toString())] as [Told, Told];
    const same = JSON.stringify(report.findings) === JSON.stringify(printed.findings) && report.bundle.sources[0]?.packets === packets;
    if (answer.status !== 200 || !same) throw new Error("the report of the 10 MB bundle is not what the command prints");
    if (run === 0) continue;
    told.push((acceptedAt - begun) / 1000);
    served.push((ended - begun) / 1000);
    alone.push(command.wall);
  }
  console.log(
    `\na bundle of ${(content.length / 1e6).toFixed(1)} MB and ${packets} packets, ${LATENCIES} runs after one warm-up, seconds; median (least-most)`,
  );
  table([
    ["", "seconds"],
    ["sent and accepted", spread(told, 2)],
    ["sent, analysed, report read", spread(served, 2)],
    ["casebook match on the same file", spread(alone, 2)],
  ]);
}

interface Told {
  readonly bundle: { readonly sources: readonly { readonly packets?: number }[] };
  readonly findings: readonly unknown[];
}
