import { type S3Options, s3Blobs } from "../blobs/s3-blobs.ts";
import { sealedBlobs } from "../blobs/sealed.ts";
import { pgBossQueue } from "../queue/pg-boss-queue.ts";
import { migrating, postgresPool, postgresStore } from "../store/postgres.ts";
import type { Backend } from "./backend.ts";

export interface SharedOptions {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  readonly s3: S3Options;
  /** Folder on this machine where blobs lie while they are analysed. */
  readonly spool: string;
  /** Seals uploads and reports, 32 bytes; null to store them as they are. */
  readonly key?: Uint8Array | null;
  /** Connections of this process to the database at most, for the store; the queue has a few of its own. */
  readonly connections?: number;
  /** Schema of the queue's tables. */
  readonly queueSchema?: string;
  /** Milliseconds, 10,000 at least; see `LEASE`. */
  readonly lease?: number;
  /** Seconds between two looks for deliveries whose lease has run out. */
  readonly supervise?: number;
  /** Told of what goes wrong in the background; a warning of the process if not given. */
  readonly onError?: (error: Error) => void;
}

const QUEUE_CONNECTIONS = 4;

/** Store and queue in PostgreSQL, blobs in an S3-compatible store: for any number of processes on any number of machines. */
export async function openShared(options: SharedOptions): Promise<Backend> {
  const { databaseUrl, s3, spool, key = null, connections = 10, queueSchema = "casebook_queue", lease, supervise } = options;
  const onError = options.onError ?? ((error: Error) => process.emitWarning(error));
  const blobs = await s3Blobs(s3, spool);
  const pool = postgresPool({ url: databaseUrl, connections, onError });
  const queue = pgBossQueue({
    url: databaseUrl,
    schema: queueSchema,
    connections: QUEUE_CONNECTIONS,
    onError,
    ...(lease === undefined ? {} : { lease }),
    ...(supervise === undefined ? {} : { supervise }),
  });
  const close = async () => {
    await queue.stop();
    await pool.end();
    blobs.close();
  };
  try {
    await migrating(pool, () => queue.start());
  } catch (error) {
    await close();
    throw error;
  }
  return { store: postgresStore(pool, queue.enqueue), queue, blobs: key ? sealedBlobs(blobs, key) : blobs, close };
}
