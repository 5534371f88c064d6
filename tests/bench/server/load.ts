import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setImmediate as turn } from "node:timers/promises";

/** Bytes handed to a connection at a time, so that many uploads go on side by side. */
const PIECE = 1 << 18;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Connections that are kept, as those of a proxy are. */
export const keptConnections = (): Agent => new Agent({ keepAlive: true, maxSockets: 512 });

export function get(agent: Agent, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return answerOf(request(url, { agent, headers }).end());
}

/** Uploads one file as multipart, as fast as the other side takes it. */
export async function uploadFile(agent: Agent, url: string, path: string, content: readonly Uint8Array[]): Promise<Answer> {
  const boundary = `bench-${randomBytes(12).toString("hex")}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${path}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const bytes = content.reduce((sum, piece) => sum + piece.length, 0);
  const sending = request(url, {
    agent,
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}`, "content-length": head.length + bytes + tail.length },
  });
  const answer = answerOf(sending);
  sending.write(head);
  for (const piece of content)
    for (let at = 0; at < piece.length; at += PIECE) {
      if (!sending.write(piece.subarray(at, at + PIECE))) await Promise.race([once(sending, "drain"), answer]);
      else await turn();
    }
  sending.end(tail);
  return answer;
}

async function answerOf(asking: ReturnType<typeof request>): Promise<Answer> {
  const [response] = (await once(asking, "response")) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode, body: Buffer.concat(pieces).toString() };
}

/** Runs a task that many times, some at once; seconds it took in all. */
export async function timed(times: number, atOnce: number, task: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < times) await task(next++);
    }),
  );
  return (performance.now() - begun) / 1000;
}

/** Clock ticks a second of `/proc`, the same on every Linux there is. */
const TICKS = 100;

/** Seconds of processor time that a process has used in all its threads; Linux only. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  // utime and stime: proc(5) fields 14 and 15, of which two stand before.
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** MiB a process holds now, and held at most so far; Linux only. */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** A table on the terminal: the first row is its head. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]! + 2))
        .join("")
        .trimEnd(),
    );
}

/** Median, least and most. */
export function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return `${median.toFixed(digits)} (${sorted[0]!.toFixed(digits)}-${sorted.at(-1)!.toFixed(digits)})`;
}
