import { bundleOf, jobOf } from "./rows.ts";
import { type Dialect, enqueue, rows, type Steps } from "./steps.ts";
import {
  type Acceptance,
  type Bundle,
  type Idempotency,
  IdempotencyConflict,
  type Job,
  type NewJob,
  type Quota,
  QuotaExceeded,
  type Usage,
} from "./store.ts";

/** A job of which the result is there or will be. Written as in the index `jobs_same`. */
const COUNTS = "state IN ('queued', 'running', 'done') AND cancel_requested = 0";
/** Written as in the index `jobs_open`. */
const OPEN = "state IN ('queued', 'running')";

export interface Submission {
  readonly bundle: Bundle;
  readonly job: NewJob;
  readonly at: number;
  readonly idempotency: Idempotency | null;
  readonly quota: Quota | null;
}

/** See `Store.accept`. */
export function* accept(dialect: Dialect, { bundle, job, at, idempotency, quota }: Submission): Steps<Acceptance> {
  const { tenant } = bundle;
  const usage = yield* holdTenant(tenant);
  const repeated = yield* repeatedJob(tenant, idempotency);
  if (repeated) return { job: repeated, existing: true };
  const same = yield* sameJob(tenant, job.sameAs);
  if (same) {
    yield* remember(tenant, idempotency, same.id, at);
    yield* keepUntil(same.bundle, bundle.expiresAt);
    return { job: same, existing: true };
  }
  if (quota) yield* checkQuota(tenant, usage, bundle.bytes, quota);
  yield* insertBundle(dialect, bundle);
  const created = yield* insertJob(tenant, bundle.id, job, at);
  yield* remember(tenant, idempotency, job.id, at);
  return { job: created, existing: false };
}

/** See `Store.again`. */
export function* again(tenant: string, bundle: string, job: NewJob, at: number, idempotency: Idempotency | null): Steps<Acceptance | null> {
  yield* holdTenant(tenant);
  const [stored] = yield* rows("SELECT * FROM bundles WHERE tenant = $1 AND id = $2", tenant, bundle);
  if (!stored) return null;
  const repeated = yield* repeatedJob(tenant, idempotency);
  if (repeated) return { job: repeated, existing: true };
  // Who submits the same from now on is sent here: whoever asked for another analysis has a reason not to be content with the one there is.
  yield* rows("UPDATE jobs SET same_as = NULL WHERE tenant = $1 AND same_as = $2", tenant, job.sameAs);
  const created = yield* insertJob(tenant, bundleOf(stored).id, job, at);
  yield* remember(tenant, idempotency, job.id, at);
  return { job: created, existing: false };
}

/** What a tenant has stored. The row stays locked to the end of the transaction: a tenant's submissions and deletions come one by one. */
export function* holdTenant(tenant: string): Steps<Omit<Usage, "jobs">> {
  const [row] = yield* rows(
    `INSERT INTO tenants (tenant, bytes, bundles) VALUES ($1, 0, 0)
     ON CONFLICT (tenant) DO UPDATE SET tenant = excluded.tenant RETURNING bytes, bundles`,
    tenant,
  );
  return { bytes: Number(row!.bytes), bundles: Number(row!.bundles) };
}

/** Jobs of a tenant that are queued or running. */
export const OPEN_JOBS = `SELECT count(*) AS jobs FROM jobs WHERE tenant = $1 AND ${OPEN}`;

/** The job that the same request got before. */
function* repeatedJob(tenant: string, idempotency: Idempotency | null): Steps<Job | null> {
  if (idempotency === null) return null;
  const { key, request } = idempotency;
  const [row] = yield* rows(
    `SELECT jobs.*, idempotency.request FROM idempotency JOIN jobs ON jobs.id = idempotency.job
     WHERE idempotency.tenant = $1 AND idempotency.key = $2`,
    tenant,
    key,
  );
  if (!row) return null;
  if (row.request !== request) throw new IdempotencyConflict("this idempotency key was used before, with another request");
  return jobOf(row);
}

function* sameJob(tenant: string, sameAs: string | null): Steps<Job | null> {
  if (sameAs === null) return null;
  const [row] = yield* rows(`SELECT * FROM jobs WHERE tenant = $1 AND same_as = $2 AND ${COUNTS}`, tenant, sameAs);
  return row ? jobOf(row) : null;
}

function* remember(tenant: string, idempotency: Idempotency | null, job: string, at: number): Steps<void> {
  if (idempotency === null) return;
  yield* rows(
    "INSERT INTO idempotency (tenant, key, request, job, at) VALUES ($1, $2, $3, $4, $5)",
    tenant,
    idempotency.key,
    idempotency.request,
    job,
    at,
  );
}

/** Whoever submits the same again expects it to be kept as long as if it were new. */
function* keepUntil(bundle: string, expiresAt: number | null): Steps<void> {
  if (expiresAt === null) yield* rows("UPDATE bundles SET expires_at = NULL WHERE id = $1", bundle);
  else yield* rows("UPDATE bundles SET expires_at = $2 WHERE id = $1 AND expires_at < $2", bundle, expiresAt);
}

function* checkQuota(tenant: string, usage: Omit<Usage, "jobs">, bytes: number, quota: Quota): Steps<void> {
  if (usage.bytes + bytes > quota.bytes)
    throw new QuotaExceeded(
      "bytes",
      `${usage.bytes} of ${quota.bytes} bytes are taken and this bundle has ${bytes}: delete bundles that are done with`,
    );
  const [open] = yield* rows(OPEN_JOBS, tenant);
  const jobs = Number(open!.jobs);
  if (jobs >= quota.jobs)
    throw new QuotaExceeded("jobs", `${jobs} jobs are waiting or running and ${quota.jobs} may: try again when some are done`);
}

function* insertBundle(dialect: Dialect, { id, tenant, name, files, bytes, createdAt, expiresAt }: Bundle): Steps<void> {
  yield* rows(
    "INSERT INTO bundles (id, tenant, name, files, bytes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    id,
    tenant,
    name,
    JSON.stringify(files),
    bytes,
    createdAt,
    expiresAt,
  );
  yield* nameBlobs(dialect, id, [...new Set(files.map((file) => file.blob))]);
  yield* rows("UPDATE tenants SET bytes = bytes + $2, bundles = bundles + 1 WHERE tenant = $1", tenant, bytes);
}

/** Notes that these blobs belong to a bundle and go with it. */
export function* nameBlobs(dialect: Dialect, bundle: string, blobs: readonly string[]): Steps<void> {
  if (blobs.length > 0) yield* rows(`INSERT INTO blobs (blob, bundle) SELECT value, $2 FROM (${dialect.list(1)}) AS listed`, blobs, bundle);
}

function* insertJob(tenant: string, bundle: string, { id, sameAs }: NewJob, at: number): Steps<Job> {
  const [row] = yield* rows(
    `INSERT INTO jobs (id, tenant, bundle, state, created_at, attempts, results, cancel_requested, same_as)
     VALUES ($1, $2, $3, 'queued', $4, 0, '{}', 0, $5) RETURNING *`,
    id,
    tenant,
    bundle,
    at,
    sameAs,
  );
  yield* enqueue(id);
  return jobOf(row!);
}
