import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join, parse } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { PARTS_STYLE } from "../engine/report/html-style.ts";

/** Scripts that run before the first paint, hence are no modules. */
const CLASSIC = ["theme"];

const SHARED: BuildOptions = {
  bundle: true,
  minify: true,
  // What every browser of the last three years understands.
  target: ["es2023", "chrome120", "firefox121", "safari17.4"],
  platform: "browser",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/**
 * Bundles what pages load into `folder`, with content-hashed names and a `manifest.json` from `match.js` or `site.css` to them.
 * Every file of `site/browser/` is the script of a page and shares chunks with the others, every file of `site/browser/workers/` is a
 * worker in one piece, and every sheet of `site/styles/` that no other imports is a style sheet.
 */
export async function buildSiteAssets(root: string, folder: string): Promise<void> {
  const scripts = await filesIn(join(root, "site/browser"), ".ts");
  const isClassic = (path: string) => CLASSIC.includes(parse(path).name);
  const options = { ...SHARED, outdir: folder };
  await mkdir(folder, { recursive: true });
  const outputs = await Promise.all([
    build({ ...options, entryPoints: scripts.filter((path) => !isClassic(path)), format: "esm", splitting: true, metafile: true }),
    build({ ...options, entryPoints: scripts.filter(isClassic), format: "iife", metafile: true }),
    build({
      ...options,
      entryPoints: await filesIn(join(root, "site/browser/workers"), ".ts"),
      format: "esm",
      alias: { "jsonpath-plus": join(root, "site/browser/workers/match/no-json-path.ts") },
      metafile: true,
    }),
    build({ ...options, entryPoints: await sheets(join(root, "site/styles")), plugins: [reportStyle], metafile: true }),
  ]);
  const names = outputs.flatMap(({ metafile }) => entriesOf(metafile)).sort(([a], [b]) => (a < b ? -1 : 1));
  await writeFile(join(folder, "manifest.json"), `${JSON.stringify(Object.fromEntries(names), null, 2)}\n`);
}

async function filesIn(folder: string, extension: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** The sheets that stand for themselves. */
async function sheets(folder: string): Promise<string[]> {
  const all = await filesIn(folder, ".css");
  const { metafile } = await build({ ...SHARED, entryPoints: all, outdir: folder, write: false, plugins: [reportStyle], metafile: true });
  const imported = new Set(Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => basename(path))));
  return all.filter((path) => !imported.has(basename(path)));
}

/** `match.js` to `match-3F2A1B.js`, for what a page names. */
function entriesOf({ outputs }: Metafile): [string, string][] {
  return Object.entries(outputs).flatMap(([path, { entryPoint }]) => {
    if (entryPoint === undefined) return [];
    return [[parse(entryPoint).name + parse(path).ext, basename(path)] as [string, string]];
  });
}

/** Lets a sheet import `casebook:report`: the style of a report's parts, for reports shown inside a page, below `.report`. */
const reportStyle: Plugin = {
  name: "report-style",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^casebook:report$/ }, () => ({ path: "report", namespace: "casebook" }));
    onLoad({ filter: /.*/, namespace: "casebook" }, () => ({ contents: `.report{${PARTS_STYLE}}`, loader: "css" }));
  },
};
