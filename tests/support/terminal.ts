import { run } from "../../cli/run.ts";
import type { Terminal } from "../../cli/terminal.ts";

/** What one command line wrote and returned. */
export interface Session {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process on a terminal that only remembers. */
export async function casebook(args: readonly string[], surroundings: Partial<Terminal> = {}): Promise<Session> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    write: async (text) => void out.push(text),
    complain: (text) => void err.push(text),
    columns: null,
    interactive: false,
    env: {},
    signal: new AbortController().signal,
    now: () => 0,
    ...surroundings,
  };
  const code = await run(args, terminal);
  return { code, out: out.join(""), err: err.join("") };
}
