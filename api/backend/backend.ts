import type { Blobs } from "../blobs/blobs.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";

/** Everything the server keeps, wherever it lies. Opened with its schema up to date. */
export interface Backend {
  readonly store: Store;
  readonly queue: Queue;
  readonly blobs: Blobs;
  close(): Promise<void>;
}
