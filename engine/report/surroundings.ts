import { createSha256 } from "../bytes/sha256.ts";
import { analyseSource, type SourceJob, type SourceServices } from "../derive/analyse-source.ts";
import type { AnalysedJobs } from "../derive/detached-job.ts";
import type { SourceResult } from "../derive/source-result.ts";
import type { Surroundings } from "./diagnose.ts";

export type { AnalysedJobs } from "../derive/detached-job.ts";

/** Reads jobs one after the other in this thread. */
export async function analyseInline(jobs: readonly SourceJob[], services: SourceServices): Promise<AnalysedJobs> {
  const results: SourceResult[] = [];
  for (const job of jobs) results.push(...(await analyseSource(job, services)));
  return { results, damage: [] };
}

/** Surroundings that need nothing but the language: one thread, own SHA-256, no progress. */
export function inlineSurroundings(): Surroundings {
  const services = { createHasher: createSha256, progress: async () => {} };
  return { createHasher: createSha256, analyse: (jobs) => analyseInline(jobs, services), stage: async () => {} };
}
