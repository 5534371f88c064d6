import { createHash } from "node:crypto";
import type { Hasher } from "../bytes/hashing-source.ts";

/** SHA-256 by the machine's own library. */
export function createNativeSha256(): Hasher {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    digestHex: () => hash.digest("hex"),
  };
}
