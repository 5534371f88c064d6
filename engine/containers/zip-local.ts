import type { ByteSource } from "../bytes/byte-source.ts";
import { readAt } from "./random-access.ts";
import { entryName, Signature, wideSizes, type ZipEntry } from "./zip-directory.ts";

const LOCAL_LENGTH = 30;
const SCAN_BYTES = 1 << 20;
const MAX_PASSES = 8;
/** Sizes and checksum follow the data in a descriptor, APPNOTE.TXT section 4.4.4 bit 3. */
const HAS_DESCRIPTOR = 0x0008;

/** An entry and where its compressed data lies. */
export interface LocatedEntry extends ZipEntry {
  readonly dataStart: number;
}

/** Where the data of an entry begins, which only its local header tells; null where there is no such header. */
export async function dataStart(source: ByteSource, entry: ZipEntry): Promise<number | null> {
  const header = await readAt(source, entry.at, LOCAL_LENGTH);
  if (header.length < LOCAL_LENGTH) return null;
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== Signature.localHeader) return null;
  return entry.at + LOCAL_LENGTH + view.getUint16(26, true) + view.getUint16(28, true);
}

/**
 * Entries found by their local headers, for an archive whose directory is missing or damaged: APPNOTE.TXT section 4.3.7. Data of
 * stated size is passed over; after data without, the descriptor is sought whose size fits. Calls `progress` per MiB.
 */
export async function scanLocalHeaders(
  source: ByteSource,
  size: number,
  maxEntries: number,
  progress: (bytes: number) => Promise<void>,
): Promise<LocatedEntry[]> {
  const found: LocatedEntry[] = [];
  const seek = signatureSeeker(source, size, progress);
  let position = 0;
  while (found.length < maxEntries) {
    const at = await seek(position, Signature.localHeader);
    if (at === null) break;
    const entry = await readLocalHeader(source, at);
    if (!entry) {
      position = at + 4;
      continue;
    }
    const end = entry.flags & HAS_DESCRIPTOR ? await findDescriptor(source, size, entry, seek) : null;
    const located = end ?? entry;
    found.push(located);
    const next = located.dataStart + located.compressedSize;
    // A size beyond the end is forged or cut off: what follows the header is searched.
    position = next <= size ? Math.max(next, at + LOCAL_LENGTH) : located.dataStart;
  }
  return found;
}

async function readLocalHeader(source: ByteSource, at: number): Promise<LocatedEntry | null> {
  const header = await readAt(source, at, LOCAL_LENGTH);
  if (header.length < LOCAL_LENGTH) return null;
  const view = new DataView(header.buffer);
  const [nameLength, extraLength] = [view.getUint16(26, true), view.getUint16(28, true)];
  const names = await readAt(source, at + LOCAL_LENGTH, nameLength + extraLength);
  if (nameLength === 0 || names.length < nameLength + extraLength) return null;
  const extra = names.subarray(nameLength);
  const [size, compressedSize] = wideSizes(extra, [view.getUint32(22, true), view.getUint32(18, true)]);
  return {
    name: entryName(names.subarray(0, nameLength), extra),
    flags: view.getUint16(6, true),
    method: view.getUint16(8, true),
    crc: view.getUint32(14, true),
    compressedSize: compressedSize!,
    size: size!,
    at,
    unixMode: 0,
    dataStart: at + LOCAL_LENGTH + nameLength + extraLength,
  };
}

type Seeker = (from: number, signature: number) => Promise<number | null>;

/** The entry with the sizes of the descriptor that follows its data, section 4.3.9; without one it reaches to the next header. */
async function findDescriptor(source: ByteSource, size: number, entry: LocatedEntry, seek: Seeker): Promise<LocatedEntry> {
  for (let from = entry.dataStart; ; ) {
    const at = await seek(from, Signature.descriptor);
    if (at === null) break;
    const record = await readAt(source, at, 24);
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const length = at - entry.dataStart;
    if (record.length >= 16 && view.getUint32(8, true) === length)
      return { ...entry, crc: view.getUint32(4, true), compressedSize: length, size: view.getUint32(12, true) };
    if (record.length >= 24 && view.getBigUint64(8, true) === BigInt(length))
      return { ...entry, crc: view.getUint32(4, true), compressedSize: length, size: Number(view.getBigUint64(16, true)) };
    from = at + 4;
  }
  const next = (await seek(entry.dataStart, Signature.localHeader)) ?? (await seek(entry.dataStart, Signature.centralHeader)) ?? size;
  return { ...entry, compressedSize: next - entry.dataStart, size: null };
}

/**
 * Finds signatures, reading the source in large pieces, the last of which is kept. It gives up once it has gone over the archive
 * several times, as only headers made for that purpose would have it do.
 */
function signatureSeeker(source: ByteSource, size: number, progress: (bytes: number) => Promise<void>): Seeker {
  let piece: Uint8Array = new Uint8Array(0);
  let [start, budget] = [0, MAX_PASSES * size + SCAN_BYTES];
  return async (from, signature) => {
    for (let at = from; at + 4 <= size && budget > 0; ) {
      if (at < start || at + 4 > start + piece.length) {
        [piece, start] = [await readAt(source, at, SCAN_BYTES), at];
        await progress(piece.length);
        if (piece.length < 4) return null;
      }
      const index = indexOfSignature(piece, at - start, signature);
      budget -= index - (at - start) + 4;
      if (index + 4 <= piece.length) return start + index;
      at = start + index;
    }
    return null;
  };
}

/** Index of the signature, or of where it might begin and be cut off by the end: within the last three bytes, or past them. */
function indexOfSignature(bytes: Uint8Array, from: number, signature: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let index = bytes.indexOf(0x50, from); index >= 0; index = bytes.indexOf(0x50, index + 1)) {
    if (index + 4 > bytes.length || view.getUint32(index, true) === signature) return index;
  }
  return bytes.length;
}
