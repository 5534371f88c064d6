import { type Job, type Operations, operations, type Report } from "./generated/operations.ts";
import { multipartBody, type Upload } from "./multipart.ts";
import { Problem, problemOf } from "./problem.ts";
import { serverEvents } from "./server-events.ts";

export type * from "./generated/operations.ts";
export { Problem, type Upload };

export interface ClientOptions {
  /** Where the server is, `https://casebook.example.org`; a path before `/v1` is kept. */
  readonly baseUrl: string | URL;
  /** API key, `cbk_…`; a server on one's own machine may do without. */
  readonly key?: string;
  /** The `fetch` to use; the platform's own if left out. */
  readonly fetch?: typeof fetch;
}

export interface SubmitOptions {
  /** Name of the bundle; the server takes the file's where there is one file. */
  readonly name?: string;
  /** Repeating a submission with the same key has no further effect. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Told how many bytes of the files have been sent. Needs a `fetch` that streams request bodies: Node's does, browsers only over HTTP/2. */
  readonly onSent?: (bytes: number) => void;
}

type Input<K extends keyof Operations> = {
  readonly [Part in "params" | "query"]?: Operations[K][Part];
} & {
  readonly body?: Operations[K]["body"];
  readonly signal?: AbortSignal;
};

const FINAL: readonly string[] = ["done", "failed", "cancelled"];
/** Milliseconds before a connection that broke while a job was followed is made again. */
const RECONNECT = 1000;
/** Most times in a row that it is. */
const MAX_RECONNECTS = 30;

/** The HTTP API of a Casebook server. Whatever does not succeed rejects with a `Problem`, or with what `fetch` rejects with. */
export class CasebookClient {
  private readonly base: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly fetch: typeof fetch;

  constructor({ baseUrl, key, fetch: own = globalThis.fetch }: ClientOptions) {
    this.base = String(baseUrl).replace(/\/+$/, "");
    this.headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    this.fetch = own;
  }

  /** Calls any operation of the API by its id and answers with its JSON; undefined where it answers with nothing. */
  async call<K extends keyof Operations>(id: K, input: Input<K> = {}): Promise<Operations[K]["response"]> {
    const { method, path } = operations[id];
    const response = await this.ask(address(path, input.params ?? {}, input.query ?? {}), {
      method,
      headers: { accept: "application/json", ...(input.body === undefined ? {} : { "content-type": "application/json" }) },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(input.signal ? { signal: input.signal } : {}),
    });
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as Operations[K]["response"];
  }

  /** Submits files as one bundle, read as they are sent. */
  async submit(files: readonly Upload[], options: SubmitOptions = {}): Promise<Operations["submitBundle"]["response"]> {
    const { contentType, size, stream } = multipartBody(files, `casebook-${crypto.randomUUID()}`, options.onSent);
    const streamed = options.onSent !== undefined;
    const body = streamed ? stream : formOf(files);
    const response = await this.ask(address(operations.submitBundle.path, {}, options.name === undefined ? {} : { name: options.name }), {
      method: operations.submitBundle.method,
      headers: {
        accept: "application/json",
        ...(streamed ? { "content-type": contentType, "content-length": String(size) } : {}),
        ...(options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey }),
      },
      body,
      ...(streamed ? { duplex: "half" } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    } as RequestInit);
    return (await response.json()) as Operations["submitBundle"]["response"];
  }

  /** The job as it is, and again after every change, until it has ended. Connects again where the connection breaks. */
  async *follow(id: string, signal?: AbortSignal): AsyncGenerator<Job> {
    for (let broken = 0; ; broken++) {
      try {
        for await (const job of this.events(id, signal)) {
          broken = 0;
          yield job;
          if (FINAL.includes(job.state)) return;
        }
      } catch (error) {
        if (signal?.aborted || isFinal(error) || broken >= MAX_RECONNECTS) throw error;
      }
      if (broken >= MAX_RECONNECTS) throw new Error(`job ${id} did not end, and the server stopped telling of it`);
      await new Promise((resolve) => setTimeout(resolve, RECONNECT));
    }
  }

  /** Waits until a job has ended. */
  async ended(id: string, signal?: AbortSignal): Promise<Job> {
    let last: Job | undefined;
    for await (const job of this.follow(id, signal)) last = job;
    return last!;
  }

  /** The report of a job that is done. */
  async report(id: string, options: { readonly all?: boolean; readonly signal?: AbortSignal } = {}): Promise<Report> {
    return JSON.parse(await this.renderedReport(id, { format: "json", ...options })) as Report;
  }

  /** The report as text in one of its formats, byte for byte as the command line writes it. */
  async renderedReport(
    id: string,
    options: { readonly format: "json" | "html" | "markdown" | "text"; readonly all?: boolean; readonly signal?: AbortSignal },
  ): Promise<string> {
    const query = { format: options.format, ...(options.all ? { all: "true" } : {}) };
    const response = await this.ask(address(operations.readReport.path, { id }, query), options.signal ? { signal: options.signal } : {});
    return response.text();
  }

  private async *events(id: string, signal: AbortSignal | undefined): AsyncGenerator<Job> {
    const response = await this.ask(address(operations.followJob.path, { id }, {}), {
      headers: { accept: "text/event-stream" },
      ...(signal ? { signal } : {}),
    });
    if (response.body) for await (const { data } of serverEvents(response.body)) yield JSON.parse(data) as Job;
  }

  private async ask(path: string, init: RequestInit): Promise<Response> {
    const response = await this.fetch(this.base + path, {
      ...init,
      headers: { ...this.headers, ...(init.headers as Record<string, string>) },
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** An answer that the same question will get again. */
function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status < 500 && error.status !== 429;
}

function address(path: string, params: object, query: object): string {
  const values = params as Readonly<Record<string, unknown>>;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.append(name, String(value));
  const text = asked.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

function formOf(files: readonly Upload[]): FormData {
  const form = new FormData();
  for (const { path, content } of files) form.append("file", content, path);
  return form;
}
