import { once } from "node:events";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Catalogue } from "../../engine/catalogue/catalogue.ts";
import { createSearch, type Search } from "../../engine/catalogue/search.ts";

/** Search over a catalogue. Its index is built in a thread when it is first asked: meanwhile other requests are answered. */
export function catalogueSearch(catalogue: Catalogue): Search {
  let index: Promise<ReadonlyMap<string, string>> | null = null;
  const built = () => {
    index ??= buildIndex(catalogue).catch((error: unknown) => {
      // Whoever asks next tries again.
      index = null;
      throw error;
    });
    return index;
  };
  return createSearch(async (file) => {
    const text = (await built()).get(file);
    if (text === undefined) throw new Error(`the search index has no ${file}`);
    return JSON.parse(text) as unknown;
  });
}

async function buildIndex(catalogue: Catalogue): Promise<ReadonlyMap<string, string>> {
  const worker = new Worker(new URL(`./search-index.worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: catalogue,
    env: {},
  });
  // Nobody waits for it when the server ends.
  worker.unref();
  const ended = once(worker, "exit").then(([code]) => {
    throw new Error(`the thread that builds the search index ended with ${code}`);
  });
  const [files] = await Promise.race([once(worker, "message"), ended]);
  return files as ReadonlyMap<string, string>;
}
