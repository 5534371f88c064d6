import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** Whether Wireshark's daemon can be run; Debian installs it with tshark. */
export const hasSharkd = spawnSync("sharkd", ["-v"]).status === 0;

/** Frame numbers beyond what any capture here has. */
const NO_FRAME = 4_000_000_000;

/**
 * Wireshark's dissectors as tshark runs them, started once for many captures: starting is what takes tshark's time.
 * Speaks sharkd's JSON requests, one a line, over its standard input and output.
 */
export class Sharkd {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: Interface;
  private readonly waiting = new Map<number, { done: (result: unknown) => void; failed: (error: Error) => void }>();
  private last = 0;

  constructor() {
    this.child = spawn("sharkd", ["-"]);
    this.lines = createInterface({ input: this.child.stdout });
    this.lines.on("line", (line) => this.answer(line));
    this.child.on("close", () => {
      for (const { failed } of this.waiting.values()) failed(new Error("sharkd ended"));
    });
  }

  /** Values of fields (the innermost occurrence of each) of every frame that `filter` selects; empty where a frame has none. */
  async fields(path: string, filter: string, fields: readonly string[]): Promise<{ frame: number; values: string[] }[]> {
    await this.request("load", { file: path });
    const columns = Object.fromEntries(fields.map((field, index) => [`column${index}`, `${field}:-1`]));
    // It keeps what a filter selected by the filter's text, even from file to file.
    const unique = `(${filter}) and frame.number != ${NO_FRAME + this.last}`;
    const rows = (await this.request("frames", { filter: unique, ...columns })) as { num: number; c: string[] }[];
    return rows.map(({ num, c }) => ({ frame: num, values: c }));
  }

  close(): void {
    this.lines.close();
    this.child.stdin.end();
    this.child.kill();
  }

  private request(method: string, params: object): Promise<unknown> {
    const id = ++this.last;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  }

  private answer(line: string): void {
    if (!line.startsWith("{")) return;
    const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: { message: string } };
    const request = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) request?.failed(new Error(error.message));
    else request?.done(result);
  }
}
