import { CancelledError } from "../../../../engine/derive/analyse-source.ts";
import { type AnalysedJobs, detachJob, failedJob } from "../../../../engine/derive/detached-job.ts";
import type { Threads } from "../../../../engine/derive/parallel-jobs.ts";
import type { PickedFile, ThreadAnswer, ThreadRequest } from "../../match/messages.ts";

/** However many processors there are, each thread holds tables. */
const MOST_THREADS = 8;

/** Whether this worker may start others. */
export const canStartThreads = typeof Worker === "function";

/** Threads that read the files of a bundle, each a worker like this one. */
export function workerThreads(files: ReadonlyMap<string, PickedFile>): Threads {
  return {
    limit: canStartThreads ? Math.min(MOST_THREADS, Math.max(2, navigator.hardwareConcurrency - 1)) : 1,
    read(job, tell) {
      const detached = detachJob(job);
      const needed = [...new Set(detached.files.map(({ root }) => root))].map((root) => files.get(root)!);
      return inThread<AnalysedJobs>({ kind: "job", job: detached, files: needed }, (answer, done) => {
        if (answer.kind === "progress") void tell(answer.bytes, answer.packets);
        else if (answer.kind === "job") done(answer.analysed);
      }).catch((error: unknown) => {
        if (error instanceof CancelledError) throw error;
        return failedJob(job, error);
      });
    },
  };
}

/** SHA-256 of a file by a thread. */
export function digestInThread(blob: Blob): Promise<string> {
  return inThread({ kind: "digest", blob }, (answer, done) => {
    if (answer.kind === "digest") done(answer.sha256);
  });
}

/** Starts a worker for one request and ends it when it is done; rejects where it dies. */
function inThread<T>(request: ThreadRequest, hear: (answer: ThreadAnswer, done: (result: T) => void) => void): Promise<T> {
  const worker = new Worker(self.location.href, { type: "module" });
  return new Promise<T>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => hear(data, resolve);
    worker.onerror = ({ message }) => reject(new Error(message || "the thread that read it died"));
    worker.onmessageerror = () => reject(new Error("what the thread found could not be handed over"));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
