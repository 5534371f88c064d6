import type { Delivery } from "../queue/queue.ts";
import { attend, type JobSurroundings } from "./attend.ts";
import { backOff } from "./back-off.ts";

/** How often the queue is asked where nobody says that something waits, in milliseconds. */
const POLL_MS = 1_000;

export interface WorkerOptions extends JobSurroundings {
  /** Jobs at once. */
  readonly jobsAtOnce: number;
}

/** Takes jobs from the queue and runs them until it is told to stop. */
export interface Worker {
  /** Says that a job may be waiting, so that the queue is asked at once. */
  wake(): void;
  /** Jobs that run here at the moment. */
  running(): number;
  /** Takes no more jobs, gives those that run some milliseconds to end, and hands back the rest. */
  stop(milliseconds: number): Promise<void>;
}

export function startWorker(options: WorkerOptions): Worker {
  const { queue, jobsAtOnce, log } = options;
  const running = new Set<Promise<void>>();
  /** Aborted when jobs have to end now. */
  const ending = new AbortController();
  let stopping = false;
  let doze: { readonly wake: () => void } | null = null;
  let woken = false;
  const wake = () => {
    woken = true;
    doze?.wake();
  };
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        doze = null;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      doze = { wake: done };
      if (woken || stopping) done();
    });

  const start = (delivery: Delivery) => {
    const job = attend(delivery, options, ending.signal).finally(() => {
      running.delete(job);
      wake();
    });
    running.add(job);
  };
  const loop = async () => {
    const pause = backOff();
    while (!stopping) {
      woken = false;
      const free = jobsAtOnce - running.size;
      try {
        const deliveries = free > 0 ? await queue.take(free) : [];
        if (pause.failures > 0) log.info({}, "the queue can be reached again");
        pause.reset();
        // Taken while being told to stop: handed back untouched.
        if (stopping) await Promise.all(deliveries.map((delivery) => queue.giveBack(delivery)));
        else deliveries.forEach(start);
        if (deliveries.length === 0 || running.size >= jobsAtOnce) await sleep(POLL_MS);
      } catch (error) {
        if (pause.failures === 0) log.error({ err: error }, "the queue cannot be reached; trying again");
        await sleep(pause.next());
      }
    }
  };
  const looping = loop();
  return {
    wake,
    running: () => running.size,
    async stop(milliseconds) {
      stopping = true;
      wake();
      await looping;
      const patience = setTimeout(() => ending.abort(), milliseconds);
      await Promise.all(running);
      clearTimeout(patience);
    },
  };
}
