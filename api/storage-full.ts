/** There is no room: a disk, a quota of the file system or an object store is full. What was being written is not there. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";
}

/** Codes of Node, and of the object stores that say so. */
const FULL = new Set(["ENOSPC", "EDQUOT", "XMinioStorageFull", "QuotaExceeded", "QuotaExceededException"]);
/** SQLITE_FULL, SQLITE_IOERR_SHMSIZE: https://www.sqlite.org/rescode.html */
const SQLITE_FULL = new Set([13, 4874]);
/** PostgreSQL's disk_full: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES_FULL = "53100";

/** The same error, or `StorageFull` where it says that there is no room. */
export function orStorageFull(error: unknown, where: string): unknown {
  const { code, errcode, name } = (error ?? {}) as { code?: unknown; errcode?: unknown; name?: unknown };
  const full =
    (typeof code === "string" && (FULL.has(code) || code === POSTGRES_FULL)) ||
    (typeof name === "string" && FULL.has(name)) ||
    (typeof errcode === "number" && SQLITE_FULL.has(errcode));
  return full ? new StorageFull(`no room left in ${where}`, { cause: error }) : error;
}
