import { resolve } from "node:path";
import { analyseJobs } from "../engine/node/analyse-jobs.ts";
import { type DiskFile, openPaths } from "../engine/node/bundle.ts";
import { createNativeSha256 } from "../engine/node/hash.ts";
import { nodeInflater } from "../engine/node/inflater.ts";
import { findTestCases, readExpectation, type TestCase } from "../engine/node/test-cases.ts";
import { diagnose } from "../engine/report/diagnose.ts";
import type { Finding, Report } from "../engine/report/report.ts";
import type { CompiledKnowledge } from "../engine/rules/compile-knowledge.ts";

/** What Casebook says of a case's own test bundle. */
export interface ReportedCase {
  readonly report: Report;
  readonly finding: Finding;
  /** The files of the bundle. */
  readonly files: readonly DiskFile[];
}

/** Diagnoses the test bundle of every case that should match, the founding one first. Cases without one are left out. */
export async function reportCases(
  casesFolder: string,
  ids: readonly string[],
  knowledge: CompiledKnowledge,
  tell: (done: number) => void,
): Promise<ReadonlyMap<string, ReportedCase>> {
  const byRule = Map.groupBy(await findTestCases(casesFolder), ({ rule }) => rule);
  const reported = new Map<string, ReportedCase>();
  for (const id of ids) {
    const exemplar = await exemplarOf(byRule.get(id) ?? []);
    const entry = exemplar && (await reportCase(exemplar, knowledge));
    if (entry) reported.set(id, entry);
    tell(reported.size);
  }
  return reported;
}

/** The test case whose bundle shows the case: that of its article, or else the first that should match. */
async function exemplarOf(candidates: readonly TestCase[]): Promise<TestCase | null> {
  const ordered = candidates.toSorted((a, b) => Number(b.variant === "article") - Number(a.variant === "article"));
  for (const candidate of ordered) {
    const expectation = await readExpectation(candidate);
    if (typeof expectation !== "string" && expectation.verdict === "matched") return candidate;
  }
  return null;
}

async function reportCase({ rule, folder }: TestCase, knowledge: CompiledKnowledge): Promise<ReportedCase | null> {
  const bundle = await openPaths([resolve(folder, "bundle")]);
  const roots = new Map(bundle.files.map((file) => [file.path, file]));
  const { report } = await diagnose({ ...bundle, name: rule }, knowledge, {
    createHasher: createNativeSha256,
    inflater: nodeInflater,
    stage: async () => {},
    analyse: (jobs) => analyseJobs(jobs, roots, { jobs: 1, onProgress: () => {} }),
  });
  const finding = report.findings.find((entry) => entry.rule === rule);
  return finding ? { report, finding, files: bundle.files } : null;
}
