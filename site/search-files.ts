import { entriesOf } from "../engine/catalogue/entries.ts";
import { buildSearchIndex } from "../engine/catalogue/search-index.ts";
import type { FileSource } from "./files.ts";

/** What `site/browser/workers/search.worker.ts` reads. */
export const SEARCH_FOLDER = "search/";

/** The prebuilt search index. */
export const searchFiles: FileSource = function* ({ catalogue }) {
  for (const [name, content] of buildSearchIndex(catalogue, entriesOf(catalogue))) yield { path: SEARCH_FOLDER + name, content };
};
