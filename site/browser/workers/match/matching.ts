import type { BundleFile } from "../../../../engine/bytes/byte-source.ts";
import { analyseInParallel } from "../../../../engine/derive/parallel-jobs.ts";
import { blobSource, compileKnowledge, createSha256, type KnowledgeTexts } from "../../../../engine/index.ts";
import { type Diagnosis, judge, type Stage, type Surroundings } from "../../../../engine/report/diagnose.ts";
import { readBundle } from "../../../../engine/report/read-bundle.ts";
import type { CompiledRule } from "../../../../engine/rules/rule.ts";
import type { MatchProgress, PickedBundle, PickedFile } from "../../match/messages.ts";
import { startDigests } from "./digests.ts";
import { workerThreads } from "./threads.ts";

/** A bundle that is being read or was read, and what is asked of it. */
export interface Matching {
  /** Every rule that is asked. */
  readonly rules: readonly CompiledRule[];
  /** The verdicts; `all` tells every rule in full. Rules are asked once for each. */
  diagnosis(all: boolean): Promise<Diagnosis>;
}

/** Reads a bundle and tells how far it has come. */
export function startMatching(bundle: PickedBundle, pack: string, tell: (progress: MatchProgress) => void): Matching {
  // The pack is made and checked when the site is built.
  const knowledge = compileKnowledge(JSON.parse(pack) as KnowledgeTexts);
  const picked = new Map(bundle.files.map((file) => [file.path, file]));
  const files = bundle.files.map(bundleFile);
  const totalBytes = bundle.files.reduce((sum, { blob }) => sum + blob.size, 0);
  let progress: MatchProgress = { stage: "opening", bytes: 0, totalBytes, packets: 0, rules: 0 };
  const news = (change: Partial<MatchProgress>) => {
    progress = { ...progress, ...change };
    tell(progress);
  };
  const surroundings: Surroundings = {
    createHasher: createSha256,
    digest: startDigests(bundle.files),
    now: () => performance.now(),
    stage: async (stage: Stage) => news({ stage, ...(stage === "matching" ? { rules: knowledge.rules.length } : {}) }),
    analyse: (jobs) =>
      analyseInParallel(
        jobs,
        { createHasher: createSha256, progress: async (bytes, packets) => news({ bytes, packets }) },
        workerThreads(picked),
      ),
  };
  const read = readBundle({ name: bundle.name, files, warnings: bundle.warnings }, surroundings);
  const diagnoses = new Map<boolean, Promise<Diagnosis>>();
  return {
    rules: knowledge.rules,
    diagnosis(all) {
      const known = diagnoses.get(all);
      if (known) return known;
      const made = read.then((whole) => judge(whole, knowledge, surroundings, all));
      diagnoses.set(all, made);
      return made;
    },
  };
}

/** A picked file as the engine reads it. */
export function bundleFile({ path, blob }: PickedFile): BundleFile {
  return { path, size: blob.size, open: async () => blobSource(blob) };
}
