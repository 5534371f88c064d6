import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "./back-off.ts";
import type { Log } from "./log.ts";

/** How long something that cannot be reached is tried again, in milliseconds. */
const PATIENCE = 2 * 60_000;

/** Tries again what fails because something cannot be reached, until it works, is hopeless, takes too long, or `signal` says to stop; then throws the last error. */
export async function insist<T>(
  what: string,
  work: () => Promise<T>,
  {
    log,
    signal,
    patience = PATIENCE,
    hopeless = () => false,
  }: { readonly log: Log; readonly signal: AbortSignal; readonly patience?: number; readonly hopeless?: (error: unknown) => boolean },
): Promise<T> {
  const pause = backOff();
  const end = performance.now() + patience;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || hopeless(error) || performance.now() >= end) throw error;
      if (pause.failures === 0) log.warn({ err: error }, `${what} failed; trying again`);
      await wait(pause.next(), undefined, { signal }).catch(() => {});
    }
  }
}
