import type { Backend } from "../backend/backend.ts";
import { type Blobs, isMadeHere } from "../blobs/blobs.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "./log.ts";

/** Bundles, and blobs, looked at together. */
const AT_ONCE = 200;
/** Lines of the audit log deleted together: as many as keep nobody else waiting. */
const LINES_AT_ONCE = 1_000;
/** Age in milliseconds from which a blob nobody knows is left over from something that broke off; no upload takes that long. */
const ORPHAN_MS = 24 * 3_600_000;

export interface Swept {
  /** Bundles whose time had passed. */
  readonly bundles: number;
  /** Blobs that belonged to nothing. */
  readonly orphans: number;
  /** Lines of the audit log that were too old. */
  readonly audit: number;
}

export interface SweepOptions extends Pick<Backend, "store" | "blobs"> {
  /** How long lines of the audit log are kept, in milliseconds; null for ever. */
  readonly auditRetention: number | null;
  readonly log: Log;
}

/**
 * Deletes bundles whose time has passed, with their reports, blobs that belong to nothing, and what is old in the audit log, by the
 * database's clock. Any number of processes may do this at once.
 */
export async function sweep({ store, blobs, auditRetention, log }: SweepOptions): Promise<Swept> {
  const now = await store.now();
  const swept = {
    bundles: await deleteExpired(store, blobs, now),
    orphans: await deleteOrphans(store, blobs, now - ORPHAN_MS),
    audit: auditRetention === null ? 0 : await forgetAudit(store, now - auditRetention),
  };
  if (Object.values(swept).some((count) => count > 0)) log.info(swept, "swept what is no longer kept");
  return swept;
}

async function deleteExpired(store: Store, blobs: Blobs, now: number): Promise<number> {
  let deleted = 0;
  for (;;) {
    const expired = await store.expired(now, AT_ONCE);
    for (const { tenant, id } of expired) {
      const keys = await store.deleteBundle(tenant, id);
      if (keys === null) continue;
      // Should this fail, the blobs belong to nothing and go with the orphans.
      await blobs.delete(keys);
      await store.audit({ at: now, tenant, actor: "system", action: "bundle.expire", subject: id, requestId: null });
      deleted++;
    }
    if (expired.length < AT_ONCE) return deleted;
  }
}

async function forgetAudit(store: Store, before: number): Promise<number> {
  for (let forgotten = 0; ; ) {
    const some = await store.forgetAudit(before, LINES_AT_ONCE);
    forgotten += some;
    if (some < LINES_AT_ONCE) return forgotten;
  }
}

async function deleteOrphans(store: Store, blobs: Blobs, before: number): Promise<number> {
  let deleted = 0;
  const examine = async (keys: readonly string[]) => {
    const known = await store.knownBlobs(keys);
    const orphans = keys.filter((key) => !known.has(key) && isMadeHere(key));
    if (orphans.length > 0) await blobs.delete(orphans);
    deleted += orphans.length;
  };
  let batch: string[] = [];
  for await (const key of blobs.list(before)) {
    batch.push(key);
    if (batch.length < AT_ONCE) continue;
    await examine(batch);
    batch = [];
  }
  if (batch.length > 0) await examine(batch);
  return deleted;
}
