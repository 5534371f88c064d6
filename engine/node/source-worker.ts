/** A thread that reads one job: a file, an archive entry, or the files of one capture point. */
import { parentPort, workerData } from "node:worker_threads";
import { readDetachedJob } from "../derive/detached-job.ts";
import { transferables } from "../derive/transferables.ts";
import { diskFile } from "./bundle.ts";
import { createNativeSha256 } from "./hash.ts";
import { nodeInflater } from "./inflater.ts";
import type { WorkerJob, WorkerMessage } from "./worker-job.ts";

const { job, locations } = workerData as WorkerJob;
const post = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

const analysed = await readDetachedJob(
  job,
  (root) => diskFile(locations[root]!, root, null),
  { createHasher: createNativeSha256, progress: async (bytes, packets) => post({ kind: "progress", bytes, packets }) },
  nodeInflater,
);
post({ kind: "done", analysed }, transferables(analysed.results));
