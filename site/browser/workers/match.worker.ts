/**
 * The engine behind messages. The page starts one for a bundle; that one starts others of its kind as threads, one for each large file
 * and for hashing. To stop the work, the page ends the worker, and its threads end with it.
 */
import { type DetachedJob, readDetachedJob } from "../../../engine/derive/detached-job.ts";
import { transferables } from "../../../engine/derive/transferables.ts";
import { createSha256, renderHtml, renderMarkdown } from "../../../engine/index.ts";
import { htmlExplanation } from "../../../engine/report/html-explanation.ts";
import { renderJson } from "../../../engine/report/json.ts";
import type { DownloadFormat, MatchAnswer, MatchRequest, PickedFile, ThreadAnswer, ThreadRequest } from "../match/messages.ts";
import { streamedDigest } from "./match/digests.ts";
import { bundleFile, type Matching, startMatching } from "./match/matching.ts";
import { shownReport } from "./match/shown-report.ts";

const RENDERERS: Readonly<Record<DownloadFormat, typeof renderHtml>> = { html: renderHtml, json: renderJson, markdown: renderMarkdown };

let matching: Matching | null = null;

const tell = (answer: MatchAnswer | ThreadAnswer, transfer: ArrayBuffer[] = []) => postMessage(answer, transfer);

// One after the other, so that answers come in the order of their requests.
let before: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<MatchRequest | ThreadRequest>) => {
  before = before.then(() => answer(data)).catch(fail);
});

function fail(error: unknown): void {
  if (matching) tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  // Reaches whoever started this worker as its error.
  else reportError(error);
}

async function answer(request: MatchRequest | ThreadRequest): Promise<void> {
  switch (request.kind) {
    case "read":
      matching = startMatching(request.bundle, request.knowledge, (progress) => tell({ kind: "progress", progress }));
      return;
    case "show":
      return tell({ kind: "shown", shown: shownReport(await started().diagnosis(request.all), started().rules) });
    case "render":
      return tell({ kind: "text", text: RENDERERS[request.format]((await started().diagnosis(request.all)).report) });
    case "explain": {
      const { explain, paths } = await started().diagnosis(false);
      return tell({ kind: "text", text: htmlExplanation(explain(request.rule), paths).text });
    }
    case "job":
      return readJob(request.job, request.files);
    case "digest":
      return tell({ kind: "digest", sha256: await streamedDigest(request.blob) });
  }
}

async function readJob(job: DetachedJob, files: readonly PickedFile[]): Promise<void> {
  const roots = new Map(files.map((file) => [file.path, bundleFile(file)]));
  const progress = async (bytes: number, packets: number) => tell({ kind: "progress", bytes, packets });
  const analysed = await readDetachedJob(job, (path) => roots.get(path)!, { createHasher: createSha256, progress });
  tell({ kind: "job", analysed }, transferables(analysed.results));
}

function started(): Matching {
  if (matching === null) throw new Error("no bundle was given");
  return matching;
}
