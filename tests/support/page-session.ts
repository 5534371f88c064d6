import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { projectRoot } from "./bundles.ts";

/** A block of a page that can be run: a line of a console, or a program. */
export interface Runnable {
  readonly kind: "console" | "ts";
  /** The command line, or the program's text. */
  readonly text: string;
  /** What the page shows of its output; `…` stands for anything. A program says it in comments that begin with an arrow. */
  readonly shown: readonly string[];
}

/** Everything of a page that can be run, in its order. */
export function runnablesOf(page: string): Runnable[] {
  const blocks = readFileSync(join(projectRoot, page), "utf8").matchAll(/^```(console|ts)\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, kind, text]): Runnable[] =>
    kind === "ts"
      ? [{ kind, text: text!, shown: [...text!.matchAll(/\/\/ → (.+)$/gm)].map(([, said]) => said!) }]
      : text!
          .split(/^\$ /m)
          .slice(1)
          .map((entry) => {
            const [line = "", ...output] = entry.trimEnd().split("\n");
            return { kind: "console", text: line, shown: output };
          }),
  );
}

/** What a page shows, as a pattern of what is printed, wherever that breaks its lines. */
export function patternOf(lines: readonly string[]): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  return new RegExp(lines.map((line) => line.split("…").map(escaped).join("[\\s\\S]*?")).join("\\s*"));
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder in which somebody follows a page, with `npx casebook` from sources and a server that listens where it does by itself. */
export interface PageSession {
  readonly folder: string;
  run(runnable: Runnable): Promise<Ended>;
  /** Runs a command that goes on until the session closes; resolves with its output once that holds something. */
  runOn(runnable: Runnable, until: RegExp): Promise<string>;
  close(): void;
}

export async function openPageSession(): Promise<PageSession> {
  const folder = mkdtempSync(join(tmpdir(), "casebook-page-"));
  const tools = join(folder, "node_modules/.tools");
  mkdirSync(tools, { recursive: true });
  const npx = join(tools, "npx");
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(projectRoot, "cli/main.ts")}" "$@"\n`);
  chmodSync(npx, 0o755);
  const port = await freePort();
  const env = {
    PATH: [tools, join(process.execPath, ".."), process.env.PATH].join(delimiter),
    HOME: folder,
    NODE_NO_WARNINGS: "1",
    CASEBOOK_PORT: String(port),
    CASEBOOK_URL: `http://127.0.0.1:${port}`,
  };
  const going = new Set<number>();
  let programs = 0;
  const start = ({ kind, text }: Runnable) => {
    const program = join(folder, `program-${++programs}.ts`);
    if (kind === "ts") writeFileSync(program, text);
    const [command, args] = kind === "ts" ? [process.execPath, [program]] : ["sh", ["-c", text]];
    const child = spawn(command, args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    going.add(child.pid!);
    const written = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      written.out += piece;
    });
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      written.err += piece;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        going.delete(child.pid!);
        resolve({ code, ...written });
      });
    });
    return { child, written, ended };
  };
  return {
    folder,
    run: (runnable) => start(runnable).ended,
    runOn(runnable, until) {
      const { child, written, ended } = start(runnable);
      return new Promise((resolve, reject) => {
        child.stdout.on("data", () => until.test(written.out) && resolve(written.out));
        void ended.then(({ code, err }) => reject(new Error(`${runnable.text} ended with ${code}: ${err}`)));
      });
    },
    close() {
      // The shell and what it started.
      for (const pid of going) process.kill(-pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
