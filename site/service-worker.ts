import type { Assets } from "./assets.ts";

/** At the site's root, because a service worker serves what lies beside and below it. */
export const SERVICE_WORKER = "service-worker.js";
/** Examples kept for use without a network. */
const MOST_EXAMPLES = 32;
/** Pages and files kept from the start, beside the assets: what matching and searching need. */
const SHELL = /^(?:index\.html|match\/(?:index\.html|knowledge\.json)|search\/(?:index\.html|manifest\.json)|config\.json|icon\.svg)$/;
const EXAMPLE = /^match\/examples\//;
/** The search index is kept whole while it is small; of a large one what was asked for. */
const SEARCH_INDEX = /^search\/[^/]+\.json$/;
const MOST_SEARCH_FILES = 128;

/**
 * The service worker's script at the site's root. It only says what this build holds; what is done with it stands among the assets.
 * `paths` are all files of the site, `version` is a digest of them.
 */
export function serviceWorkerScript(assets: Assets, paths: readonly string[], version: string): string {
  const code = assets.address("service-worker.js");
  const examples = paths.filter((path) => EXAMPLE.test(path)).slice(0, MOST_EXAMPLES);
  const shell = paths.filter((path) => SHELL.test(path) || (path.startsWith("assets/") && path !== code));
  const index = paths.filter((path) => SEARCH_INDEX.test(path) && !SHELL.test(path));
  const kept = [...shell, ...examples, ...(index.length <= MOST_SEARCH_FILES ? index : [])].map((path) =>
    path.replace(/(^|\/)index\.html$/, "$1"),
  );
  const own = [...new Set(["", ...paths.map((path) => path.split("/")[0]!)])];
  return `self.casebook=${JSON.stringify({ version, kept, own })};importScripts(${JSON.stringify(code)});\n`;
}
