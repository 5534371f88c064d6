import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { projectRoot } from "./bundles.ts";

export interface EndedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A `casebook` process that keeps running. */
export interface RunningProcess {
  readonly pid: number;
  readonly ended: Promise<EndedProcess>;
  /** What it wrote so far to standard output and to standard error. */
  written(): { readonly out: string; readonly err: string };
  /** Resolves once standard output holds something; rejects where the process ends before. */
  says(what: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): Promise<EndedProcess>;
  /** Bytes of memory it holds; null where the system does not tell. */
  memory(): number | null;
}

const running = new Set<ChildProcessByStdio<null, Readable, Readable>>();

/** Kills what tests have left running. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

const SOURCES = join(projectRoot, "cli/main.ts");

/** Starts `casebook` with some arguments as a person does, only from sources if not told otherwise. */
export function startCasebook(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program: string = SOURCES,
): RunningProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH ?? "", NODE_NO_WARNINGS: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const written = { out: "", err: "" };
  const listeners = new Set<() => void>();
  for (const [stream, name] of [
    [child.stdout, "out"],
    [child.stderr, "err"],
  ] as const) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<EndedProcess>((resolve) =>
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ...written });
    }),
  );
  return {
    pid: child.pid!,
    ended,
    written: () => ({ ...written }),
    says: (what) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = what.exec(written.out);
          if (!found) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then(({ code, err }) => reject(new Error(`ended with ${code} before it said ${what}: ${err}`)));
      }),
    kill(signal) {
      child.kill(signal);
      return ended;
    },
    memory() {
      try {
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) * 1024;
      } catch {
        return null;
      }
    },
  };
}

export interface ServerProcess extends RunningProcess {
  /** `http://127.0.0.1:41234`. */
  readonly address: string;
}

/** Starts a server on a free port of loopback and waits until it answers. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program: string = SOURCES,
): Promise<ServerProcess> {
  const server = startCasebook(["serve", "--port", "0", ...args], env, program);
  const [, address] = await server.says(/API +(http:\S+)\/v1\n/);
  return { ...server, address: address! };
}
