import { open } from "node:fs/promises";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { orStorageFull } from "../storage-full.ts";
import { migrations } from "./migrations/index.ts";
import { type Columns, pending } from "./migrations/migration.ts";
import { sqlStore } from "./sql-store.ts";
import { type Database, type Dialect, type Row, type Step, type Steps, storable, type Value } from "./steps.ts";
import type { Store } from "./store.ts";

/** Milliseconds that a statement waits for another process to let go of the file. */
const BUSY_TIMEOUT = 10_000;
/** SQLITE_BUSY in its low byte: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

const dialect: Dialect = { list: (parameter) => `SELECT value FROM json_each($${parameter})` };
const columns: Columns = { text: "TEXT", integer: "INTEGER", counter: "INTEGER PRIMARY KEY", options: " STRICT", queue: true };

/** One connection to an SQLite file that any number of processes may have open. Statements run at once, in the thread that asks. */
export class SqliteDatabase implements Database {
  readonly dialect = dialect;
  readonly #path: string;
  readonly #connection: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(path: string, connection: DatabaseSync) {
    this.#path = path;
    this.#connection = connection;
  }

  async transaction<T>(steps: () => Steps<T>): Promise<T> {
    return this.together(() => {
      const running = steps();
      let at = running.next();
      while (!at.done) at = running.next(this.#step(at.value));
      return at.value;
    });
  }

  async query(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.now(sql, ...values);
  }

  /** One statement, at once. */
  now(sql: string, ...values: readonly Value[]): readonly Row[] {
    try {
      return this.#statement(sql).all(named(values));
    } catch (error) {
      throw orStorageFull(error, this.#path);
    }
  }

  /** Several statements, all or none. */
  together<T>(work: () => T): T {
    try {
      // Takes the right to write now: asked for later, it could not be waited for.
      this.#connection.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw orStorageFull(error, this.#path);
    }
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #step(step: Step): readonly Row[] {
    if ("enqueue" in step) return this.now("INSERT INTO queue (job, leased_until) VALUES ($1, 0) RETURNING position", step.enqueue);
    return this.now(step.sql, ...step.values);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/** Opens or creates the file: what was committed survives a power cut, and readers do not wait for the writer. */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  // SQLite would let everybody read it; what it puts beside it is as private as the file.
  await (await open(path, "a", 0o600)).close();
  const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true });
  // A file that several processes create at once is busy without anybody waiting.
  for (let tries = 0; ; tries++) {
    try {
      connection.exec("PRAGMA journal_mode = WAL");
      break;
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_BUSY || tries === 100) {
        connection.close();
        throw orStorageFull(error, path);
      }
      await pause(20 + Math.random() * 50);
    }
  }
  connection.exec("PRAGMA synchronous = FULL");
  return new SqliteDatabase(path, connection);
}

/** The store in an SQLite file. */
export function sqliteStore(database: SqliteDatabase): Store {
  return {
    ...sqlStore(database),
    async migrate() {
      migrate(database);
    },
    async ping() {
      // Writing is what fails first.
      database.together(() => database.now("UPDATE schema_version SET at = at"));
    },
    now: async () => Date.now(),
    async close() {
      database.close();
    },
  };
}

function migrate(database: SqliteDatabase): void {
  database.together(() => {
    database.now("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT");
    const [newest] = database.now("SELECT max(version) AS version FROM schema_version");
    for (const migration of pending(migrations, Number(newest?.version ?? 0))) {
      for (const statement of migration.statements(columns)) database.now(statement);
      database.now("INSERT INTO schema_version (version, at) VALUES ($1, $2)", migration.version, Date.now());
    }
  });
}

function named(values: readonly Value[]): Record<string, SQLInputValue> {
  return Object.fromEntries(
    values.map((value, index) => {
      const stored = storable(value);
      return [`$${index + 1}`, Array.isArray(stored) ? JSON.stringify(stored) : (stored as SQLInputValue)];
    }),
  );
}
