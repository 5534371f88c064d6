import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, link, mkdir, open, opendir, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { orStorageFull } from "../storage-full.ts";
import { type Blobs, keyParts, NoSuchBlob } from "./blobs.ts";

/** Files that are being written or read lie here, on the same file system as the blobs. */
const TEMPORARY = ".tmp";
/** Bytes that `ping` writes: a block, since a full disk may still take a smaller file. */
const PROBE = new Uint8Array(4096);

/**
 * Blobs as files below a folder: `<kind>/<last two characters of the id>/<id>`, which keeps folders small whatever ids begin with.
 * A file gets its name when it is whole and on the disk.
 */
export async function folderBlobs(folder: string): Promise<Blobs> {
  const root = resolve(folder);
  const temporary = join(root, TEMPORARY);
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const freshPath = () => join(temporary, randomUUID());
  const pathOf = (key: string) => {
    const [kind, id] = keyParts(key);
    return join(root, kind, id.slice(-2), id);
  };

  return {
    async write(key, content) {
      const [path, draft] = [pathOf(key), freshPath()];
      try {
        const size = await writeFile(draft, content);
        await makeFolder(dirname(path));
        await rename(draft, path);
        await syncFolder(dirname(path));
        return size;
      } catch (error) {
        await rm(draft, { force: true });
        throw orStorageFull(error, root);
      }
    },
    async *read(key) {
      const file = await openBlob(pathOf(key), key);
      // The stream closes the file, also when whoever reads stops early.
      yield* createReadStream("", { fd: file, highWaterMark: 1 << 16 });
    },
    async local(key) {
      const path = pathOf(key);
      const lent = freshPath();
      try {
        // A second name keeps the bytes there while they are read, whoever deletes the blob meanwhile.
        await link(path, lent);
        return { path: lent, release: () => rm(lent, { force: true }) };
      } catch (error) {
        if (codeOf(error) === "ENOENT") throw new NoSuchBlob(`there is no blob ${key}`);
        // The file system has no second names.
        await (await openBlob(path, key)).close();
        return { path, release: async () => {} };
      }
    },
    async delete(keys) {
      for (const path of keys.map(pathOf)) await unlink(path).catch(unlessMissing);
    },
    async *list(before) {
      for (const kind of await namesIn(root)) {
        if (kind === TEMPORARY) continue;
        for (const fan of await namesIn(join(root, kind))) {
          for (const id of await namesIn(join(root, kind, fan))) {
            const stats = await stat(join(root, kind, fan, id)).catch(unlessMissing);
            if (stats && stats.mtimeMs < before) yield `${kind}/${id}`;
          }
        }
      }
    },
    async ping() {
      const path = freshPath();
      try {
        await writeFile(path, [PROBE]);
      } catch (error) {
        throw orStorageFull(error, root);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

/** Removes what earlier processes were writing or reading when they ended: for the only process that uses this folder, when it starts. */
export async function removeDrafts(root: string): Promise<void> {
  const temporary = join(root, TEMPORARY);
  for (const name of await namesIn(temporary)) await rm(join(temporary, name), { force: true });
}

async function writeFile(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  try {
    let size = 0;
    for await (const chunk of content) {
      await writeAll(file, chunk);
      size += chunk.length;
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
}

/** Creates a folder and those above it; each new name is on the disk before anything relies on it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders and keeps names without being asked.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function openBlob(path: string, key: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw codeOf(error) === "ENOENT" ? new NoSuchBlob(`there is no blob ${key}`) : error;
  }
}

/** Names in a folder, none where there is no such folder. One folder holds few: they are fanned out. */
async function namesIn(path: string): Promise<string[]> {
  const folder = await opendir(path).catch(unlessMissing);
  const names: string[] = [];
  if (folder) for await (const entry of folder) names.push(entry.name);
  return names.sort();
}

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
