import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { MessageChannel, type Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { CancelledError } from "../../engine/derive/analyse-source.ts";
import type { JobProgress } from "../store/store.ts";
import { watchMemory } from "./memory-watch.ts";
import type {
  AnalysisResult,
  AnalysisTask,
  Line,
  Refusal,
  RuleCheck,
  RuleCheckTask,
  RuleTrial,
  TaskBundle,
  ThreadData,
  ThreadNews,
} from "./task.ts";
import { turns } from "./turns.ts";

const MIB = 1 << 20;
/** How long a thread without work is kept, in milliseconds: it holds the compiled rules. */
const IDLE_MS = 5 * 60_000;
/** How long a thread that was asked to stop may take before it is killed, in milliseconds. */
const STOP_MS = 2_000;
/** Longest time for trying a rule, in milliseconds. */
const CHECK_MS = 60_000;

export interface RunnerOptions extends ThreadData {
  /** Analyses at once. */
  readonly threads: number;
  /** Bytes one analysis may hold in objects, and as much again in columns. */
  readonly jobMemory: number;
  /** Milliseconds one analysis may take. */
  readonly jobTime: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  onProgress?(progress: JobProgress): void;
}

/** Runs what takes processor time and reads hostile bytes: in threads that can be killed, never in the one that answers requests. */
export interface Runner {
  /** Rejects with `Refused` or `LimitExceeded`, with `CancelledError` where the signal asked to stop, or with what went wrong in the thread. */
  analyse(bundle: TaskBundle, options?: RunOptions): Promise<AnalysisResult>;
  /** Lints a rule and tries it on evidence; rejects like `analyse`. One at a time, beside the analyses. */
  checkRule(rule: string, against: readonly RuleTrial[], options?: RunOptions): Promise<RuleCheck>;
  /** Kills what runs. */
  close(): Promise<void>;
}

/** A bundle that cannot be analysed; the message is for whoever submitted it. */
export class Refused extends Error {
  override readonly name: string = "Refused";
}

/** Work that was stopped because it took more than it may. */
export class LimitExceeded extends Refused {
  override readonly name = "LimitExceeded";
}

export function openRunner({ threads, jobMemory, jobTime, ...threadData }: RunnerOptions): Runner {
  let closed = false;
  const poolOf = (name: string, maxThreads: number): ThreadPool => {
    const pool = new Piscina<Line, unknown>({
      filename: fileURLToPath(new URL(`./${name}.worker${extname(import.meta.filename)}`, import.meta.url)),
      minThreads: 0,
      maxThreads,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(1, Math.round(jobMemory / MIB)) },
      workerData: threadData,
      // Passwords of database and object storage are nothing for a thread that reads hostile bytes.
      env: {},
    });
    // A thread that dies without work costs nothing; with work, its task rejects.
    pool.on("error", () => {});
    // Tasks wait here and not in the pool, which forgets those behind one whose thread is killed until somebody brings another.
    const inTurn = turns(maxThreads);
    const whileOpen = (work: () => Promise<unknown>) => (closed ? Promise.reject(new CancelledError("cancelled")) : work());
    return { pool, inTurn: (work, signal) => inTurn(() => whileOpen(work), signal) };
  };
  const analyses = poolOf("job", threads);
  const checks = poolOf("rule-check", 1);
  const limits = { memory: jobMemory, time: jobTime };
  // Somebody waits for the answer, and everybody else's checks behind it.
  const checkLimits = { memory: jobMemory, time: Math.min(jobTime, CHECK_MS) };
  return {
    analyse: (bundle, options = {}) =>
      run(analyses, (line): AnalysisTask => ({ ...line, bundle }), limits, options) as Promise<AnalysisResult>,
    checkRule: (rule, against, options = {}) =>
      run(checks, (line): RuleCheckTask => ({ ...line, rule, against }), checkLimits, options) as Promise<RuleCheck>,
    async close() {
      closed = true;
      await Promise.all([analyses.pool.destroy(), checks.pool.destroy()]);
    },
  };
}

/** Threads of one kind, and whose turn it is on them. */
interface ThreadPool {
  readonly pool: Piscina<Line, unknown>;
  inTurn(work: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown>;
}

async function run(
  { pool, inTurn }: ThreadPool,
  taskOn: (line: Line) => Line,
  limits: { readonly memory: number; readonly time: number },
  options: RunOptions,
): Promise<unknown> {
  try {
    return await inTurn(() => runNow(pool, taskOn, limits, options), options.signal);
  } catch (error) {
    throw options.signal?.aborted && !(error instanceof Refused) ? new CancelledError("cancelled") : error;
  }
}

async function runNow(
  pool: Piscina<Line, unknown>,
  taskOn: (line: Line) => Line,
  limits: { readonly memory: number; readonly time: number },
  { signal, onProgress }: RunOptions,
): Promise<unknown> {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const line: Line = { port: theirs, stop: new Int32Array(new SharedArrayBuffer(4)) };
  const kill = new AbortController();
  let exceeded: LimitExceeded | null = null;
  const exceed = (limit: LimitExceeded) => {
    exceeded ??= limit;
    kill.abort();
  };
  const inTime = () => setTimeout(() => exceed(outOfTime(limits.time)), limits.time);
  let [clock, patience] = [inTime(), undefined as NodeJS.Timeout | undefined];
  let unwatch = () => {};
  const stop = () => {
    Atomics.store(line.stop, 0, 1);
    patience = setTimeout(() => kill.abort(), STOP_MS);
  };
  signal?.addEventListener("abort", stop, { once: true });
  ours.on("message", (news: ThreadNews) => {
    if (!("thread" in news)) return onProgress?.(news);
    // Waiting for a thread does not count.
    clearTimeout(clock);
    clock = inTime();
    const worker = pool.threads.find(({ threadId }: Worker) => threadId === news.thread);
    if (worker) unwatch = watchMemory(worker, limits.memory, () => exceed(outOfMemory(limits.memory)));
  });
  try {
    const result = await pool.run(taskOn(line), { signal: kill.signal, transferList: [theirs] });
    if (isRefusal(result)) throw new Refused(result.refused);
    return result;
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (exceeded) throw exceeded;
    if (signal?.aborted) throw new CancelledError("cancelled");
    if (isOutOfMemory(error)) throw outOfMemory(limits.memory);
    throw error;
  } finally {
    clearTimeout(clock);
    clearTimeout(patience);
    unwatch();
    signal?.removeEventListener("abort", stop);
    ours.close();
  }
}

function isRefusal(result: unknown): result is Refusal {
  return typeof result === "object" && result !== null && "refused" in result;
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function outOfMemory(bytes: number): LimitExceeded {
  return new LimitExceeded(
    `The analysis needed more than the ${Math.round(bytes / MIB)} MiB of memory it may have here and was stopped. Submit fewer files at a time, or captures that are filtered or shorter.`,
  );
}

function outOfTime(milliseconds: number): LimitExceeded {
  return new LimitExceeded(
    `The analysis took longer than the ${Math.round(milliseconds / 100) / 10} s it may take here and was stopped. Submit fewer files at a time, or captures that are filtered or shorter.`,
  );
}
