import type { ByteSource } from "./byte-source.ts";

/** Bytes still to come below which a stream is not worth opening. */
const WORTH_A_STREAM = 1 << 20;

/**
 * A `ByteSource` over a `Blob` or `File`. Reads that follow each other come from one stream, which browsers deliver several times
 * faster than slices; others from slices.
 */
export function blobSource(blob: Blob): ByteSource {
  /** Where the last read ended; null before the first. */
  let end: number | null = null;
  let stream: BlobStream | null = null;
  const read = async (target: Uint8Array, position: number): Promise<number> => {
    if (position === end && stream?.position !== position && blob.size - position >= WORTH_A_STREAM) {
      await stream?.close();
      stream = new BlobStream(blob, position);
    }
    return stream?.position === position ? stream.fill(target) : readSlice(blob, target, position);
  };
  return {
    size: blob.size,
    sequential: false,
    async read(target, position) {
      const count = await read(target, position);
      end = position + count;
      return count;
    },
    async close() {
      const last = stream;
      stream = null;
      await last?.close();
    },
  };
}

async function readSlice(blob: Blob, target: Uint8Array, position: number): Promise<number> {
  const part = new Uint8Array(await blob.slice(position, position + target.length).arrayBuffer());
  target.set(part);
  return part.length;
}

/** The bytes of a blob from a position on, once. */
class BlobStream {
  /** Where the next byte comes from; not a number while a read is going on, so that no other begins. */
  position: number;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  private left: Uint8Array = new Uint8Array(0);

  constructor(blob: Blob, position: number) {
    this.position = position;
    this.reader = blob.slice(position).stream().getReader();
  }

  /** Fills `target` to its end, or to the end of the blob. */
  async fill(target: Uint8Array): Promise<number> {
    const start = this.position;
    this.position = Number.NaN;
    let filled = 0;
    while (filled < target.length) {
      if (this.left.length === 0) {
        const { value, done } = await this.reader.read();
        if (done) break;
        this.left = value;
      }
      const part = this.left.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.left = this.left.subarray(part.length);
    }
    this.position = start + filled;
    return filled;
  }

  async close(): Promise<void> {
    // A stream that has failed cannot be cancelled, and need not be.
    await this.reader.cancel().catch(() => {});
  }
}
