import type { BundleFile } from "../bytes/byte-source.ts";
import type { Hasher } from "../bytes/hashing-source.ts";
import { type ContainerLimits, expandContainers, type Inflater } from "../containers/index.ts";
import { CancelledError, type SourceJob } from "../derive/analyse-source.ts";
import { gatherEvidence } from "../derive/evidence.ts";
import { withoutFalseClaims } from "../derive/incomplete.ts";
import { planJobs } from "../derive/plan.ts";
import { emptyResult, type SourceResult } from "../derive/source-result.ts";
import { hintsFor, readManifest } from "../formats/bundle-manifest.ts";
import type { CompiledKnowledge } from "../rules/compile-knowledge.ts";
import type { Table } from "../tables/table.ts";
import { evaluateRules } from "../verdicts/evaluate-rules.ts";
import { explain, type QueryExplanation } from "../verdicts/explain.ts";
import { competing } from "../verdicts/ranking.ts";
import { bundleDigest } from "./bundle-digest.ts";
import { collectList } from "./collect-list.ts";
import { countVerdicts, findingsOf } from "./findings.ts";
import { quoteFindings } from "./quote-findings.ts";
import type { Report } from "./report.ts";
import { type PathWarning, sourceList } from "./source-list.ts";

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

export interface DiagnoseOptions {
  /** Tell every rule in full, not only those worth reporting. */
  readonly all?: boolean;
  readonly limits?: Partial<ContainerLimits>;
}

/** A report with what it was made from. */
export interface Diagnosis {
  readonly report: Report;
  readonly tables: ReadonlyMap<string, Table>;
  /** Path of each source, by the index that citations name. */
  readonly paths: readonly string[];
  /** Ids of all rules that were asked. */
  readonly rules: readonly string[];
  /** Why a rule came to its verdict, query by query; empty for one that could not be asked. */
  explain(rule: string): readonly QueryExplanation[];
}

/** The whole way through the house: bytes in, report out. Rejects only when cancelled. */
export async function diagnose(
  input: BundleInput,
  knowledge: CompiledKnowledge,
  surroundings: Surroundings,
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  await surroundings.stage("opening");
  const breathe = () => surroundings.stage("opening");
  const { files, containers } = await expandContainers(input.files, {
    ...(options.limits ? { limits: options.limits } : {}),
    ...(surroundings.now ? { now: surroundings.now } : {}),
    ...(surroundings.inflater ? { inflater: surroundings.inflater } : {}),
    progress: breathe,
  });
  const manifest = await readManifest(files);
  const planned = files.map((file, source) => ({ source, file, hints: hintsFor(manifest, file.path) }));
  const jobs = await planJobs(planned.filter(({ file }) => file.path !== manifest.path));

  await surroundings.stage("reading");
  const { results: read, damage } = await surroundings.analyse(jobs);
  const damaged = Map.groupBy(damage, (warning) => warning.path);
  const results = withoutFalseClaims(read, (source) => {
    const file = files[source]!;
    return [...file.warnings, ...file.inherited, ...(damaged.get(file.path) ?? [])];
  });
  await surroundings.stage("correlating");
  const evidence = gatherEvidence(results, planned, manifest);
  await surroundings.stage("matching");
  const asked = { ...evidence, recipes: knowledge.recipes };
  const outcomes = await evaluateRules(knowledge.rules, asked, { all: options.all ?? false });
  await surroundings.stage("quoting");
  const told = outcomes.filter((outcome) => options.all || outcome.finding);
  const quoted = await quoteFindings(
    told,
    planned,
    evidence.tables,
    (source) => evidence.sources[source]?.side ?? null,
    () => surroundings.stage("quoting"),
  );

  const findings = findingsOf(outcomes, quoted, options.all ?? false);
  const bySource = new Map(results.map((result) => [result.source, result]));
  const digests = new Map(results.flatMap(({ source, sha256 }) => (sha256 === null ? [] : [[files[source]!.path, sha256] as const])));
  const listed = planned.map(({ source, file }) => ({
    path: file.path,
    // `bundle.yaml` is read by nobody else.
    result: bySource.get(source) ?? emptyResult(source, file.size ?? 0),
    side: evidence.sources[source]?.side ?? null,
    host: evidence.sources[source]?.host ?? null,
    manifest: file.path === manifest.path,
  }));
  const warnings = [
    ...input.warnings,
    ...containers.flatMap((container) => container.warnings),
    ...files.flatMap((file) => file.warnings),
    ...damage,
    ...manifest.warnings,
  ];
  const report: Report = {
    report: 1,
    engine: {
      version: knowledge.version,
      rules: { count: knowledge.rules.length, digest: knowledge.digest },
      data_as_of: knowledge.dataAsOf,
    },
    bundle: {
      name: input.name,
      sha256: await bundleDigest(input.files, digests, surroundings.createHasher),
      sources: sourceList(listed, containers, distinct(warnings), evidence.parts),
    },
    findings,
    verdicts: countVerdicts(outcomes),
    collect: collectList(outcomes, knowledge.recipes),
    competing: competing(outcomes),
  };
  const { rules } = knowledge;
  return {
    report,
    tables: evidence.tables,
    paths: files.map((file) => file.path),
    rules: rules.map((rule) => rule.id),
    explain(id) {
      const rule = rules.find((candidate) => candidate.id === id);
      return rule ? explain(rule, asked) : [];
    },
  };
}

/** The same damage shows each time a file is read. */
function distinct(warnings: readonly PathWarning[]): PathWarning[] {
  const seen = new Map(warnings.map((warning) => [`${warning.path}\0${warning.code}\0${warning.text}`, warning]));
  return [...seen.values()];
}

export { CancelledError };
