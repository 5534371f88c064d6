import type { BundleFile, ByteSource } from "../bytes/byte-source.ts";
import type { InflateProblem } from "./inflate-job.ts";
import { type Inflater, webInflater } from "./inflater.ts";
import { openSteps, type Step } from "./steps.ts";
import { type ContainerWarning, WarningLog } from "./warning.ts";

/** A file of the bundle after every archive has been opened: one that was no archive, or an entry of one. */
export interface ExpandedFile extends BundleFile {
  /** Path of the file it lies in, outermost archive; its own path where it lies in none. */
  readonly root: string;
  /** The way from there; empty where it lies in none. */
  readonly steps: readonly Step[];
  /** What was wrong with it. Damage that shows only while inflating is added once a source opened from it has been read that far. */
  readonly warnings: readonly ContainerWarning[];
  /** Damage of the archives around it that it suffers from, warned of under their paths. */
  readonly inherited: readonly ContainerWarning[];
}

/** Told of damage that shows while reading. */
export type ProblemHandler = (step: Step, kind: InflateProblem) => void;

const PROBLEMS: Readonly<Record<InflateProblem, string>> = {
  truncated: "ends in the middle of its compressed data; what came before is read",
  corrupt: "has damaged compressed data; it is read up to the damage",
  checksum: "differs from its checksum, so some of it is damaged",
  "longer-than-stated": "is longer than its archive states and is cut there",
  "shorter-than-stated": "is shorter than its archive states",
  "trailing-data": "is followed by data that does not belong to it, which is left out",
  limit: "is larger than the limits allow and is cut there",
};

/** Writes damage down under the path of the file it was met in; each kind once, however often the file is read. */
export function problemLogger(path: string, log: WarningLog): ProblemHandler {
  const told = new Set<string>();
  return (step, kind) => {
    // An entry whose stated size is over a limit was announced as cut when it was listed.
    if (kind === "limit" && step.kind === "deflate" && step.size !== null) return;
    const code = kind === "limit" ? "container.limit" : `${step.kind === "gunzip" ? "gz" : "zip"}.${kind}`;
    if (!told.has(code)) log.add(path, code, PROBLEMS[kind]);
    told.add(code);
  };
}

export interface ExpandedFileOptions {
  readonly log?: WarningLog;
  /** The machine's own inflater, where there is a better one than the web's. */
  readonly inflater?: Inflater;
  readonly inherited?: (() => readonly ContainerWarning[]) | undefined;
  /** Given where there is a shorter way, such as a copy in memory. */
  readonly open?: ((problem: ProblemHandler) => Promise<ByteSource>) | undefined;
}

/** A file with its way to it. */
export function expandedFile(
  root: BundleFile,
  path: string,
  size: number | null,
  steps: readonly Step[],
  { log = new WarningLog(), inflater = webInflater, inherited, open }: ExpandedFileOptions = {},
): ExpandedFile {
  const problem = problemLogger(path, log);
  return {
    path,
    size,
    root: root.path,
    steps,
    get warnings() {
      return log.warnings;
    },
    get inherited() {
      return inherited?.() ?? [];
    },
    open: () => (open ? open(problem) : openSteps(root, steps, inflater, problem)),
  };
}
