import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnosePaths } from "../../engine/node/diagnose.ts";
import { findTestCases } from "../../engine/node/test-cases.ts";
import { accepted, ask, hasEnded, jobOnce, report } from "../support/api-client.ts";
import { filesBelow } from "../support/bundles.ts";
import { synFlood } from "../support/flood.ts";
import { tellWithoutPostgres, withoutPostgres } from "../support/postgres.ts";
import { killAll, type RunningProcess, startCasebook, startServer } from "../support/server-process.ts";
import { type SharedBackend, startSharedBackend } from "../support/shared-backend.ts";

const BUNDLES = 40;
/** Jobs that take a while, so that processes are killed in the middle of one. */
const LONG_ONES = 4;

tellWithoutPostgres("servers and workers on many machines");

describe.skipIf(withoutPostgres !== null)("two servers and three workers that share a database and object storage", () => {
  let shared: SharedBackend;
  let environment: Record<string, string>;
  const folder = mkdtempSync(join(tmpdir(), "casebook-machines-"));

  beforeAll(async () => {
    shared = await startSharedBackend(folder);
    environment = {
      ...shared.environment,
      CASEBOOK_DATA_KEY: Buffer.alloc(32, 7).toString("base64"),
      CASEBOOK_LEASE: "10s",
      CASEBOOK_JOBS: "1",
      CASEBOOK_UPLOAD_RATE: "0",
      CASEBOOK_REQUEST_RATE: "0",
    };
  });
  afterAll(async () => {
    killAll();
    await shared?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("end every accepted job once, though one server and two workers are killed in the middle of one", { timeout: 240_000 }, async () => {
    const [servers, workers] = await Promise.all([
      Promise.all([1, 2].map(() => startServer([], environment))),
      Promise.all([1, 2, 3].map(() => startWorker(environment))),
    ]);
    const cases = await findTestCases("tests/cases");
    const submitted = await Promise.all(
      Array.from({ length: BUNDLES }, async (_, index) => {
        const server = servers[index % 2]!;
        if (index < LONG_ONES) {
          const { id } = await accepted(server.address, new Map([["flood.pcap", synFlood(40_000 + index)]]));
          return { id, folder: null };
        }
        const { folder } = cases[index % cases.length]!;
        // A bundle of its own name is an analysis of its own.
        const { id } = await accepted(server.address, filesBelow(join(folder, "bundle")), `${index}`);
        return { id, folder };
      }),
    );

    const victims = [servers[0]!, workers[0]!, workers[1]!];
    await busy(victims);
    await Promise.all(victims.map((victim) => victim.kill("SIGKILL")));

    const { address } = servers[1]!;
    const jobs = await Promise.all(submitted.map(({ id }) => jobOnce(address, id, hasEnded, 180_000)));
    expect(jobs.map(({ state, error }) => ({ state, error }))).toEqual(jobs.map(() => ({ state: "done", error: null })));
    const again = jobs.filter(({ attempts }) => attempts > 1);
    expect(again.length).toBeGreaterThan(0);
    expect(again.length).toBeLessThanOrEqual(victims.length);
    for (const { id, folder } of submitted) {
      if (folder === null) continue;
      const told = await report(address, id);
      const { report: printed } = await diagnosePaths([join(folder, "bundle")], { all: true });
      expect({ ...told, bundle: { ...told.bundle, name: "bundle" } }).toEqual(JSON.parse(JSON.stringify(printed)));
    }
    const ended = [...servers, ...workers].flatMap(jobLines).filter(({ msg }) => msg === "job done");
    expect(new Set(ended.map(({ job }) => job)).size).toBe(ended.length);
    // A process may be killed when it has ended a job and not yet said so.
    expect(ended.length).toBeGreaterThanOrEqual(BUNDLES - victims.length);
    const { body } = await ask<{ status: string }>(`${address}/health/ready`);
    expect(body.status).toBe("ready");
    for (const process of [servers[1]!, workers[2]!]) expect((await process.kill("SIGTERM")).code).toBe(0);
  });
});

async function startWorker(environment: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const worker = startCasebook(["worker"], environment);
  await worker.says(/ready to run 1 job at once/);
  return worker;
}

interface JobLine {
  readonly msg: string;
  readonly job: string;
}

/** What a process logged of jobs, in order. */
function jobLines(process: RunningProcess): JobLine[] {
  const lines = process
    .written()
    .err.split("\n")
    .filter((line) => line.includes('"msg":"job '));
  return lines.flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as JobLine] : []));
}

/** Resolves once each of the processes is in the middle of a job. */
async function busy(processes: readonly RunningProcess[]): Promise<void> {
  const isBusy = (process: RunningProcess) => jobLines(process).at(-1)?.msg === "job begun";
  await expect.poll(() => processes.every(isBusy), { timeout: 60_000, interval: 10 }).toBe(true);
}
