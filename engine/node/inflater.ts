import { pipeline } from "node:stream";
import { crc32, createGunzip, createInflateRaw } from "node:zlib";
import type { Compressed, Inflater } from "../containers/inflater.ts";

/** Inflated bytes that come at a time: each step goes to another thread and back. */
const PIECE_BYTES = 256 * 1024;

/** zlib as Node has it: half the cost of its `DecompressionStream`, and reads gzip files of several members. */
export const nodeInflater: Inflater = {
  crc32: (bytes, previous) => crc32(bytes, previous),
  async *inflate(format, compressed) {
    const options = { chunkSize: PIECE_BYTES };
    const stream = format === "gzip" ? createGunzip(options) : createInflateRaw(options);
    const count = { given: 0 };
    // Failures of either come out of the loop below.
    pipeline(counted(compressed, count), stream, () => {});
    for await (const piece of stream) yield piece as Uint8Array;
    // zlib stops at the end of the data without a word on what follows it.
    if (stream.bytesWritten < count.given) throw new Error("followed by something");
  },
};

async function* counted(compressed: Compressed, count: { given: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of compressed) {
    count.given += piece.length;
    yield piece;
  }
}
