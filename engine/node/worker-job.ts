import type { AnalysedJobs, DetachedJob } from "../derive/detached-job.ts";

/** What a thread is started with. */
export interface WorkerJob {
  readonly job: DetachedJob;
  /** Absolute paths of the bundle's files by their path in the bundle. */
  readonly locations: Readonly<Record<string, string>>;
}

export type WorkerMessage =
  | { readonly kind: "progress"; readonly bytes: number; readonly packets: number }
  | { readonly kind: "done"; readonly analysed: AnalysedJobs };
