/**
 * Builds `dist/`: the command and the threads, each in one file with shared chunks, so that a start reads a handful of
 * files instead of hundreds. Types are checked by `npm run types`, not here. Given a folder, builds into that one and links nothing:
 * `node cli/build.ts /tmp/other`.
 */
import { rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { parse } from "yaml";
import { loadKnowledge } from "../engine/node/knowledge.ts";
import { PACK_NAME, textDigest } from "../engine/node/knowledge-pack.ts";
import { compiles } from "../engine/rules/compile.ts";
import { YamlSource } from "../engine/rules/yaml-source.ts";
import { buildSite } from "../site/build.ts";
import { buildClient } from "./client-build.ts";
import { QUICK_VERBS } from "./quick-verbs.ts";
import { buildSiteAssets } from "./site-assets.ts";

const root = dirname(import.meta.dirname);
const [elsewhere] = process.argv.slice(2);
const outdir = elsewhere === undefined ? join(root, "dist") : resolve(elsewhere);

const options: BuildOptions = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  packages: "bundle",
  // What only servers and linting load stays where npm put it: it finds its own files and threads there.
  external: ["fastify", "@fastify/*", "@aws-sdk/*", "pg", "pg-boss", "pino", "piscina", "prom-client", "recheck"],
  // Writes imported numbers into the code that uses them: without, the packet loops spend a fifth of their time fetching constants.
  minifySyntax: true,
  // The same code without Node's edition's look into the environment at every token, a sixth of the time that parsing takes.
  alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
  // Packages that still speak CommonJS ask for `require`.
  banner: { js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);' },
  chunkNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
};
const sourceWorker = { "source-worker": join(root, "engine/node/source-worker.ts") };
const elsewhereBuilt = (filter: RegExp, built: (path: string) => string, when: (importer: string) => boolean = () => true): Plugin => ({
  name: "built elsewhere",
  setup: ({ onResolve }) =>
    onResolve({ filter }, ({ kind, importer, path }) =>
      kind === "dynamic-import" && when(importer) ? { path: built(path), external: true } : null,
    ),
});

await rm(outdir, { recursive: true, force: true });
await build({
  ...options,
  entryPoints: {
    main: join(root, "cli/main.ts"),
    ...sourceWorker,
    "job.worker": join(root, "api/work/job.worker.ts"),
    "rule-check.worker": join(root, "api/work/rule-check.worker.ts"),
    "search-index.worker": join(root, "api/search/search-index.worker.ts"),
  },
  outdir,
  plugins: [elsewhereBuilt(/^\.\/quick\.ts$/, () => "./quick/quick.js")],
});
// What several entries share is cut out of all of them: what a run of these verbs loads would lie in twice as many files.
const quickdir = join(outdir, "quick");
const otherVerbs = new RegExp(`/verbs/(?!${QUICK_VERBS.join("|")})[^/]+$`);
await build({
  ...options,
  entryPoints: { quick: join(root, "cli/quick.ts"), ...sourceWorker },
  outdir: quickdir,
  // What other verbs load is never asked for there.
  plugins: [
    elsewhereBuilt(
      /./,
      (path) => path,
      (importer) => otherVerbs.test(importer.replaceAll("\\", "/")),
    ),
  ],
});

// A rule with a problem stays out, so that whoever reads it is told what is wrong with it.
const { rules, recipes } = await loadKnowledge();
const pack: Record<string, unknown> = {};
for (const { text, path } of rules) {
  const source = new YamlSource(text, path);
  if (compiles(source)) pack[textDigest(text)] = source.data;
}
for (const { text } of recipes) pack[textDigest(text)] = parse(text);
for (const folder of [outdir, quickdir]) await writeFile(join(folder, PACK_NAME), JSON.stringify(pack));

const assets = join(outdir, "site-assets");
await buildSiteAssets(root, assets);
await buildClient(root, outdir);
// What the server shows at its root.
await buildSite({ out: join(outdir, "site"), assets });

// npm links the bins of dependencies only; with this, `npx casebook` finds the project's own at once.
if (elsewhere === undefined && process.platform !== "win32") {
  const link = join(root, "node_modules/.bin/casebook");
  await rm(link, { force: true });
  await symlink("../../dist/main.js", link);
}
