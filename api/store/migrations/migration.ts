/** How the two databases write the types and ways that tables are made of. */
export interface Columns {
  /** Text that sorts by code point. */
  readonly text: string;
  /** An integer of 64 bits. */
  readonly integer: string;
  /** A primary key that the database counts up. */
  readonly counter: string;
  /** What stands after a table's closing bracket. */
  readonly options: string;
  /** Where the queue is a table of the same database. */
  readonly queue: boolean;
}

/** One step of the schema from one version to the next; never changed once it was released. */
export interface Migration {
  readonly version: number;
  statements(columns: Columns): readonly string[];
}

/** The database was written by a newer Casebook, which may mean something else by it. */
export class NewerSchema extends Error {
  override readonly name = "NewerSchema";
}

/** Those still to be run, in order; throws `NewerSchema`. */
export function pending(migrations: readonly Migration[], version: number): readonly Migration[] {
  const newest = migrations.at(-1)!.version;
  if (version > newest)
    throw new NewerSchema(
      `the database has schema version ${version} and this Casebook knows ${newest}: upgrade Casebook, or restore a backup`,
    );
  return migrations.filter((migration) => migration.version > version);
}
