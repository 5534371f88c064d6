import { createHash } from "node:crypto";
import { CancelledError } from "../../engine/derive/analyse-source.ts";
import { type Blobs, type LocalBlob, NoSuchBlob } from "../blobs/blobs.ts";
import { newId } from "../ids.ts";
import type { Bundle, JobOutcome, JobProgress } from "../store/store.ts";
import { insist } from "./insist.ts";
import { type Log, placeOf } from "./log.ts";
import { Refused, type Runner } from "./runner.ts";
import type { AnalysisResult, TaskFile } from "./task.ts";

/** Blobs fetched at the same time. */
const FETCHES = 8;

export interface RunSurroundings {
  readonly blobs: Blobs;
  readonly runner: Pick<Runner, "analyse">;
  readonly log: Log;
  /** Milliseconds; see `JobSurroundings`. */
  readonly patience?: number;
  /** Asks the run to end. */
  readonly signal: AbortSignal;
  onProgress(progress: JobProgress): void;
}

/** Analyses a stored bundle and stores the results. Rejects with `CancelledError` where it was asked to end, and where storage cannot be reached. */
export async function runJob(job: string, bundle: Bundle, around: RunSurroundings): Promise<JobOutcome> {
  const locals: LocalBlob[] = [];
  try {
    const files = await fetchFiles(bundle, around, locals);
    const result = await around.runner.analyse({ name: bundle.name, files }, around);
    return { state: "done", ...(await storeResults(result, around)) };
  } catch (error) {
    if (error instanceof NoSuchBlob) return failed("A file of the bundle is no longer stored. Submit the bundle again.");
    if (error instanceof Refused) return failed(error.message);
    if (error instanceof CancelledError || error instanceof Unreachable) throw error;
    around.log.error({ job, fault: placeOf(error) }, "an analysis failed unexpectedly");
    return failed(`The analysis failed unexpectedly. This is a defect of Casebook; the server's log says where, under the job ${job}.`);
  } finally {
    await Promise.all(locals.map((local) => local.release()));
  }
}

/** Storage that could not be reached: the job can be run again. */
export class Unreachable extends Error {}

async function fetchFiles({ files }: Bundle, around: RunSurroundings, locals: LocalBlob[]) {
  const fetched: TaskFile[] = [];
  const waiting = [...files];
  const next = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const { path, bytes, blob, sha256 } = file;
      const hopeless = (error: unknown) => error instanceof NoSuchBlob;
      const local = await reach("fetching an uploaded file", () => around.blobs.local(blob), { ...around, hopeless });
      locals.push(local);
      fetched.push({ path, bytes, location: local.path, stored: { blob, sha256 } });
    }
  };
  // All have to end before any file is released.
  const outcomes = await Promise.allSettled(Array.from({ length: FETCHES }, next));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return fetched;
}

async function storeResults(result: AnalysisResult, around: RunSurroundings): Promise<Required<Pick<JobOutcome, "results" | "digests">>> {
  const keys = { report: `report/${newId()}`, explanations: `explanations/${newId()}` };
  await reach("storing a report", () => around.blobs.write(keys.report, once(result.report)), around);
  await reach("storing explanations", () => around.blobs.write(keys.explanations, once(result.explanations)), around);
  return { results: keys, digests: { report: sha256(result.report), explanations: sha256(result.explanations) } };
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

async function reach<T>(what: string, work: () => Promise<T>, how: Parameters<typeof insist>[2]): Promise<T> {
  try {
    return await insist(what, work, how);
  } catch (error) {
    if (error instanceof NoSuchBlob) throw error;
    if (how.signal.aborted) throw new CancelledError("cancelled");
    throw new Unreachable(what, { cause: error });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function failed(error: string): JobOutcome {
  return { state: "failed", error };
}
