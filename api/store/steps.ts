/**
 * Store logic written once for both databases: a generator that yields one statement after the other and is given its rows. SQLite runs
 * the whole of it at a stroke, so that nothing of another request comes in between; PostgreSQL awaits each statement in a transaction.
 */

/** A list is bound as one parameter; `Dialect.list` reads it. */
export type Value = string | number | null | readonly string[];
export type Row = Readonly<Record<string, unknown>>;

/** SQL that both databases take, its parameters `$1`, `$2` …; or a job that is to be put on the queue in the same transaction. */
export type Step = { readonly sql: string; readonly values: readonly Value[] } | { readonly enqueue: string };
export type Steps<T> = Generator<Step, T, readonly Row[]>;

/** What the two databases say differently. */
export interface Dialect {
  /** A query whose single column `value` holds the members of the list that is parameter number `parameter`. */
  list(parameter: number): string;
}

/** A database that runs store logic. */
export interface Database {
  readonly dialect: Dialect;
  /** All of the steps, or none where one fails. They are asked for anew where the database wants the transaction repeated. */
  transaction<T>(steps: () => Steps<T>): Promise<T>;
  /** One statement by itself. */
  query(sql: string, ...values: readonly Value[]): Promise<readonly Row[]>;
}

/** Rows of one statement. */
export function* rows(sql: string, ...values: readonly Value[]): Steps<readonly Row[]> {
  return yield { sql, values };
}

/** Puts a job on the queue. */
export function* enqueue(job: string): Steps<void> {
  yield { enqueue: job };
}

/** Text as both databases can hold it: PostgreSQL has no NUL, and neither has half a surrogate pair. */
export function storable(value: Value): Value {
  if (typeof value === "string") return value.replaceAll("\0", "\uFFFD").toWellFormed();
  return Array.isArray(value) ? value.map((text) => storable(text) as string) : value;
}
