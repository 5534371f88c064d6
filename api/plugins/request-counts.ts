import { monotonic } from "../monotonic.ts";

/** How often somebody asked in the window of time that goes on. */
export interface RequestCount {
  readonly current: number;
  /** Milliseconds until the window ends. */
  readonly ttl: number;
}

interface Window {
  requests: number;
  readonly since: number;
}

/**
 * Counts requests by who asked, in windows of time that each begin with a first request. By a clock that nobody sets: were the machine's
 * put back by an hour, whoever used up a minute's requests would wait for that hour.
 */
export class RequestCounts {
  readonly #windows = new Map<string, Window>();
  readonly #window: number;
  readonly #most: number;
  readonly #clock: () => number;

  /** `window` in milliseconds; of more than `most` who ask, those longest unseen are forgotten. */
  constructor(window: number, most: number, clock: () => number = monotonic) {
    this.#window = window;
    this.#most = most;
    this.#clock = clock;
  }

  /** Counts one more. */
  add(who: string): RequestCount {
    const now = this.#clock();
    const window = this.#current(who, now) ?? { requests: 0, since: now };
    window.requests++;
    this.#windows.delete(who);
    this.#windows.set(who, window);
    for (const longestUnseen of this.#windows.keys()) {
      if (this.#windows.size <= this.#most) break;
      this.#windows.delete(longestUnseen);
    }
    return this.#told(window, now);
  }

  read(who: string): RequestCount {
    const now = this.#clock();
    const window = this.#current(who, now);
    return window ? this.#told(window, now) : { current: 0, ttl: 0 };
  }

  #current(who: string, now: number): Window | undefined {
    const window = this.#windows.get(who);
    return window && now - window.since < this.#window ? window : undefined;
  }

  #told({ requests, since }: Window, now: number): RequestCount {
    return { current: requests, ttl: this.#window - (now - since) };
  }
}
