import type { Blobs } from "./blobs.ts";
import { CHUNK, contentSize, HEADER, newHeader, SEALED_CHUNK, SealBroken, sealOf } from "./seal-format.ts";

/**
 * Blobs of which everything is sealed with a key (32 bytes) before it is written: see `seal-format.ts`. `local` answers with the sealed
 * file, which `openSealed` reads. What is not sealed, or not with this key, is refused with `SealBroken`.
 */
export function sealedBlobs(blobs: Blobs, key: Uint8Array): Blobs {
  return {
    ...blobs,
    async write(name, content) {
      let size = 0;
      await blobs.write(
        name,
        seal(content, key, name, (bytes) => {
          size += bytes;
        }),
      );
      return size;
    },
    read: (name) => unseal(blobs.read(name), key, name),
  };
}

/** A sealed blob of that content, piece by piece. */
async function* seal(
  content: AsyncIterable<Uint8Array>,
  key: Uint8Array,
  name: string,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const header = newHeader();
  const { close } = sealOf(header, key, name);
  yield header;
  let index = 0;
  let held: Uint8Array = new Uint8Array(0);
  for await (const piece of pieces(content, CHUNK)) {
    // Held back until it is known whether it is the last.
    if (held.length > 0) yield close(held, index++, false);
    held = piece;
    count(piece.length);
  }
  yield close(held, index, true);
}

/** The content of a sealed blob; what was yielded before it rejects is true as far as it goes. */
async function* unseal(sealed: AsyncIterable<Uint8Array>, key: Uint8Array, name: string): AsyncGenerator<Uint8Array> {
  const parts = pieces(sealed, HEADER, SEALED_CHUNK);
  const header = await parts.next();
  const { open } = sealOf(header.done ? new Uint8Array(0) : header.value, key, name);
  let index = 0;
  let held: Uint8Array | null = null;
  let size = HEADER;
  for await (const part of parts) {
    if (held) yield open(held, index++, false);
    held = part;
    size += part.length;
  }
  contentSize(size, `blob ${name}`);
  if (!held) throw new SealBroken(`blob ${name} is cut short`);
  const last = open(held, index, true);
  if (last.length > 0) yield last;
}

/** The same bytes in pieces of one size (the first perhaps of another); the last may be smaller. */
async function* pieces(content: AsyncIterable<Uint8Array>, first: number, others: number = first): AsyncGenerator<Uint8Array> {
  let piece = Buffer.allocUnsafe(first);
  let filled = 0;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.subarray(at, at + piece.length - filled);
      piece.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < piece.length) continue;
      yield piece;
      piece = Buffer.allocUnsafe(others);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
