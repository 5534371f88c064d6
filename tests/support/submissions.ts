import { newId } from "../../api/ids.ts";
import type { Acceptance, Bundle, Job, Quota, Store } from "../../api/store/store.ts";

export const freshBlob = (kind = "upload") => `${kind}/${newId()}`;

/** A bundle of one small file, but for what is said. */
export function newBundle(tenant: string, details: Partial<Bundle> = {}): Bundle {
  const bytes = details.bytes ?? 8;
  return {
    id: newId(),
    tenant,
    name: "evidence",
    files: [{ path: "trace.pcap", bytes, sha256: "0".repeat(64), blob: freshBlob() }],
    bytes,
    createdAt: 1_700_000_000_000,
    expiresAt: null,
    ...details,
  };
}

export interface Submitted {
  readonly bundle?: Bundle;
  readonly sameAs?: string | null;
  readonly idempotency?: { readonly key: string; readonly request: string } | null;
  readonly quota?: Quota | null;
}

/** Submits a bundle as the server does. */
export function submit(
  store: Store,
  tenant: string,
  { bundle = newBundle(tenant), sameAs = null, idempotency = null, quota = null }: Submitted = {},
): Promise<Acceptance> {
  return store.accept(bundle, { id: newId(), sameAs }, 1_700_000_001_000, idempotency, quota);
}

/** A job of a fresh bundle that has been begun. */
export async function submitAndBegin(store: Store, tenant: string): Promise<Job> {
  const { job } = await submit(store, tenant);
  const begun = await store.begin(job.id, 1_700_000_002_000);
  if (!begun) throw new Error("a fresh job cannot be begun");
  return begun.job;
}
