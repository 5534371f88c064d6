import { tarChecksumHolds } from "./tar-header.ts";

/** Bytes of a file that archives are recognised by. */
export const RECOGNISE_BYTES = 512;

export type ContainerKind = "zip" | "tar" | "gz";

/** Archives and compressions that are known but not read. */
const UNREAD: readonly (readonly [title: string, magic: string])[] = [
  ["a 7-Zip archive", "377abcaf271c"],
  ["a RAR archive", "526172211a07"],
  ["a cabinet file", "4d53434600000000"],
  ["compressed with xz", "fd377a585a00"],
  ["compressed with bzip2", "425a68"],
  ["compressed with Zstandard", "28b52ffd"],
  ["compressed with LZ4", "04224d18"],
  ["compressed with compress", "1f9d"],
];

function startsWith(head: Uint8Array, magic: string): boolean {
  for (let at = 0; at < magic.length / 2; at++) if (head[at] !== Number.parseInt(magic.slice(2 * at, 2 * at + 2), 16)) return false;
  return true;
}

/** Which archive the bytes begin, by content and never by name; null for none that is read. */
export function recogniseContainer(head: Uint8Array): ContainerKind | null {
  // A local header, the end of an empty archive, or either behind the mark of a split archive (APPNOTE.TXT section 8.5).
  if (["504b0304", "504b0506", "504b0708504b0304", "504b3030504b0304"].some((magic) => startsWith(head, magic))) return "zip";
  if (startsWith(head, "1f8b08")) return "gz";
  return head.length >= 512 && tarChecksumHolds(head) ? "tar" : null;
}

/** What the file is where it is an archive that is not read; null for anything else. */
export function recogniseUnread(head: Uint8Array): string | null {
  // `BZh`, a level, and the block mark: three letters alone could begin a text.
  if (startsWith(head, "425a68") && !(startsWith(head.subarray(4), "314159265359") || startsWith(head.subarray(4), "177245385090")))
    return null;
  return UNREAD.find(([, magic]) => startsWith(head, magic))?.[0] ?? null;
}
