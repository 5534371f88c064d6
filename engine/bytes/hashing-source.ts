import type { ByteSource } from "./byte-source.ts";

/** An incremental SHA-256. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal digest of everything so far; the hasher is spent afterwards. */
  digestHex(): string;
}

/** A source that hashes what is read in order; `digest` reads the rest, so that no byte is read twice in the ordinary case. */
export function hashingSource(source: ByteSource, hasher: Hasher): ByteSource & { digest(): Promise<string> } {
  let hashed = 0;
  const read = async (target: Uint8Array, position: number): Promise<number> => {
    const count = await source.read(target, position);
    if (position <= hashed && position + count > hashed) {
      hasher.update(target.subarray(hashed - position, count));
      hashed = position + count;
    }
    return count;
  };
  return {
    size: source.size,
    sequential: source.sequential,
    read,
    close: () => source.close(),
    async digest() {
      const rest = new Uint8Array(Math.min(1 << 20, Math.max(0, (source.size ?? 1 << 20) - hashed) + 1));
      while ((await read(rest, hashed)) > 0);
      return hasher.digestHex();
    },
  };
}
