import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { CasebookClient, type Job, Problem } from "../api/client/client.ts";
import { BundleError, openPaths } from "../engine/node/bundle.ts";
import type { Report } from "../engine/report/report.ts";
import { Failure } from "./failure.ts";
import { fileProblem } from "./output.ts";
import { type ProgressBar, progressBar } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { quote } from "./verb.ts";

export interface SubmissionOptions {
  readonly server: string;
  readonly keyFile: string | null;
  readonly name: string | null;
  /** Draw a progress bar where there is a terminal. */
  readonly progress: boolean;
}

/** A bundle that a server has accepted. */
export interface Submission {
  readonly job: Job;
  /** Waits until the job has ended. */
  wait(): Promise<Job>;
  report(all: boolean): Promise<Report>;
}

/** Sends what lies at some paths as one bundle. Rejects with `Failure` for whatever the person can put right. */
export async function submitBundle(paths: readonly string[], terminal: Terminal, options: SubmissionOptions): Promise<Submission> {
  const key = await readKey(options.keyFile, terminal);
  const client = new CasebookClient({ baseUrl: serverAddress(options.server), ...(key === null ? {} : { key }) });
  const asking = <T>(ask: () => Promise<T>) => asked(options.server, terminal, ask);
  const bar = progressBar(terminal, options.progress);
  const job = await asking(() => send(client, paths, options.name, bar, terminal)).finally(() => bar.end());
  return {
    job,
    async wait() {
      const waiting = progressBar(terminal, options.progress);
      try {
        return await asking(() => follow(client, job, waiting, terminal.signal));
      } finally {
        waiting.end();
        if (terminal.signal.aborted) terminal.complain(`casebook: job ${job.id} goes on; its report will be at /v1/reports/${job.id}\n`);
      }
    },
    // The server's own types are those of the report, only looser.
    report: (all) => asking(async () => (await client.report(job.id, { all, signal: terminal.signal })) as unknown as Report),
  };
}

async function send(
  client: CasebookClient,
  paths: readonly string[],
  name: string | null,
  bar: ProgressBar,
  { signal, complain }: Terminal,
): Promise<Job> {
  const bundle = await openPaths([...paths]);
  for (const warning of bundle.warnings) complain(`casebook: ${warning.path} ${warning.text}\n`);
  if (bundle.files.length === 0)
    throw new Failure(`${quote(bundle.name)} holds no files`, "Name a capture, a text, an archive or a folder that holds them");
  const files = await Promise.all(bundle.files.map(async ({ path, location }) => ({ path, content: await openAsBlob(location) })));
  const totalBytes = files.reduce((sum, { content }) => sum + content.size, 0);
  const onSent = (bytes: number) => bar.update({ stage: "sending", bytes, totalBytes, packets: 0 });
  return client.submit(files, { name: name ?? bundle.name, signal, onSent });
}

async function follow(client: CasebookClient, accepted: Job, bar: ProgressBar, signal: AbortSignal): Promise<Job> {
  let last = accepted;
  for await (const job of client.follow(accepted.id, signal)) {
    last = job;
    const { stage, bytes, total_bytes: totalBytes, packets } = job.progress ?? { stage: "waiting", bytes: 0, total_bytes: 0, packets: 0 };
    bar.update({ stage: job.state === "queued" ? "waiting" : stage, bytes, totalBytes, packets });
  }
  return last;
}

async function readKey(file: string | null, { env }: Terminal): Promise<string | null> {
  if (file === null) return env.CASEBOOK_KEY || null;
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new Failure(
      `cannot read ${quote(file)}: ${fileProblem(error)}`,
      "Name a file that holds the key, as casebook keys create prints it",
    );
  }
}

function serverAddress(server: string): URL {
  const url = URL.parse(server);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new Failure(`--server cannot be ${quote(server)}`, "Use an address such as https://casebook.example.org");
}

/** Asks a server; what it, the network or the files have against it is told as a sentence. */
async function asked<T>(server: string, { signal }: Terminal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || error instanceof Failure) throw error;
    if (error instanceof BundleError)
      throw new Failure(`cannot read ${error.message}`, "Name a capture, a text, an archive or a folder that holds them");
    if (error instanceof Problem) throw new Failure(`${server} refused: ${error.message}`, hintOf(error));
    if (error instanceof TypeError)
      throw new Failure(`cannot reach ${server}: ${causeOf(error)}`, "Name the server with --server, or start one with casebook serve");
    throw error;
  }
}

function hintOf({ status, whatToDo, requestId }: Problem): string {
  const hint = whatToDo ?? (status === 401 ? "Set CASEBOOK_KEY or --key-file" : "");
  return status < 500 || requestId === undefined ? hint : `${hint} Whoever runs the server finds request ${requestId} in its log`.trim();
}

/** `fetch` says only that it failed; why stands in what caused it. */
function causeOf({ message, cause }: TypeError): string {
  return cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code ?? message) : message;
}
