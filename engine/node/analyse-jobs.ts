import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ExpandedFile } from "../containers/index.ts";
import { analyseSource, CancelledError, type SourceJob } from "../derive/analyse-source.ts";
import { emptyResult, type SourceResult } from "../derive/source-result.ts";
import type { AnalysedJobs } from "../report/surroundings.ts";
import type { DiskFile } from "./bundle.ts";
import { createNativeSha256 } from "./hash.ts";
import type { WorkerJob, WorkerMessage } from "./worker-job.ts";

/** Bytes below which starting a thread costs more than it saves. */
const WORTH_A_THREAD = 8 << 20;
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
export async function analyseJobs(
  jobs: readonly SourceJob[],
  roots: ReadonlyMap<string, DiskFile>,
  options: AnalyseOptions,
): Promise<AnalysedJobs> {
  const threads = options.jobs ?? availableParallelism();
  const large = jobs.filter((job) => sizeOf(job) >= WORTH_A_THREAD);
  const threaded = new Set(threads > 1 && large.length > 1 ? large : []);
  const progress = new Map<SourceJob, readonly [number, number]>();
  const report = (job: SourceJob, bytes: number, packets: number) => {
    progress.set(job, [bytes, packets]);
    let [allBytes, allPackets] = [0, 0];
    for (const [someBytes, somePackets] of progress.values()) {
      allBytes += someBytes;
      allPackets += somePackets;
    }
    options.onProgress(allBytes, allPackets);
  };
  const found: AnalysedJobs = { results: [], damage: [] };
  const waiting = [...threaded];
  const next = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const current = job;
      const done = await inThread(current, roots, (bytes, packets) => report(current, bytes, packets), options.signal);
      found.results.push(...done.results);
      found.damage.push(...done.damage);
    }
  };
  const inline = async (): Promise<void> => {
    for (const job of jobs) {
      if (threaded.has(job)) continue;
      const services = {
        createHasher: createNativeSha256,
        progress: async (bytes: number, packets: number) => {
          if (options.signal?.aborted) throw new CancelledError("cancelled");
          report(job, bytes, packets);
        },
      };
      found.results.push(...(await analyseSource(job, services)));
    }
  };
  await Promise.all([inline(), ...Array.from({ length: Math.min(threads, threaded.size) }, next)]);
  found.results.sort((a, b) => a.source - b.source);
  return found;
}

function sizeOf(job: SourceJob): number {
  return job.files.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
}

function inThread(
  job: SourceJob,
  roots: ReadonlyMap<string, DiskFile>,
  onProgress: (bytes: number, packets: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ results: readonly SourceResult[]; damage: AnalysedJobs["damage"] }> {
  const workerData: WorkerJob = {
    segments: job.segments,
    hash: job.hash,
    files: job.files.map(({ source, file, hints }) => {
      const { root, steps, path, size } = file as ExpandedFile;
      return { source, location: roots.get(root)!.location, root, steps, path, size, hints };
    }),
  };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./source-worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MIB },
    });
    const cancel = () => {
      void worker.terminate();
      reject(new CancelledError("cancelled"));
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const settle = (answer: { results: readonly SourceResult[]; damage: AnalysedJobs["damage"] }) => {
      signal?.removeEventListener("abort", cancel);
      resolve(answer);
    };
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") onProgress(message.bytes, message.packets);
      else settle({ results: message.results, damage: message.damage.flat() });
    });
    worker.on("error", (error) =>
      settle({ results: job.files.map(({ source, file }) => emptyResult(source, file.size ?? 0, error)), damage: [] }),
    );
  });
}
