import type { ByteSource } from "../bytes/byte-source.ts";
import { quoted } from "./entry-name.ts";
import { problemLogger } from "./expanded-file.ts";
import { type Archive, addEntry, admit, grant, refuse } from "./expansion.ts";
import { inflatingSource } from "./inflating-source.ts";
import { sliceSource } from "./random-access.ts";
import { WarningLog } from "./warning.ts";
import { listZip, type ZipItem, zipItemKind } from "./zip.ts";

const MEASURE_BYTES = 1 << 20;

/** Takes the entries of a zip archive, which `source` can read anywhere. */
export async function expandZip(archive: Archive, source: ByteSource): Promise<void> {
  const { self, budget, log } = archive;
  const { items, problems } = await listZip(source, source.size ?? 0, budget.entries + 1, budget.progress);
  for (const { code, text, at } of problems) log.add(self.path, code, text, at);
  for (const item of items) {
    const kind = zipItemKind(item);
    if (kind === "directory") continue;
    if (typeof kind === "object")
      log.add(self.path, "zip.method", `entry ${quoted(item.name)} refused, it is compressed with ${kind.unread}`, item.number);
    else if (kind !== "file") refuse(archive, kind, item.name, item.number);
    else await takeItem(archive, source, item);
    budget.checkTime();
  }
}

async function takeItem(archive: Archive, source: ByteSource, item: ZipItem): Promise<void> {
  const path = admit(archive, item.name, item.number);
  if (path === null) return;
  const log = new WarningLog();
  const { dataStart: offset, length, crc } = item;
  if (item.method === 0) {
    const granted = grant(archive, path, log, length, null);
    const whole = granted === item.compressedSize;
    if (length < item.compressedSize) log.add(path, "zip.truncated", `lacks its last ${item.compressedSize - length} bytes`);
    return addEntry(
      archive,
      path,
      granted,
      whole ? { kind: "stored", offset, length, crc } : { kind: "slice", offset, length: granted },
      log,
    );
  }
  // Deflate never grows data by more than a few bytes, so a size below that of the compressed data is forged or damaged.
  const stated = item.size !== null && item.size + 64 >= length && (item.size > 0 || length <= 2) ? item.size : null;
  if (stated !== null) {
    const limit = grant(archive, path, log, stated, length);
    return addEntry(
      archive,
      path,
      limit,
      { kind: "deflate", offset, length, size: stated, crc: limit === stated ? crc : null, limit },
      log,
    );
  }
  if (item.size !== null)
    log.add(path, "zip.forged-size", `cannot be the ${item.size} bytes that its archive states; it is read as far as it goes`);
  const limit = grant(archive, path, log, null, length);
  const step = { kind: "deflate", offset, length, size: null, crc: null, limit } as const;
  const size = await measure(archive, source, step, problemLogger(path, log));
  archive.budget.totalBytes -= size;
  addEntry(archive, path, size, step, log);
}

/** Inflated size of an entry that does not state it. */
async function measure(
  archive: Archive,
  source: ByteSource,
  step: { kind: "deflate"; offset: number; length: number; size: null; crc: null; limit: number },
  problem: ReturnType<typeof problemLogger>,
): Promise<number> {
  // The archive stays open for its other entries.
  const open = async () => ({ ...sliceSource(source, step.offset, step.length), async close() {} });
  const inflating = await inflatingSource({
    ...step,
    method: "deflate",
    open,
    inflater: archive.inflater,
    problem: (kind) => problem(step, kind),
  });
  const piece = new Uint8Array(MEASURE_BYTES);
  for (let size = 0; ; ) {
    const count = await inflating.read(piece, size);
    if (count === 0) return size;
    size += count;
    await archive.budget.progress(count);
  }
}
