import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

/** Lists what a build wrote, so that the next one knows its own files. */
const MARKER = ".casebook-site";
const FIRST_LINE = "Files of a site built by casebook. Those that a later build does not write are removed.";

/** Thrown where a folder holds what is not ours to overwrite. */
export class OutputError extends Error {}

/** A folder that a site is written to. */
export interface OutputFolder {
  readonly files: number;
  readonly bytes: number;
  /** Paths of the files written so far, in order. */
  readonly paths: readonly string[];
  /** SHA-256 over paths and content of the files written so far, hexadecimal. */
  digest(): string;
  /** Writes a file below the folder, unless it holds the same already. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Removes what an earlier build wrote and this one did not. Resolves to how many files that were. */
  finish(): Promise<number>;
}

/** Opens a folder that is empty, absent or holds an earlier build; rejects with `OutputError` for any other. */
export async function openOutput(folder: string): Promise<OutputFolder> {
  const before = await filesBefore(folder);
  const mark = (paths: Iterable<string>) => writeFile(join(folder, MARKER), `${[FIRST_LINE, ...[...paths].sort()].join("\n")}\n`);
  // Before anything else, so that a build that was stopped half-way can be run again.
  await mark(before);
  const written = new Set<string>();
  const made = new Set<string>();
  let bytes = 0;
  const hash = createHash("sha256");
  return {
    get files() {
      return written.size;
    },
    get bytes() {
      return bytes;
    },
    get paths() {
      return [...written];
    },
    digest: () => hash.copy().digest("hex"),
    async write(path, content) {
      if (!isBelow(path)) throw new Error(`${JSON.stringify(path)} is no path below the site's folder`);
      if (written.has(path)) throw new Error(`two parts of the site write ${path}`);
      const data = typeof content === "string" ? Buffer.from(content) : content;
      written.add(path);
      bytes += data.length;
      hash.update(`${path}\0${data.length}\0`).update(data);
      const file = join(folder, path);
      if (before.has(path) && (await readFile(file).catch(() => null))?.equals(data)) return;
      const parent = dirname(file);
      if (!made.has(parent)) await mkdir(parent, { recursive: true });
      made.add(parent);
      await writeFile(file, data);
    },
    async finish() {
      const stale = [...before].filter((path) => !written.has(path));
      for (const path of stale) await remove(folder, path);
      await mark(written);
      return stale.length;
    },
  };
}

async function filesBefore(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new OutputError(`${folder} ${error.code === "ENOTDIR" ? "is a file, not a folder" : `cannot be read: ${error.message}`}`);
  });
  if (names === null) await mkdir(folder, { recursive: true });
  if (names === null || names.length === 0) return new Set();
  const [first, ...paths] = (await readFile(join(folder, MARKER), "utf8").catch(() => "")).split("\n");
  if (first !== FIRST_LINE) throw new OutputError(`${folder} is not empty and holds no site built by casebook`);
  return new Set(paths.filter(isBelow));
}

/** A relative path that stays below its folder and names a file; the marker of a folder from elsewhere may claim anything. */
function isBelow(path: string): boolean {
  return path !== "" && path === posix.normalize(path) && !/^\.\.?(\/|$)|^\/|\\|\0|\/$|^[A-Za-z]:/.test(path);
}

async function remove(folder: string, path: string): Promise<void> {
  await rm(join(folder, path), { force: true });
  for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
    const left = await rmdir(join(folder, parent)).catch(() => "not empty");
    if (left !== undefined) return;
  }
}
