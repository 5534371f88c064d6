import type { ByteSource } from "../bytes/byte-source.ts";
import { quoted } from "./entry-name.ts";
import { readZipDirectory, type ZipEntry } from "./zip-directory.ts";
import { dataStart, type LocatedEntry, scanLocalHeaders } from "./zip-local.ts";

/** Compression methods by number, APPNOTE.TXT section 4.4.5. */
const METHODS: Readonly<Record<number, string>> = {
  1: "shrink",
  2: "reduce",
  3: "reduce",
  4: "reduce",
  5: "reduce",
  6: "implode",
  9: "Deflate64",
  10: "DCL implode",
  12: "bzip2",
  14: "LZMA",
  20: "Zstandard",
  93: "Zstandard",
  94: "MP3",
  95: "XZ",
  96: "JPEG",
  97: "WavPack",
  98: "PPMd",
  99: "AES encryption",
};

/** Bits of `flags`, section 4.4.4. */
const ENCRYPTED = 0x0001;
const STRONGLY_ENCRYPTED = 0x0040;
/** File type bits of st_mode. */
const TYPE_MASK = 0xf000;
const TYPE_REGULAR = 0x8000;
const TYPE_DIRECTORY = 0x4000;
const TYPE_LINK = 0xa000;
const TYPE_PIPE = 0x1000;

/** An entry, numbered from 1 in the order of the directory, with the part of the archive that is its data and no other's. */
export interface ZipItem extends LocatedEntry {
  readonly number: number;
  /** Bytes of its data, cut where the next entry begins. */
  readonly length: number;
}

export interface ZipListing {
  readonly items: readonly ZipItem[];
  readonly problems: readonly { readonly code: string; readonly text: string; readonly at: number }[];
}

/** Lists a zip archive: by its central directory, and by local headers where that is missing or damaged. */
export async function listZip(
  source: ByteSource,
  size: number,
  maxEntries: number,
  progress: (bytes: number) => Promise<void>,
): Promise<ZipListing> {
  const directory = await readZipDirectory(source, size, maxEntries);
  const problems: { code: string; text: string; at: number }[] = [];
  if (directory.split)
    problems.push({ code: "zip.split", text: "is one volume of a split archive: only entries in this volume can be read", at: 0 });
  const located: (LocatedEntry & { number: number })[] = [];
  for (const [index, entry] of directory.entries.entries()) {
    const start = await dataStart(source, entry);
    if (start !== null) located.push({ ...entry, number: index + 1, dataStart: start });
    else
      problems.push({
        code: "zip.local-header",
        text: `has no data for ${quoted(entry.name)}: there is no header where its directory says`,
        at: index + 1,
      });
  }
  if (!directory.whole || located.length < directory.entries.length) {
    const known = new Set(located.map((entry) => entry.at));
    const found = (await scanLocalHeaders(source, size, maxEntries, progress)).filter((entry) => !known.has(entry.at));
    const first = directory.entries.length + 1;
    for (const [index, entry] of found.entries()) located.push({ ...entry, number: first + index });
    if (!directory.whole)
      problems.unshift({
        code: "zip.directory",
        text: `has a damaged or missing directory: ${found.length} entries were found without it`,
        at: 0,
      });
  }
  return { items: separated(located, directory.start, problems), problems };
}

/**
 * Cuts each entry's data off where the next entry begins. In a sound archive that changes nothing; in one whose entries share
 * data, so that a small file inflates to terabytes, every byte is inflated once at most.
 */
function separated(
  located: readonly (LocatedEntry & { number: number })[],
  end: number,
  problems: { code: string; text: string; at: number }[],
): ZipItem[] {
  const ordered: (LocatedEntry & { number: number })[] = [];
  for (const entry of [...located].sort((a, b) => a.at - b.at || a.number - b.number)) {
    if (ordered.at(-1)?.at !== entry.at) ordered.push(entry);
    else
      problems.push({
        code: "zip.overlapping-entry",
        text: `lists the same data twice: ${quoted(entry.name)} is left out`,
        at: entry.number,
      });
  }
  const items = ordered.map((entry, index) => {
    const next = ordered[index + 1]?.at;
    const length = Math.max(0, Math.min(entry.compressedSize, (next ?? end) - entry.dataStart));
    if (next !== undefined && length < entry.compressedSize) {
      problems.push({
        code: "zip.overlapping-entry",
        text: `has entries that overlap: ${quoted(entry.name)} is cut where the next begins`,
        at: entry.number,
      });
    }
    return { ...entry, length };
  });
  return items.sort((a, b) => a.number - b.number);
}

/** What an entry is, as far as that decides whether it is read. */
export function zipItemKind(entry: ZipEntry): "file" | "directory" | "link" | "device" | "encrypted" | { readonly unread: string } {
  const type = entry.unixMode & TYPE_MASK;
  if (/[/\\]$/.test(entry.name) || type === TYPE_DIRECTORY) return "directory";
  if (type === TYPE_LINK) return "link";
  // Archived from a pipe, as `command | zip x.zip -` does: the type is the pipe's, the content a file's.
  const piped = type === TYPE_PIPE && entry.compressedSize > 0;
  if (type !== 0 && type !== TYPE_REGULAR && !piped) return "device";
  if (entry.flags & (ENCRYPTED | STRONGLY_ENCRYPTED)) return "encrypted";
  if (entry.method === 0 || entry.method === 8) return "file";
  return { unread: METHODS[entry.method] ?? `method ${entry.method}` };
}
