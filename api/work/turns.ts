/** Runs work when its turn has come; rejects without running it where the signal asked to stop before. */
export type InTurn = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Turns for so many at a time, in the order in which they were asked for. */
export function turns(most: number): InTurn {
  let free = most;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    // The turn passes on, so that nobody who asks just then comes in between.
    if (next) next();
    else free++;
  };
  const enter = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (free > 0) {
        free--;
        return resolve();
      }
      const come = () => {
        signal?.removeEventListener("abort", give);
        resolve();
      };
      const give = () => {
        waiting.splice(waiting.indexOf(come), 1);
        reject(signal?.reason);
      };
      waiting.push(come);
      signal?.addEventListener("abort", give, { once: true });
    });
  return async (work, signal) => {
    signal?.throwIfAborted();
    await enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
