import type { BundleFile, ByteSource } from "../../engine/bytes/byte-source.ts";
import { createNativeSha256 } from "../../engine/node/hash.ts";
import type { BundleInput } from "../../engine/report/diagnose.ts";
import { openPlain, openSealed } from "../blobs/open-blob.ts";
import type { TaskBundle, TaskFile } from "./task.ts";

/** Bytes hashed at a stroke. */
const PIECE = 1 << 20;

/** A stored file that is not what was stored: damaged, exchanged for another, or sealed with another key. */
export class StoredFileBroken extends Error {}

/** A stored bundle that was found to be what was stored. */
export interface VerifiedInput extends BundleInput {
  /** SHA-256 of each of its files, so that nobody works them out again. */
  digest(file: BundleFile): Promise<string>;
}

/**
 * A stored bundle as the engine reads it, in the order in which the command line reads a folder. Every file is read once before, calling
 * `alive` now and then: the engine takes what cannot be opened as evidence that is missing, and would not notice that a file is another.
 * Rejects with `StoredFileBroken`.
 */
export async function bundleInput({ name, files }: TaskBundle, dataKey: Uint8Array | null, alive: () => void): Promise<VerifiedInput> {
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const digests = new Map<string, string>();
  const opened: BundleFile[] = [];
  for (const file of ordered) {
    const bundleFile = storedFile(file, dataKey);
    const digest = await digestOf(bundleFile, alive);
    if (file.stored !== null && file.stored.sha256 !== digest) throw broken();
    digests.set(file.path, digest);
    opened.push(bundleFile);
  }
  return { name, warnings: [], files: opened, digest: async ({ path }) => digests.get(path)! };
}

async function digestOf(file: BundleFile, alive: () => void): Promise<string> {
  const source = await file.open();
  try {
    const hasher = createNativeSha256();
    const piece = new Uint8Array(PIECE);
    for (let at = 0; ; ) {
      alive();
      const read = await source.read(piece, at);
      if (read === 0) return hasher.digestHex();
      hasher.update(piece.subarray(0, read));
      at += read;
    }
  } finally {
    await source.close();
  }
}

function storedFile({ path, location, bytes, stored }: TaskFile, dataKey: Uint8Array | null): BundleFile {
  return {
    path,
    size: bytes,
    async open() {
      const source = await guarded(() => (dataKey && stored ? openSealed(location, dataKey, stored.blob) : openPlain(location)));
      if (source.size === bytes) return guardedSource(source);
      await source.close();
      throw broken();
    },
  };
}

function guardedSource(source: ByteSource): ByteSource {
  return {
    size: source.size,
    sequential: source.sequential,
    read: (target, position) => guarded(() => source.read(target, position)),
    close: () => source.close(),
  };
}

/** What goes wrong names places of the server, which are not the report's to tell. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw broken(error);
  }
}

function broken(cause?: unknown): StoredFileBroken {
  return new StoredFileBroken("the stored file is damaged, was exchanged, or is sealed with another key", { cause });
}
