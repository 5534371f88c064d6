import type { ByteSource } from "../bytes/byte-source.ts";
import { decodeName } from "./entry-name.ts";
import { readFully } from "./random-access.ts";
import { decodePaxRecords, decodeTarHeader, TAR_BLOCK, type TarHeader, tarChecksumHolds } from "./tar-header.ts";

/** Long names and pax records beyond this are no names. */
const MAX_EXTENSION_BYTES = 1 << 20;

/** A member of a tar archive, or damage met on the way. */
export type TarItem =
  | {
      readonly kind: "file" | "directory" | "link" | "device" | "sparse";
      readonly number: number;
      readonly name: string;
      readonly offset: number;
      readonly size: number;
    }
  | {
      readonly kind: "bad-header" | "truncated";
      readonly number: number;
      readonly name: string;
      readonly offset: number;
      readonly size: number;
    };

/**
 * Members of a tar archive in order: ustar, GNU long names, pax; several archives one after the other are one. Reads forward
 * only, so that it works while the archive is being inflated: between two items, data of the first may be read. A header that
 * does not hold is passed over up to the next that does.
 */
export async function* tarItems(source: ByteSource): AsyncGenerator<TarItem> {
  const block = new Uint8Array(TAR_BLOCK);
  let extension: { name?: string; size?: number; sparse?: boolean } = {};
  let [position, number, ended, lost] = [0, 0, false, false];
  for (;;) {
    const count = await readFully(source, block, position);
    if (count < TAR_BLOCK) {
      if (count > 0 || !ended) yield { kind: "truncated", number, name: "", offset: position, size: count };
      return;
    }
    const offset = position + TAR_BLOCK;
    position = offset;
    if (!tarChecksumHolds(block)) {
      if (block.every((byte) => byte === 0)) ended = true;
      else if (!lost) {
        lost = true;
        yield { kind: "bad-header", number, name: "", offset: offset - TAR_BLOCK, size: 0 };
      }
      continue;
    }
    [ended, lost] = [false, false];
    const header = decodeTarHeader(block);
    const size = extension.size ?? header.size ?? 0;
    // Behind a size beyond the end there is nothing to go on to; the next read finds the end.
    position = offset + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
    if (isExtension(header.type)) {
      if (size <= MAX_EXTENSION_BYTES) extension = { ...extension, ...(await readExtension(source, header.type, offset, size)) };
      continue;
    }
    number++;
    const name = extension.name ?? header.name;
    yield { kind: extension.sparse ? "sparse" : memberKind(header, name), number, name, offset, size };
    extension = {};
  }
}

function isExtension(type: string): boolean {
  return "LKxgXVA".includes(type);
}

async function readExtension(
  source: ByteSource,
  type: string,
  offset: number,
  size: number,
): Promise<{ name?: string; size?: number; sparse?: boolean }> {
  if (!"LxX".includes(type)) return {};
  const bytes = new Uint8Array(size);
  const known = bytes.subarray(0, await readFully(source, bytes, offset));
  if (type === "L") return { name: decodeName(known).replace(/\0.*$/s, "") };
  const records = decodePaxRecords(known);
  const stated = Number(records.get("size") ?? Number.NaN);
  return {
    ...(records.has("path") ? { name: records.get("path")! } : {}),
    ...(Number.isSafeInteger(stated) && stated >= 0 ? { size: stated } : {}),
    ...([...records.keys()].some((keyword) => keyword.startsWith("GNU.sparse.")) ? { sparse: true } : {}),
  };
}

function memberKind({ type }: TarHeader, name: string): "file" | "directory" | "link" | "device" | "sparse" {
  if (type === "5" || type === "D" || (type === "0" && name.endsWith("/"))) return "directory";
  if (type === "1" || type === "2") return "link";
  if (type === "3" || type === "4" || type === "6") return "device";
  // POSIX asks that a type nobody knows be taken for a file.
  return type === "S" ? "sparse" : "file";
}
