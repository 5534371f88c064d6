import { type FileHandle, open } from "node:fs/promises";
import type { ByteSource } from "../../engine/bytes/byte-source.ts";
import { diskFile } from "../../engine/node/bundle.ts";
import { beginsSealed, CHUNK, contentSize, HEADER, SEALED_CHUNK, type Seal, SealBroken, sealOf, TAG } from "./seal-format.ts";

/** Chunks that are read from the disk in one go. */
const MOST_CHUNKS = 16;

/** A local blob that is not sealed, for random access; throws `SealBroken` for one that is: what it says cannot be read without the key. */
export async function openPlain(path: string): Promise<ByteSource> {
  const source = await diskFile(path, path, null).open();
  const head = new Uint8Array(HEADER);
  await source.read(head, 0);
  if (!beginsSealed(head)) return source;
  await source.close();
  throw new SealBroken(`${path} is sealed: start with the key that it was sealed with`);
}

/** A local file that is the sealed blob of that name, for random access to its content. A wrong key or name and a cut are noticed here, every other change when it is read. */
export async function openSealed(path: string, key: Uint8Array, name: string): Promise<ByteSource> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const header = await readAt(file, 0, HEADER);
    const seal = sealOf(header, key, name);
    const content = contentSize(size, path);
    const source = new SealedSource(file, seal, content);
    await source.checkLast();
    return source;
  } catch (error) {
    await file.close();
    throw error;
  }
}

class SealedSource implements ByteSource {
  readonly size: number;
  readonly sequential = false;
  readonly #file: FileHandle;
  readonly #seal: Seal;
  readonly #last: number;
  /** The chunk that was read last: small reads mostly go on where the one before ended. */
  #kept: { readonly index: number; readonly content: Uint8Array } | null = null;
  #closed = false;

  constructor(file: FileHandle, seal: Seal, size: number) {
    this.#file = file;
    this.#seal = seal;
    this.size = size;
    this.#last = Math.max(0, Math.ceil(size / CHUNK) - 1);
  }

  /** The last chunk says by its flag that nothing is missing behind it. */
  async checkLast(): Promise<void> {
    await this.#chunks(this.#last, this.#last);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const end = Math.min(this.size, position + target.length);
    let at = position;
    while (at < end) {
      const first = Math.floor(at / CHUNK);
      const last = Math.min(Math.floor((end - 1) / CHUNK), first + MOST_CHUNKS - 1);
      for (const { index, content } of await this.#chunks(first, last)) {
        const part = content.subarray(at - index * CHUNK, end - index * CHUNK);
        target.set(part, at - position);
        at += part.length;
      }
    }
    return Math.max(0, at - position);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #chunks(first: number, last: number): Promise<readonly { readonly index: number; readonly content: Uint8Array }[]> {
    const kept = this.#kept;
    if (kept && first === last && kept.index === first) return [kept];
    const end = last === this.#last ? this.size + (last + 1) * TAG : (last + 1) * SEALED_CHUNK;
    const sealed = await readAt(this.#file, HEADER + first * SEALED_CHUNK, end - first * SEALED_CHUNK);
    const chunks = Array.from({ length: last - first + 1 }, (_, offset) => {
      const index = first + offset;
      const bytes = sealed.subarray(offset * SEALED_CHUNK, (offset + 1) * SEALED_CHUNK);
      return { index, content: this.#seal.open(bytes, index, index === this.#last) };
    });
    this.#kept = chunks.at(-1)!;
    return chunks;
  }
}

/** Up to that many bytes; fewer at the end of the file. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
