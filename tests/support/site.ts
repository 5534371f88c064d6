import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { buildSiteAssets } from "../../cli/site-assets.ts";
import type { Catalogue } from "../../engine/catalogue/catalogue.ts";
import type { Assets } from "../../site/assets.ts";
import { buildSite, type SiteOptions, type SiteSummary } from "../../site/build.ts";

import { createProse } from "../../site/markdown.ts";
import type { SiteContext } from "../../site/page.ts";

const root = dirname(dirname(import.meta.dirname));

export interface BuiltSite {
  readonly folder: string;
  /** Bundled scripts and styles it was built with. */
  readonly assets: string;
  readonly summary: SiteSummary;
  /** Path to content of every file. */
  read(): Promise<ReadonlyMap<string, Buffer>>;
  remove(): Promise<void>;
}

/** Builds the site from the sources as they are, into a folder of its own. */
export async function builtSite(options: Partial<SiteOptions> = {}): Promise<BuiltSite> {
  const home = await mkdtemp(join(tmpdir(), "casebook-site-"));
  const folder = options.out ?? join(home, "site");
  const assets = options.assets ?? join(home, "assets");
  if (options.assets === undefined) await buildSiteAssets(root, assets);
  const summary = await buildSite({ ...options, out: folder, assets });
  return {
    folder,
    assets,
    summary,
    read: () => filesOf(folder),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** Every file below a folder, by its path with slashes. */
export async function filesOf(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const files = await Promise.all(paths.map(async (path) => [path.split(sep).join("/"), await readFile(join(folder, path))] as const));
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A catalogue as pages get it, without rules for the engine and without test bundles. */
export function siteContext(catalogue: Catalogue): SiteContext {
  return {
    catalogue,
    url: null,
    api: null,
    knowledge: {
      rules: [],
      articles: new Set(),
      recipes: [],
      references: [],
      digest: "sha256:0",
      dataAsOf: "",
      version: catalogue.version,
    },
    prose: createProse(catalogue),
    changelog: "",
    guide: "",
    reported: new Map(),
  };
}

/** Assets for whoever only looks at pages: every name is there, none has content. */
export const unbundled: Assets = {
  address: (name) => `assets/${name}`,
  has: () => true,
  async *files() {},
};
