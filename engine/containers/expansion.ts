import type { BundleFile, ByteSource } from "../bytes/byte-source.ts";
import type { Budget } from "./budget.ts";
import { entryPath, isDesktopClutter, type PathRegistry, quoted } from "./entry-name.ts";
import type { ProblemHandler } from "./expanded-file.ts";
import type { Inflater } from "./inflater.ts";
import { inheritedDamage } from "./inherited-damage.ts";
import { applyStep, type Step } from "./steps.ts";
import { type ContainerWarning, WarningLog } from "./warning.ts";

/** A file on its way through the expansion: perhaps an archive, perhaps not. */
export interface Candidate {
  readonly path: string;
  readonly root: BundleFile;
  readonly steps: readonly Step[];
  readonly size: number | null;
  /** Archives it lies in. */
  readonly depth: number;
  /** Warnings about this file. */
  readonly log: WarningLog;
  /** Damage of the archives around it that it suffers from; none where it lies in none. */
  readonly inherited?: () => readonly ContainerWarning[];
  /** Its first bytes where they are known already. */
  readonly head?: Uint8Array;
  open(problem: ProblemHandler): Promise<ByteSource>;
}

/** An archive being opened. */
export interface Archive {
  readonly self: Candidate;
  readonly kind: "zip" | "tar" | "gz" | "tar.gz";
  readonly budget: Budget;
  readonly inflater: Inflater;
  readonly paths: PathRegistry;
  /** Warnings about the archive and the entries it does not give. */
  readonly log: WarningLog;
  readonly entries: Candidate[];
}

const REFUSALS = {
  "traversal-name": "refused, its name leads out of the archive",
  "absolute-name": "refused, its name is an absolute path",
  "unusable-name": "refused, its name is empty, too long or holds a zero byte",
  link: "refused, it is a link",
  device: "refused, it is a device or pipe",
  sparse: "refused, sparse files are not read",
  encrypted: "refused, it is encrypted: send it without a password",
} as const;

/** Codes of warnings begin with the format. */
export function formatOf(archive: Archive): "zip" | "tar" | "gz" {
  return archive.kind === "tar.gz" ? "tar" : archive.kind;
}

/** Warns of an entry that is not given out; `at` is its number. */
export function refuse(archive: Archive, reason: keyof typeof REFUSALS, name: string, at: number): void {
  archive.log.add(archive.self.path, `${formatOf(archive)}.${reason}`, `entry ${quoted(name)} ${REFUSALS[reason]}`, at);
}

/**
 * The path an entry is given out under: unique in the bundle, and counted against the limit of entries. Null where it is passed
 * over, with a warning unless it is clutter. `code` is `entries` once the limit is reached.
 */
export function admit(archive: Archive, name: string, at: number): string | null {
  const named = entryPath(name);
  if ("refused" in named) {
    refuse(archive, named.refused, name, at);
    return null;
  }
  if (isDesktopClutter(named.path)) return null;
  if (archive.budget.entries <= 0) {
    archive.log.add(
      archive.self.path,
      "container.entries",
      `has more entries than the limit of ${archive.budget.limits.entries} for a bundle; the rest is left out`,
      at,
    );
    return null;
  }
  archive.budget.entries--;
  const wanted = `${archive.self.path}/${named.path}`;
  const path = archive.paths.claim(wanted);
  if (path !== wanted)
    archive.log.add(
      archive.self.path,
      `${formatOf(archive)}.duplicate-name`,
      `has several entries named ${quoted(named.path)}; they are numbered`,
      at,
    );
  return path;
}

/** What of an entry's `size` bytes the limits allow, charged to the budget; a cut is warned of. Null size asks for what is left. */
export function grant(archive: Archive, path: string, log: WarningLog, size: number | null, compressed: number | null): number {
  const { bytes, code, why } = archive.budget.allowance(compressed);
  if (size !== null && size > bytes) log.add(path, code, `cut at ${bytes} bytes: ${why}`);
  const granted = Math.max(0, Math.min(size ?? bytes, bytes));
  if (size !== null) archive.budget.totalBytes -= granted;
  return granted;
}

/** Adds an entry that is reached by one more step. */
export function addEntry(
  archive: Archive,
  path: string,
  size: number | null,
  step: Step,
  log = new WarningLog(),
  known: { head?: Uint8Array; open?: Candidate["open"] } = {},
): void {
  const { self } = archive;
  const open =
    known.open ??
    ((problem: ProblemHandler) =>
      applyStep(
        step,
        () => self.open(problem),
        archive.inflater,
        (kind) => problem(step, kind),
      ));
  const head = known.head ? { head: known.head } : {};
  const inherited = () => inheritedDamage(archive);
  archive.entries.push({ path, root: self.root, steps: [...self.steps, step], size, depth: self.depth + 1, log, open, inherited, ...head });
}
