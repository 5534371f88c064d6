import { run } from "./run.ts";
import type { Terminal } from "./terminal.ts";
import { EXIT } from "./terminal.ts";

/** Runs the command line of this process and sets its exit code. */
export async function runOnProcess(): Promise<void> {
  const stopping = new AbortController();
  process.once("SIGINT", () => {
    stopping.abort();
    // A second one ends the process at once, should something not heed the first.
    process.once("SIGINT", () => process.exit(EXIT.stopped));
  });
  // A reader that has seen enough, such as `head`, closes the pipe: no reason to complain.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed));
  }
  process.exitCode = await run(process.argv.slice(2), processTerminal(stopping.signal));
}

function processTerminal(signal: AbortSignal): Terminal {
  return {
    write: (text) => new Promise((resolve) => (process.stdout.write(text) ? resolve() : process.stdout.once("drain", resolve))),
    complain: (text) => process.stderr.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : null,
    interactive: process.stderr.isTTY === true,
    env: process.env,
    signal,
    now: () => performance.now(),
  };
}
