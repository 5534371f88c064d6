import { randomBytes } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import { SEAL_CHECK } from "../../api/blobs/seal-check.ts";
import { sealedBlobs } from "../../api/blobs/sealed.ts";
import type { Job } from "../../api/store/store.ts";
import { sweep } from "../../api/work/retention.ts";
import { openRunner, type Runner, type RunnerOptions } from "../../api/work/runner.ts";
import type { AnalysisResult } from "../../api/work/task.ts";
import { startWorker } from "../../api/work/worker.ts";
import { CancelledError } from "../../engine/derive/analyse-source.ts";
import { loadKnowledge } from "../../engine/node/knowledge.ts";
import { blobBytes, chunked } from "../support/blob-bytes.ts";
import { filesBelow } from "../support/bundles.ts";
import { synFlood } from "../support/flood.ts";
import { blobKeys, ended, jobWhen, silent, submitFiles, withBackend, workOn } from "../support/jobs.ts";
import { freshBlob } from "../support/submissions.ts";
import { casebook } from "../support/terminal.ts";

const CASE = "tests/cases/rdp-listener-gone/article/bundle";
const evidence = filesBelow(CASE);
const MIB = 1 << 20;
const knowledge = await loadKnowledge();
const open: Runner[] = [];

function runnerWith(options: Partial<RunnerOptions> = {}): Runner {
  const runner = openRunner({ knowledge, dataKey: null, limits: {}, threads: 1, jobMemory: 1024 * MIB, jobTime: 60_000, ...options });
  open.push(runner);
  return runner;
}

const runner = runnerWith();
afterAll(async () => void (await Promise.all(open.map((one) => one.close()))));

/** A run that takes as long as the test wants, with no thread. */
function patientRunner() {
  const runs: { readonly signal: AbortSignal | undefined; finish(result: AnalysisResult): void }[] = [];
  const analyse: Runner["analyse"] = (_, { signal } = {}) =>
    new Promise((resolve, reject) => {
      runs.push({ signal, finish: resolve });
      signal?.addEventListener("abort", () => reject(new CancelledError("cancelled")));
    });
  return { analyse, runs };
}
const nothing: AnalysisResult = { report: Buffer.from("{}"), explanations: Buffer.from("") };

async function storedJson(backend: Backend, job: Job): Promise<unknown> {
  return JSON.parse(Buffer.from(await blobBytes(backend.blobs, job.results.report!)).toString());
}

/** Runs one bundle to its end under some limits, and a small one after it, which must be done. */
async function outcomeUnder(limits: Partial<RunnerOptions>, files: ReadonlyMap<string, Uint8Array>): Promise<Job> {
  return withBackend(async (backend) => {
    const { job } = await submitFiles(backend, files);
    const worker = workOn(backend, runnerWith(limits));
    const outcome = await jobWhen(backend, job.id, ended);
    // Where limits are as narrow as in tests, a machine that has much else to do may need another go.
    await expect
      .poll(async () => {
        const after = await submitFiles(backend, new Map([["netstat.txt", evidence.get("netstat.txt")!]]));
        worker.wake();
        return (await jobWhen(backend, after.job.id, ended)).state;
      })
      .toBe("done");
    await worker.stop(0);
    return outcome;
  });
}

describe("a worker", () => {
  it.each([
    ["as they are", null],
    ["sealed", randomBytes(32)],
  ])("stores the report and explanations of the command line, from files stored %s", async (_, key) => {
    const printed = await casebook(["match", CASE, "--format", "json", "--all"]);
    const explained = await casebook(["rules", "explain", "rdp-listener-gone", CASE, "--json"]);
    await withBackend(async (backend) => {
      const worker = workOn(backend, key ? runnerWith({ dataKey: key }) : runner);
      const { job } = await submitFiles(backend, evidence);
      worker.wake();
      const done = await jobWhen(backend, job.id, ended);
      expect(done).toMatchObject({
        state: "done",
        error: null,
        attempts: 1,
        progress: { stage: "quoting", rules: knowledge.rules.length },
      });
      expect(await storedJson(backend, done)).toEqual(JSON.parse(printed.out));
      const explanations = JSON.parse(gunzipSync(await blobBytes(backend.blobs, done.results.explanations!)).toString());
      expect(explanations["rdp-listener-gone"]).toEqual(JSON.parse(explained.out).queries);
      expect(Object.keys(explanations)).toHaveLength(knowledge.rules.length);
      await worker.stop(0);
    }, key);
  });

  it("runs as many jobs at once as it may, oldest first, and no more", async () => {
    await withBackend(async (backend) => {
      const { analyse, runs } = patientRunner();
      const ids = [];
      for (let count = 0; count < 3; count++) ids.push((await submitFiles(backend, evidence)).job.id);
      const worker = workOn(backend, { analyse }, 2);
      await expect.poll(() => runs.length).toBe(2);
      expect(worker.running()).toBe(2);
      expect(await jobWhen(backend, ids[2]!, () => true)).toMatchObject({ state: "queued" });
      runs[0]!.finish(nothing);
      await expect.poll(() => runs.length).toBe(3);
      expect(await jobWhen(backend, ids[2]!, () => true)).toMatchObject({ state: "running" });
      for (const run of runs) run.finish(nothing);
      await worker.stop(1_000);
    });
  });

  it("fails a job that takes too long, and goes on", async () => {
    const job = await outcomeUnder({ jobTime: 1_000 }, new Map([["flood.pcap", synFlood(600_000)]]));
    expect(job).toMatchObject({ state: "failed", error: expect.stringMatching(/longer than the 1 s/) });
  });

  it("fails a job that needs too much memory, and goes on", async () => {
    const job = await outcomeUnder({ jobMemory: 40 * MIB }, new Map([["flood.pcap", synFlood(400_000)]]));
    expect(job).toMatchObject({ state: "failed", error: expect.stringMatching(/more than the 40 MiB of memory/) });
  });

  it.each([
    ["is gone", async ({ blobs }: Backend, blob: string) => blobs.delete([blob]), /no longer stored/],
    [
      "was changed",
      async ({ blobs }: Backend, blob: string) => {
        await blobs.delete([blob]);
        await blobs.write(blob, chunked(Buffer.from("something else"), [100]));
      },
      /damaged/,
    ],
    [
      "was exchanged for another of its size",
      async ({ blobs }: Backend, blob: string) => {
        await blobs.delete([blob]);
        await blobs.write(blob, chunked(new Uint8Array(evidence.get("netstat.txt")!.length), [100]));
      },
      /damaged/,
    ],
    [
      "is sealed with a key that is not there any more",
      async ({ blobs }: Backend, blob: string) => {
        await blobs.delete([blob]);
        await sealedBlobs(blobs, randomBytes(32)).write(blob, chunked(evidence.get("netstat.txt")!, [100]));
      },
      /damaged, or sealed with another key/,
    ],
  ])("fails a job of which a file %s", async (_, harm, reason) => {
    await withBackend(async (backend, folder) => {
      const { job, bundle } = await submitFiles(backend, evidence);
      await harm(backend, bundle.files.find(({ path }) => path === "netstat.txt")!.blob);
      const worker = workOn(backend, runner);
      const failed = await jobWhen(backend, job.id, ended);
      expect(failed).toMatchObject({ state: "failed", error: expect.stringMatching(reason) });
      expect(failed.error).not.toContain(folder);
      await worker.stop(0);
    });
  });

  it("stops a job that is cancelled while it runs", async () => {
    await withBackend(async (backend) => {
      const { job } = await submitFiles(backend, new Map([["flood.pcap", synFlood(300_000)]]));
      const worker = workOn(backend, runner);
      await jobWhen(backend, job.id, ({ progress }) => (progress?.packets ?? 0) > 0);
      await backend.store.cancel("local", job.id, Date.now());
      expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "cancelled", results: {} });
      expect(await backend.queue.waiting()).toBe(0);
      await worker.stop(0);
    });
  });

  it("drops a job whose bundle is deleted while it runs, and keeps nothing of it", async () => {
    await withBackend(async (backend) => {
      const { analyse, runs } = patientRunner();
      const { job, bundle } = await submitFiles(backend, evidence);
      const worker = workOn(backend, { analyse });
      await jobWhen(backend, job.id, ({ state }) => state === "running");
      await expect.poll(() => runs.length).toBe(1);
      await backend.blobs.delete((await backend.store.deleteBundle("local", bundle.id))!);
      runs[0]!.finish(nothing);
      await expect.poll(() => worker.running()).toBe(0);
      expect(await blobKeys(backend)).toEqual([]);
      await worker.stop(0);
    });
  });

  it("lets a job end when it is stopped, and hands back untouched what does not end in time", async () => {
    await withBackend(async (backend) => {
      const { analyse, runs } = patientRunner();
      const [first, second] = [await submitFiles(backend, evidence), await submitFiles(backend, evidence)];
      const waiting = await submitFiles(backend, evidence);
      const worker = workOn(backend, { analyse }, 2);
      await expect.poll(() => runs.length).toBe(2);
      // Long enough for what the first run still has to store, on a busy machine too.
      const stopped = worker.stop(5_000);
      runs[0]!.finish(nothing);
      await stopped;
      // Either of the two may have begun first.
      const begun = await Promise.all([first, second].map(({ job }) => jobWhen(backend, job.id, () => true)));
      expect(begun.find(({ state }) => state === "done")).toMatchObject({ attempts: 1 });
      const untouched = begun.find(({ state }) => state === "queued")!;
      expect(untouched).toMatchObject({ attempts: 0, startedAt: null });
      expect(await jobWhen(backend, waiting.job.id, () => true)).toMatchObject({ state: "queued", attempts: 0 });
      expect(await backend.queue.waiting()).toBe(2);
      const next = workOn(backend, runner);
      expect(await jobWhen(backend, untouched.id, ended)).toMatchObject({ state: "done", attempts: 1 });
      await next.stop(1_000);
    });
  });

  it("fails a job that ended the process that ran it three times, with a reason", async () => {
    await withBackend(async (backend) => {
      const { job } = await submitFiles(backend, evidence);
      for (let time = 0; time < 3; time++) {
        const [delivery] = await backend.queue.take(1);
        await backend.store.begin(job.id, Date.now());
        await backend.queue.giveBack(delivery!);
      }
      const worker = workOn(backend, runner);
      expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "failed", error: expect.stringMatching(/begun 3 times/) });
      expect(await backend.queue.waiting()).toBe(0);
      await worker.stop(0);
    });
  });

  it("does not use what it found once another has begun the job, and deletes it", async () => {
    await withBackend(async (backend) => {
      const { analyse, runs } = patientRunner();
      const { job } = await submitFiles(backend, evidence);
      const worker = workOn(backend, { analyse });
      await expect.poll(() => runs.length).toBe(1);
      const other = await backend.store.begin(job.id, Date.now());
      expect(other!.job.attempts).toBe(2);
      runs[0]!.finish(nothing);
      await expect.poll(() => worker.running()).toBe(0);
      expect(await jobWhen(backend, job.id, () => true)).toMatchObject({ state: "running", attempts: 2, results: {} });
      expect((await blobKeys(backend)).length).toBe(evidence.size);
      await worker.stop(0);
    });
  });

  it("waits for a store, a queue and a place for blobs that cannot be reached, and loses nothing", async () => {
    await withBackend(async (backend) => {
      let failures = 0;
      const flaky = <T extends object>(what: T): T =>
        new Proxy(what, {
          get(target, name) {
            const method = Reflect.get(target, name) as unknown;
            if (typeof method !== "function") return method;
            return (...args: unknown[]) => {
              if (name !== "note" && failures++ % 2 === 0) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
              return method.apply(target, args) as unknown;
            };
          },
        });
      const { job } = await submitFiles(backend, new Map([["netstat.txt", evidence.get("netstat.txt")!]]));
      const worker = workOn({ ...backend, store: flaky(backend.store), queue: flaky(backend.queue), blobs: flaky(backend.blobs) }, runner);
      expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "done" });
      expect(failures).toBeGreaterThan(6);
      await worker.stop(1_000);
      expect(await backend.queue.waiting()).toBe(0);
    });
  });
});

describe("storage that is away for long", () => {
  it("costs a job none of its attempts", async () => {
    await withBackend(async (backend) => {
      let away = 5;
      const local: typeof backend.blobs.local = async (key) => {
        if (away-- > 0) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
        return backend.blobs.local(key);
      };
      const blobs = new Proxy(backend.blobs, {
        get: (target, name) => (name === "local" ? local : Reflect.get(target, name).bind(target)),
      });
      const { job } = await submitFiles(backend, new Map([["netstat.txt", evidence.get("netstat.txt")!]]));
      const worker = startWorker({ ...backend, blobs, runner, jobsAtOnce: 1, lease: 30_000, patience: 0, log: silent });
      expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "done", error: null, attempts: 1 });
      expect(away).toBe(-1);
      await worker.stop(1_000);
    });
  });
});

describe("retention", () => {
  it("deletes bundles whose time has passed with reports and files, and what belongs to nothing for a day", async () => {
    await withBackend(async (backend) => {
      const now = Date.now();
      const old = await submitFiles(backend, evidence, { expiresAt: now + 60_000 });
      const kept = await submitFiles(backend, evidence, { expiresAt: now + 7 * 86_400_000 });
      const worker = workOn(backend, runner);
      for (const { job } of [old, kept]) expect(await jobWhen(backend, job.id, ended)).toMatchObject({ state: "done" });
      await worker.stop(0);
      await backend.blobs.write(freshBlob(), chunked(Buffer.from("left over"), [4]));
      const others = [SEAL_CHECK, "backups/2026-11-01"];
      for (const key of others) await backend.blobs.write(key, chunked(Buffer.from("not of a bundle"), [4]));
      const all = await blobKeys(backend);

      const sweepAt = (time: number) =>
        sweep({ store: { ...backend.store, now: async () => time }, blobs: backend.blobs, auditRetention: null, log: silent });
      const nothing = { bundles: 0, orphans: 0, audit: 0 };
      expect(await sweepAt(now)).toEqual(nothing);
      expect(await sweepAt(now + 2 * 60_000)).toEqual({ ...nothing, bundles: 1 });
      expect(await sweepAt(now + 25 * 3_600_000)).toEqual({ ...nothing, orphans: 1 });
      expect(await backend.store.bundle("local", old.bundle.id)).toBeNull();
      expect(await backend.store.jobsById([old.job.id])).toEqual([]);
      const left = await blobKeys(backend);
      expect(left).toHaveLength((all.length - 3) / 2 + 2);
      expect(left).toEqual(expect.arrayContaining(others));
      expect(left).toEqual(expect.arrayContaining(kept.bundle.files.map(({ blob }) => blob)));
      expect(await backend.store.auditLog("local", { limit: 5 })).toMatchObject([
        { actor: "system", action: "bundle.expire", subject: old.bundle.id },
      ]);
    });
  });
});

describe("retention of the audit log", () => {
  it("deletes lines that are too old, however many, and none where it is to be kept", async () => {
    await withBackend(async ({ store, blobs }) => {
      const now = Date.now();
      const line = (at: number) => store.audit({ at, tenant: "local", actor: "x", action: "report.read", subject: "x", requestId: null });
      for (let count = 0; count < 2_100; count++) await line(now - 86_400_001);
      await line(now - 80_000_000);
      const swept = (auditRetention: number | null) => sweep({ store, blobs, auditRetention, log: silent });
      expect((await swept(null)).audit).toBe(0);
      expect((await swept(86_400_000)).audit).toBe(2_100);
      expect(await store.auditLog("local", { limit: 10 })).toHaveLength(1);
    });
  });
});

describe("a submitted rule", () => {
  const rule = knowledge.rules.find(({ id }) => id.endsWith("rdp-listener-gone"))!.text;
  const trial = {
    name: "article",
    case: { rule: "rdp-listener-gone", variant: "article", folder: "tests/cases/rdp-listener-gone/article" },
  };

  it("is tried on a test bundle in place of the rule of its name", async () => {
    const { problems, trials } = await runner.checkRule(rule, [trial]);
    expect(problems).toEqual([]);
    expect(trials).toMatchObject([{ name: "article", finding: { verdict: "matched" }, matched: ["rdp-listener-gone"], differences: [] }]);
    expect(trials[0]!.explanation.map(({ name }) => name)).toContain("no_listener");
  });

  it("is told where it differs from what its test expects", async () => {
    const { trials } = await runner.checkRule(rule.replace(/^condition:.*$/m, "condition: not no_listener"), [trial]);
    expect(trials[0]!.finding.verdict).not.toBe("matched");
    expect(trials[0]!.differences!.join()).toContain("verdict: expected");
  });

  it("is told what is wrong with it, with its line, and not tried", async () => {
    const { rule: id, problems, trials } = await runner.checkRule(rule.replace("from: sockets", "from: socks"), [trial]);
    expect(id).toBe("rdp-listener-gone");
    expect(problems).toEqual([
      expect.objectContaining({ file: "rdp-listener-gone.yaml", code: "unknown-table", line: expect.any(Number) }),
    ]);
    expect(trials).toEqual([]);
  });

  it("is not held to have taken long for having waited behind one that did", async () => {
    const busy = runnerWith({ jobTime: 60_000 });
    const folder = await mkdtemp(join(tmpdir(), "casebook-endless-"));
    const [location, bytes] = [join(folder, "zeros"), 2 ** 38];
    await writeFile(location, "");
    // Takes no room on the disk, and minutes to read.
    await truncate(location, bytes);
    const endless = { name: "endless", bundle: { name: "endless", files: [{ path: "zeros", location, bytes, stored: null }] } };
    // The minute passes when this test says so.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const begun = Promise.withResolvers<void>();
      const first = busy.checkRule(rule, [endless], { onProgress: () => begun.resolve() });
      const second = busy.checkRule(rule, [trial]);
      const both = Promise.allSettled([first, second]);
      await begun.promise;
      vi.advanceTimersByTime(60_000);
      expect(await both).toMatchObject([
        { status: "rejected", reason: { message: expect.stringMatching(/longer than the 60 s/) } },
        { status: "fulfilled", value: { trials: [{ finding: { verdict: "matched" } }] } },
      ]);
    } finally {
      vi.useRealTimers();
      await rm(folder, { recursive: true });
    }
  });

  it.each(["", "][", "a: &a [*a, *a]", "id: [1]", `id: ${"x".repeat(100_000)}`])("that is no rule, %#, has problems", async (text) => {
    const { problems, trials } = await runner.checkRule(text, [trial]);
    expect(problems.length).toBeGreaterThan(0);
    expect(trials).toEqual([]);
  });
});
