import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** One finished run of a command. */
export interface Run {
  /** User and system time, seconds. */
  readonly cpu: number;
  readonly wall: number;
  /** Highest resident size of the command's own process, MiB; 0 where the system does not tell. */
  readonly peakMiB: number;
  readonly status: number;
  readonly stdout: string;
}

const POLL_MS = 10;
const KEPT_OUTPUT = 4 << 20;

/** Runs a command to its end under bash's `time`, polling the kernel for its peak memory. */
export function measure(command: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="%U %S %R"; exec 3>&2; { time "$@" 2>/dev/null 3>&-; } 2>&3; exit $?';
    const child = spawn("bash", ["-c", script, "bench", ...command], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr, peak] = ["", "", 0];
    child.stdout.on("data", (chunk: Buffer) => {
      if (stdout.length < KEPT_OUTPUT) stdout += chunk.toString("latin1");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const poll = setInterval(() => {
      peak = Math.max(peak, peakOfChildren(child.pid!));
    }, POLL_MS);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(poll);
      const [user, system, real] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number);
      if (real === undefined || Number.isNaN(real)) reject(new Error(`no times from ${command.join(" ")}: ${stderr}`));
      else resolve({ cpu: user! + system!, wall: real, peakMiB: peak, status: code ?? -1, stdout });
    });
  });
}

/** `VmHWM` of the processes a shell runs, MiB; Linux only. */
function peakOfChildren(shell: number): number {
  try {
    const children = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim();
    if (children === "") return 0;
    return Math.max(
      ...children.split(" ").map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024),
    );
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
