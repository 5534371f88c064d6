import type { Terminal } from "./terminal.ts";

/** What a shell expects of a process that SIGTERM ended. */
const TERMINATED = 143;

/** Resolves when the person (SIGINT) or the system (SIGTERM) asks the process to stop. A second request ends it at once. */
export function untilToldToStop({ signal }: Terminal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
    process.once("SIGTERM", () => {
      process.once("SIGTERM", () => process.exit(TERMINATED));
      resolve();
    });
  });
}
