import { compress, INITIAL } from "./generated/sha256-compress.ts";
import type { Hasher } from "./hashing-source.ts";

const BLOCK = 64;

/** SHA-256, FIPS 180-4, for surroundings that lend no native one. */
export function createSha256(): Hasher {
  const state = Int32Array.from(INITIAL);
  const pending = new Uint8Array(BLOCK);
  let held = 0;
  let total = 0;

  const update = (bytes: Uint8Array): void => {
    total += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK - held, bytes.length);
      pending.set(bytes.subarray(0, at), held);
      held += at;
      if (held < BLOCK) return;
      compress(state, viewOf(pending), 0, BLOCK);
    }
    held = (bytes.length - at) % BLOCK;
    const end = bytes.length - held;
    compress(state, viewOf(bytes), at, end);
    pending.set(bytes.subarray(end));
  };

  return {
    update,
    digestHex() {
      const bits = BigInt(total) * 8n;
      // One bit, zeros up to the last eight bytes of a block, and there the length in bits: section 5.1.1.
      const padding = new Uint8Array((held < BLOCK - 8 ? BLOCK : 2 * BLOCK) - held);
      padding[0] = 0x80;
      viewOf(padding).setBigUint64(padding.length - 8, bits);
      update(padding);
      return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    },
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
