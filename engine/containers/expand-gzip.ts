import { type ByteSource, memorySource } from "../bytes/byte-source.ts";
import { decodeName, entryPath } from "./entry-name.ts";
import { expandTar } from "./expand-tar.ts";
import { problemLogger } from "./expanded-file.ts";
import { type Archive, addEntry, admit } from "./expansion.ts";
import { readAt } from "./random-access.ts";
import { RECOGNISE_BYTES, recogniseContainer } from "./recognise.ts";
import { applyStep, type Step } from "./steps.ts";
import { WarningLog } from "./warning.ts";

const PIECE_BYTES = 1 << 20;
const KEEP_SHARE = 4;

/** Flags of a gzip header, RFC 1952 section 2.3.1. */
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HEADER_LENGTH = 10;

/**
 * Takes what a gzip file holds: the members of a tar archive, or one file. Its size is written nowhere that could be trusted, so
 * it is inflated once here; afterwards size and damage are known.
 */
export async function expandGzip(archive: Archive, head: Uint8Array): Promise<Archive["kind"]> {
  const { self, budget, log } = archive;
  const { bytes: limit } = budget.allowance(self.size);
  const step: Step = { kind: "gunzip", limit };
  const problem = problemLogger(self.path, log);
  const open = () =>
    applyStep(
      step,
      () => self.open(problem),
      archive.inflater,
      (kind) => problem(step, kind),
    );
  const source = await open();
  try {
    const first = await readAt(source, 0, RECOGNISE_BYTES);
    if (recogniseContainer(first) !== "tar") {
      await takeContent(archive, source, first, step, head);
      return "gz";
    }
    const quiet = () =>
      applyStep(
        step,
        () => self.open(() => {}),
        archive.inflater,
        () => {},
      );
    const inner: Archive = { ...archive, kind: "tar.gz", self: { ...self, steps: [...self.steps, step], open: quiet } };
    await expandTar(inner, withFirst(source, first), quiet);
    return "tar.gz";
  } finally {
    await source.close();
  }
}

async function takeContent(archive: Archive, source: ByteSource, first: Uint8Array, step: Step, head: Uint8Array): Promise<void> {
  const { budget } = archive;
  const path = admit(archive, contentName(archive.self.path, head), 1);
  if (path === null) return;
  const keep = Math.min(budget.bufferBytes, budget.limits.bufferBytes / KEEP_SHARE);
  let kept: Uint8Array[] | null = [first];
  let size = first.length;
  const piece = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const count = await source.read(piece, size);
    if (count === 0) break;
    size += count;
    kept = kept && size <= keep ? [...kept, piece.slice(0, count)] : null;
    await budget.progress(count);
  }
  budget.totalBytes -= size;
  if (!kept) return addEntry(archive, path, size, step, new WarningLog(), { head: first });
  budget.bufferBytes -= size;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of kept) {
    bytes.set(piece, at);
    at += piece.length;
  }
  addEntry(archive, path, size, step, new WarningLog(), { head: first, open: async () => memorySource(bytes) });
}

/** The name the header carries, without any folders; else the file's own without its ending. */
function contentName(path: string, head: Uint8Array): string {
  const own = path.slice(path.lastIndexOf("/") + 1);
  const name = headerName(head)?.replace(/^.*[/\\]/, "") ?? "";
  if (name !== "" && "path" in entryPath(name)) return name;
  return own.replace(/\.gz$/i, "").replace(/\.tgz$/i, ".tar") || "content";
}

function headerName(head: Uint8Array): string | null {
  const flags = head[3] ?? 0;
  if (!(flags & HAS_NAME)) return null;
  const start = HEADER_LENGTH + (flags & HAS_EXTRA ? 2 + ((head[10] ?? 0) | ((head[11] ?? 0) << 8)) : 0);
  const end = head.indexOf(0, start);
  return end < 0 ? null : decodeName(head.subarray(start, end));
}

/** The same source with its first bytes kept. */
function withFirst(source: ByteSource, first: Uint8Array): ByteSource {
  return {
    ...source,
    async read(target, position) {
      if (position >= first.length) return source.read(target, position);
      const part = first.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
  };
}
