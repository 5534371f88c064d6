import { open, rename, rm } from "node:fs/promises";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";
import { quote } from "./verb.ts";

/** Writes pieces to standard output, or to a file that appears only once it is whole. Heeds a request to stop between pieces. */
export async function writeOutput(pieces: Iterable<string>, file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined || file === "-") {
    for (const piece of pieces) {
      terminal.signal.throwIfAborted();
      await terminal.write(piece);
    }
    return;
  }
  const unfinished = `${file}.${process.pid}.part`;
  try {
    const handle = await open(unfinished, "wx");
    try {
      for (const piece of pieces) {
        terminal.signal.throwIfAborted();
        await handle.writeFile(piece);
      }
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    // What went wrong first is what matters, not that cleaning up failed for the same reason.
    await rm(unfinished, { force: true }).catch(() => {});
    if (terminal.signal.aborted) throw error;
    throw new Failure(
      `cannot write ${quote(file)}: ${fileProblem(error)}`,
      "Name a file in a folder that exists and that you may write to",
    );
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "no space left on the disk",
  EROFS: "the disk is read-only",
  EEXIST: "it exists already",
  ELOOP: "the links go in a circle",
  EMFILE: "too many files are open",
};

/** What the operating system had against a path, in words. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return PROBLEMS[code] ?? (error instanceof Error ? error.message : String(error));
}
