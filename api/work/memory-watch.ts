import type { Worker } from "node:worker_threads";

/** How often a thread's memory is looked at, in milliseconds. */
const LOOK_MS = 250;

/**
 * Calls `exceeded` once a thread holds more than `most` bytes outside its heap: the cap of the heap does not count typed arrays, in
 * which the tables lie, and the thread itself cannot watch them while it is busy. Returns how to end the watch.
 */
export function watchMemory(worker: Worker, most: number, exceeded: () => void): () => void {
  let over = false;
  const look = async (): Promise<void> => {
    const held = await heldBy(worker);
    if (over) return;
    if (held > most) {
      over = true;
      exceeded();
    } else next = setTimeout(look, LOOK_MS);
  };
  let next = setTimeout(look, LOOK_MS);
  return () => {
    over = true;
    clearTimeout(next);
  };
}

/** Nought for a thread that has ended. */
async function heldBy(worker: Worker): Promise<number> {
  try {
    return (await worker.getHeapStatistics()).external_memory;
  } catch {
    return 0;
  }
}
