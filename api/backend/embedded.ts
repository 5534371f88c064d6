import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { folderBlobs, removeDrafts } from "../blobs/folder-blobs.ts";
import { sealedBlobs } from "../blobs/sealed.ts";
import { releaseLeases, sqliteQueue } from "../queue/sqlite-queue.ts";
import { openSqlite, sqliteStore } from "../store/sqlite.ts";
import type { Backend } from "./backend.ts";

export interface EmbeddedOptions {
  /** Folder of the database (`casebook.db`) and of uploads and reports (`blobs/`); created where it is not there. */
  readonly data: string;
  /**
   * Works on the jobs: the only process that may, which is checked. What an earlier one was working on is handed out anew at once, and
   * what it had not written whole is removed. Others may open the folder beside it, to make keys for instance.
   */
  readonly own?: boolean;
  /** Seals uploads and reports, 32 bytes; null to store them as they are. */
  readonly key?: Uint8Array | null;
  /** Milliseconds; see `LEASE`. */
  readonly lease?: number;
}

/** Another process works on the jobs of this data folder. */
export class DataFolderInUse extends Error {
  override readonly name = "DataFolderInUse";
}

/** Store, queue and blobs in one folder of this machine. */
export async function openEmbedded({ data, own = false, key = null, lease }: EmbeddedOptions): Promise<Backend> {
  await mkdir(data, { recursive: true, mode: 0o700 });
  const release = own ? takeOwnership(data) : () => {};
  try {
    const folder = join(data, "blobs");
    const blobs = await folderBlobs(folder);
    const database = await openSqlite(join(data, "casebook.db"));
    const store = sqliteStore(database);
    const close = async () => {
      await store.close();
      release();
    };
    try {
      await store.migrate();
      if (own) releaseLeases(database);
      if (own) await removeDrafts(folder);
    } catch (error) {
      await close();
      throw error;
    }
    return { store, queue: sqliteQueue(database, lease), blobs: key ? sealedBlobs(blobs, key) : blobs, close };
  } catch (error) {
    release();
    throw error;
  }
}

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/** A lock that the operating system takes back however the process ends: an open transaction on a file of its own. */
function takeOwnership(data: string): () => void {
  const lock = new DatabaseSync(join(data, "owner.lock"));
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error;
    throw new DataFolderInUse(`another casebook serve uses ${data}: stop it, or give this one another folder with --data`);
  }
  return () => {
    if (lock.isOpen) lock.close();
  };
}
