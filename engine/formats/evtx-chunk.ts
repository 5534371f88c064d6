import { u32, u64 } from "../bytes/endian.ts";
import { crc32 } from "../containers/crc32.ts";

/** Bytes of a chunk: header, tables of names and templates, then records that refer to nothing outside of it. */
export const CHUNK_BYTES = 0x10000;
const CHUNK_MAGIC = "ElfChnk\0";
const FIRST_RECORD = 512;
const RECORD_MAGIC = 0x00002a2a;
/** Magic, size, record number, time written; after the BinXML follows the size once more. */
const RECORD_HEADER = 24;
const RECORD_TRAILER = 4;
const NO_CHECKSUMS = 2;

/** One record as it lies in a chunk. */
export interface EvtxRecord {
  /** Number in the file, which is not always the event's number in the log. */
  readonly number: number;
  /** FILETIME it was written at. */
  readonly written: bigint;
  /** Where its BinXML begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** What a chunk gives: records in order, and what is wrong with it, by anomaly name with where and why. */
export interface ChunkReading {
  record(record: EvtxRecord): void;
  anomaly(what: string, number: number, why: string): void;
}

export function isChunk(bytes: Uint8Array, at = 0): boolean {
  for (let k = 0; k < CHUNK_MAGIC.length; k++) if (bytes[at + k] !== CHUNK_MAGIC.charCodeAt(k)) return false;
  return true;
}

/** Where the next chunk begins behind the first byte, -1 if none does. */
export function findChunk(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(CHUNK_MAGIC.charCodeAt(0), 1); at >= 0; at = bytes.indexOf(CHUNK_MAGIC.charCodeAt(0), at + 1))
    if (isChunk(bytes, at)) return at;
  return -1;
}

/**
 * Walks the records of one chunk, which may be cut short. Behind the end its header states lies what an earlier use of the buffer left,
 * unless the log was copied while in use: then a record there carries on from the one before. Where the header is lost, records
 * are taken as long as their numbers rise.
 */
export function walkChunk(chunk: Uint8Array, reading: ChunkReading): void {
  const sound = isChunk(chunk);
  const stated = chunk.length >= FIRST_RECORD ? u32(chunk, 48, false) : 0;
  const trusted = sound && stated >= FIRST_RECORD && stated <= CHUNK_BYTES;
  const end = trusted ? Math.min(stated, chunk.length) : chunk.length;
  if (chunk.length < (trusted ? stated : FIRST_RECORD)) reading.anomaly("truncated", 0, "the file ends inside a chunk");
  if (sound && !trusted) reading.anomaly("bad-chunk", 0, "a chunk's header says no place where its records end");
  if (trusted && chunk.length >= stated) checkSums(chunk, stated, reading);
  let last = 0;
  let at = FIRST_RECORD;
  while (at + RECORD_HEADER + RECORD_TRAILER <= chunk.length) {
    const beyond = at >= end;
    const size = recordSize(chunk, at);
    const number = size > 0 ? recordNumber(chunk, at) : 0;
    if (size > 0 && (beyond ? number === last + 1 : trusted || number > last)) {
      if (beyond)
        reading.anomaly(
          "unflushed-record",
          number,
          "records that the header of their chunk does not count: the log was copied while in use",
        );
      reading.record({ number, written: u64(chunk, at + 16, false), from: at + RECORD_HEADER, to: at + size - RECORD_TRAILER });
      last = number;
      at += size;
      continue;
    }
    if (beyond) return;
    if (!trusted && size === 0 && blank(chunk, at)) return;
    if (trusted) reading.anomaly("bad-record", last, `no record can be read behind number ${last}`);
    at = nextRecord(chunk, at + 1);
    if (at < 0) return;
  }
}

/** Size of the record at `at`, 0 if there is none that is whole. */
function recordSize(chunk: Uint8Array, at: number): number {
  if (u32(chunk, at, false) !== RECORD_MAGIC) return 0;
  const size = u32(chunk, at + 4, false);
  if (size < RECORD_HEADER + RECORD_TRAILER || at + size > chunk.length) return 0;
  return u32(chunk, at + size - RECORD_TRAILER, false) === size ? size : 0;
}

/** Numbers beyond 2^53 are no numbers of records. */
function recordNumber(chunk: Uint8Array, at: number): number {
  return u32(chunk, at + 12, false) * 0x1_0000_0000 + u32(chunk, at + 8, false);
}

function nextRecord(chunk: Uint8Array, from: number): number {
  for (let at = chunk.indexOf(0x2a, from); at >= 0; at = chunk.indexOf(0x2a, at + 1))
    if (at + RECORD_HEADER + RECORD_TRAILER <= chunk.length && recordSize(chunk, at) > 0) return at;
  return -1;
}

function blank(chunk: Uint8Array, at: number): boolean {
  return u32(chunk, at, false) === 0;
}

/** Checksums of the header (its first 120 bytes and the two tables) and of the records. */
function checkSums(chunk: Uint8Array, end: number, reading: ChunkReading): void {
  if (u32(chunk, 120, false) & NO_CHECKSUMS) return;
  const header = crc32(chunk.subarray(128, FIRST_RECORD), crc32(chunk.subarray(0, 120)));
  const first = Number(u64(chunk, 8, false));
  if (header !== u32(chunk, 124, false)) reading.anomaly("bad-checksum", first, "the checksum of a chunk's header does not fit");
  if (crc32(chunk.subarray(FIRST_RECORD, end)) !== u32(chunk, 52, false))
    reading.anomaly("bad-checksum", first, "the checksum of a chunk's records does not fit: some of them may have been changed");
}
