import { checkSync } from "recheck";

// Left to itself it starts another process and waits for the answer without end; in this thread its time limit holds whatever happens.
process.env.RECHECK_SYNC_BACKEND ??= "pure";

/** Milliseconds one pattern may be examined. */
const TIMEOUT = 2000;

/**
 * Whether a backtracking engine could need exponential time for a pattern, in words; null if not. The engine itself matches in
 * linear time, but a pattern that only works there is a trap for whoever copies it elsewhere.
 */
export function exponentialRegex(pattern: string): string | null {
  const result = checkSync(pattern, "", { timeout: TIMEOUT });
  if (result.status !== "vulnerable" || result.complexity.type !== "exponential") return null;
  return `may need exponential time: ${result.complexity.summary}`;
}
