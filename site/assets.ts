import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Bundled scripts and style sheets with content-hashed names. */
export interface Assets {
  /** Address on the site of what `site/browser/<name>.ts` (`theme.js`) or `site/styles/<name>.css` (`site.css`) became. */
  address(name: string): string;
  has(name: string): boolean;
  /** Path on the site to content, all of them. */
  files(): AsyncIterable<{ readonly path: string; readonly content: Uint8Array }>;
}

/** Thrown where the assets have not been built. */
export class AssetsError extends Error {}

/** Written beside the assets: `{ "site.css": "site-3F2A.css" }`. */
export const MANIFEST = "manifest.json";
const FOLDER = "assets/";

/** Reads what `npm run build` bundled. */
export async function readAssets(folder: string): Promise<Assets> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => {
    throw new AssetsError(`no bundled scripts and styles in ${folder}`);
  });
  const names = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  return {
    has: (name) => names.has(name),
    address(name) {
      const file = names.get(name);
      if (file === undefined) throw new AssetsError(`${name} is not among the bundled scripts and styles in ${folder}`);
      return FOLDER + file;
    },
    async *files() {
      for (const name of (await readdir(folder)).sort()) {
        if (name !== MANIFEST) yield { path: FOLDER + name, content: await readFile(join(folder, name)) };
      }
    },
  };
}
