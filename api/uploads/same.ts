import { createHash } from "node:crypto";
import type { StoredFile } from "../store/store.ts";

/** Digest of what was submitted, whoever did. */
export function requestDigest(name: string, files: readonly StoredFile[]): string {
  const content = files.map(({ path, sha256 }) => [path, sha256]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  return digest([name, content]);
}

/** Digest of an analysis: the same content by the same tenant under the same rules and engine. Never across tenants, which would tell one what another has. */
export function sameAnalysis(
  tenant: string,
  request: string,
  { digest: rules, version }: { readonly digest: string; readonly version: string },
): string {
  return digest([tenant, request, rules, version]);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
