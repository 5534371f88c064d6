const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/** How long to wait before trying again what failed: twice as long each time. */
export interface BackOff {
  /** Failures since the last success. */
  readonly failures: number;
  next(): number;
  reset(): void;
}

export function backOff(): BackOff {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    next: () => Math.min(LONGEST_MS, FIRST_MS * 2 ** failures++),
    reset() {
      failures = 0;
    },
  };
}
