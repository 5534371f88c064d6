import { Pool, type PoolClient, type QueryResultRow } from "pg";
import { orStorageFull } from "../storage-full.ts";
import { migrations } from "./migrations/index.ts";
import { type Columns, pending } from "./migrations/migration.ts";
import { sqlStore } from "./sql-store.ts";
import { type Database, type Dialect, type Row, type Step, type Steps, storable, type Value } from "./steps.ts";
import type { Store } from "./store.ts";

const dialect: Dialect = { list: (parameter) => `SELECT unnest($${parameter}::text[]) AS value` };
const columns: Columns = {
  text: 'text COLLATE "C"',
  integer: "bigint",
  counter: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  options: "",
  queue: false,
};

/** Any number that nobody else in the database is likely to lock. */
const MIGRATION_LOCK = 7_202_911_446;
/** serialization_failure and deadlock_detected: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REPEAT = new Set(["40001", "40P01"]);
const MOST_TRIES = 5;

/** How a job that was recorded in a transaction is put on the queue by the same transaction. */
export type Enqueue = (client: PoolClient, job: string) => Promise<void>;

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections of this process at most. */
  readonly connections: number;
  /** Told of connections that break while nobody uses them; the pool opens others. */
  readonly onError: (error: Error) => void;
}

/** Connections that wait for an answer no longer than is of use, and on which no process that hangs keeps others waiting. */
export function postgresPool({ url, connections, onError }: PostgresOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: "casebook",
    connectionTimeoutMillis: 10_000,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  });
  pool.on("error", onError);
  return pool;
}

class PostgresDatabase implements Database {
  readonly dialect = dialect;
  readonly #pool: Pool;
  readonly #enqueue: Enqueue;

  constructor(pool: Pool, enqueue: Enqueue) {
    this.#pool = pool;
    this.#enqueue = enqueue;
  }

  async transaction<T>(steps: () => Steps<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await inTransaction(this.#pool, (client) => this.#run(client, steps()));
      } catch (error) {
        if (tries === MOST_TRIES || !REPEAT.has(String((error as { code?: unknown }).code))) throw orStorageFull(error, "the database");
      }
    }
  }

  async query(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<QueryResultRow>(sql, values.map(storable))).rows;
    } catch (error) {
      throw orStorageFull(error, "the database");
    }
  }

  async #run<T>(client: PoolClient, running: Steps<T>): Promise<T> {
    let at = running.next();
    while (!at.done) at = running.next(await this.#step(client, at.value));
    return at.value;
  }

  async #step(client: PoolClient, step: Step): Promise<readonly Row[]> {
    if (!("enqueue" in step)) return (await client.query<QueryResultRow>(step.sql, step.values.map(storable))).rows;
    await this.#enqueue(client, step.enqueue);
    return [];
  }
}

/** The store in PostgreSQL. */
export function postgresStore(pool: Pool, enqueue: Enqueue): Store {
  const database = new PostgresDatabase(pool, enqueue);
  return {
    ...sqlStore(database),
    migrate: () => migrating(pool, async () => {}),
    async ping() {
      const [row] = await database.query("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only");
      if (row?.read_only !== false) throw new Error("the database takes no writes: it is a standby or was set to read only");
    },
    async now() {
      const [row] = await database.query("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now");
      return Number(row!.now);
    },
    close: () => pool.end(),
  };
}

/** Brings the tables up to date, then runs `others`, while every other process that wants to do so waits. */
export async function migrating(pool: Pool, others: () => Promise<void>): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Whoever comes second waits as long as it takes; the lock goes with the transaction, however that ends.
    await client.query("SET LOCAL statement_timeout = 0");
    await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
    await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    await client.query("CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, at bigint NOT NULL)");
    const { rows } = await client.query<QueryResultRow>("SELECT max(version) AS version FROM schema_version");
    for (const migration of pending(migrations, Number(rows[0]?.version ?? 0))) {
      for (const statement of migration.statements(columns)) await client.query(statement);
      await client.query("INSERT INTO schema_version (version, at) VALUES ($1, $2)", [migration.version, Date.now()]);
    }
    await others();
  });
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks between two statements says so by an event, which unheard ends the process; the next statement rejects.
  const broken = () => {};
  client.on("error", broken);
  let failed = true;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    failed = false;
    return result;
  } catch (error) {
    failed = !(await client.query("ROLLBACK").then(
      () => true,
      () => false,
    ));
    throw error;
  } finally {
    client.off("error", broken);
    // A connection that could not be rolled back is not used again.
    client.release(failed);
  }
}
