import type { Job, Store } from "./store/store.ts";

/** How often the store is asked for all jobs that somebody follows, in milliseconds. */
const POLL = 300;

/** What a follower is told: the job as it is now, or null once it is gone. */
type Listener = (job: Job | null) => void;

/** Tells those who follow jobs of every change: one question to the store at a time, however many they are. */
export class Followers {
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly store: Pick<Store, "jobsById">;
  private timer: NodeJS.Timeout | null = null;

  constructor(store: Pick<Store, "jobsById">) {
    this.store = store;
  }

  /** Calls `listener` every so often with the job; returns how to end that. */
  follow(id: string, listener: Listener): () => void {
    const own = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, own.add(listener));
    this.schedule();
    return () => {
      own.delete(listener);
      if (own.size === 0 && this.listeners.get(id) === own) this.listeners.delete(id);
    };
  }

  private schedule(): void {
    if (this.timer !== null || this.listeners.size === 0) return;
    this.timer = setTimeout(() => void this.poll(), POLL);
  }

  private async poll(): Promise<void> {
    const ids = [...this.listeners.keys()];
    try {
      const jobs = new Map((await this.store.jobsById(ids)).map((job) => [job.id, job]));
      for (const id of ids) for (const listener of [...(this.listeners.get(id) ?? [])]) listener(jobs.get(id) ?? null);
    } catch {
      // The store cannot be reached: the next round may do better, and heartbeats go on meanwhile.
    }
    this.timer = null;
    this.schedule();
  }
}
