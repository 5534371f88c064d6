import { StoppedError } from "./matcher.ts";
import type { PickedBundle } from "./messages.ts";

/** A server that takes bundles. */
export interface Server {
  /** Host it answers at, to be shown. */
  readonly host: string;
  /** Sends a bundle and waits for its analysis; resolves to the address of the report. Rejects with `StoppedError` when stopped. */
  send(bundle: PickedBundle, key: string, tell: (progress: SendProgress) => void, signal: AbortSignal): Promise<SentReport>;
}

export interface SendProgress {
  readonly stage: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly packets: number;
}

export interface SentReport {
  readonly address: string;
  /** The report as a page. */
  fetchHtml(): Promise<Blob>;
}

/** The part of a job that the page shows. */
interface Job {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly progress: { readonly stage: string; readonly bytes: number; readonly total_bytes: number; readonly packets: number } | null;
}

/** How often the server is asked how far it has come, in milliseconds; less often the longer it takes. */
const FIRST_WAIT = 300;
const LONGEST_WAIT = 3000;

/** The server the site is configured for; null where there is none. */
export async function configuredServer(config: string): Promise<Server | null> {
  const response = await fetch(config).catch(() => null);
  const settings: unknown = response?.ok ? await response.json().catch(() => null) : null;
  const api = typeof settings === "object" && settings !== null && "api" in settings ? settings.api : null;
  if (typeof api !== "string" || api === "") return null;
  const base = new URL(api.endsWith("/") ? api : `${api}/`, new URL(config, location.href));
  return {
    host: base.host,
    async send(bundle, key, tell, signal) {
      const headers: Record<string, string> = key === "" ? {} : { authorization: `Bearer ${key}` };
      const accepted = await upload(new URL("bundles", base), bundle, headers, tell, signal);
      await ended(new URL(`jobs/${accepted.id}`, base), accepted, headers, tell, signal);
      const report = new URL(`reports/${accepted.id}?format=html`, base);
      return { address: report.href, fetchHtml: async () => (await answered(await fetch(report, { headers, signal }))).blob() };
    },
  };
}

/** With XMLHttpRequest, because fetch does not tell how much was sent. */
function upload(
  address: URL,
  { name, files }: PickedBundle,
  headers: Readonly<Record<string, string>>,
  tell: (progress: SendProgress) => void,
  signal: AbortSignal,
): Promise<Job> {
  const form = new FormData();
  form.append("name", name);
  for (const { path, blob } of files) form.append("file", blob, path);
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => tell({ stage: "uploading", bytes: loaded, totalBytes: total, packets: 0 });
    request.onerror = () => reject(new Error(`${address.host} cannot be reached, or does not take bundles from this page`));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status === 202 && isJob(body)) resolve(body);
      else reject(new Error(problemText(address.host, request.status, body)));
    };
    signal.addEventListener("abort", () => {
      request.abort();
      reject(new StoppedError("stopped"));
    });
    request.open("POST", address);
    for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
    request.send(form);
  });
}

/** Waits until a job has ended well; rejects where it has not. */
async function ended(
  address: URL,
  accepted: Job,
  headers: Readonly<Record<string, string>>,
  tell: (progress: SendProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  let job = accepted;
  for (let wait = FIRST_WAIT; job.state === "queued" || job.state === "running"; wait = Math.min(LONGEST_WAIT, wait * 1.3)) {
    const { stage = job.state, bytes = 0, total_bytes = 0, packets = 0 } = job.progress ?? {};
    tell({ stage, bytes, totalBytes: total_bytes, packets });
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) {
      await fetch(address, { method: "DELETE", headers }).catch(() => {});
      throw new StoppedError("stopped");
    }
    const body: unknown = await (await answered(await fetch(address, { headers, cache: "no-store" }))).json();
    if (!isJob(body)) throw new Error(`${address.host} answered something that is no job`);
    job = body;
  }
  if (job.state !== "done") throw new Error(job.error ?? `the analysis was ${job.state}`);
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new Error(problemText(new URL(response.url).host, response.status, parsed(await response.text())));
}

/** Problem details, RFC 9457, as a sentence. */
function problemText(host: string, status: number, body: unknown): string {
  const { title, detail, what_to_do } = (typeof body === "object" && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const said = [detail ?? title, what_to_do].filter((text) => typeof text === "string");
  return said.length > 0 ? said.join(" ") : `${host} answered ${status}`;
}

function isJob(body: unknown): body is Job {
  return typeof body === "object" && body !== null && "id" in body && typeof body.id === "string" && "state" in body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
