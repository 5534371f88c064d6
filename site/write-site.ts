import type { Assets } from "./assets.ts";
import { fileSources, type PageEntry } from "./files.ts";
import { renderPage } from "./layout.ts";
import type { OutputFolder } from "./output-folder.ts";
import type { SiteContext } from "./page.ts";
import { pageSources } from "./pages/index.ts";
import { SERVICE_WORKER, serviceWorkerScript } from "./service-worker.ts";

/** What is being done, in a word. */
export type SiteStage = "reading" | "diagnosing" | "pages" | "files";

/** Writes every page and file, then removes what an earlier build left. Pages are made one at a time, so that ten thousand need no more memory than one. */
export async function writeSite(
  context: SiteContext,
  assets: Assets,
  folder: OutputFolder,
  tell: (stage: SiteStage, done: number) => void = () => {},
): Promise<{ readonly pages: number; readonly removed: number }> {
  const listed: PageEntry[] = [];
  let pages = 0;
  for (const source of pageSources) {
    for (const page of source(context)) {
      await folder.write(page.path.endsWith(".html") ? page.path : `${page.path}index.html`, renderPage(page, context, assets));
      if (!page.hidden) listed.push({ path: page.path, title: page.title, description: page.description });
      tell("pages", ++pages);
    }
  }
  for (const source of [() => assets.files(), ...fileSources]) {
    for await (const { path, content } of source(context, listed)) {
      await folder.write(path, content);
      tell("files", folder.files);
    }
  }
  await folder.write(SERVICE_WORKER, serviceWorkerScript(assets, folder.paths, folder.digest()));
  return { pages, removed: await folder.finish() };
}
