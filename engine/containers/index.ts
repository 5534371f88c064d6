import type { BundleFile } from "../bytes/byte-source.ts";
import { Budget, TimeOver } from "./budget.ts";
import { PathRegistry } from "./entry-name.ts";
import { expandGzip } from "./expand-gzip.ts";
import { expandTar } from "./expand-tar.ts";
import { expandZip } from "./expand-zip.ts";
import { type ExpandedFile, expandedFile, problemLogger } from "./expanded-file.ts";
import type { Archive, Candidate } from "./expansion.ts";
import { type Inflater, webInflater } from "./inflater.ts";
import { type ContainerLimits, defaultLimits } from "./limits.ts";
import { randomAccess, readAt } from "./random-access.ts";
import { RECOGNISE_BYTES, recogniseContainer, recogniseUnread } from "./recognise.ts";
import { type ContainerWarning, WarningLog } from "./warning.ts";

export { type ExpandedFile, expandedFile } from "./expanded-file.ts";
export type { Inflater } from "./inflater.ts";
export { type ContainerLimits, defaultLimits } from "./limits.ts";
export { randomAccess } from "./random-access.ts";
export type { Step } from "./steps.ts";
export type { ContainerWarning } from "./warning.ts";

/** An archive that was opened. */
export interface ContainerReport {
  readonly path: string;
  readonly kind: "zip" | "tar" | "gz" | "tar.gz";
  /** Size of the archive itself. */
  readonly bytes: number;
  /** Entries it gave, archives among them included. */
  readonly entries: number;
  readonly warnings: readonly ContainerWarning[];
}

export interface ExpandOptions {
  /** Limits that differ from the default ones. */
  readonly limits?: Partial<ContainerLimits>;
  /** The machine's own inflater, where there is a better one than the web's. */
  readonly inflater?: Inflater;
  /** A clock in milliseconds; without one listing takes as long as it takes. */
  readonly now?: () => number;
  /** Told about once a mebibyte how many bytes were inflated so far; rejects to cancel. */
  readonly progress?: (bytes: number) => Promise<void>;
}

/**
 * Opens every archive among the files, archives in archives too, known by content. What is no archive, or one that is not read,
 * stays as it is. Never rejects for what an archive holds: that becomes warnings, and what can be read is given out. Files and
 * reports are in order of their paths' code units.
 */
export async function expandContainers(
  files: readonly BundleFile[],
  options: ExpandOptions = {},
): Promise<{ files: ExpandedFile[]; containers: ContainerReport[] }> {
  const budget = new Budget({ ...defaultLimits, ...options.limits }, options.now ?? (() => 0), options.progress ?? (async () => {}));
  const paths = new PathRegistry();
  const found: { files: ExpandedFile[]; containers: ContainerReport[] } = { files: [], containers: [] };
  const sorted = [...files].sort(byPath);
  for (const file of sorted) paths.claim(file.path);
  for (const file of sorted) {
    await expand(
      { path: file.path, root: file, steps: [], size: file.size, depth: 0, log: new WarningLog(), open: () => file.open() },
      budget,
      options.inflater ?? webInflater,
      paths,
      found,
    );
  }
  return { files: found.files.sort(byPath), containers: found.containers.sort(byPath) };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

async function expand(
  candidate: Candidate,
  budget: Budget,
  inflater: Inflater,
  paths: PathRegistry,
  found: { files: ExpandedFile[]; containers: ContainerReport[] },
): Promise<void> {
  const { path, root, size, steps, log } = candidate;
  const head = candidate.head ?? (await readHead(candidate));
  const kind = recogniseContainer(head);
  const unread = recogniseUnread(head);
  if (unread) log.add(path, "container.unread", `is ${unread}, which is not read: unpack it first`);
  const tooDeep = kind !== null && candidate.depth >= budget.limits.depth;
  if (tooDeep) log.add(path, "container.depth", `is an archive inside ${candidate.depth} others and is not opened`);
  if (kind === null || tooDeep) {
    found.files.push(
      expandedFile(root, path, size, steps, {
        log,
        inflater,
        inherited: candidate.inherited,
        open: steps.length > 0 ? candidate.open : undefined,
      }),
    );
    return;
  }
  const archive: Archive = { self: candidate, kind, budget, inflater, paths, log, entries: [] };
  const opened = await open(archive, head);
  found.containers.push({ path, kind: opened, bytes: size ?? 0, entries: archive.entries.length, warnings: log.warnings });
  for (const entry of archive.entries) await expand(entry, budget, inflater, paths, found);
}

async function readHead(candidate: Candidate): Promise<Uint8Array> {
  try {
    const source = await candidate.open(() => {});
    try {
      return await readAt(source, 0, RECOGNISE_BYTES);
    } finally {
      await source.close();
    }
  } catch (error) {
    candidate.log.add(candidate.path, "container.unreadable", `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return new Uint8Array(0);
  }
}

/** Lists one archive into `archive.entries`; answers what it turned out to be. */
async function open(archive: Archive, head: Uint8Array): Promise<Archive["kind"]> {
  const { self, budget, log } = archive;
  try {
    budget.checkTime();
    if (archive.kind === "gz") return await expandGzip(archive, head);
    const problem = problemLogger(self.path, log);
    const source = await self.open(problem);
    try {
      if (archive.kind === "tar") await expandTar(archive, source, () => self.open(() => {}));
      else if (!source.sequential) await expandZip(archive, source);
      else await expandBuffered(archive, source);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof TimeOver)
      log.add(
        self.path,
        "container.time",
        `was not listed to its end: the time for opening archives, ${budget.limits.milliseconds} ms, was over`,
      );
    else if (budget.cancelled) throw error;
    else log.add(self.path, "container.unreadable", `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return archive.kind;
}

/** A zip archive that lies compressed inside another is copied to memory, because its directory stands at its end. */
async function expandBuffered(archive: Archive, source: Awaited<ReturnType<Candidate["open"]>>): Promise<void> {
  const { self, budget, log } = archive;
  const limit = budget.bufferBytes;
  const { source: copy, complete } = await randomAccess(source, limit, budget.progress);
  budget.bufferBytes -= copy.size ?? 0;
  if (!complete)
    log.add(
      self.path,
      "container.buffer",
      `is compressed inside another archive and larger than the ${limit} bytes left for such; its beginning is read`,
    );
  const buffered: Archive = { ...archive, self: { ...self, steps: [...self.steps, { kind: "buffer", limit }], open: async () => copy } };
  await expandZip(buffered, copy);
}
