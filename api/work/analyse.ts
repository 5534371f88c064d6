import { createNativeSha256 } from "../../engine/node/hash.ts";
import { nodeInflater } from "../../engine/node/inflater.ts";
import { CancelledError, type Diagnosis, diagnose } from "../../engine/report/diagnose.ts";
import { type AnalysedJobs, analyseInline } from "../../engine/report/surroundings.ts";
import type { CompiledKnowledge } from "../../engine/rules/compile-knowledge.ts";
import type { JobProgress } from "../store/store.ts";
import { bundleInput } from "./bundle-input.ts";
import type { Line, TaskBundle, ThreadData, ThreadNews } from "./task.ts";

/** News are sent at most this often, in milliseconds; the last of a stage always. */
const NEWS_MS = 200;

/** Diagnoses a bundle in this thread and tells how far it has come. Rejects when asked to stop, and with `StoredFileBroken`. */
export async function analyse(
  bundle: TaskBundle,
  knowledge: CompiledKnowledge,
  { dataKey, limits }: ThreadData,
  line: Line,
): Promise<Diagnosis> {
  const totalBytes = bundle.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let progress: JobProgress = { stage: "opening", bytes: 0, totalBytes, packets: 0, rules: 0 };
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (news: Partial<JobProgress>, urgent: boolean) => {
    if (Atomics.load(line.stop, 0) !== 0) throw new CancelledError("cancelled");
    progress = { ...progress, ...news };
    const now = performance.now();
    if (!urgent && now - toldAt < NEWS_MS) return;
    toldAt = now;
    line.port.postMessage(progress satisfies ThreadNews);
  };
  const input = await bundleInput(bundle, dataKey, () => tell({}, false));
  // Each job counts from nought.
  let [bytesBefore, packetsBefore] = [0, 0];
  return diagnose(
    input,
    knowledge,
    {
      createHasher: createNativeSha256,
      digest: input.digest,
      inflater: nodeInflater,
      now: () => performance.now(),
      stage: async (stage) => tell({ stage, ...(stage === "matching" ? { rules: knowledge.rules.length } : {}) }, stage !== progress.stage),
      async analyse(jobs) {
        const all: AnalysedJobs = { results: [], damage: [] };
        for (const job of jobs) {
          let [bytes, packets] = [0, 0];
          const services = {
            createHasher: createNativeSha256,
            progress: async (someBytes: number, somePackets: number) => {
              [bytes, packets] = [Math.max(bytes, someBytes), Math.max(packets, somePackets)];
              tell({ bytes: bytesBefore + bytes, packets: packetsBefore + packets }, false);
            },
          };
          const { results, damage } = await analyseInline([job], services);
          all.results.push(...results);
          all.damage.push(...damage);
          bytesBefore += bytes;
          packetsBefore += packets;
        }
        all.results.sort((a, b) => a.source - b.source);
        return all;
      },
    },
    { all: true, limits },
  );
}
