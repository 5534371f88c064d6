import { accept, again, OPEN_JOBS } from "./accepting.ts";
import { auditOf, bundleOf, jobOf, keyOf } from "./rows.ts";
import { begin, cancel, deleteBundle, finish, release } from "./running.ts";
import { type Database, rows } from "./steps.ts";
import { JOB_STATES, type JobState, type Store } from "./store.ts";

/** Everything of a store that is the same on either database. */
export function sqlStore(database: Database): Omit<Store, "migrate" | "ping" | "now" | "close"> {
  const { dialect } = database;
  const query = database.query.bind(database);
  return {
    async addKey({ id, tenant, label, scopes, hash, createdAt, expiresAt, revokedAt }) {
      await query(
        `INSERT INTO keys (id, tenant, label, scopes, hash, created_at, expires_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        ...[id, tenant, label, JSON.stringify(scopes), hash, createdAt, expiresAt, revokedAt],
      );
    },
    async keyByHash(hash) {
      const [row] = await query("SELECT * FROM keys WHERE hash = $1", hash);
      return row ? keyOf(row) : null;
    },
    async keys(tenant) {
      const found =
        tenant === null
          ? await query("SELECT * FROM keys ORDER BY id")
          : await query("SELECT * FROM keys WHERE tenant = $1 ORDER BY id", tenant);
      return found.map(keyOf);
    },
    async revokeKey(id, at) {
      return (await query("UPDATE keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id", id, at)).length > 0;
    },

    accept: (bundle, job, at, idempotency, quota) => database.transaction(() => accept(dialect, { bundle, job, at, idempotency, quota })),
    again: (tenant, bundle, job, at, idempotency) => database.transaction(() => again(tenant, bundle, job, at, idempotency)),

    async bundle(tenant, id) {
      const [row] = await query("SELECT * FROM bundles WHERE tenant = $1 AND id = $2", tenant, id);
      return row ? bundleOf(row) : null;
    },
    async bundles(tenant, { limit, before }) {
      const found =
        before === null
          ? await query("SELECT * FROM bundles WHERE tenant = $1 ORDER BY id DESC LIMIT $2", tenant, limit)
          : await query("SELECT * FROM bundles WHERE tenant = $1 AND id < $3 ORDER BY id DESC LIMIT $2", tenant, limit, before);
      return found.map(bundleOf);
    },
    deleteBundle: (tenant, id) => database.transaction(() => deleteBundle(tenant, id)),
    async expired(at, most) {
      const found = await query("SELECT id, tenant FROM bundles WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2", at, most);
      return found.map(({ id, tenant }) => ({ id: String(id), tenant: String(tenant) }));
    },
    async knownBlobs(keys) {
      const found = await query(`SELECT blob FROM blobs WHERE blob IN (${dialect.list(1)})`, keys);
      return new Set(found.map(({ blob }) => String(blob)));
    },

    async job(tenant, id) {
      const [row] = await query("SELECT * FROM jobs WHERE tenant = $1 AND id = $2", tenant, id);
      return row ? jobOf(row) : null;
    },
    async jobsById(ids) {
      return (await query(`SELECT * FROM jobs WHERE id IN (${dialect.list(1)}) ORDER BY id`, ids)).map(jobOf);
    },
    async jobsOf(tenant, bundle) {
      return (await query("SELECT * FROM jobs WHERE tenant = $1 AND bundle = $2 ORDER BY id DESC", tenant, bundle)).map(jobOf);
    },
    cancel: (tenant, id, at) => database.transaction(() => cancel(tenant, id, at)),

    begin: (id, at) => database.transaction(() => begin(id, at)),
    async note(id, attempt, progress) {
      const noted = await query(
        "UPDATE jobs SET progress = $3 WHERE id = $1 AND attempts = $2 AND state = 'running' AND cancel_requested = 0 RETURNING id",
        ...[id, attempt, JSON.stringify(progress)],
      );
      return noted.length > 0;
    },
    finish: (id, attempt, outcome, at) => database.transaction(() => finish(dialect, id, attempt, outcome, at)),
    release: (id, attempt, at) => database.transaction(() => release(id, attempt, at)),

    async usage(tenant) {
      const [stored] = await query("SELECT bytes, bundles FROM tenants WHERE tenant = $1", tenant);
      const [open] = await query(OPEN_JOBS, tenant);
      return { bytes: Number(stored?.bytes ?? 0), bundles: Number(stored?.bundles ?? 0), jobs: Number(open!.jobs) };
    },
    async countJobs() {
      const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
      for (const { state, jobs } of await query("SELECT state, count(*) AS jobs FROM jobs GROUP BY state")) {
        counts[state as JobState] = Number(jobs);
      }
      return counts;
    },

    async audit({ at, tenant, actor, action, subject, requestId }) {
      await query(
        "INSERT INTO audit (at, tenant, actor, action, subject, request_id) VALUES ($1, $2, $3, $4, $5, $6)",
        ...[at, tenant, actor, action, subject, requestId],
      );
    },
    async auditLog(tenant, { limit }) {
      return (await query("SELECT * FROM audit WHERE tenant = $1 ORDER BY id DESC LIMIT $2", tenant, limit)).map(auditOf);
    },
    async forgetAudit(before, most) {
      const oldest = "SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2";
      // Two who delete the same rows may wait for one another; then one of them does so again.
      const forget = () => rows(`DELETE FROM audit WHERE id IN (${oldest}) RETURNING id`, before, most);
      return (await database.transaction(forget)).length;
    },
  };
}
