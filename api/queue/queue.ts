/**
 * How waiting jobs reach workers. The jobs themselves, their states and results are the store's; a queue only says whose turn it is.
 * A delivery that is neither finished nor renewed within its lease is delivered again: at least once here, exactly once through
 * `Store.begin` and `Store.finish`, which know the attempt. Embedded: a table beside the jobs. Past one machine: pg-boss.
 */

/** A job handed to a worker. */
export interface Delivery {
  readonly job: string;
  /** The queue's own handle on this delivery. */
  readonly ticket: string;
}

export interface Queue {
  /** Up to `most` jobs that nobody works on, oldest first; none where nothing waits. */
  take(most: number): Promise<readonly Delivery[]>;
  /** Says that the work goes on; false where the delivery was given to somebody else meanwhile. */
  renew(delivery: Delivery): Promise<boolean>;
  /** Done with, whatever came of it. */
  finish(delivery: Delivery): Promise<void>;
  /** Hands it back untouched, to be delivered again at once: a worker that shuts down. */
  giveBack(delivery: Delivery): Promise<void>;
  /** Jobs that wait. */
  waiting(): Promise<number>;
}

/** Milliseconds without a renewal after which a delivery is given to another worker. */
export const LEASE = 30_000;
