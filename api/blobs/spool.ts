import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Age in milliseconds from which a file is left over whoever made it: no job takes that long. */
const LEFT_OVER = 24 * 3_600_000;
const NAME = /^casebook\.(?<host>[A-Za-z0-9-]+)\.(?<pid>\d+)\.[0-9a-f-]+$/;

export interface Spool {
  /** A path where no file is. */
  freshPath(): string;
}

/** A folder for copies of blobs while they are read. What processes left there that have ended is removed. */
export async function openSpool(folder: string): Promise<Spool> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const host = hostname().replace(/[^A-Za-z0-9-]/g, "-");
  for (const name of await readdir(folder)) {
    const { host: otherHost, pid } = NAME.exec(name)?.groups ?? {};
    if (pid === undefined) continue;
    const path = join(folder, name);
    const modified = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
    // In containers a process often has the number of the one before it: what is older than this process is not its own.
    const ended =
      otherHost === host && (Number(pid) === process.pid ? modified < Date.now() - process.uptime() * 1000 : !runs(Number(pid)));
    if (ended || modified < Date.now() - LEFT_OVER) await rm(path, { force: true });
  }
  return { freshPath: () => join(folder, `casebook.${host}.${process.pid}.${randomUUID()}`) };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return (error as { code?: unknown }).code === "EPERM";
  }
}
