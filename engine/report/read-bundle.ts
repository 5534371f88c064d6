import type { BundleFile } from "../bytes/byte-source.ts";
import type { Hasher } from "../bytes/hashing-source.ts";
import { type ContainerLimits, type ContainerReport, type ExpandedFile, expandContainers, type Inflater } from "../containers/index.ts";
import type { SourceJob } from "../derive/analyse-source.ts";
import { type BundleEvidence, gatherEvidence } from "../derive/evidence.ts";
import { withoutFalseClaims } from "../derive/incomplete.ts";
import { type PlannedFile, planJobs } from "../derive/plan.ts";
import type { SourceResult } from "../derive/source-result.ts";
import { type BundleManifest, hintsFor, readManifest } from "../formats/bundle-manifest.ts";
import { bundleDigest } from "./bundle-digest.ts";
import type { PathWarning } from "./source-list.ts";

/** A bundle as a door hands it over. */
export interface BundleInput {
  readonly name: string;
  readonly files: readonly BundleFile[];
  /** What was noticed while opening it. */
  readonly warnings: readonly PathWarning[];
}

/** What the engine borrows from where it runs. */
export interface Surroundings {
  /** SHA-256, the machine's own where there is one. */
  createHasher(): Hasher;
  /** SHA-256 of a whole file of the bundle, hexadecimal, where there is a better way than to hash what is read. */
  digest?(file: BundleFile): Promise<string>;
  /** Reads the jobs, in this thread or in others; results by source. `damage` showed only while inflating. */
  analyse(jobs: readonly SourceJob[]): Promise<{ readonly results: readonly SourceResult[]; readonly damage: readonly PathWarning[] }>;
  /** The machine's own inflater, where there is a better one than the web's. */
  readonly inflater?: Inflater;
  /** Told what is being done; rejects with `CancelledError` to stop. */
  stage(name: Stage): Promise<void>;
  /** Milliseconds, for the time limit on archives; without it there is none. */
  readonly now?: () => number;
}

export type Stage = "opening" | "reading" | "correlating" | "matching" | "quoting";

/** A bundle whose every source was read, ready for rules to be asked of it. */
export interface ReadBundle {
  readonly name: string;
  readonly files: readonly ExpandedFile[];
  readonly containers: readonly ContainerReport[];
  readonly planned: readonly PlannedFile[];
  readonly manifest: BundleManifest;
  readonly results: readonly SourceResult[];
  readonly evidence: BundleEvidence;
  /** Of opening and reading, by path. */
  readonly warnings: readonly PathWarning[];
  /** SHA-256 of the bundle, worked out when first asked for. */
  sha256(): Promise<string>;
}

/** Opens and reads a bundle: bytes in, tables out. Rejects only when cancelled. */
export async function readBundle(
  input: BundleInput,
  surroundings: Surroundings,
  limits: Partial<ContainerLimits> = {},
): Promise<ReadBundle> {
  await surroundings.stage("opening");
  const { files, containers } = await expandContainers(input.files, {
    limits,
    ...(surroundings.now ? { now: surroundings.now } : {}),
    ...(surroundings.inflater ? { inflater: surroundings.inflater } : {}),
    progress: () => surroundings.stage("opening"),
  });
  const manifest = await readManifest(files);
  const planned = files.map((file, source) => ({ source, file, hints: hintsFor(manifest, file.path) }));
  const jobs = await planJobs(planned.filter(({ file }) => file.path !== manifest.path));

  await surroundings.stage("reading");
  const { results: read, damage } = await surroundings.analyse(surroundings.digest ? jobs.map(withoutHash) : jobs);
  const damaged = Map.groupBy(damage, (warning) => warning.path);
  const results = withoutFalseClaims(read, (source) => {
    const file = files[source]!;
    return [...file.warnings, ...file.inherited, ...(damaged.get(file.path) ?? [])];
  });
  await surroundings.stage("correlating");
  let digest: Promise<string> | null = null;
  return {
    name: input.name,
    files,
    containers,
    planned,
    manifest,
    results,
    evidence: gatherEvidence(results, planned, manifest),
    get warnings() {
      return [
        ...input.warnings,
        ...containers.flatMap((container) => container.warnings),
        ...files.flatMap((file) => file.warnings),
        ...damage,
        ...manifest.warnings,
      ];
    },
    sha256() {
      const known = new Map(results.flatMap(({ source, sha256 }) => (sha256 === null ? [] : [[files[source]!.path, sha256] as const])));
      digest ??= bundleDigest(input.files, known, surroundings);
      return digest;
    },
  };
}

function withoutHash(job: SourceJob): SourceJob {
  return { ...job, hash: false };
}
