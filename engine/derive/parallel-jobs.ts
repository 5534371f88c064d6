import { analyseSource, type SourceJob, type SourceServices } from "./analyse-source.ts";
import type { AnalysedJobs } from "./detached-job.ts";
import type { SourceProgress } from "./source-sink.ts";

/** Bytes below which starting a thread costs more than it saves. */
const WORTH_A_THREAD = 8 << 20;

/** What an edge that has threads lends. */
export interface Threads {
  /** Jobs read at the same time at most. */
  readonly limit: number;
  /** Reads one job in a thread of its own; rejects only when cancelled. */
  read(job: SourceJob, progress: SourceProgress): Promise<AnalysedJobs>;
}

/** Reads all jobs, large ones in threads of their own when there are several; results by source. `progress` is told of all jobs together. */
export async function analyseInParallel(
  jobs: readonly SourceJob[],
  { createHasher, progress }: SourceServices,
  threads: Threads,
): Promise<AnalysedJobs> {
  const large = jobs.filter((job) => sizeOf(job) >= WORTH_A_THREAD);
  const threaded = new Set(threads.limit > 1 && large.length > 1 ? large : []);
  const sum = sumOfProgress(progress);
  const found: AnalysedJobs = { results: [], damage: [] };
  const waiting = [...threaded];
  const next = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const done = await threads.read(job, sum());
      found.results.push(...done.results);
      found.damage.push(...done.damage);
    }
  };
  const inline = async (): Promise<void> => {
    for (const job of jobs) if (!threaded.has(job)) found.results.push(...(await analyseSource(job, { createHasher, progress: sum() })));
  };
  await Promise.all([inline(), ...Array.from({ length: Math.min(threads.limit, threaded.size) }, next)]);
  found.results.sort((a, b) => a.source - b.source);
  return found;
}

function sizeOf(job: SourceJob): number {
  return job.files.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
}

/** Gives each job a way to tell how far it has come, and tells how far all have. A job of several files begins anew with each. */
function sumOfProgress(tell: SourceProgress): () => SourceProgress {
  let [allBytes, allPackets] = [0, 0];
  return () => {
    let [ownBytes, ownPackets] = [0, 0];
    return (bytes, packets) => {
      allBytes += bytes >= ownBytes ? bytes - ownBytes : bytes;
      allPackets += Math.max(0, packets - ownPackets);
      [ownBytes, ownPackets] = [bytes, Math.max(packets, ownPackets)];
      return tell(allBytes, allPackets);
    };
  };
}
