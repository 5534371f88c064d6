/** Owns a data folder, has a job begun, another waiting, a blob written and another half-written, says so, and waits to be killed. */
import { setTimeout as pause } from "node:timers/promises";
import { openEmbedded } from "../../api/backend/embedded.ts";
import { chunked } from "./blob-bytes.ts";
import { freshBlob, submit } from "./submissions.ts";

const { store, queue, blobs } = await openEmbedded({ data: process.argv[2]!, own: true });
const { job } = await submit(store, "local");
const waiting = await submit(store, "local");
await queue.take(1);
await store.begin(job.id, 0);
const blob = freshBlob();
await blobs.write(blob, chunked(Buffer.from("whole"), [2]));

async function* endless() {
  yield Buffer.from("half");
  process.stdout.write(JSON.stringify({ taken: job.id, waiting: waiting.job.id, blob }));
  for (;;) {
    await pause(1_000);
    yield Buffer.from(" more");
  }
}
await blobs.write(freshBlob(), endless());
