import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import { sqliteQueue } from "../../api/queue/sqlite-queue.ts";
import { openSqlite } from "../../api/store/sqlite.ts";
import { sweep } from "../../api/work/retention.ts";
import type { AnalysisResult } from "../../api/work/task.ts";
import { startWorker } from "../../api/work/worker.ts";
import { blobBytes } from "../support/blob-bytes.ts";
import { blobKeys, ended, jobWhen, silent, submitFiles, withBackend } from "../support/jobs.ts";

const HOUR = 3_600_000;
const evidence = new Map([["netstat.txt", Buffer.from("  TCP    0.0.0.0:3389    0.0.0.0:0    LISTENING    4\n")]]);
const saying = (what: string): AnalysisResult => ({ report: Buffer.from(JSON.stringify(what)), explanations: Buffer.from(what) });

afterEach(() => void vi.restoreAllMocks());

/** Sets this machine's clock by so much, until the test is over. */
function jump(by: number): void {
  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now.call(Date) + by);
}

/** Runs that end when the test says, whoever asks them to stop: as deaf as a thread can be that is busy. */
function deafRunner() {
  const runs: ((result: AnalysisResult) => void)[] = [];
  return { runs, analyse: () => new Promise<AnalysisResult>((resolve) => runs.push(resolve)) };
}

describe.each([HOUR, -HOUR])("a machine's clock that jumps by %i ms", (by) => {
  it("does not have a job run twice", async () => {
    await withBackend(async (backend) => {
      const { runs, analyse } = deafRunner();
      const { job } = await submitFiles(backend, evidence);
      const worker = startWorker({ ...backend, runner: { analyse }, jobsAtOnce: 2, lease: 30_000, log: silent });
      await expect.poll(() => runs.length).toBe(1);
      jump(by);
      // Longer than a worker that has room waits before it asks the queue again.
      await pause(1_500);
      expect(runs).toHaveLength(1);
      runs[0]!(saying("once"));
      expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "done", attempts: 1 });
      await worker.stop(0);
    });
  });

  it("does not keep a job from being given to another when its worker has died", async () => {
    await withBackend(async ({ store, blobs }, folder) => {
      const database = await openSqlite(join(folder, "casebook.db"));
      const queue = sqliteQueue(database, 50);
      const { job } = await submitFiles({ store, blobs } as Backend, evidence);
      expect(await queue.take(1)).toHaveLength(1);
      jump(by);
      await expect.poll(async () => (await queue.take(1))[0]?.job, { timeout: 5_000 }).toBe(job.id);
      database.close();
    });
  });

  it("deletes no bundle before its time, but for that hour", async () => {
    await withBackend(async ({ store, blobs, ...backend }) => {
      const { bundle } = await submitFiles({ store, blobs, ...backend }, evidence, { expiresAt: Date.now() + HOUR + 60_000 });
      jump(by);
      expect(await sweep({ store, blobs, auditRetention: 2 * HOUR, log: silent })).toEqual({ bundles: 0, orphans: 0, audit: 0 });
      expect(await store.bundle("local", bundle.id)).not.toBeNull();
    });
  });
});

describe.each(["first", "second"])("where a lease's clock does jump and a job is run twice at once, the %s to end", (first) => {
  it("or not: the newest attempt alone says what came of it, and nothing of the other is kept", async () => {
    await withBackend(async (backend, folder) => {
      let jumped = 0;
      const database = await openSqlite(join(folder, "casebook.db"));
      const clock = () => 1_000_000 + jumped;
      const { job } = await submitFiles(backend, evidence);
      const [one, two] = [deafRunner(), deafRunner()];
      const work = (runner: { readonly analyse: typeof one.analyse }) =>
        startWorker({ ...backend, queue: sqliteQueue(database, 30_000, clock), runner, jobsAtOnce: 1, lease: 300_000, log: silent });
      const workers = [work(one)];
      await expect.poll(() => one.runs.length).toBe(1);
      jumped = HOUR;
      workers.push(work(two));
      await expect.poll(() => two.runs.length).toBe(1);

      const end = async (which: string) => {
        if (which === "first") one.runs[0]!(saying("first"));
        else two.runs[0]!(saying("second"));
        const worker = workers[which === "first" ? 0 : 1]!;
        await expect.poll(() => worker.running()).toBe(0);
      };
      await end(first);
      await end(first === "first" ? "second" : "first");
      const done = await jobWhen(backend, job.id, ended);
      expect(done).toMatchObject({ state: "done", attempts: 2 });
      expect(Buffer.from(await blobBytes(backend.blobs, done.results.report!)).toString()).toBe('"second"');
      expect(await blobKeys(backend)).toHaveLength(evidence.size + 2);
      expect(await backend.queue.waiting()).toBe(0);
      for (const worker of workers) await worker.stop(0);
      expect([one.runs.length, two.runs.length]).toEqual([1, 1]);
      database.close();
    });
  });
});
