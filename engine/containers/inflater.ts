import { crc32 } from "./crc32.ts";

/** Compressed data on its way to an inflater. */
export type Compressed = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** Inflating at the speed of the machine: the browser's own, or one lent by the edge that runs the engine. */
export interface Inflater {
  /**
   * Inflates piece by piece, asking for compressed data only as the result is read. Ends only where the data was whole, agreed
   * with the checksum and length a gzip member carries, and was followed by nothing but further gzip members; anything else
   * rejects, if need be after the last piece. Whoever stops reading calls `return`.
   */
  inflate(format: "deflate-raw" | "gzip", compressed: Compressed): AsyncIterable<Uint8Array>;
  /** CRC-32 of `bytes` behind data whose CRC-32 is `previous`. */
  crc32(bytes: Uint8Array, previous?: number): number;
}

/** By `DecompressionStream`, https://compression.spec.whatwg.org/. */
export const webInflater: Inflater = { inflate: inflateByStreams, crc32 };

async function* inflateByStreams(format: "deflate-raw" | "gzip", compressed: Compressed): AsyncGenerator<Uint8Array> {
  const pieces = compressed[Symbol.asyncIterator]();
  const tail = new Tail();
  let [inputOver, length] = [false, 0];
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done) {
          inputOver = true;
          return controller.close();
        }
        tail.add(next.value);
        controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  const reader = input.pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      length += value.length;
      yield value;
    }
  } finally {
    // Not waited for: the source may be asleep until somebody reads on.
    reader.cancel().catch(() => {});
  }
  // Not every implementation rejects what follows the data, and some read on in further members, padding included.
  if (!inputOver) throw new Error("the data ends before its source");
  if (format === "gzip" && tail.uint32() !== length % 2 ** 32) throw new Error("more than one member, or followed by something");
}

/** The last four bytes of a stream: of a gzip file with one member, the inflated length modulo 2^32, RFC 1952 section 2.3.1. */
class Tail {
  private readonly bytes = new Uint8Array(4);

  add(piece: Uint8Array): void {
    const last = piece.subarray(-4);
    this.bytes.copyWithin(0, last.length);
    this.bytes.set(last, 4 - last.length);
  }

  uint32(): number {
    return new DataView(this.bytes.buffer).getUint32(0, true);
  }
}
