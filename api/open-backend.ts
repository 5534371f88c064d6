import { access, constants } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Backend } from "./backend/backend.ts";
import { checkSeal, OtherKey } from "./blobs/seal-check.ts";
import type { Settings } from "./settings.ts";
import { folderFailure, StartFailure, sharedFailure } from "./start-failure.ts";

export interface OpenOptions {
  /** Works on the jobs, as `serve` does; see `openEmbedded`. */
  readonly own: boolean;
  readonly dataKey: Uint8Array | null;
  /** Told of what goes wrong in the background. */
  onError(error: Error): void;
}

/** A backend for work on what lies there: `openBackend`, and `StartFailure` too where it was sealed with another key. */
export async function openForWork(settings: Settings, options: OpenOptions): Promise<Backend> {
  const backend = await openBackend(settings, options);
  try {
    await checkSeal(backend.blobs, options.dataKey !== null);
    return backend;
  } catch (error) {
    await backend.close();
    throw error instanceof OtherKey ? new StartFailure(`the data key does not fit: ${error.message}`, { cause: error }) : error;
  }
}

/** The backend that the settings name. Rejects with `StartFailure` where whoever runs this can do something about it. */
export async function openBackend(settings: Settings, options: OpenOptions): Promise<Backend> {
  return settings.databaseUrl === null ? openFolder(settings, options) : openDatabase(settings, settings.databaseUrl, options);
}

async function openFolder({ data, lease }: Settings, { own, dataKey: key }: OpenOptions): Promise<Backend> {
  const { DataFolderInUse, openEmbedded } = await import("./backend/embedded.ts");
  const folder = resolve(data);
  try {
    const backend = await openEmbedded({ data: folder, own, lease, key });
    await access(folder, constants.W_OK);
    return backend;
  } catch (error) {
    if (error instanceof DataFolderInUse) throw new StartFailure(error.message);
    throw folderFailure(error, folder);
  }
}

async function openDatabase(settings: Settings, databaseUrl: string, { dataKey: key, onError }: OpenOptions): Promise<Backend> {
  const { openShared } = await import("./backend/shared.ts");
  const { s3Bucket, s3Endpoint, s3Region, s3Prefix, s3AccessKey, s3SecretKey, data, lease } = settings;
  const spool = join(resolve(data), "spool");
  try {
    const backend = await openShared({
      databaseUrl,
      spool,
      key,
      lease,
      onError,
      s3: {
        bucket: s3Bucket!,
        prefix: s3Prefix,
        region: s3Region,
        ...(s3Endpoint === null ? {} : { endpoint: s3Endpoint }),
        ...(s3AccessKey === null ? {} : { accessKeyId: s3AccessKey, secretAccessKey: s3SecretKey! }),
      },
    });
    return await reached(backend);
  } catch (error) {
    throw sharedFailure(folderFailure(error, spool));
  }
}

/** Object storage that cannot be used shows now, and not with the first upload. */
async function reached(backend: Backend): Promise<Backend> {
  try {
    await backend.blobs.ping();
    return backend;
  } catch (error) {
    await backend.close();
    throw error;
  }
}
