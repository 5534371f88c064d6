import type { BundleFile } from "../../../../engine/bytes/byte-source.ts";
import { createSha256 } from "../../../../engine/index.ts";
import type { PickedFile } from "../../match/messages.ts";
import { canStartThreads, digestInThread } from "./threads.ts";

/** The browser's own SHA-256 wants a file whole and in memory; up to this many bytes it may have it. */
const WHOLE_BYTES = 64 << 20;

/**
 * Works out the digests of a bundle's files beside everything else, one after the other: small files by the browser's own
 * SHA-256, large ones piece by piece in a thread.
 */
export function startDigests(files: readonly PickedFile[]): (file: BundleFile) => Promise<string> {
  const digests = new Map<string, Promise<string>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const { path, blob } of files) {
    const digest = before.then(() => digestOf(blob));
    digests.set(path, digest);
    // Whoever asks for the digest is told; nobody else needs to be.
    before = digest.catch(() => {});
  }
  return ({ path }) => digests.get(path)!;
}

function digestOf(blob: Blob): Promise<string> {
  // Pages that do not come over https are lent no cryptography.
  const native = typeof crypto.subtle === "object" ? crypto.subtle : null;
  if (native && blob.size <= WHOLE_BYTES) return nativeDigest(blob, native);
  return canStartThreads && blob.size > WHOLE_BYTES ? digestInThread(blob) : streamedDigest(blob);
}

async function nativeDigest(blob: Blob, native: SubtleCrypto): Promise<string> {
  const digest = new Uint8Array(await native.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Piece by piece, in this thread. */
export async function streamedDigest(blob: Blob): Promise<string> {
  const hasher = createSha256();
  const reader = blob.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) hasher.update(piece.value);
  return hasher.digestHex();
}
