import type { BundleFile } from "../bytes/byte-source.ts";
import { type Hasher, hashingSource } from "../bytes/hashing-source.ts";

/** Who works digests out. */
export interface Digester {
  createHasher(): Hasher;
  /** A better way to hash a whole file, where there is one. */
  digest?(file: BundleFile): Promise<string>;
}

/**
 * SHA-256 of a bundle: of the file itself where it is one, otherwise of the list `sha256sum` would print of its files, sorted by
 * path. `known` holds the digests that were worked out while reading; the rest (archives) is read once more.
 */
export async function bundleDigest(roots: readonly BundleFile[], known: ReadonlyMap<string, string>, digester: Digester): Promise<string> {
  const lines: string[] = [];
  for (const root of [...roots].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const digest = known.get(root.path) ?? (await fileDigest(root, digester));
    if (roots.length === 1) return digest;
    lines.push(`${digest}  ${root.path}\n`);
  }
  const hasher = digester.createHasher();
  hasher.update(new TextEncoder().encode(lines.join("")));
  return hasher.digestHex();
}

/** A file that cannot be read counts as empty, and its source says so. */
async function fileDigest(file: BundleFile, digester: Digester): Promise<string> {
  try {
    if (digester.digest) return await digester.digest(file);
    const source = hashingSource(await file.open(), digester.createHasher());
    try {
      return await source.digest();
    } finally {
      await source.close();
    }
  } catch {
    return digester.createHasher().digestHex();
  }
}
