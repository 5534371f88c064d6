import { holdTenant, nameBlobs } from "./accepting.ts";
import { bundleOf, jobOf } from "./rows.ts";
import { type Dialect, rows, type Steps } from "./steps.ts";
import type { Bundle, Job, JobOutcome } from "./store.ts";

/** See `Store.begin`. */
export function* begin(id: string, at: number): Steps<{ job: Job; bundle: Bundle } | null> {
  const [begun] = yield* rows(
    `UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $2, progress = NULL
     WHERE id = $1 AND state IN ('queued', 'running') AND cancel_requested = 0 RETURNING *`,
    id,
    at,
  );
  if (!begun) {
    // The worker that was told to stop has died: nobody else will say that the job is cancelled.
    yield* rows(
      "UPDATE jobs SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state = 'running' AND cancel_requested = 1",
      id,
      at,
    );
    return null;
  }
  const job = jobOf(begun);
  const [bundle] = yield* rows("SELECT * FROM bundles WHERE id = $1", job.bundle);
  return { job, bundle: bundleOf(bundle!) };
}

/** See `Store.finish`. */
export function* finish(dialect: Dialect, id: string, attempt: number, outcome: JobOutcome, at: number): Steps<boolean> {
  const results = outcome.results ?? {};
  const [ended] = yield* rows(
    `UPDATE jobs SET state = $3, error = $4, results = $5, digests = $6, finished_at = $7
     WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING bundle`,
    id,
    attempt,
    outcome.state,
    outcome.error ?? null,
    JSON.stringify(results),
    JSON.stringify(outcome.digests ?? {}),
    at,
  );
  if (!ended) return false;
  yield* nameBlobs(dialect, String(ended.bundle), Object.values(results));
  return true;
}

/** See `Store.release`. */
export function* release(id: string, attempt: number, at: number): Steps<boolean> {
  const released = yield* rows(
    `UPDATE jobs SET attempts = attempts - 1, started_at = NULL, progress = NULL,
       finished_at = CASE cancel_requested WHEN 1 THEN $3 ELSE finished_at END,
       state = CASE cancel_requested WHEN 1 THEN 'cancelled' ELSE 'queued' END
     WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING id`,
    id,
    attempt,
    at,
  );
  return released.length > 0;
}

/** See `Store.cancel`. */
export function* cancel(tenant: string, id: string, at: number): Steps<Job | null> {
  yield* rows(
    `UPDATE jobs SET cancel_requested = 1,
       finished_at = CASE state WHEN 'queued' THEN $3 ELSE finished_at END,
       state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
     WHERE tenant = $1 AND id = $2 AND state IN ('queued', 'running')`,
    tenant,
    id,
    at,
  );
  const [row] = yield* rows("SELECT * FROM jobs WHERE tenant = $1 AND id = $2", tenant, id);
  return row ? jobOf(row) : null;
}

/** See `Store.deleteBundle`. */
export function* deleteBundle(tenant: string, id: string): Steps<readonly string[] | null> {
  yield* holdTenant(tenant);
  // Waits for runs that are just ending, so that the blobs of their results are among those below.
  yield* rows("UPDATE jobs SET cancel_requested = 1 WHERE tenant = $1 AND bundle = $2", tenant, id);
  const [bundle] = yield* rows("SELECT bytes FROM bundles WHERE tenant = $1 AND id = $2", tenant, id);
  if (!bundle) return null;
  const blobs = yield* rows("DELETE FROM blobs WHERE bundle = $1 RETURNING blob", id);
  yield* rows("DELETE FROM bundles WHERE id = $1", id);
  yield* rows("UPDATE tenants SET bytes = bytes - $2, bundles = bundles - 1 WHERE tenant = $1", tenant, Number(bundle.bytes));
  return blobs.map(({ blob }) => String(blob));
}
