import type { SearchOptions, SearchResult } from "../../../engine/catalogue/search.ts";
import type { SearchAnswer, SearchQuestion } from "./messages.ts";

/** The search as a page uses it: in a worker that is started when it is first needed. */
export interface SearchClient {
  /** Starts what takes a moment, before the first question. */
  warm(): void;
  /** Rejects where the files cannot be read, as without a network. */
  ask(query: string, options: SearchOptions): Promise<SearchResult>;
}

interface Waiting {
  resolve(result: SearchResult): void;
  reject(error: Error): void;
}

/** `worker` is the address of the worker's script, `folder` that of the search's files; both absolute. */
export function createSearchClient(worker: string, folder: string): SearchClient {
  const waiting = new Map<number, Waiting>();
  let running: Worker | null = null;
  let asked = 0;

  const start = (): Worker => {
    if (running) return running;
    running = new Worker(worker, { type: "module" });
    running.addEventListener("message", ({ data }: MessageEvent<SearchAnswer>) => {
      const one = waiting.get(data.id);
      waiting.delete(data.id);
      if ("result" in data) one?.resolve(data.result);
      else one?.reject(new Error(data.error));
    });
    // A worker that cannot be loaded says so here and nowhere else; the next question tries again.
    running.addEventListener("error", () => {
      running?.terminate();
      running = null;
      for (const one of waiting.values()) one.reject(new Error("the search could not be started"));
      waiting.clear();
    });
    return running;
  };
  const ask = (query: string, options: SearchOptions) =>
    new Promise<SearchResult>((resolve, reject) => {
      const question: SearchQuestion = { id: ++asked, folder, query, options };
      waiting.set(question.id, { resolve, reject });
      start().postMessage(question);
    });
  let warmed = false;
  return {
    warm() {
      if (warmed) return;
      warmed = true;
      // Asks for nothing, so that script and manifest are there when the first word is.
      ask(":", { limit: 0, count: "best" }).catch(() => {
        warmed = false;
      });
    },
    ask,
  };
}
