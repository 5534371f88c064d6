import type { Catalogue } from "../engine/catalogue/catalogue.ts";
import { entriesOf } from "../engine/catalogue/entries.ts";
import { createSearch, type Search } from "../engine/catalogue/search.ts";
import { buildSearchIndex } from "../engine/catalogue/search-index.ts";

/** Search over a catalogue; the index is built when it is first asked. */
export function lazySearch(catalogue: Catalogue): Search {
  let files: ReadonlyMap<string, string> | null = null;
  return createSearch(async (file) => {
    files ??= buildSearchIndex(catalogue, entriesOf(catalogue));
    const text = files.get(file);
    if (text === undefined) throw new Error(`the search index has no ${file}`);
    return JSON.parse(text) as unknown;
  });
}
