import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { buildApp } from "../../api/app.ts";
import type { Backend } from "../../api/backend/backend.ts";
import { openEmbedded } from "../../api/backend/embedded.ts";
import { mintKey } from "../../api/keys.ts";
import { createMetrics } from "../../api/metrics.ts";
import type { ProblemBody } from "../../api/schemas/problem.ts";
import { catalogueSearch } from "../../api/search/catalogue-search.ts";
import type { Services } from "../../api/services.ts";
import { readSettings, type Settings } from "../../api/settings.ts";
import type { Scope } from "../../api/store/store.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";
import { type DescribedAnswers, describedAnswers } from "./described-answers.ts";

export interface ApiOptions {
  readonly settings?: Partial<Settings>;
  readonly services?: Partial<Services>;
  /** Puts itself between the server and its backend. */
  readonly backend?: (backend: Backend) => Backend;
}

/** An answer, with its body read. */
export interface Answer<T = ProblemBody> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is JSON; held against the description, so that it is what a test says it is. */
  readonly body: T;
}

export interface CallOptions {
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit["body"];
  readonly json?: unknown;
}

/** A server on a port of its own, with what it writes to its log. */
export interface ApiServer {
  readonly address: string;
  readonly port: number;
  readonly backend: Backend;
  readonly settings: Settings;
  readonly folder: string;
  readonly log: readonly string[];
  readonly services: Services;
  /** Every route there is, as a tree in text. */
  readonly routes: string;
  /** Asks, and holds the answer against what the API says of itself. */
  call<T = ProblemBody>(method: string, path: string, options?: CallOptions): Promise<Answer<T>>;
  /** Makes a key and returns it as its owner sends it. */
  key(tenant: string, ...scopes: Scope[]): Promise<string>;
  close(): Promise<void>;
}

let loaded: Promise<Services["catalogue"]> | null = null;

/** The catalogue, read once for all servers of a file. */
function catalogue(): Promise<Services["catalogue"]> {
  loaded ??= loadCatalogue();
  return loaded;
}

export async function startApi({
  settings: own = {},
  services: others = {},
  backend: between = (one) => one,
}: ApiOptions = {}): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-api-"));
  const opened = await openEmbedded({ data: folder, own: true });
  const backend = between(opened);
  const { store, queue, blobs } = backend;
  const settings = { ...readSettings({ port: "0", data: folder, "request-rate": "0", "upload-rate": "0" }, {}), ...own };
  const log: string[] = [];
  const known = await catalogue();
  const services: Services = {
    ...{ store, queue, blobs, settings },
    catalogue: known,
    search: catalogueSearch(known),
    metrics: createMetrics({ store, queue }),
    loopback: true,
    site: null,
    testCases: join(import.meta.dirname, "..", "cases"),
    checkRule: () => Promise.reject(new Error("no rules are checked here")),
    wake: () => {},
    draining: () => false,
    keyCheck: 50,
    now: Date.now,
    ...others,
  };
  const app = await buildApp(services, pino({ level: "info" }, { write: (line: string) => void log.push(line) }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const described: DescribedAnswers = describedAnswers(app.swagger());
  return {
    ...{ address, port, backend, settings, folder, log, services, routes: app.printRoutes({ commonPrefix: false }) },
    async call<T>(method: string, path: string, { key, headers = {}, body, json }: CallOptions = {}) {
      const response = await fetch(`${address}${path}`, {
        method,
        redirect: "manual",
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(body === undefined ? {} : { body, duplex: "half" }),
      } as RequestInit);
      const text = await response.text();
      const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "");
      const answer = {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson && text !== "" ? JSON.parse(text) : null) as T,
      };
      described.check(method, path, answer);
      return answer;
    },
    async key(tenant, ...scopes) {
      const minted = mintKey({ tenant, label: "for a test", scopes, expiresAt: null }, Date.now());
      await store.addKey(minted.key);
      return minted.text;
    },
    async close() {
      await app.close();
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A multipart body of files by path. */
export function filesForm(files: Readonly<Record<string, string | Uint8Array>>, name?: string): FormData {
  const form = new FormData();
  if (name !== undefined) form.set("name", name);
  for (const [path, content] of Object.entries(files))
    form.append("file", new Blob([typeof content === "string" ? content : new Uint8Array(content)]), path);
  return form;
}

/** Ends a job as a worker does, with the results of the real engine or of a test. */
export async function finishByHand(
  { backend: { store, blobs } }: ApiServer,
  id: string,
  results: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const begun = await store.begin(id, Date.now());
  if (begun === null) throw new Error(`${id} cannot be begun`);
  const keys: Record<string, string> = {};
  for (const [name, content] of Object.entries(results)) {
    keys[name] = `${name}/${id}`;
    await blobs.write(keys[name], once(content));
  }
  if (!(await store.finish(id, begun.job.attempts, { state: "done", results: keys }, Date.now())))
    throw new Error(`${id} cannot be finished`);
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
