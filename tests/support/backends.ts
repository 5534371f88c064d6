import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Pool } from "pg";
import type { Backend } from "../../api/backend/backend.ts";
import { TAKE } from "../../api/queue/sqlite-queue.ts";
import { type BackendAddress, openBackend } from "./open-backend.ts";
import { startPostgres, withoutPostgres } from "./postgres.ts";
import { startS3 } from "./s3.ts";

/** Where a backend can be opened that nobody has opened yet. */
export interface Place {
  readonly address: BackendAddress;
  /** Opens it, each time as another process would. */
  open(): Promise<Backend>;
  /** Throws away everything. */
  remove(): Promise<void>;
}

/** A backend as the contract's tests see it: with what they need to bring about what else takes long, or crowds. */
export interface TestBackend extends Backend, Place {
  /** Folder of files that lie there only while blobs are written or read. */
  readonly temporary: string;
  /** A statement on the database. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Makes it so that the leases of all deliveries have run out. */
  expireLeases(): Promise<void>;
  /** Leaves nothing on the queue, neither waiting nor delivered. */
  emptyQueue(): Promise<void>;
  /** Puts that many deliveries more on the queue, behind those of a job that is there. */
  crowd(job: string, count: number): Promise<void>;
  /** The plan by which the database finds the next jobs; some must have been taken. */
  takePlan(): Promise<string>;
}

export interface BackendKind {
  readonly name: string;
  /** Why it cannot be tested here; null where it can. */
  readonly missing: string | null;
  start(): Promise<StartedKind>;
}

export interface StartedKind {
  place(): Promise<Place>;
  fresh(): Promise<TestBackend>;
  stop(): Promise<void>;
}

export const backends: readonly BackendKind[] = [
  { name: "SQLite and a folder", missing: null, start: startEmbedded },
  { name: "PostgreSQL and S3", missing: withoutPostgres, start: startShared },
];

async function startEmbedded(): Promise<StartedKind> {
  const place = async () => placeAt({ kind: "embedded", data: await temporaryFolder() } as const, ({ data }) => data);
  return { place, fresh: async () => embeddedBackend(await place()), stop: async () => {} };
}

async function startShared(): Promise<StartedKind> {
  const postgres = await startPostgres();
  const s3 = await startS3();
  let places = 0;
  const place = async () => {
    const options = { ...s3.options, prefix: `${++places}/` };
    const address = {
      kind: "shared",
      databaseUrl: await postgres.database(),
      s3: options,
      spool: await temporaryFolder(),
      supervise: 1,
    } as const;
    return placeAt(address, ({ spool }) => spool);
  };
  return {
    place,
    fresh: async () => sharedBackend(await place()),
    async stop() {
      await s3.stop();
      await postgres.stop();
    },
  };
}

const temporaryFolder = () => mkdtemp(join(tmpdir(), "casebook-backend-"));

function placeAt<A extends BackendAddress>(address: A, folder: (address: A) => string) {
  return { address, open: () => openBackend(address), remove: () => rm(folder(address), { recursive: true, force: true }) };
}

async function embeddedBackend(place: Place & { readonly address: { readonly data: string } }): Promise<TestBackend> {
  const { data } = place.address;
  const backend = await place.open();
  const direct = new DatabaseSync(join(data, "casebook.db"));
  return {
    ...backend,
    ...place,
    temporary: join(data, "blobs/.tmp"),
    async sql(text) {
      return direct.prepare(text).all();
    },
    async expireLeases() {
      direct.exec("UPDATE queue SET leased_until = 1 WHERE leased_until > 0");
    },
    async emptyQueue() {
      direct.exec("DELETE FROM queue");
    },
    async crowd(job, count) {
      const [one] = direct.prepare("SELECT * FROM jobs WHERE id = ?").all(job);
      const others = Object.keys(one!).filter((name) => name !== "id");
      const addJob = direct.prepare(`INSERT INTO jobs (id, ${others}) SELECT id || '-' || ?, ${others} FROM jobs WHERE id = ?`);
      const addDelivery = direct.prepare("INSERT INTO queue (job, leased_until) VALUES (? || '-' || ?, 0)");
      direct.exec("BEGIN");
      for (let number = 1; number <= count; number++) {
        addJob.run(number, job);
        addDelivery.run(job, number);
      }
      direct.exec("COMMIT");
    },
    async takePlan() {
      const plan = direct.prepare(`EXPLAIN QUERY PLAN ${TAKE}`).all({ $1: 1, $2: 1, $3: "" });
      return plan.map(({ detail }) => detail).join("\n");
    },
    async remove() {
      direct.close();
      await backend.close();
      await place.remove();
    },
  };
}

async function sharedBackend(
  place: Place & { readonly address: { readonly databaseUrl: string; readonly spool: string } },
): Promise<TestBackend> {
  const backend = await place.open();
  const direct = new Pool({ connectionString: place.address.databaseUrl, max: 2 });
  const sql = async (text: string, ...values: unknown[]) => (await direct.query<Record<string, unknown>>(text, values)).rows;
  return {
    ...backend,
    ...place,
    temporary: place.address.spool,
    sql,
    async expireLeases() {
      await sql("UPDATE casebook_queue.job SET heartbeat_on = heartbeat_on - interval '1 day' WHERE state = 'active'");
    },
    async emptyQueue() {
      await sql("DELETE FROM casebook_queue.job");
    },
    async crowd(job, count) {
      const queued = "SELECT 'analysis', jsonb_build_object('job', $1::text) FROM generate_series(1, $2::int)";
      await sql(`INSERT INTO casebook_queue.job (name, data) ${queued}`, job, count);
      await sql("ANALYZE casebook_queue.job");
    },
    async takePlan() {
      // What pg-boss asked last, in its own words.
      const asked = await sql(
        `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'casebook queue'
         AND query LIKE '%FOR UPDATE OF j SKIP LOCKED%' ORDER BY query_start DESC LIMIT 1`,
      );
      return (await sql(`EXPLAIN ${asked[0]?.query}`)).map((row) => row["QUERY PLAN"]).join("\n");
    },
    async remove() {
      await direct.end();
      await backend.close();
      await place.remove();
    },
  };
}
