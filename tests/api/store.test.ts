import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import { NewerSchema } from "../../api/store/migrations/migration.ts";
import { type BackendKind, backends, type StartedKind, type TestBackend } from "../support/backends.ts";
import { tellWithoutPostgres } from "../support/postgres.ts";
import { submit } from "../support/submissions.ts";
import { blobsContract } from "./blobs-contract.ts";
import { queueContract } from "./queue-contract.ts";
import { storeContract } from "./store-contract.ts";

tellWithoutPostgres("store, queue and blobs");

const run = promisify(execFile);
const PROCESS = join(import.meta.dirname, "../support/backend-process.ts");

describe.each(backends)("on $name", (kind) => {
  describe.skipIf(kind.missing !== null)("", () => contract(kind));
});

function contract(kind: BackendKind): void {
  let started: StartedKind;
  let backend: TestBackend;
  let other: Backend;

  beforeAll(async () => {
    started = await kind.start();
    backend = await started.fresh();
    other = await backend.open();
  });
  afterAll(async () => {
    await other?.close();
    await backend?.remove();
    await started?.stop();
  });

  describe("the store", () =>
    storeContract(
      () => backend.store,
      () => other.store,
    ));
  describe("the queue", () =>
    queueContract(
      () => backend,
      () => other,
    ));
  describe("the blobs", () =>
    blobsContract(
      () => backend.blobs,
      () => readdir(backend.temporary),
    ));

  it("is made once where four processes open it twice each at once, and keeps what is in it", async () => {
    const place = await started.place();
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [PROCESS, JSON.stringify(place.address)])));
    const first = await place.open();
    const { job } = await submit(first.store, "tenant");
    await first.close();
    const second = await place.open();
    expect(await second.store.job("tenant", job.id)).toEqual(job);
    expect((await second.queue.take(1))[0]?.job).toBe(job.id);
    await second.store.migrate();
    await second.close();
    await place.remove();
  });

  it("is brought up to date where an earlier Casebook made it, with what is in it", async () => {
    const earlier = await started.fresh();
    const { job } = await submit(earlier.store, "tenant");
    await earlier.store.begin(job.id, 1_700_000_002_000);
    for (const statement of ["ALTER TABLE jobs DROP COLUMN digests", "DROP INDEX audit_at", "DELETE FROM schema_version WHERE version > 1"])
      await earlier.sql(statement);
    await earlier.sql(`UPDATE jobs SET state = 'done', results = '{"report":"report/of-before"}' WHERE id = '${job.id}'`);
    const now = await earlier.open();
    expect(await now.store.job("tenant", job.id)).toMatchObject({ state: "done", results: { report: "report/of-before" }, digests: {} });
    expect(await earlier.sql("SELECT max(version) AS version FROM schema_version")).toEqual([{ version: expect.anything() }]);
    expect(await now.store.forgetAudit(0, 10)).toBe(0);
    await now.close();
    await earlier.remove();
  });

  it("is not opened where a newer Casebook has changed it", async () => {
    const fresh = await started.fresh();
    await fresh.sql("INSERT INTO schema_version (version, at) VALUES (999, 0)");
    await expect(fresh.open()).rejects.toThrow(NewerSchema);
    await expect(fresh.open()).rejects.toThrow(/schema version 999 .* upgrade Casebook/);
    await fresh.remove();
  });
}
