import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The folder that holds `rules/` and `kb/`: the nearest above this file with a package.json, whether this runs from sources or from `dist/`. */
export async function packageRoot(): Promise<string> {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (await isThere(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${import.meta.dirname}: the installation is incomplete`);
  }
}

/** Version of Casebook, from its manifest. */
export async function packageVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(await packageRoot(), "package.json"), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
