import { createSearch } from "../../../engine/catalogue/search.ts";
import type { SearchAnswer, SearchQuestion } from "../search/messages.ts";

/** Answers questions in the order in which their files arrive; the page sorts out which it still cares for. */

let open: { readonly folder: string; readonly search: ReturnType<typeof createSearch> } | null = null;

function searchIn(folder: string): ReturnType<typeof createSearch> {
  if (open?.folder !== folder) {
    open = {
      folder,
      search: createSearch(async (file) => {
        // Every file but the manifest is named after its content; the manifest is asked for anew where there is a network.
        const response = await fetch(new URL(file, folder), { cache: file === "manifest.json" ? "no-cache" : "default" });
        if (!response.ok) throw new Error(`${file}: ${response.status} ${response.statusText}`);
        return response.json();
      }),
    };
  }
  return open.search;
}

addEventListener("message", async ({ data }: MessageEvent<SearchQuestion>) => {
  const { id, folder, query, options } = data;
  const answer: SearchAnswer = await searchIn(folder)
    .search(query, options)
    .then(
      (result) => ({ id, result }),
      (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
    );
  postMessage(answer);
});
