import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { CancelledError, type SourceJob } from "../derive/analyse-source.ts";
import { type AnalysedJobs, detachJob, failedJob } from "../derive/detached-job.ts";
import { analyseInParallel } from "../derive/parallel-jobs.ts";
import type { DiskFile } from "./bundle.ts";
import { createNativeSha256 } from "./hash.ts";
import type { WorkerJob, WorkerMessage } from "./worker-job.ts";
import { boundYoungGeneration } from "./young-generation.ts";

/** JavaScript heap of one thread, MiB; columns lie outside it. */
const THREAD_HEAP_MIB = 4096;

export interface AnalyseOptions {
  /** Threads at most; as many as there are processors if not given. */
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  /** Bytes and packets read so far, over all jobs. */
  onProgress(bytes: number, packets: number): void;
}

/** Reads all jobs, large ones in threads of their own when there are several; results by source. A thread that dies costs its files, not the run. */
export function analyseJobs(
  jobs: readonly SourceJob[],
  roots: ReadonlyMap<string, DiskFile>,
  { jobs: limit = availableParallelism(), signal, onProgress }: AnalyseOptions,
): Promise<AnalysedJobs> {
  const progress = async (bytes: number, packets: number) => {
    if (signal?.aborted) throw new CancelledError("cancelled");
    boundYoungGeneration();
    onProgress(bytes, packets);
  };
  return analyseInParallel(
    jobs,
    { createHasher: createNativeSha256, progress },
    { limit, read: (job, tell) => inThread(job, roots, tell, signal) },
  );
}

function inThread(
  job: SourceJob,
  roots: ReadonlyMap<string, DiskFile>,
  tell: (bytes: number, packets: number) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<AnalysedJobs> {
  const detached = detachJob(job);
  const locations = Object.fromEntries(detached.files.map(({ root }) => [root, roots.get(root)!.location]));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./source-worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData: { job: detached, locations } satisfies WorkerJob,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MIB },
    });
    const cancel = () => {
      void worker.terminate();
      reject(new CancelledError("cancelled"));
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const settle = (answer: AnalysedJobs) => {
      signal?.removeEventListener("abort", cancel);
      resolve(answer);
    };
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "done") settle(message.analysed);
      else tell(message.bytes, message.packets).catch(cancel);
    });
    worker.on("error", (error) => settle(failedJob(job, error)));
  });
}
