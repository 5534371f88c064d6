import type { ContainerLimits } from "../containers/index.ts";
import { CancelledError } from "../derive/analyse-source.ts";
import { emptyResult } from "../derive/source-result.ts";
import type { CompiledKnowledge } from "../rules/compile-knowledge.ts";
import type { Table } from "../tables/table.ts";
import { evaluateRules } from "../verdicts/evaluate-rules.ts";
import { explain, type QueryExplanation } from "../verdicts/explain.ts";
import { competing } from "../verdicts/ranking.ts";
import { collectList } from "./collect-list.ts";
import { countVerdicts, findingsOf } from "./findings.ts";
import { withStandings } from "./product-standings.ts";
import { quoteFindings } from "./quote-findings.ts";
import { type BundleInput, type ReadBundle, readBundle, type Stage, type Surroundings } from "./read-bundle.ts";
import type { Report } from "./report.ts";
import { type PathWarning, sourceList } from "./source-list.ts";

export type { BundleInput, ReadBundle, Stage, Surroundings } from "./read-bundle.ts";

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
  { all = false, limits = {} }: DiagnoseOptions = {},
): Promise<Diagnosis> {
  return judge(await readBundle(input, surroundings, limits), knowledge, surroundings, all);
}

/** Asks the rules of a bundle that was read; more than once, if need be. Rejects only when cancelled. */
export async function judge(
  bundle: ReadBundle,
  knowledge: CompiledKnowledge,
  surroundings: Pick<Surroundings, "stage">,
  all = false,
): Promise<Diagnosis> {
  const { files, containers, planned, manifest, results } = bundle;
  const evidence = withStandings(bundle.evidence, knowledge.updates);
  const stage = (name: Stage) => surroundings.stage(name);
  await stage("matching");
  const asked = { ...evidence, recipes: knowledge.recipes };
  const outcomes = await evaluateRules(knowledge.rules, asked, { all });
  await stage("quoting");
  const told = outcomes.filter((outcome) => all || outcome.finding);
  const bySource = new Map(results.map((result) => [result.source, result]));
  const quoted = await quoteFindings(
    told,
    planned.map((file) => ({ ...file, landmarks: bySource.get(file.source)?.landmarks ?? [] })),
    evidence.tables,
    (source) => evidence.sources[source]?.side ?? null,
    () => stage("quoting"),
  );

  const findings = findingsOf(outcomes, quoted, all);
  const listed = planned.map(({ source, file }) => ({
    path: file.path,
    // `bundle.yaml` is read by nobody else.
    result: bySource.get(source) ?? emptyResult(source, file.size ?? 0),
    side: evidence.sources[source]?.side ?? null,
    host: evidence.sources[source]?.host ?? null,
    manifest: file.path === manifest.path,
  }));
  const report: Report = {
    report: 1,
    engine: {
      version: knowledge.version,
      rules: { count: knowledge.rules.length, digest: knowledge.digest },
      data_as_of: knowledge.dataAsOf,
    },
    bundle: {
      name: bundle.name,
      sha256: await bundle.sha256(),
      sources: sourceList(listed, containers, distinct(bundle.warnings), evidence.parts),
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
