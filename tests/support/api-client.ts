import { setTimeout as pause } from "node:timers/promises";
import type { AcceptedBody, JobBody } from "../../api/schemas/job.ts";
import type { Report } from "../../engine/report/report.ts";

/** A request to a server and its JSON; the body of an answer that is none is left out. */
export async function ask<T>(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly body: T; readonly headers: Headers }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as T, headers: response.headers };
}

/** Submits files by path as multipart. */
export function upload(
  address: string,
  files: ReadonlyMap<string, Uint8Array>,
  name?: string,
): Promise<{ readonly status: number; readonly body: AcceptedBody; readonly headers: Headers }> {
  const form = new FormData();
  if (name !== undefined) form.set("name", name);
  for (const [path, content] of files) form.append("file", new Blob([new Uint8Array(content)]), path);
  return ask(`${address}/v1/bundles`, { method: "POST", body: form });
}

/** How long the helpers below go on asking, in milliseconds: machines that run tests may have much else to do. */
const PATIENCE = 45_000;

/** Submits files and returns their job; tries again while the server has too much to do, as it asks clients to. */
export async function accepted(address: string, files: ReadonlyMap<string, Uint8Array>, name?: string): Promise<AcceptedBody> {
  for (const end = Date.now() + PATIENCE; ; ) {
    const { status, body } = await upload(address, files, name);
    if (status === 202) return body;
    if (status !== 503 || Date.now() > end) throw new Error(`the upload was answered with ${status}: ${JSON.stringify(body)}`);
    await pause(500);
  }
}

export async function job(address: string, id: string): Promise<JobBody> {
  const { status, body } = await ask<JobBody>(`${address}/v1/jobs/${id}`);
  if (status !== 200) throw new Error(`job ${id} is answered with ${status}`);
  return body;
}

/** The job once it is as asked for; rejects after a while. */
export async function jobOnce(
  address: string,
  id: string,
  wanted: (job: JobBody) => boolean,
  patience: number = PATIENCE,
): Promise<JobBody> {
  for (const end = Date.now() + patience; ; ) {
    const found = await job(address, id);
    if (wanted(found)) return found;
    if (Date.now() > end) throw new Error(`job ${id} is ${JSON.stringify(found)}`);
    await pause(30);
  }
}

export const hasEnded = ({ state }: Pick<JobBody, "state">) => state !== "queued" && state !== "running";

export async function report(address: string, id: string): Promise<Report> {
  return (await ask<Report>(`${address}/v1/reports/${id}?all=true`, { headers: { accept: "application/json" } })).body;
}
