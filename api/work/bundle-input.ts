import { diskFile } from "../../engine/node/bundle.ts";
import type { BundleInput } from "../../engine/report/diagnose.ts";
import type { TaskBundle } from "./task.ts";

/** A stored bundle as the engine reads it, in the order in which the command line reads a folder. */
export function bundleInput({ name, files }: TaskBundle, _dataKey: Uint8Array | null): BundleInput {
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { name, warnings: [], files: ordered.map(({ path, location, bytes }) => diskFile(location, path, bytes)) };
}
