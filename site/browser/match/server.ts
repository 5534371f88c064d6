import { followJob } from "./follow-job.ts";
import { answered, isJob, type Job, jobServer, parsed, problemText } from "./job-server.ts";
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
  /** Rules asked; 0 before they are. */
  readonly rules: number;
}

export interface SentReport {
  readonly address: string;
  /** The report as a page. */
  fetchHtml(): Promise<Blob>;
}

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
      const jobs = jobServer(base, headers);
      const accepted = await upload(new URL("bundles", base), bundle, headers, tell, signal);
      const job = await followJob(accepted, jobs, (going) => tell(progressOf(going)), signal).catch(async (error: unknown) => {
        if (!signal.aborted) throw error;
        await jobs.cancel(accepted.id);
        throw new StoppedError("stopped");
      });
      if (job.state !== "done") throw new Error(job.error ?? `the analysis was ${job.state}`);
      const report = new URL(`reports/${accepted.id}?format=html`, base);
      return { address: report.href, fetchHtml: async () => (await answered(await fetch(report, { headers, signal }))).blob() };
    },
  };
}

function progressOf({ state, progress }: Job): SendProgress {
  if (progress === null) return { stage: state, bytes: 0, totalBytes: 0, packets: 0, rules: 0 };
  const { total_bytes: totalBytes, ...rest } = progress;
  return { ...rest, totalBytes };
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
    request.upload.onprogress = ({ loaded, total }) => tell({ stage: "uploading", bytes: loaded, totalBytes: total, packets: 0, rules: 0 });
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
