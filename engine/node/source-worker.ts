/** A thread that reads one job: a file, an archive entry, or the files of one capture point. */
import { parentPort, workerData } from "node:worker_threads";
import { expandedFile } from "../containers/index.ts";
import { analyseSource } from "../derive/analyse-source.ts";
import { diskFile } from "./bundle.ts";
import { createNativeSha256 } from "./hash.ts";
import { nodeInflater } from "./inflater.ts";
import { transferables } from "./transferables.ts";
import type { WorkerJob, WorkerMessage } from "./worker-job.ts";

const job = workerData as WorkerJob;
const post = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

const files = job.files.map(({ source, location, root, path, size, steps, hints }) => ({
  source,
  hints,
  file: expandedFile(diskFile(location, root, null), path, size, steps, { inflater: nodeInflater }),
}));
const results = await analyseSource(
  { files, segments: job.segments, hash: job.hash },
  { createHasher: createNativeSha256, progress: async (bytes, packets) => post({ kind: "progress", bytes, packets }) },
);
const damage = files.map(({ file }) => [...file.warnings]);
post({ kind: "done", results, damage }, transferables(results));
