import { CancelledError } from "../../engine/derive/analyse-source.ts";
import type { Blobs } from "../blobs/blobs.ts";
import type { Delivery, Queue } from "../queue/queue.ts";
import type { Bundle, Job, JobOutcome, Store } from "../store/store.ts";
import { insist } from "./insist.ts";
import { holdLease } from "./lease.ts";
import type { Log } from "./log.ts";
import { noteProgress } from "./progress-notes.ts";
import { runJob, Unreachable } from "./run-job.ts";
import type { Runner } from "./runner.ts";

/** How often a job may be begun: one that ends the process that runs it is not begun for ever. */
const MOST_ATTEMPTS = 3;

export interface JobSurroundings {
  readonly store: Store;
  readonly queue: Queue;
  readonly blobs: Blobs;
  readonly runner: Pick<Runner, "analyse">;
  readonly log: Log;
  /** Milliseconds; see `LEASE`. */
  readonly lease: number;
  /** How long storage that cannot be reached is tried again before the job is handed back, in milliseconds. */
  readonly patience?: number;
  /** Told of every job that ended here. */
  readonly ended?: (state: JobOutcome["state"], milliseconds: number) => void;
}

/** Takes a delivered job from its begin to its end. Never rejects: a job that could not be ended is delivered again when its lease has run out. */
export async function attend(delivery: Delivery, around: JobSurroundings, ending: AbortSignal): Promise<void> {
  const { store, queue, log } = around;
  const lease = holdLease(delivery, around);
  const signal = AbortSignal.any([lease.lost, ending]);
  const surely = <T>(what: string, work: () => Promise<T>) => insist(what, work, { log, signal });
  try {
    const begun = await surely("beginning a job", () => store.begin(delivery.job, Date.now()));
    if (begun === null) return await surely("dropping a delivery", () => queue.finish(delivery));
    const { job, bundle } = begun;
    log.info({ job: job.id, bundle: bundle.id, attempt: job.attempts, bytes: bundle.bytes }, "job begun");
    const since = performance.now();
    const outcome = await outcomeOf(job, bundle, around, signal);
    if (outcome === null) {
      if (lease.lost.aborted) return;
      await store.release(job.id, job.attempts, Date.now());
      return await queue.giveBack(delivery);
    }
    const used = await surely("ending a job", () => store.finish(job.id, job.attempts, outcome, Date.now()));
    if (used) tellEnd(job, outcome, Math.round(performance.now() - since), around);
    else await discard(Object.values(outcome.results ?? {}), around);
    if (!lease.lost.aborted) await surely("ending a delivery", () => queue.finish(delivery));
  } catch (error) {
    log.error({ err: error, job: delivery.job }, "a job could not be ended; it will be delivered again");
  } finally {
    lease.end();
  }
}

/** Null where the job is not this worker's to end: it has to stop, somebody else has it, or storage is away, which is no fault of the job. */
async function outcomeOf(job: Job, bundle: Bundle, around: JobSurroundings, signal: AbortSignal): Promise<JobOutcome | null> {
  if (job.attempts > MOST_ATTEMPTS)
    return {
      state: "failed",
      error: `The analysis was begun ${MOST_ATTEMPTS} times and never came to an end: each time the process that ran it ended first. What was submitted may be the cause; submit it in smaller parts to find out.`,
    };
  const notes = noteProgress(around.store, job);
  try {
    return await runJob(job.id, bundle, {
      ...around,
      signal: AbortSignal.any([signal, notes.unwanted]),
      onProgress: notes.tell,
    });
  } catch (error) {
    if (error instanceof Unreachable) {
      around.log.warn({ err: error, job: job.id }, "storage cannot be reached; the job is handed back");
      return null;
    }
    if (!(error instanceof CancelledError)) throw error;
    return signal.aborted ? null : { state: "cancelled" };
  } finally {
    notes.end();
  }
}

/** Deletes results that were not used. The store is asked, since one that broke off may have noted them all the same. */
async function discard(keys: readonly string[], { store, blobs }: JobSurroundings): Promise<void> {
  if (keys.length === 0) return;
  const known = await store.knownBlobs(keys);
  await blobs.delete(keys.filter((key) => !known.has(key)));
}

function tellEnd(job: Job, { state, error }: JobOutcome, milliseconds: number, { log, ended }: JobSurroundings): void {
  log.info(
    { job: job.id, bundle: job.bundle, state, attempt: job.attempts, ms: milliseconds, ...(error ? { error } : {}) },
    `job ${state}`,
  );
  ended?.(state, milliseconds);
}
