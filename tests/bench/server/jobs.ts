import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Backend } from "../../../api/backend/backend.ts";
import { openEmbedded } from "../../../api/backend/embedded.ts";
import { openShared } from "../../../api/backend/shared.ts";
import { filesBelow } from "../../support/bundles.ts";
import { ended, submitFiles } from "../../support/jobs.ts";
import { startPostgres, type TestPostgres, withoutPostgres } from "../../support/postgres.ts";
import { startS3, type TestS3 } from "../../support/s3.ts";
import { type RunningProcess, startCasebook, startServer } from "../../support/server-process.ts";
import { CASE, PROGRAM, tenMegabytes } from "./answers.ts";
import { cpuSeconds, spread, table } from "./load.ts";

/** Jobs that are not counted: each process has loaded what it needs and its code is warm. */
const WARM_UP = 12;

interface Load {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly jobs: number;
}

/** Some processes that take jobs, and the store they take them from. */
interface Workers {
  readonly backend: Backend;
  readonly processes: readonly RunningProcess[];
  stop(): Promise<void>;
}

interface Setup {
  readonly name: string;
  start(): Promise<Workers>;
}

interface Figures {
  readonly rate: number[];
  readonly cpu: number[];
}

/** Jobs a second by one worker and by two, embedded and on PostgreSQL with object storage, in turn. */
export async function benchJobs(runs: number): Promise<void> {
  const loads: Load[] = [
    { name: "4.8 kB of text exports", files: filesBelow(CASE), jobs: 150 },
    { name: "10 MB capture", files: new Map([["S.pcap", new Uint8Array(readFileSync(tenMegabytes().path))]]), jobs: 16 },
  ];
  const services = withoutPostgres === null ? { postgres: await startPostgres(), s3: await startS3() } : null;
  if (services === null) console.log(`\nskipped: jobs on PostgreSQL, ${withoutPostgres}`);
  const setups: Setup[] = [
    { name: "embedded, 1 at once", start: () => embedded(1) },
    { name: "embedded, 2 at once", start: () => embedded(2) },
    ...(services === null
      ? []
      : [1, 2].map((processes) => ({
          name: `PostgreSQL and S3, ${processes} worker${processes === 1 ? "" : "s"}`,
          start: () => shared(services, processes),
        }))),
  ];
  try {
    for (const load of loads) {
      const figures = setups.map((): Figures => ({ rate: [], cpu: [] }));
      for (let run = 0; run < runs; run++)
        for (const [index, setup] of setups.entries()) {
          const { rate, cpu } = await measured(setup, load);
          figures[index]!.rate.push(rate);
          figures[index]!.cpu.push(cpu);
        }
      tell(load, setups, figures, runs);
    }
  } finally {
    await services?.s3.stop();
    await services?.postgres.stop();
  }
}

function tell(load: Load, setups: readonly Setup[], figures: readonly Figures[], runs: number): void {
  console.log(`\njobs of ${load.name}: ${load.jobs} a run, ${runs} alternating runs; median (least-most)`);
  table([
    ["", "jobs/s", "CPU s a job", "to one of the kind"],
    ...setups.map(({ name }, index) => {
      const { rate, cpu } = figures[index]!;
      const one = figures[index - (index % 2)]!.rate;
      return [
        name,
        spread(rate, 2),
        spread(cpu, 3),
        spread(
          rate.map((each, run) => each / one[run]!),
          2,
        ),
      ];
    }),
  ]);
}

/** Fills the queue while the processes are held, then lets them go; the rate is that between the first job's end and the last's. */
async function measured({ start }: Setup, load: Load) {
  const { backend, processes, stop } = await start();
  const submit = (name: string) => submitFiles(backend, load.files, { name });
  try {
    const warm = Array.from({ length: Math.min(WARM_UP, load.jobs) }, (_, index) => submit(`warm-${index}`));
    await finished(
      backend,
      (await Promise.all(warm)).map(({ job }) => job.id),
    );
    for (const { pid } of processes) process.kill(pid, "SIGSTOP");
    const ids: string[] = [];
    for (let index = 0; index < load.jobs; index++) ids.push((await submit(`run-${index}`)).job.id);
    const before = processes.map(({ pid }) => cpuSeconds(pid));
    for (const { pid } of processes) process.kill(pid, "SIGCONT");
    const ends = (await finished(backend, ids)).sort((a, b) => a - b);
    const cpu = processes.reduce((sum, { pid }, index) => sum + cpuSeconds(pid) - before[index]!, 0);
    return { rate: (ends.length - 1) / ((ends.at(-1)! - ends[0]!) / 1000), cpu: cpu / load.jobs };
  } finally {
    await stop();
  }
}

/** When each job ended; rejects where one did not end well, or was begun twice. */
async function finished({ store }: Backend, ids: readonly string[]): Promise<number[]> {
  for (;;) {
    const jobs = await store.jobsById(ids);
    if (jobs.length !== ids.length) throw new Error(`${ids.length - jobs.length} jobs are gone`);
    if (jobs.every(ended)) {
      const odd = jobs.find(({ state, attempts }) => state !== "done" || attempts !== 1);
      if (odd) throw new Error(`job ${odd.id} is ${odd.state} after ${odd.attempts} attempts: ${odd.error}`);
      return jobs.map(({ finishedAt }) => finishedAt!);
    }
    await pause(150);
  }
}

async function embedded(jobsAtOnce: number): Promise<Workers> {
  const data = mkdtempSync(join(tmpdir(), "casebook-bench-"));
  const server = await startServer(["--data", data, "--jobs", String(jobsAtOnce), "--log-level", "warn"], {}, PROGRAM);
  const backend = await openEmbedded({ data });
  return {
    backend,
    processes: [server],
    async stop() {
      await backend.close();
      await server.kill("SIGTERM");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function shared({ postgres, s3 }: { readonly postgres: TestPostgres; readonly s3: TestS3 }, count: number): Promise<Workers> {
  const data = mkdtempSync(join(tmpdir(), "casebook-bench-"));
  const databaseUrl = await postgres.database();
  const { endpoint, bucket, accessKeyId, secretAccessKey } = s3.options;
  const prefix = `${databaseUrl.split("/").at(-1)}/`;
  const environment = {
    CASEBOOK_DATABASE_URL: databaseUrl,
    CASEBOOK_S3_ENDPOINT: endpoint!,
    CASEBOOK_S3_BUCKET: bucket,
    CASEBOOK_S3_PREFIX: prefix,
    CASEBOOK_S3_ACCESS_KEY: accessKeyId!,
    CASEBOOK_S3_SECRET_KEY: secretAccessKey!,
    CASEBOOK_DATA: data,
    CASEBOOK_JOBS: "1",
    CASEBOOK_LOG_LEVEL: "warn",
  };
  const backend = await openShared({ databaseUrl, s3: { ...s3.options, prefix }, spool: join(data, "bench") });
  const processes = Array.from({ length: count }, () => startCasebook(["worker"], environment, PROGRAM));
  await Promise.all(processes.map((worker) => worker.says(/ready to run/)));
  return {
    backend,
    processes,
    async stop() {
      await Promise.all(processes.map((worker) => worker.kill("SIGTERM")));
      await backend.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
