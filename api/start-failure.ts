import { NewerSchema } from "./store/migrations/migration.ts";

/** A reason why a process cannot start that whoever runs it can do something about; one sentence. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}

/** Codes of SQLite, https://www.sqlite.org/rescode.html: READONLY, FULL, CANTOPEN, NOTADB. */
const SQLITE: Readonly<Record<number, string>> = {
  8: "its database cannot be written",
  13: "the disk is full",
  14: "its database cannot be opened",
  26: "casebook.db in it is no database",
};

const FOLDER: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOTDIR: "it is not a folder",
  EEXIST: "it is not a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};

/** What is wrong with the data folder, or the error as it was. */
export function folderFailure(error: unknown, data: string): unknown {
  if (error instanceof NewerSchema) return new StartFailure(error.message, { cause: error });
  const { code, errcode } = codesOf(error);
  const why = (typeof code === "string" ? FOLDER[code] : undefined) ?? (typeof errcode === "number" ? SQLITE[errcode & 0xff] : undefined);
  return why === undefined
    ? error
    : new StartFailure(`the data folder ${data} cannot be used: ${why}; name a folder that can be written with --data`, { cause: error });
}

/** What is wrong with database or object storage, or the error as it was. Addresses may hold passwords, so none is shown. */
export function sharedFailure(error: unknown): unknown {
  if (error instanceof StartFailure) return error;
  const { code, name } = codesOf(error);
  const text = error instanceof Error ? error.message.split("\n")[0] : "";
  if (typeof code !== "string" && typeof name !== "string") return error;
  return new StartFailure(
    `database or object storage cannot be used: ${[code ?? name, text].filter((part) => part !== "").join(", ")}; see CASEBOOK_DATABASE_URL and the settings that begin with CASEBOOK_S3`,
    { cause: error },
  );
}

/** Why a port cannot be listened on, or the error as it was. `flags` is what the flags for host and port begin with. */
export function listenFailure(error: unknown, host: string, port: number, flags = "--"): unknown {
  const { code } = codesOf(error);
  if (code === "EADDRINUSE")
    return new StartFailure(
      `port ${port} of ${host} is in use: stop what uses it, or choose another with ${flags}port (0 for any that is free)`,
    );
  if (code === "EACCES") return new StartFailure(`port ${port} of ${host} may not be used: choose one above 1023 with ${flags}port`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return new StartFailure(`${host} is no address of this machine: name one with ${flags}host, 127.0.0.1 or 0.0.0.0 for instance`);
  return error;
}

function codesOf(error: unknown): { readonly code?: unknown; readonly errcode?: unknown; readonly name?: unknown } {
  return typeof error === "object" && error !== null ? error : {};
}
