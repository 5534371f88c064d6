import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type BundleFile, memorySource } from "../../engine/bytes/byte-source.ts";
import type { ContainerLimits } from "../../engine/containers/index.ts";
import { createNativeSha256 } from "../../engine/node/hash.ts";
import { loadKnowledge } from "../../engine/node/knowledge.ts";
import { type Diagnosis, diagnose, type Surroundings } from "../../engine/report/diagnose.ts";
import type { Report, ReportSource } from "../../engine/report/report.ts";
import { analyseInline } from "../../engine/report/surroundings.ts";
import { compileKnowledge } from "../../engine/rules/compile-knowledge.ts";

export const projectRoot = dirname(dirname(import.meta.dirname));

const knowledge = compileKnowledge(await loadKnowledge());

export function memoryFile(path: string, content: Uint8Array | string): BundleFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { path, size: bytes.length, open: async () => memorySource(bytes) };
}

/** Every rule's verdict over files in memory, in this thread. */
export async function diagnoseFiles(files: readonly BundleFile[], limits: Partial<ContainerLimits> = {}): Promise<Diagnosis> {
  const services = { createHasher: createNativeSha256, progress: async () => {} };
  const surroundings: Surroundings = {
    createHasher: createNativeSha256,
    analyse: (jobs) => analyseInline(jobs, services),
    stage: async () => {},
  };
  return diagnose({ name: "bundle", files, warnings: [] }, knowledge, surroundings, { all: true, limits });
}

/** Files below a folder of the project by their path in it. */
export function filesBelow(folder: string): Map<string, Uint8Array> {
  const at = join(projectRoot, folder);
  const entries = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(at, path).split(sep).join("/"), new Uint8Array(readFileSync(path))]));
}

/** Bundles of a kind: `tests/cases` as `rule/variant`, `tests/quiet` by name. */
export function shippedBundles(kind: "cases" | "quiet"): Map<string, BundleFile[]> {
  const bundles = new Map<string, BundleFile[]>();
  for (const [path, bytes] of filesBelow(join("tests", kind))) {
    const [name, inside] = path.split("/bundle/");
    if (inside === undefined) continue;
    bundles.set(name!, [...(bundles.get(name!) ?? []), memoryFile(inside, bytes)]);
  }
  return bundles;
}

/** Rule and verdict of each finding, those ruled out included. */
export function verdictsOf(report: Report): Record<string, string> {
  return Object.fromEntries(report.findings.map(({ rule, verdict }) => [rule, verdict]));
}

export function sourceOf(report: Report, path: string): ReportSource {
  const found = report.bundle.sources.find((source) => source.path === path);
  if (!found) throw new Error(`no source ${path} among ${report.bundle.sources.map((source) => source.path).join(", ")}`);
  return found;
}

export function warningsOf(report: Report, path: string): string[] {
  return sourceOf(report, path).warnings.map(({ code }) => code);
}

/** Park and Miller's minimal standard generator: the same numbers in every run. */
export function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}
