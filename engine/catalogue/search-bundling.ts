import { createSha256 } from "../bytes/sha256.ts";

/** Cuts a list into parts that stay near a length, that of their JSON; none of them is empty. */
export function cut<T>(list: readonly T[], characters: number, lengthOf = (item: T): number => JSON.stringify(item).length): T[][] {
  const parts: T[][] = [];
  let length = characters;
  for (const item of list) {
    if (length >= characters) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)!.push(item);
    length += lengthOf(item);
  }
  return parts;
}

/** A file name that changes with what the file holds, so that caches and other versions of the manifest never mix. */
export function contentName(name: string, text: string): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(text));
  return `${name}-${hash.digestHex().slice(0, 10)}.json`;
}
