import type { BundleFile } from "../bytes/byte-source.ts";
import { type ContainerWarning, type ExpandedFile, expandedFile, type Inflater, type Step } from "../containers/index.ts";
import type { SourceHints } from "../formats/format.ts";
import { analyseSource, type SourceJob, type SourceServices } from "./analyse-source.ts";
import { emptyResult, type SourceResult } from "./source-result.ts";

/** A job as plain data for another thread, which opens its files by the same steps from the files of the bundle. */
export interface DetachedJob {
  readonly files: readonly {
    readonly source: number;
    /** Path of the bundle's file it lies in, and the way from there. */
    readonly root: string;
    readonly steps: readonly Step[];
    /** Its name in the bundle. */
    readonly path: string;
    readonly size: number | null;
    readonly hints: SourceHints;
  }[];
  readonly segments: boolean;
  readonly hash: boolean;
}

/** What reading gave, and the damage inside archives that showed only then. */
export interface AnalysedJobs {
  readonly results: SourceResult[];
  readonly damage: ContainerWarning[];
}

/** A job over files that came out of `expandContainers`, as plain data. */
export function detachJob({ files, segments, hash }: SourceJob): DetachedJob {
  return {
    segments,
    hash,
    files: files.map(({ source, file, hints }) => {
      const { root, steps, path, size } = file as ExpandedFile;
      return { source, root, steps, path, size, hints };
    }),
  };
}

/** Reads a job in the thread it was handed to; `root` gives the bundle's files by path. */
export async function readDetachedJob(
  { files, segments, hash }: DetachedJob,
  root: (path: string) => BundleFile,
  services: SourceServices,
  inflater?: Inflater,
): Promise<AnalysedJobs> {
  const opened = files.map(({ source, root: rootPath, path, size, steps, hints }) => ({
    source,
    hints,
    file: expandedFile(root(rootPath), path, size, steps, inflater ? { inflater } : {}),
  }));
  const results = await analyseSource({ files: opened, segments, hash }, services);
  return { results, damage: opened.flatMap(({ file }) => [...file.warnings]) };
}

/** What is said of a job whose thread died: each of its files failed. */
export function failedJob({ files }: SourceJob, error: unknown): AnalysedJobs {
  return { results: files.map(({ source, file }) => emptyResult(source, file.size ?? 0, error)), damage: [] };
}
