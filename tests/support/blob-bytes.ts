import type { Blobs } from "../../api/blobs/blobs.ts";

/** All bytes of a blob. */
export async function blobBytes(blobs: Blobs, key: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of blobs.read(key)) parts.push(part);
  return Buffer.concat(parts);
}

/** Bytes as they come from a client: in pieces of these sizes, over and over. */
export async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
