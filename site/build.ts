import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BuiltCatalogue, buildCatalogue, type ReadRule } from "../engine/catalogue/build-catalogue.ts";
import { type Knowledge, type KnowledgeFile, loadArticles, loadKnowledge } from "../engine/node/knowledge.ts";
import { packageRoot } from "../engine/node/package-root.ts";
import { compileKnowledge } from "../engine/rules/compile-knowledge.ts";
import type { Diagnostic } from "../engine/rules/yaml-source.ts";
import { readAssets } from "./assets.ts";
import { reportCases } from "./case-report.ts";
import { createProse } from "./markdown.ts";
import { openOutput } from "./output-folder.ts";
import type { SiteContext } from "./page.ts";
import { type SiteStage, writeSite } from "./write-site.ts";

export interface SiteOptions {
  /** Folder to write to: absent, empty, or of an earlier build. */
  readonly out: string;
  /** Where the site will stand; feeds, sitemap and search description need it. */
  readonly url?: URL;
  /** A server that takes bundles. */
  readonly api?: URL;
  /** Rules to use in place of those that come with Casebook. */
  readonly rulesDir?: string;
  /** Bundled scripts and styles; `dist/site-assets` if left out. */
  readonly assets?: string;
  onProgress?(progress: SiteProgress): void;
  readonly signal?: AbortSignal;
}

export interface SiteProgress {
  readonly stage: SiteStage;
  /** Bundles diagnosed, pages or files written so far in this stage. */
  readonly done: number;
}

export interface SiteSummary {
  readonly pages: number;
  readonly files: number;
  readonly bytes: number;
  /** Files of an earlier build that this one no longer has. */
  readonly removed: number;
  /** What is wrong with rules, articles, recipes and reference data; what is broken is left out. */
  readonly problems: readonly Diagnostic[];
}

/** Writes the site. The same knowledge and options give the same bytes. */
export async function buildSite(options: SiteOptions): Promise<SiteSummary> {
  const root = await packageRoot();
  const tell = (stage: SiteStage, done: number) => {
    options.signal?.throwIfAborted();
    options.onProgress?.({ stage, done });
  };
  tell("reading", 0);
  const assets = await readAssets(options.assets ?? join(root, "dist/site-assets"));
  const [texts, articles] = await Promise.all([loadKnowledge(options.rulesDir), loadArticles(options.rulesDir)]);
  // Before the work: a folder that is not ours is said at once.
  const folder = await openOutput(options.out);
  const context = await readContext(texts, articles, options, root, tell);
  const { pages, removed } = await writeSite(context, assets, folder, tell);
  return { pages, files: folder.files, bytes: folder.bytes, removed, problems: context.catalogue.problems };
}

/** Reads everything pages are made from. Compiled rules, large where there are many, are gone when it returns. */
async function readContext(
  texts: Knowledge,
  articles: readonly KnowledgeFile[],
  { url, api, rulesDir }: SiteOptions,
  root: string,
  tell: (stage: SiteStage, done: number) => void,
): Promise<SiteContext & { readonly catalogue: BuiltCatalogue }> {
  const read: ReadRule[] = [];
  const catalogue = buildCatalogue({ ...texts, articles }, (rule) => tell("reading", read.push(rule)));
  const compiled = { ...compileKnowledge({ ...texts, rules: [] }), rules: read.map(({ rule }) => rule) };
  const casesFolder = rulesDir === undefined ? join(root, "tests/cases") : resolve(rulesDir, "../tests/cases");
  const ids = catalogue.cases.map(({ id }) => id);
  return {
    catalogue,
    url: url ?? null,
    api: api ?? null,
    knowledge: { ...texts, rules: read.map(({ file, data }) => ({ ...file, data })) },
    prose: createProse(catalogue),
    changelog: withoutTitle(await readText(join(root, "CHANGELOG.md"))),
    guide: withoutTitle(await readText(join(root, "docs/rules.md"))),
    reported: await reportCases(casesFolder, ids, compiled, (done) => tell("diagnosing", done)),
  };
}

/** An installed package may come without some documents; their pages say less then. */
function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

/** A page has its title already. */
function withoutTitle(markdown: string): string {
  return markdown.replace(/^# .*\n/, "");
}
