/** The part of a job that the page shows. */
export interface Job {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly progress: JobProgress | null;
}

export interface JobProgress {
  readonly stage: string;
  readonly bytes: number;
  readonly total_bytes: number;
  readonly packets: number;
  readonly rules: number;
}

/** What the page asks of a server about jobs. Rejects with the server's own words where it refuses. */
export interface JobServer {
  /** Host it answers at, to be shown. */
  readonly host: string;
  /** A job as it is now; null while the server is away. */
  job(id: string, signal: AbortSignal): Promise<Job | null>;
  /** The events of a job; null where the server gives none. */
  events(id: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null>;
  /** Reads a job from JSON. */
  jobOf(text: string): Job;
  cancel(id: string): Promise<void>;
}

/** The jobs of the API at `base`. */
export function jobServer(base: URL, headers: Readonly<Record<string, string>>): JobServer {
  const { host } = base;
  const jobOf = (text: string): Job => {
    const body = parsed(text);
    if (!isJob(body)) throw new Error(`${host} answered something that is no job`);
    return body;
  };
  return {
    host,
    jobOf,
    async job(id, signal) {
      const response = await fetch(new URL(`jobs/${id}`, base), { headers, cache: "no-store", signal }).catch(() => null);
      signal.throwIfAborted();
      // A server that is being started again, or what stands before it.
      if (response === null || response.status === 429 || response.status >= 500) return null;
      return jobOf(await (await answered(response)).text());
    },
    async events(id, signal) {
      const response = await fetch(new URL(`jobs/${id}/events`, base), { headers, cache: "no-store", signal });
      const isStream = response.ok && response.headers.get("content-type")?.startsWith("text/event-stream");
      if (!isStream) await response.body?.cancel();
      return isStream ? response.body : null;
    },
    async cancel(id) {
      await fetch(new URL(`jobs/${id}`, base), { method: "DELETE", headers, keepalive: true }).catch(() => {});
    },
  };
}

export async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new Error(problemText(new URL(response.url).host, response.status, parsed(await response.text())));
}

/** Problem details, RFC 9457, as a sentence. */
export function problemText(host: string, status: number, body: unknown): string {
  const { title, detail, what_to_do } = (typeof body === "object" && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  const said = [detail ?? title, what_to_do].filter((text) => typeof text === "string");
  return said.length > 0 ? said.join(" ") : `${host} answered ${status}`;
}

export function isJob(body: unknown): body is Job {
  return typeof body === "object" && body !== null && "id" in body && typeof body.id === "string" && "state" in body;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
