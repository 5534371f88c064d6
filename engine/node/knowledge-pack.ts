import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Written beside the built command. */
export const PACK_NAME = "knowledge-pack.json";

/**
 * What knowledge files hold, by the digest of their text: parsing YAML is most of a start, so the build does it ahead. A file that
 * was changed since has another digest and is parsed when it is read. Empty where nothing was built.
 */
export async function readKnowledgePack(folder = import.meta.dirname): Promise<ReadonlyMap<string, unknown>> {
  try {
    const pack: unknown = JSON.parse(await readFile(join(folder, PACK_NAME), "utf8"));
    return new Map(typeof pack === "object" && pack !== null ? Object.entries(pack) : []);
  } catch {
    return new Map();
  }
}

export function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
