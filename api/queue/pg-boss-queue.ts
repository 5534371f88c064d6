import { PgBoss } from "pg-boss";
import type { Enqueue } from "../store/postgres.ts";
import { type Delivery, LEASE, type Queue } from "./queue.ts";

const QUEUE = "analysis";
/** Seconds after which a delivery fails although its worker is alive; the most that pg-boss allows. Workers end their jobs long before. */
const LONGEST_RUN = 24 * 3600;
/** The store counts how often a job was begun and ends it; the queue hands it out for ever. */
const UNLIMITED = 1_000_000_000;
/** Seconds: a job that nobody takes is not forgotten. pg-boss keeps this in 32 bits. */
const SIXTY_YEARS = 60 * 365 * 24 * 3600;
/** Seconds between two looks for deliveries whose lease has run out. */
const SUPERVISE = 5;
/** pg-boss's least heartbeat. */
const LEAST_LEASE = 10_000;

export interface PgBossOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Schema of pg-boss's own tables. */
  readonly schema: string;
  /** Connections of this process at most. */
  readonly connections: number;
  /** Milliseconds, 10,000 at least; see `LEASE`. */
  readonly lease?: number;
  /** Seconds between two looks for deliveries whose lease has run out. */
  readonly supervise?: number;
  readonly onError: (error: Error) => void;
}

export interface PgBossQueue extends Queue {
  readonly enqueue: Enqueue;
  /** Creates or updates pg-boss's tables, and from then on redelivers what is due; one process at a time. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The queue in PostgreSQL, kept by pg-boss: a worker's lease is a job's heartbeat. */
export function pgBossQueue({ url, schema, connections, lease = LEASE, supervise = SUPERVISE, onError }: PgBossOptions): PgBossQueue {
  if (lease < LEAST_LEASE) throw new RangeError(`a lease of ${lease} ms is too short: pg-boss has none below ${LEAST_LEASE} ms`);
  const boss = new PgBoss({
    connectionString: url,
    schema,
    max: connections,
    application_name: "casebook queue",
    schedule: false,
    superviseIntervalSeconds: supervise,
    monitorIntervalSeconds: supervise,
  });
  boss.on("error", onError);
  const options = {
    heartbeatSeconds: Math.ceil(lease / 1000),
    expireInSeconds: LONGEST_RUN,
    retryLimit: UNLIMITED,
    retryDelay: 0,
    retentionSeconds: SIXTY_YEARS,
    warningQueueSize: 1_000_000,
  };

  return {
    async start() {
      await boss.start();
      await boss.createQueue(QUEUE, options);
      // Where it is there already, perhaps from an earlier version.
      await boss.updateQueue(QUEUE, options);
    },
    stop: () => boss.stop({ graceful: false }),
    async enqueue(client, job) {
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      await boss.send(QUEUE, { job } satisfies Payload, { db });
    },
    async take(most) {
      const taken = await boss.fetch<Payload>(QUEUE, { batchSize: most });
      // They are the oldest, but come in any order; ids sort by time.
      return taken
        .map(({ id, retryCount, data }) => ({ job: data.job, ticket: `${id}/${retryCount}` }))
        .sort((a, b) => (a.job < b.job ? -1 : 1));
    },
    async renew(delivery) {
      // It answers with how many it found, which its type does not tell.
      const { affected } = (await boss.touch(QUEUE, attemptOf(delivery))) as { readonly affected: number };
      return affected > 0;
    },
    async finish(delivery) {
      // The store knows what became of the job; nothing of it is kept here.
      await boss.deleteJob(QUEUE, attemptOf(delivery));
    },
    async giveBack(delivery) {
      await boss.fail(QUEUE, attemptOf(delivery));
    },
    async waiting() {
      const { rows } = await boss
        .getDb()
        .executeSql(`SELECT count(*) AS jobs FROM ${schema}.job WHERE name = $1 AND state < 'active'`, [QUEUE]);
      return Number(rows[0].jobs);
    },
  };
}

interface Payload {
  readonly job: string;
}

/** With the count of retries pg-boss leaves alone what was meanwhile given to somebody else. */
function attemptOf({ ticket }: Delivery): { id: string; retryCount: number } {
  const [id, retryCount] = ticket.split("/");
  return { id: id!, retryCount: Number(retryCount) };
}
