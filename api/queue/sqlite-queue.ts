import { randomUUID } from "node:crypto";
import { monotonic } from "../monotonic.ts";
import type { SqliteDatabase } from "../store/sqlite.ts";
import { type Delivery, LEASE, type Queue } from "./queue.ts";

/**
 * The queue as a table of the store's file: a job is put there in the transaction that creates it. `lease` in milliseconds, of a clock that
 * does not jump: were the machine's put forward, all that run would be handed out anew, and were it put back, what a worker that died had
 * would wait for as long. Leases of before the machine's last start mean nothing by it; `releaseLeases` ends them.
 */
export function sqliteQueue(database: SqliteDatabase, lease: number = LEASE, clock: () => number = monotonic): Queue {
  return {
    async take(most) {
      const now = clock();
      // Whoever only looks does not ask for the right to write.
      if (database.now(WAITS, now).length === 0) return [];
      const taken = database.together(() => {
        database.now(RELEASE, now);
        return database.now(TAKE, most, now + lease, randomUUID());
      });
      return [...taken]
        .sort((a, b) => Number(a.position) - Number(b.position))
        .map(({ job, ticket }) => ({ job: String(job), ticket: String(ticket) }));
    },
    async renew({ job, ticket }: Delivery) {
      const now = clock();
      return database.now(`UPDATE queue SET leased_until = $3 ${MINE} RETURNING job`, job, ticket, now + lease).length > 0;
    },
    async finish({ job, ticket }) {
      database.now(`DELETE FROM queue ${MINE} RETURNING job`, job, ticket);
    },
    async giveBack({ job, ticket }) {
      database.now(`UPDATE queue SET leased_until = 0, ticket = NULL ${MINE} RETURNING job`, job, ticket);
    },
    async waiting() {
      const [row] = database.now("SELECT count(*) AS jobs FROM queue WHERE leased_until <= $1", clock());
      return Number(row!.jobs);
    },
  };
}

/** Hands everything out anew: for the only process that works on this file, when it starts. */
export function releaseLeases(database: SqliteDatabase): void {
  database.now("UPDATE queue SET leased_until = 0, ticket = NULL WHERE leased_until > 0 RETURNING job");
}

/** One ticket serves all jobs of a claim. */
const MINE = "WHERE job = $1 AND ticket = $2";
const WAITS = "SELECT 1 FROM queue WHERE leased_until <= $1 LIMIT 1";
/** Leases that have run out; with them at 0, `TAKE` finds the oldest of all by its index alone. */
const RELEASE = "UPDATE queue SET leased_until = 0, ticket = NULL WHERE leased_until > 0 AND leased_until <= $1 RETURNING job";

/** The claim. Tests read its plan. */
export const TAKE = `UPDATE queue SET leased_until = $2, ticket = $3
  WHERE position IN (SELECT position FROM queue WHERE leased_until = 0 ORDER BY position LIMIT $1)
  RETURNING position, job, ticket`;
