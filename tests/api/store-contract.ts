import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { newId } from "../../api/ids.ts";
import { type ApiKey, IdempotencyConflict, type JobProgress, QuotaExceeded, type Store } from "../../api/store/store.ts";
import { freshBlob, newBundle, submit, submitAndBegin } from "../support/submissions.ts";

const PROGRESS: JobProgress = { stage: "reading", bytes: 5, totalBytes: 2 ** 41, packets: 3, rules: 0 };
const AT = 1_700_000_009_000;
const freshTenant = () => `tenant-${newId()}`;
const all = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** What every store does; `store` and `other` are two processes' views of the same data. */
export function storeContract(store: () => Store, other: () => Store): void {
  keys(store);
  acceptance(store, other);
  quotas(store, other);
  runs(store, other);
  deletion(store, other);
  lists(store, other);
}

function keys(store: () => Store): void {
  const key = (tenant: string, details: Partial<ApiKey> = {}): ApiKey => ({
    id: newId(),
    tenant,
    label: "Zoë’s laptop",
    scopes: ["submit", "read"],
    hash: newId(),
    createdAt: 1_700_000_000_123,
    expiresAt: 1_800_000_000_456,
    revokedAt: null,
    ...details,
  });

  it("finds a key by the hash of its secret", async () => {
    const made = key(freshTenant());
    await store().addKey(made);
    expect(await store().keyByHash(made.hash)).toEqual(made);
    expect(await store().keyByHash("unknown")).toBeNull();
  });

  it("lists the keys of one tenant or of all, and takes no second key of the same hash", async () => {
    const [one, two] = [key(freshTenant()), key(freshTenant(), { expiresAt: null })];
    await store().addKey(one);
    await store().addKey(two);
    expect(await store().keys(one.tenant)).toEqual([one]);
    expect(await store().keys(null)).toEqual(expect.arrayContaining([one, two]));
    await expect(store().addKey(key(freshTenant(), { hash: one.hash }))).rejects.toThrow();
  });

  it("revokes a key once", async () => {
    const made = key(freshTenant());
    await store().addKey(made);
    expect(await store().revokeKey(made.id, AT)).toBe(true);
    expect(await store().revokeKey(made.id, AT + 1)).toBe(false);
    expect(await store().revokeKey("unknown", AT)).toBe(false);
    expect((await store().keyByHash(made.hash))?.revokedAt).toBe(AT);
  });
}

function acceptance(store: () => Store, other: () => Store): void {
  it("keeps bundle and job exactly, for every process to see", async () => {
    const tenant = freshTenant();
    const bundle = newBundle(tenant, {
      name: "Übergabe 事件 🧨 \u202e'\"\\;--",
      files: [
        { path: "ordner/日本語/ñ'.pcapng", bytes: 2 ** 41 + 1, sha256: "a".repeat(64), blob: freshBlob() },
        { path: "empty", bytes: 0, sha256: "b".repeat(64), blob: freshBlob() },
      ],
      bytes: 2 ** 41 + 1,
      expiresAt: 1_702_592_000_789,
    });
    const { job, existing } = await submit(store(), tenant, { bundle });
    expect(existing).toBe(false);
    expect(job).toEqual({
      id: job.id,
      tenant,
      bundle: bundle.id,
      state: "queued",
      createdAt: 1_700_000_001_000,
      startedAt: null,
      finishedAt: null,
      attempts: 0,
      progress: null,
      error: null,
      results: {},
      digests: {},
      cancelRequested: false,
    });
    expect(await other().bundle(tenant, bundle.id)).toEqual(bundle);
    expect(await other().job(tenant, job.id)).toEqual(job);
    expect(await other().jobsOf(tenant, bundle.id)).toEqual([job]);
  });

  it("takes text that a database cannot hold, with U+FFFD for what cannot be held", async () => {
    const tenant = freshTenant();
    const { job } = await submit(store(), tenant, { bundle: newBundle(tenant, { name: "a\0b\ud800c" }) });
    expect((await store().bundle(tenant, job.bundle))?.name).toBe("a\ufffdb\ufffdc");
    expect(await store().job(tenant, "\0")).toBeNull();
    await store().begin(job.id, AT);
    expect(await store().finish(job.id, 1, { state: "failed", error: "unreadable: \0" }, AT)).toBe(true);
    expect((await store().job(tenant, job.id))?.error).toBe("unreadable: \ufffd");
  });

  it("shows nothing of it to another tenant", async () => {
    const [tenant, stranger] = [freshTenant(), freshTenant()];
    const { job } = await submit(store(), tenant, { sameAs: "same" });
    expect(await store().bundle(stranger, job.bundle)).toBeNull();
    expect(await store().bundles(stranger, { limit: 10, before: null })).toEqual([]);
    expect(await store().job(stranger, job.id)).toBeNull();
    expect(await store().jobsOf(stranger, job.bundle)).toEqual([]);
    expect(await store().cancel(stranger, job.id, AT)).toBeNull();
    expect(await store().again(stranger, job.bundle, { id: newId(), sameAs: null }, AT, null)).toBeNull();
    expect(await store().deleteBundle(stranger, job.bundle)).toBeNull();
    expect(await store().usage(stranger)).toEqual({ bytes: 0, bundles: 0, jobs: 0 });
    expect((await submit(store(), stranger, { sameAs: "same" })).existing).toBe(false);
    expect(await store().job(tenant, job.id)).toEqual(job);
  });

  it("keeps nothing of a submission that fails half-way", async () => {
    const tenant = freshTenant();
    const { job } = await submit(store(), tenant);
    const before = await store().usage(tenant);
    const bundle = newBundle(tenant);
    await expect(store().accept(bundle, { id: job.id, sameAs: null }, AT, null, null)).rejects.toThrow();
    expect(await store().bundle(tenant, bundle.id)).toBeNull();
    expect(await store().knownBlobs([bundle.files[0]!.blob])).toEqual(new Set());
    expect(await store().usage(tenant)).toEqual(before);
  });

  it("gives the job there is for the same analysis, unless that failed or was cancelled", async () => {
    const tenant = freshTenant();
    const first = await submit(store(), tenant, { sameAs: "same" });
    const bundle = newBundle(tenant);
    expect(await submit(store(), tenant, { sameAs: "same", bundle })).toEqual({ job: first.job, existing: true });
    expect(await store().bundle(tenant, bundle.id)).toBeNull();
    await store().begin(first.job.id, AT);
    await store().finish(first.job.id, 1, { state: "done", results: { report: freshBlob("reports") } }, AT);
    expect((await submit(store(), tenant, { sameAs: "same" })).job).toMatchObject({ id: first.job.id, state: "done" });

    const failing = await submit(store(), tenant, { sameAs: "failing" });
    await store().begin(failing.job.id, AT);
    await store().finish(failing.job.id, 1, { state: "failed", error: "broken" }, AT);
    expect((await submit(store(), tenant, { sameAs: "failing" })).existing).toBe(false);

    const cancelled = await submit(store(), tenant, { sameAs: "cancelled" });
    await store().cancel(tenant, cancelled.job.id, AT);
    expect((await submit(store(), tenant, { sameAs: "cancelled" })).existing).toBe(false);

    const stopping = await submit(store(), tenant, { sameAs: "stopping" });
    await store().begin(stopping.job.id, AT);
    await store().cancel(tenant, stopping.job.id, AT);
    expect((await submit(store(), tenant, { sameAs: "stopping" })).existing).toBe(false);
    // Both end as they would.
    expect(await store().finish(stopping.job.id, 1, { state: "done" }, AT)).toBe(true);
  });

  it("keeps a bundle that is submitted again as long as a new one", async () => {
    const tenant = freshTenant();
    const until = async (expiresAt: number | null) => {
      const { job } = await submit(store(), tenant, { sameAs: "same", bundle: newBundle(tenant, { expiresAt }) });
      return (await store().bundle(tenant, job.bundle))?.expiresAt;
    };
    expect(await until(5_000)).toBe(5_000);
    expect(await until(7_000)).toBe(7_000);
    expect(await until(6_000)).toBe(7_000);
    expect(await until(null)).toBeNull();
    expect(await until(9_000)).toBeNull();
  });

  it("answers an idempotency key with the job it made, whatever became of that, and refuses it for another request", async () => {
    const tenant = freshTenant();
    const idempotency = { key: "retry-1 é", request: "digest" };
    const { job } = await submit(store(), tenant, { idempotency });
    await store().cancel(tenant, job.id, AT);
    expect(await submit(store(), tenant, { idempotency })).toMatchObject({ existing: true, job: { id: job.id, state: "cancelled" } });
    await expect(submit(store(), tenant, { idempotency: { ...idempotency, request: "other" } })).rejects.toThrow(IdempotencyConflict);
    expect((await submit(store(), freshTenant(), { idempotency: { ...idempotency, request: "other" } })).existing).toBe(false);
    expect(await store().usage(tenant)).toMatchObject({ bundles: 1 });
    await store().deleteBundle(tenant, job.bundle);
    expect((await submit(store(), tenant, { idempotency: { ...idempotency, request: "other" } })).existing).toBe(false);
  });

  it("remembers an idempotency key for a job that was there already", async () => {
    const tenant = freshTenant();
    const { job } = await submit(store(), tenant, { sameAs: "same" });
    const idempotency = { key: "key", request: "digest" };
    expect((await submit(store(), tenant, { sameAs: "same", idempotency })).job.id).toBe(job.id);
    await expect(submit(store(), tenant, { idempotency: { ...idempotency, request: "other" } })).rejects.toThrow(IdempotencyConflict);
  });

  it.each([
    ["idempotency key", { idempotency: { key: "key", request: "digest" } }],
    ["analysis", { sameAs: "same" }],
  ])("makes one job of twenty submissions of the same %s at once", async (_, submission) => {
    const tenant = freshTenant();
    const accepted = await all(20, (index) => submit(index % 2 ? store() : other(), tenant, submission));
    expect(new Set(accepted.map(({ job }) => job.id)).size).toBe(1);
    expect(accepted.filter(({ existing }) => !existing)).toHaveLength(1);
    expect(await store().usage(tenant)).toEqual({ bytes: 8, bundles: 1, jobs: 1 });
  });

  it("queues another analysis of a stored bundle, which later submissions of the same get", async () => {
    const tenant = freshTenant();
    const { job } = await submit(store(), tenant, { sameAs: "same" });
    const rerun = await store().again(tenant, job.bundle, { id: newId(), sameAs: null }, AT, null);
    expect(rerun).toMatchObject({ existing: false, job: { bundle: job.bundle, state: "queued", createdAt: AT } });
    expect(await submit(other(), tenant, { sameAs: "same" })).toMatchObject({ existing: true, job: { id: job.id } });
    const instead = await store().again(tenant, job.bundle, { id: newId(), sameAs: "same" }, AT, null);
    expect(instead).toMatchObject({ existing: false, job: { state: "queued" } });
    expect(await submit(other(), tenant, { sameAs: "same" })).toMatchObject({ existing: true, job: { id: instead!.job.id } });
    const repeated = { key: "again", request: "rerun" };
    const once = await store().again(tenant, job.bundle, { id: newId(), sameAs: null }, AT, repeated);
    const twice = await store().again(tenant, job.bundle, { id: newId(), sameAs: null }, AT, repeated);
    expect([once?.existing, twice]).toEqual([false, { existing: true, job: once!.job }]);
    await expect(store().again(tenant, job.bundle, { id: newId(), sameAs: null }, AT, { ...repeated, request: "another" })).rejects.toThrow(
      IdempotencyConflict,
    );
    expect((await store().jobsOf(tenant, job.bundle)).map(({ id }) => id).sort()).toEqual(
      [job.id, rerun!.job.id, instead!.job.id, once!.job.id].sort(),
    );
    expect(await store().again(tenant, newId(), { id: newId(), sameAs: null }, AT, null)).toBeNull();
  });
}

function quotas(store: () => Store, other: () => Store): void {
  it("refuses bytes beyond the quota and has room again after a deletion", async () => {
    const tenant = freshTenant();
    const quota = { bytes: 100, jobs: 100 };
    const { job } = await submit(store(), tenant, { quota, bundle: newBundle(tenant, { bytes: 60 }) });
    const more = () => submit(store(), tenant, { quota, bundle: newBundle(tenant, { bytes: 41 }) });
    await expect(more()).rejects.toThrow(QuotaExceeded);
    await expect(more()).rejects.toMatchObject({ of: "bytes" });
    expect(await store().usage(tenant)).toEqual({ bytes: 60, bundles: 1, jobs: 1 });
    await store().deleteBundle(tenant, job.bundle);
    await more();
  });

  it("counts waiting and running jobs against the quota, not those that ended", async () => {
    const tenant = freshTenant();
    const quota = { bytes: 1000, jobs: 2 };
    const { job } = await submit(store(), tenant, { quota });
    await submit(store(), tenant, { quota });
    await store().begin(job.id, AT);
    await expect(submit(store(), tenant, { quota })).rejects.toMatchObject({ of: "jobs" });
    await store().finish(job.id, 1, { state: "done" }, AT);
    await submit(store(), tenant, { quota });
  });

  it("holds under twenty submissions at once", async () => {
    const tenant = freshTenant();
    const quota = { bytes: 105, jobs: 100 };
    const tried = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        submit(index % 2 ? store() : other(), tenant, { quota, bundle: newBundle(tenant, { bytes: 10 }) }),
      ),
    );
    expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    for (const outcome of tried) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(QuotaExceeded);
    expect(await store().usage(tenant)).toEqual({ bytes: 100, bundles: 10, jobs: 10 });
  });
}

function runs(store: () => Store, other: () => Store): void {
  it("leads a job from the queue through its run to its result", async () => {
    const tenant = freshTenant();
    const bundle = newBundle(tenant);
    const { job } = await submit(store(), tenant, { bundle });
    expect(await store().begin(job.id, 2_000)).toEqual({ job: { ...job, state: "running", attempts: 1, startedAt: 2_000 }, bundle });
    expect(await store().note(job.id, 1, PROGRESS)).toBe(true);
    expect(await other().job(tenant, job.id)).toMatchObject({ state: "running", progress: PROGRESS });
    const results = { report: freshBlob("reports"), explanations: freshBlob("reports") };
    const digests = { report: "a".repeat(64), explanations: "b".repeat(64) };
    expect(await store().finish(job.id, 1, { state: "done", results, digests }, 3_000)).toBe(true);
    expect(await other().job(tenant, job.id)).toMatchObject({
      state: "done",
      startedAt: 2_000,
      finishedAt: 3_000,
      ...{ results, digests, error: null },
    });
    expect(await store().knownBlobs(Object.values(results))).toEqual(new Set(Object.values(results)));
    expect(await store().begin(job.id, AT)).toBeNull();
    expect(await store().note(job.id, 1, PROGRESS)).toBe(false);
    expect(await store().finish(job.id, 1, { state: "failed", error: "late" }, AT)).toBe(false);
  });

  it("says why a job failed", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    await store().finish(job.id, 1, { state: "failed", error: "archive: 文件 too deep" }, AT);
    expect(await store().job(tenant, job.id)).toMatchObject({ state: "failed", error: "archive: 文件 too deep", finishedAt: AT });
  });

  it("lets only the newest attempt speak, after a worker died between begin and finish", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    await store().note(job.id, 1, PROGRESS);
    expect(await other().begin(job.id, AT)).toMatchObject({ job: { attempts: 2, state: "running", startedAt: AT, progress: null } });
    expect(await store().note(job.id, 1, PROGRESS)).toBe(false);
    expect(await store().finish(job.id, 1, { state: "done", results: { report: freshBlob() } }, AT)).toBe(false);
    expect(await store().release(job.id, 1, AT)).toBe(false);
    expect(await other().finish(job.id, 2, { state: "done", results: { report: "reports/second" } }, AT)).toBe(true);
    expect((await store().job(tenant, job.id))?.results).toEqual({ report: "reports/second" });
  });

  it("uses exactly one result where many attempts end at once", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    for (let more = 0; more < 4; more++) await store().begin(job.id, AT);
    const ended = await all(10, (index) =>
      (index % 2 ? store() : other()).finish(
        job.id,
        1 + (index % 5),
        { state: "done", results: { report: `reports/attempt-${newId()}` } },
        AT,
      ),
    );
    expect(ended.filter(Boolean)).toHaveLength(1);
  });

  it("does not count a run that was released", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    expect(await store().release(job.id, 1, AT)).toBe(true);
    expect(await store().job(tenant, job.id)).toMatchObject({ state: "queued", attempts: 0, startedAt: null });
    expect(await store().release(job.id, 1, AT)).toBe(false);
    expect(await other().begin(job.id, AT)).toMatchObject({ job: { attempts: 1 } });
    await store().cancel(tenant, job.id, AT);
    expect(await store().release(job.id, 1, AT)).toBe(true);
    expect(await store().job(tenant, job.id)).toMatchObject({ state: "cancelled", finishedAt: AT });
  });

  it("cancels a queued job at once", async () => {
    const tenant = freshTenant();
    const { job } = await submit(store(), tenant);
    expect(await store().cancel(tenant, job.id, AT)).toMatchObject({ state: "cancelled", finishedAt: AT });
    expect(await store().begin(job.id, AT)).toBeNull();
    expect(await store().usage(tenant)).toMatchObject({ jobs: 0 });
    expect(await store().cancel(tenant, job.id, AT + 1)).toMatchObject({ state: "cancelled", finishedAt: AT });
    expect(await store().cancel(tenant, newId(), AT)).toBeNull();
  });

  it("tells a running job to stop", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    expect(await other().cancel(tenant, job.id, AT)).toMatchObject({ state: "running", cancelRequested: true, finishedAt: null });
    expect(await store().note(job.id, 1, PROGRESS)).toBe(false);
    expect(await store().finish(job.id, 1, { state: "cancelled" }, AT)).toBe(true);
    expect(await store().job(tenant, job.id)).toMatchObject({ state: "cancelled", finishedAt: AT });
  });

  it("cancels a job whose worker died after it was told to stop", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    await store().cancel(tenant, job.id, AT);
    expect(await other().begin(job.id, AT + 5)).toBeNull();
    expect(await store().job(tenant, job.id)).toMatchObject({ state: "cancelled", finishedAt: AT + 5, attempts: 1 });
  });

  it("leaves a job that is done as it is when it is cancelled", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    await store().finish(job.id, 1, { state: "done" }, AT);
    expect(await store().cancel(tenant, job.id, AT + 1)).toMatchObject({ state: "done", cancelRequested: false, finishedAt: AT });
  });
}

function deletion(store: () => Store, other: () => Store): void {
  it("deletes a bundle with its jobs and names every blob that goes with it", async () => {
    const tenant = freshTenant();
    const files = ["a", "b"].map((path) => ({ path, bytes: 4, sha256: path.repeat(64), blob: freshBlob() }));
    const bundle = newBundle(tenant, { files });
    const { job } = await submit(store(), tenant, { bundle });
    await store().begin(job.id, AT);
    const results = { report: freshBlob("reports"), explanations: freshBlob("reports") };
    await store().finish(job.id, 1, { state: "done", results }, AT);
    const rerun = await store().again(tenant, bundle.id, { id: newId(), sameAs: null }, AT, null);
    const blobs = [...files.map(({ blob }) => blob), ...Object.values(results)];
    expect(new Set(await other().deleteBundle(tenant, bundle.id))).toEqual(new Set(blobs));
    expect(await store().bundle(tenant, bundle.id)).toBeNull();
    expect(await store().jobsById([job.id, rerun!.job.id])).toEqual([]);
    expect(await store().knownBlobs(blobs)).toEqual(new Set());
    expect(await store().usage(tenant)).toEqual({ bytes: 0, bundles: 0, jobs: 0 });
    expect(await store().begin(rerun!.job.id, AT)).toBeNull();
    expect(await store().deleteBundle(tenant, bundle.id)).toBeNull();
  });

  it("stops the run of a bundle that is deleted, whose results are not used", async () => {
    const tenant = freshTenant();
    const job = await submitAndBegin(store(), tenant);
    expect(await other().deleteBundle(tenant, job.bundle)).toHaveLength(1);
    expect(await store().note(job.id, 1, PROGRESS)).toBe(false);
    expect(await store().finish(job.id, 1, { state: "done", results: { report: freshBlob() } }, AT)).toBe(false);
    expect(await store().release(job.id, 1, AT)).toBe(false);
  });

  it("loses no blob where a run ends while its bundle is deleted", async () => {
    const race = async (head: number) => {
      const tenant = freshTenant();
      const job = await submitAndBegin(store(), tenant);
      const report = freshBlob("reports");
      const ending = async () => {
        await pause(Math.max(0, -head));
        return store().finish(job.id, 1, { state: "done", results: { report } }, AT);
      };
      const deleting = async () => {
        await pause(Math.max(0, head));
        return other().deleteBundle(tenant, job.bundle);
      };
      const [used, deleted] = await Promise.all([ending(), deleting()]);
      // Either the run was told that its result is not used, or the deletion names it.
      expect(deleted!.includes(report)).toBe(used);
      expect(await store().usage(tenant)).toEqual({ bytes: 0, bundles: 0, jobs: 0 });
    };
    for (let round = 0; round < 12; round++) await all(5, (index) => race(index - 2));
  });

  it("names bundles whose time has passed, the longest past first", async () => {
    const tenant = freshTenant();
    const [late, early] = [-3_000, -4_000].map((expiresAt) => newBundle(tenant, { expiresAt }));
    for (const bundle of [late!, early!, newBundle(tenant, { expiresAt: -1_000 }), newBundle(tenant)])
      await submit(store(), tenant, { bundle });
    expect(await store().expired(-3_000, 10)).toEqual([early, late].map((bundle) => ({ id: bundle!.id, tenant })));
    expect(await store().expired(-3_000, 1)).toEqual([{ id: early!.id, tenant }]);
    for (const { id } of await store().expired(-3_000, 10)) await store().deleteBundle(tenant, id);
    expect(await store().expired(-3_000, 10)).toEqual([]);
  });

  it("knows which of many blobs belong to something", async () => {
    const tenant = freshTenant();
    const bundle = newBundle(tenant);
    await submit(store(), tenant, { bundle });
    const orphans = Array.from({ length: 2_000 }, () => freshBlob());
    expect(await store().knownBlobs([...orphans, bundle.files[0]!.blob])).toEqual(new Set([bundle.files[0]!.blob]));
    expect(await store().knownBlobs([])).toEqual(new Set());
  });
}

function lists(store: () => Store, other: () => Store): void {
  it("pages through bundles, newest first", async () => {
    const tenant = freshTenant();
    const bundles = Array.from({ length: 5 }, (_, index) => newBundle(tenant, { id: newId(1_700_000_000_000 + index) }));
    for (const index of [3, 0, 4, 1, 2]) await submit(store(), tenant, { bundle: bundles[index]! });
    const newest = [...bundles].reverse();
    const first = await store().bundles(tenant, { limit: 2, before: null });
    expect(first).toEqual(newest.slice(0, 2));
    expect(await store().bundles(tenant, { limit: 10, before: first[1]!.id })).toEqual(newest.slice(2));
    expect(await store().bundles(tenant, { limit: 10, before: newest[4]!.id })).toEqual([]);
  });

  it("reads jobs by id whatever their tenant, and counts them by state", async () => {
    const before = await store().countJobs();
    const jobs = [await submit(store(), freshTenant()), await submit(store(), freshTenant())].map(({ job }) => job);
    const running = await submitAndBegin(store(), freshTenant());
    expect(await store().jobsById([...jobs.map(({ id }) => id), running.id, newId()])).toEqual([...jobs, running]);
    expect(await store().jobsById([])).toEqual([]);
    const after = await store().countJobs();
    expect(after).toEqual({ ...before, queued: before.queued + 2, running: before.running + 1 });
  });

  it("keeps an audit log for each tenant, newest first", async () => {
    const [tenant, stranger] = [freshTenant(), freshTenant()];
    const entry = (index: number) => ({
      at: 5_000 - index,
      tenant,
      actor: "key",
      action: "bundle.submit",
      subject: `b${index}`,
      requestId: index ? `r${index}` : null,
    });
    for (let index = 0; index < 4; index++) await store().audit(entry(index));
    await store().audit({ ...entry(9), tenant: stranger });
    expect(await store().auditLog(tenant, { limit: 3 })).toEqual([entry(3), entry(2), entry(1)]);
    expect(await store().auditLog(stranger, { limit: 3 })).toHaveLength(1);
  });

  it("forgets what is old in the audit log, the oldest first, whoever's it is", async () => {
    const [tenant, stranger] = [freshTenant(), freshTenant()];
    const line = (of: string, at: number) =>
      store().audit({ at, tenant: of, actor: "key", action: "report.read", subject: String(at), requestId: null });
    // Before all that other tests write.
    for (const at of [-50, -90, -70]) await line(tenant, at);
    await line(stranger, -80);
    const left = async (of: string) => (await store().auditLog(of, { limit: 10 })).map(({ at }) => at);
    expect(await store().forgetAudit(-90, 10)).toBe(0);
    expect(await store().forgetAudit(-60, 2)).toBe(2);
    expect([await left(tenant), await left(stranger)]).toEqual([[-70, -50], []]);
    expect(await store().forgetAudit(-60, 10)).toBe(1);
    expect(await left(tenant)).toEqual([-50]);
    for (let index = 0; index < 60; index++) await line(tenant, -100);
    const forgotten = await all(6, (index) => (index % 2 ? store() : other()).forgetAudit(-60, 10));
    expect(forgotten.reduce((sum, count) => sum + count, 0) + (await store().forgetAudit(-60, 100))).toBe(60);
    expect(await left(tenant)).toEqual([-50]);
  });

  it("says what time it is", async () => {
    const [before, now, after] = [Date.now(), await store().now(), Date.now()];
    expect(Number.isSafeInteger(now)).toBe(true);
    expect(now).toBeGreaterThanOrEqual(before - 1);
    expect(now).toBeLessThanOrEqual(after + 1);
  });

  it("answers whether it can be written", async () => {
    await store().ping();
  });
}
