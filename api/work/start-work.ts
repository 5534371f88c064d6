import type { Knowledge } from "../../engine/node/knowledge.ts";
import type { Backend } from "../backend/backend.ts";
import type { Settings } from "../settings.ts";
import type { JobOutcome } from "../store/store.ts";
import type { Log } from "./log.ts";
import { openRunner, type Runner } from "./runner.ts";
import { startWorker, type Worker } from "./worker.ts";

/** The part of a process that runs jobs. */
export interface Work {
  readonly runner: Runner;
  readonly worker: Worker;
  /** Takes no more jobs; those that run may take some milliseconds to end and are handed back after that. */
  stop(milliseconds: number): Promise<void>;
}

export interface WorkOptions {
  readonly knowledge: Knowledge;
  readonly dataKey: Uint8Array | null;
  readonly log: Log;
  readonly ended?: (state: JobOutcome["state"], milliseconds: number) => void;
}

/** Starts to run jobs as the settings say. */
export function startWork(settings: Settings, backend: Backend, { knowledge, dataKey, log, ended }: WorkOptions): Work {
  const { jobsAtOnce, jobMemory, jobTime, lease, unpackedBytes, unpackedFiles } = settings;
  const runner = openRunner({
    knowledge,
    dataKey,
    limits: { totalBytes: unpackedBytes, entries: unpackedFiles },
    threads: jobsAtOnce,
    jobMemory,
    jobTime,
  });
  const { store, queue, blobs } = backend;
  const worker = startWorker({ store, queue, blobs, runner, log, lease, jobsAtOnce, ...(ended ? { ended } : {}) });
  return {
    runner,
    worker,
    async stop(milliseconds) {
      await worker.stop(milliseconds);
      await runner.close();
    },
  };
}
