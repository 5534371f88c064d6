import type { ContainerLimits } from "../containers/index.ts";
import { CancelledError, type Diagnosis, diagnose } from "../report/diagnose.ts";
import { compileKnowledge } from "../rules/compile-knowledge.ts";
import { analyseJobs } from "./analyse-jobs.ts";
import { openPaths } from "./bundle.ts";
import { createNativeSha256 } from "./hash.ts";
import { nodeInflater } from "./inflater.ts";
import { loadKnowledge } from "./knowledge.ts";

export type { Diagnosis } from "../report/diagnose.ts";

/** How far a run has come. */
export interface DiagnoseProgress {
  /** What is being done, in a word. */
  readonly stage: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly packets: number;
}

export interface DiagnosePathsOptions {
  /** Tell every rule in full. */
  readonly all: boolean;
  /** Rules to use in place of those that come with Casebook. */
  readonly rulesDir?: string;
  readonly limits?: Partial<ContainerLimits>;
  /** Threads at most. */
  readonly jobs?: number;
  onProgress?(progress: DiagnoseProgress): void;
  readonly signal?: AbortSignal;
}

/** Diagnoses the bundle at some paths. Rejects with `BundleError` for a path that cannot be read and `CancelledError` when stopped. */
export async function diagnosePaths(paths: string[], options: DiagnosePathsOptions): Promise<Diagnosis> {
  const [knowledge, bundle] = await Promise.all([loadKnowledge(options.rulesDir), openPaths(paths)]);
  const totalBytes = bundle.files.reduce((sum, file) => sum + (file.size ?? 0), 0);
  const roots = new Map(bundle.files.map((file) => [file.path, file]));
  let progress: DiagnoseProgress = { stage: "opening", bytes: 0, totalBytes, packets: 0 };
  const tell = (news: Partial<DiagnoseProgress>) => {
    progress = { ...progress, ...news };
    options.onProgress?.(progress);
  };
  const { signal } = options;
  return diagnose(
    bundle,
    compileKnowledge(knowledge),
    {
      createHasher: createNativeSha256,
      inflater: nodeInflater,
      now: () => performance.now(),
      stage: async (stage) => {
        if (signal?.aborted) throw new CancelledError("cancelled");
        tell({ stage });
      },
      analyse: (jobs) =>
        analyseJobs(jobs, roots, {
          ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
          ...(signal ? { signal } : {}),
          onProgress: (bytes, packets) => tell({ bytes, packets }),
        }),
    },
    { all: options.all, ...(options.limits ? { limits: options.limits } : {}) },
  );
}
