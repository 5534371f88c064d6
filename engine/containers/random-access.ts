import type { ByteSource } from "../bytes/byte-source.ts";

const PIECE_BYTES = 1 << 20;

/** Fills `target` from `position` on, however little the source gives at a time; answers the bytes written, fewer only at the end. */
export async function readFully(source: ByteSource, target: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const count = await source.read(target.subarray(filled), position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** The bytes at `position`, fewer only at the end. */
export async function readAt(source: ByteSource, position: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  return target.subarray(0, await readFully(source, target, position));
}

/**
 * A source that can be read anywhere: itself if it can, else a copy in memory of at most `cap` bytes, for which the original is
 * read to its end and closed. `complete` is false where there was more than the cap.
 */
export async function randomAccess(
  source: ByteSource,
  cap: number,
  progress: (bytes: number) => Promise<void> = async () => {},
): Promise<{ source: ByteSource; complete: boolean }> {
  if (!source.sequential) return { source, complete: true };
  // Pieces of one size and not one growing array: nothing is copied, and a forged size allocates nothing.
  const pieces: Uint8Array[] = [];
  const buffer = new Uint8Array(PIECE_BYTES);
  let [size, complete] = [0, true];
  try {
    while (complete) {
      const count = await readFully(source, buffer, size);
      size += count;
      if (size > cap) complete = false;
      pieces.push(buffer.slice(0, count));
      await progress(count);
      if (count < PIECE_BYTES) break;
    }
  } finally {
    await source.close();
  }
  return { source: pieceSource(pieces, Math.min(size, cap)), complete };
}

function pieceSource(pieces: readonly Uint8Array[], size: number): ByteSource {
  return {
    size,
    sequential: false,
    async read(target, position) {
      const wanted = Math.max(0, Math.min(target.length, size - position));
      for (let done = 0; done < wanted; ) {
        const [index, from] = [Math.floor((position + done) / PIECE_BYTES), (position + done) % PIECE_BYTES];
        const part = pieces[index]!.subarray(from, from + wanted - done);
        target.set(part, done);
        done += part.length;
      }
      return wanted;
    },
    async close() {},
  };
}

/** The part of a source from `offset` on, `length` bytes of it; shorter where the source is. */
export function sliceSource(source: ByteSource, offset: number, length: number): ByteSource {
  return {
    size: source.size === null ? length : Math.max(0, Math.min(length, source.size - offset)),
    sequential: source.sequential,
    async read(target, position) {
      const wanted = Math.min(target.length, length - position);
      return wanted > 0 ? source.read(target.subarray(0, wanted), offset + position) : 0;
    },
    close: () => source.close(),
  };
}
