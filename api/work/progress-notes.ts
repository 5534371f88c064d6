import type { Job, JobProgress, Store } from "../store/store.ts";

/** How often a run asks whether it is still wanted, in milliseconds, though it may have nothing to tell. */
const HEARTBEAT_MS = 1_000;

/** Notes a run's progress in the store, the newest only and one at a time; aborts `unwanted` once the store says that it should stop. */
export function noteProgress(store: Pick<Store, "note">, { id, attempts }: Job) {
  const unwanted = new AbortController();
  let newest: JobProgress = { stage: "opening", bytes: 0, totalBytes: 0, packets: 0, rules: 0 };
  let [fresh, busy] = [false, false];
  const send = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    do {
      fresh = false;
      try {
        if (!(await store.note(id, attempts, newest))) unwanted.abort();
      } catch {
        // Progress is a courtesy; whether the store can be reached shows when the run ends.
      }
    } while (fresh && !unwanted.signal.aborted);
    busy = false;
  };
  const heartbeat = setInterval(send, HEARTBEAT_MS);
  return {
    unwanted: unwanted.signal,
    tell(progress: JobProgress) {
      newest = progress;
      fresh = true;
      void send();
    },
    end: () => clearInterval(heartbeat),
  };
}
