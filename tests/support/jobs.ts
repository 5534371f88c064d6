import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "../../api/backend/backend.ts";
import { openEmbedded } from "../../api/backend/embedded.ts";
import { newId } from "../../api/ids.ts";
import type { Bundle, Job } from "../../api/store/store.ts";
import type { Runner } from "../../api/work/runner.ts";
import { startWorker, type Worker } from "../../api/work/worker.ts";
import { chunked } from "./blob-bytes.ts";
import { freshBlob } from "./submissions.ts";

/** A log nobody reads. */
export const silent = { info() {}, warn() {}, error() {} };

/** Runs something with the store, queue and blobs of a fresh folder. */
export async function withBackend<T>(run: (backend: Backend, folder: string) => Promise<T>, key: Uint8Array | null = null): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-jobs-"));
  const backend = await openEmbedded({ data: folder, own: true, key });
  try {
    return await run(backend, folder);
  } finally {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface SubmissionDetails {
  readonly name?: string;
  readonly expiresAt?: number | null;
}

/** Puts a bundle into the store as an upload does, and its job on the queue. */
export async function submitFiles(
  { store, blobs }: Backend,
  files: ReadonlyMap<string, Uint8Array>,
  { name = "bundle", expiresAt = null }: SubmissionDetails = {},
): Promise<{ readonly bundle: Bundle; readonly job: Job }> {
  const stored = [];
  for (const [path, content] of files) {
    const blob = freshBlob();
    const bytes = await blobs.write(blob, chunked(content, [65_536]));
    stored.push({ path, bytes, sha256: createHash("sha256").update(content).digest("hex"), blob });
  }
  const now = Date.now();
  const bytes = stored.reduce((sum, file) => sum + file.bytes, 0);
  const bundle: Bundle = { id: newId(), tenant: "local", name, files: stored, bytes, createdAt: now, expiresAt };
  const { job } = await store.accept(bundle, { id: newId(), sameAs: null }, now, null, null);
  return { bundle, job };
}

/** A worker on a backend, as a server starts it. */
export function workOn(backend: Backend, runner: Pick<Runner, "analyse">, jobsAtOnce: number = 1, lease: number = 30_000): Worker {
  return startWorker({ ...backend, runner, jobsAtOnce, lease, log: silent });
}

/** The job once it is in a state that is asked for; rejects after a while. */
export async function jobWhen({ store }: Backend, id: string, wanted: (job: Job) => boolean): Promise<Job> {
  for (const end = Date.now() + 30_000; ; ) {
    const [job] = await store.jobsById([id]);
    if (job && wanted(job)) return job;
    if (Date.now() > end) throw new Error(`job ${id} is ${job ? `${job.state} after ${job.attempts} attempts` : "gone"}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const ended = ({ state }: Job) => state !== "queued" && state !== "running";

/** Keys of all blobs there are. */
export async function blobKeys({ blobs }: Backend): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list(Number.MAX_SAFE_INTEGER)) keys.push(key);
  return keys;
}
