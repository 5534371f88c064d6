import type { Backend } from "../../api/backend/backend.ts";
import type { SharedOptions } from "../../api/backend/shared.ts";

/** Where a backend's data lies, in a form that can be told to another process. */
export type BackendAddress =
  | { readonly kind: "embedded"; readonly data: string }
  | ({ readonly kind: "shared" } & Pick<SharedOptions, "databaseUrl" | "s3" | "spool" | "supervise">);

/** Opens a backend, and loads only what that kind needs. */
export async function openBackend(address: BackendAddress): Promise<Backend> {
  if (address.kind === "embedded") return (await import("../../api/backend/embedded.ts")).openEmbedded(address);
  return (await import("../../api/backend/shared.ts")).openShared(address);
}
