import { type ByteSource, memorySource } from "../bytes/byte-source.ts";
import { quoted } from "./entry-name.ts";
import { type Archive, addEntry, admit, grant, refuse } from "./expansion.ts";
import { forwardPool } from "./forward-pool.ts";
import { readAt, sliceSource } from "./random-access.ts";
import { RECOGNISE_BYTES } from "./recognise.ts";
import { type TarItem, tarItems } from "./tar.ts";
import { WarningLog } from "./warning.ts";

/** Share of the buffer one member may take: a large capture should not crowd out a hundred small files. */
const KEEP_SHARE = 4;

/** Takes the members of a tar archive. `source` may be one that only reads forward; `reopen` begins it anew. */
export async function expandTar(archive: Archive, source: ByteSource, reopen: () => Promise<ByteSource>): Promise<void> {
  const pool = forwardPool(reopen);
  for await (const item of tarItems(source)) {
    await archive.budget.progress(0);
    if (item.kind === "truncated")
      archive.log.add(
        archive.self.path,
        "tar.truncated",
        "ends without the mark that ends an archive, so something may be missing",
        item.number,
      );
    else if (item.kind === "bad-header")
      archive.log.add(
        archive.self.path,
        "tar.damaged-header",
        "has a damaged member header; reading goes on at the next one that holds",
        item.number,
      );
    else if (item.kind === "link" || item.kind === "device" || item.kind === "sparse") refuse(archive, item.kind, item.name, item.number);
    else if (item.kind === "file") await takeMember(archive, source, item, pool);
  }
}

async function takeMember(archive: Archive, source: ByteSource, item: TarItem, pool: (from: number) => Promise<ByteSource>): Promise<void> {
  const { budget } = archive;
  const path = admit(archive, item.name, item.number);
  if (path === null) return;
  const log = new WarningLog();
  const { offset } = item;
  // How much of a member is there only shows on reading it where the archive is still being inflated.
  const present = source.size === null ? item.size : Math.max(0, Math.min(item.size, source.size - offset));
  if (present < item.size) log.add(path, "tar.truncated", `lacks its last ${item.size - present} bytes`);
  const length = grant(archive, path, log, present, null);
  const step = { kind: "slice", offset, length } as const;
  if (!source.sequential) return addEntry(archive, path, length, step, log);
  if (length <= Math.min(budget.bufferBytes, budget.limits.bufferBytes / KEEP_SHARE)) {
    const bytes = await readAt(source, offset, length);
    budget.bufferBytes -= bytes.length;
    if (bytes.length < length) log.add(path, "tar.truncated", `lacks its last ${length - bytes.length} bytes`);
    await budget.progress(bytes.length);
    return addEntry(archive, path, bytes.length, step, log, {
      head: bytes.subarray(0, RECOGNISE_BYTES),
      open: async () => memorySource(bytes),
    });
  }
  budget.rereadBytes -= offset + length;
  if (budget.rereadBytes < 0) {
    return archive.log.add(
      archive.self.path,
      "container.reread",
      `entry ${quoted(item.name)} left out, it lies too deep in a large compressed archive: unpack it first`,
      item.number,
    );
  }
  const head = await readAt(source, offset, Math.min(length, RECOGNISE_BYTES));
  const there = head.length + (await skip(archive, source, offset + head.length, length - head.length));
  if (there < length) log.add(path, "tar.truncated", `lacks its last ${length - there} bytes`);
  addEntry(archive, path, there, step, log, { head, open: async () => sliceSource(await pool(offset), offset, length) });
}

/** Inflates past a member, reporting on the way; answers how much of it there is. */
async function skip(archive: Archive, source: ByteSource, from: number, length: number): Promise<number> {
  const piece = new Uint8Array(1 << 20);
  for (let done = 0; done < length; ) {
    const count = await source.read(piece.subarray(0, length - done), from + done);
    if (count === 0) return done;
    done += count;
    await archive.budget.progress(count);
  }
  return length;
}
