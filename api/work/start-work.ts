import type { Knowledge } from "../../engine/node/knowledge.ts";
import type { Backend } from "../backend/backend.ts";
import type { WorkMetrics } from "../metrics.ts";
import type { Settings } from "../settings.ts";
import type { Log } from "./log.ts";
import { openRunner, type Runner } from "./runner.ts";
import { startWorker } from "./worker.ts";

/** The part of a process that runs jobs. */
export interface Work {
  readonly runner: Runner;
  /** Says that a job may be waiting. */
  wake(): void;
  /** Takes no more jobs; those that run may take some milliseconds to end and are handed back after that. */
  stop(milliseconds: number): Promise<void>;
}

export interface WorkOptions {
  readonly knowledge: Knowledge;
  readonly dataKey: Uint8Array | null;
  readonly log: Log;
  readonly metrics: WorkMetrics;
}

/** Starts to run jobs as the settings say; none where that many is nought, which leaves them to other processes. */
export function startWork(settings: Settings, backend: Backend, { knowledge, dataKey, log, metrics }: WorkOptions): Work {
  const { jobsAtOnce, jobMemory, jobTime, lease, unpackedBytes, unpackedFiles } = settings;
  const runner = openRunner({
    knowledge,
    dataKey,
    limits: { totalBytes: unpackedBytes, entries: unpackedFiles },
    // Of no use to a process that runs no jobs, and never made there.
    threads: Math.max(1, jobsAtOnce),
    jobMemory,
    jobTime,
  });
  const { store, queue, blobs } = backend;
  const ended = (outcome: string, milliseconds: number) => metrics.analysisSeconds.observe({ outcome }, milliseconds / 1000);
  const worker = jobsAtOnce === 0 ? null : startWorker({ store, queue, blobs, runner, log, lease, jobsAtOnce, ended });
  return {
    runner,
    wake: () => worker?.wake(),
    async stop(milliseconds) {
      await worker?.stop(milliseconds);
      await runner.close();
    },
  };
}
