import type { Delivery, Queue } from "../queue/queue.ts";
import type { Log } from "./log.ts";

/** Renews a delivery until it is ended; aborts `lost` where somebody else was given it. */
export function holdLease(
  delivery: Delivery,
  { queue, log, lease }: { readonly queue: Queue; readonly log: Log; readonly lease: number },
): { readonly lost: AbortSignal; end(): void } {
  const lost = new AbortController();
  const renew = async () => {
    try {
      if (!(await queue.renew(delivery))) lost.abort();
    } catch (error) {
      // Should the lease run out, the attempt that follows makes this one's outcome void.
      log.warn({ err: error, job: delivery.job }, "the delivery of a job could not be renewed");
    }
  };
  const timer = setInterval(renew, lease / 3);
  return { lost: lost.signal, end: () => clearInterval(timer) };
}
