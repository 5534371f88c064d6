import type { BundleFile, ByteSource } from "../../engine/bytes/byte-source.ts";
import type { BundleInput } from "../../engine/report/diagnose.ts";
import { openPlain, openSealed } from "../blobs/open-blob.ts";
import type { TaskBundle, TaskFile } from "./task.ts";

/** A stored file that is not what was stored: damaged, or sealed with another key. */
export class StoredFileBroken extends Error {}

/** A stored bundle as the engine reads it, in the order in which the command line reads a folder. Rejects with `StoredFileBroken`. */
export async function bundleInput({ name, files }: TaskBundle, dataKey: Uint8Array | null): Promise<BundleInput> {
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)).map((file) => storedFile(file, dataKey));
  // Seen before anything is read, for the engine takes what cannot be opened as evidence that is missing.
  for (const file of ordered) await (await file.open()).close();
  return { name, warnings: [], files: ordered };
}

function storedFile({ path, location, bytes }: TaskFile, dataKey: Uint8Array | null): BundleFile {
  return {
    path,
    size: bytes,
    async open() {
      const source = await guarded(() => (dataKey ? openSealed(location, dataKey) : openPlain(location)));
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
  return new StoredFileBroken("the stored file is damaged or sealed with another key", { cause });
}
