import { constants, readSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BundleFile, ByteSource } from "../bytes/byte-source.ts";

/** Files of a folder beyond which the rest is left out: somebody named the wrong folder. */
const MAX_FILES = 100_000;
/** Milliseconds of reading after which signals, timers and messages of other threads get their turn. */
const TURN_MS = 20;

export interface OpenWarning {
  readonly path: string;
  readonly code: "source.unreadable" | "source.symlink" | "source.special-file" | "source.too-many-files";
  readonly text: string;
  readonly at: number;
  readonly count: number;
}

/** A file on disk; another thread opens it by its location. */
export interface DiskFile extends BundleFile {
  /** Absolute path. */
  readonly location: string;
}

export interface OpenedBundle {
  /** Name of the file or folder; of several, the first and how many more. */
  readonly name: string;
  readonly files: readonly DiskFile[];
  readonly warnings: readonly OpenWarning[];
}

/** A path named by the user that is not there or cannot be read. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/**
 * The files behind paths: folders with everything in them, single files, or several of either. Hidden files are passed over.
 * Paths inside a single folder are relative to it, those of several to the folder they share. Rejects with `BundleError` only for
 * a path that was named; what cannot be read inside a folder is warned of.
 */
export async function openPaths(paths: readonly string[]): Promise<OpenedBundle> {
  const named = [...new Set(paths.map((path) => resolve(path)))];
  const found = new Map<string, DiskFile>();
  const warnings: OpenWarning[] = [];
  const shared = sharedFolder(named);
  for (const path of named) {
    const stats = await statNamed(path);
    const folder = named.length === 1 && stats.isDirectory() ? path : shared;
    if (stats.isDirectory()) await walk(path, folder, found, warnings);
    else if (stats.isFile()) found.set(path, diskFile(path, bundlePath(path, folder), stats.size));
    else throw new BundleError(`${path} is neither a file nor a folder`);
  }
  const files = [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const first = basename(named[0] ?? "");
  return { name: named.length > 1 ? `${first} and ${named.length - 1} more` : first, files, warnings };
}

async function statNamed(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw new BundleError(`${path}: ${reason(error)}`);
  }
}

/** The deepest folder that all paths lie in. */
function sharedFolder(paths: readonly string[]): string {
  let shared = dirname(paths[0] ?? "");
  for (const path of paths)
    while (shared !== dirname(shared) && !path.startsWith(shared.endsWith(sep) ? shared : shared + sep)) shared = dirname(shared);
  return shared;
}

function bundlePath(path: string, folder: string): string {
  return relative(folder, path).split(sep).join("/");
}

async function walk(start: string, folder: string, found: Map<string, DiskFile>, warnings: OpenWarning[]): Promise<void> {
  const root = await realpath(start);
  const waiting = [start];
  const warn = (path: string, code: OpenWarning["code"], text: string) =>
    warnings.push({ path: bundlePath(path, folder) || ".", code, text, at: 0, count: 1 });
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    let names: string[];
    try {
      names = (await readdir(at)).sort().filter((name) => !name.startsWith("."));
    } catch (error) {
      if (at === start) throw new BundleError(`${at}: ${reason(error)}`);
      warn(at, "source.unreadable", `cannot be listed: ${reason(error)}`);
      continue;
    }
    const folders: string[] = [];
    for (const name of names) {
      const path = join(at, name);
      if (found.size >= MAX_FILES) {
        warn(path, "source.too-many-files", `is one of more than ${MAX_FILES} files; the rest is left out`);
        return;
      }
      try {
        const stats = await lstat(path);
        if (stats.isDirectory()) folders.push(path);
        else if (stats.isSymbolicLink()) warn(path, "source.symlink", await linkText(path, root));
        else if (!stats.isFile()) warn(path, "source.special-file", `is a ${specialKind(stats)} and is not opened`);
        else found.set(path, diskFile(path, bundlePath(path, folder), stats.size));
      } catch (error) {
        warn(path, "source.unreadable", `cannot be read: ${reason(error)}`);
      }
    }
    waiting.push(...folders.reverse());
  }
}

/** A link is never followed: its target lies outside the bundle, or is read in its own right. */
async function linkText(path: string, root: string): Promise<string> {
  const target = await realpath(path);
  const inside = target === root || target.startsWith(root + sep);
  return inside
    ? "is a link to a file of the bundle, which is read in its own place"
    : "is a link that leads out of the folder and is not followed";
}

function specialKind(stats: Stats): string {
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return stats.isBlockDevice() || stats.isCharacterDevice() ? "device" : "special file";
}

/** The file at an absolute path, under its name in the bundle. */
export function diskFile(location: string, path: string, size: number | null): DiskFile {
  return { path, size, location, open: () => openFile(location) };
}

async function openFile(path: string): Promise<ByteSource> {
  // Not blocking, in case a pipe has taken the file's place since it was listed.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const stats = await handle.stat();
  if (stats.isFile()) return handleSource(handle, stats.size);
  await handle.close();
  throw new Error(`${path} is no longer a file`);
}

/** Reads in this thread: handing a chunk to the thread pool and back costs as much as decoding it. */
function handleSource(handle: FileHandle, size: number): ByteSource {
  let closed = false;
  let lastTurn = performance.now();
  return {
    size,
    sequential: false,
    async read(target, position) {
      if (performance.now() - lastTurn > TURN_MS) {
        await nextTurn();
        lastTurn = performance.now();
      }
      let filled = 0;
      while (filled < target.length) {
        const bytesRead = readSync(handle.fd, target, filled, target.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : null;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
    ELOOP: "too many links",
    EISDIR: "is a folder",
  };
  return (typeof code === "string" ? words[code] : undefined) ?? error.message;
}
