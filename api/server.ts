import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { loadCatalogue } from "../engine/node/catalogue.ts";
import { loadKnowledge } from "../engine/node/knowledge.ts";
import { packageRoot } from "../engine/node/package-root.ts";
import { buildApp } from "./app.ts";
import type { Backend } from "./backend/backend.ts";
import { isLoopback, listen } from "./listening.ts";
import { createMetrics } from "./metrics.ts";
import { openForWork } from "./open-backend.ts";
import { catalogueSearch } from "./search/catalogue-search.ts";
import { readDataKey, type Settings } from "./settings.ts";
import { StartFailure } from "./start-failure.ts";
import { sweep } from "./work/retention.ts";
import { startWork, type Work } from "./work/start-work.ts";

/** How often retention and the sweep of what is left over run, in milliseconds. */
const SWEEP_MS = 3_600_000;
/** How often the keys of those who follow jobs are looked at again, in milliseconds. */
const KEY_CHECK_MS = 15_000;
/** How long connections that only listen are left open when the server ends, in milliseconds. */
const LISTENERS_MS = 1_000;

/** A server that answers requests. */
export interface RunningServer {
  /** `http://127.0.0.1:8080`, without slash at the end; an address of this machine where it listens on all. */
  readonly address: string;
  /** Whether requests without a key may do everything. */
  readonly anonymous: boolean;
  /** Whether the site is served at `/`. */
  readonly site: boolean;
  /** Lets what goes on end, for as long as the settings say, refuses new requests meanwhile, and closes. */
  stop(): Promise<void>;
}

/** Starts the server that the settings describe. Rejects with `StartFailure` or `SettingsError` where whoever runs it can do something about it. */
export async function startServer(settings: Settings, log: Logger): Promise<RunningServer> {
  if (settings.jobsAtOnce === 0 && settings.databaseUrl === null)
    throw new StartFailure(
      "with --jobs 0 nobody would ever run a job: the embedded database has no workers but this process; leave --jobs away, or set CASEBOOK_DATABASE_URL and start casebook worker beside it",
    );
  const dataKey = readDataKey(settings);
  const loopback = await isLoopback(settings.host);
  const onError = (error: Error) => log.error({ err: error }, "something went wrong in the background");
  const backend = await openForWork(settings, { own: true, dataKey, onError });
  try {
    return await startOn(backend, settings, { dataKey, loopback, log });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

interface Surroundings {
  readonly dataKey: Uint8Array | null;
  readonly loopback: boolean;
  readonly log: Logger;
}

async function startOn(backend: Backend, settings: Settings, { dataKey, loopback, log }: Surroundings): Promise<RunningServer> {
  const { store, queue, blobs } = backend;
  const root = await packageRoot();
  const rules = settings.rules ?? undefined;
  const [knowledge, catalogue, site, testCases] = await Promise.all([
    loadKnowledge(rules),
    loadCatalogue(rules),
    folder(join(root, "dist", "site")),
    folder(join(rules === undefined ? root : dirname(resolve(rules)), "tests", "cases")),
  ]);
  const search = catalogueSearch(catalogue);
  const metrics = createMetrics({ store, queue });
  const work = startWork(settings, backend, { knowledge, dataKey, log, metrics });
  let draining = false;
  let app: FastifyInstance | null = null;
  const sweepNow = () =>
    sweep({ store, blobs, auditRetention: settings.auditRetention, log }).catch((error: unknown) => {
      // One that the end of the server breaks off is made up for by the next.
      if (!draining) log.error({ err: error }, "sweeping what is no longer kept failed");
    });
  const sweeping = setInterval(sweepNow, SWEEP_MS);
  const stop = async () => {
    draining = true;
    clearInterval(sweeping);
    await end(app, work, settings.shutdownTime);
    await backend.close();
  };
  try {
    const built = await buildApp(
      {
        ...{ store, queue, blobs, settings, catalogue, search, metrics, loopback, site, testCases },
        checkRule: work.runner.checkRule,
        wake: work.wake,
        draining: () => draining,
        keyCheck: KEY_CHECK_MS,
        now: Date.now,
      },
      log,
    );
    app = built;
    const address = await listen(built, settings.host, settings.port);
    void sweepNow();
    // So that the first who searches need not wait for the index.
    search.search("", { count: "best" }).catch((error: unknown) => log.error({ err: error }, "the search index cannot be built"));
    return {
      address,
      anonymous: settings.anonymous === "on" || (settings.anonymous === "loopback" && loopback),
      site: site !== null,
      stop,
    };
  } catch (error) {
    clearInterval(sweeping);
    await end(app, work, 0);
    throw error;
  }
}

/** Ends jobs and requests; both may go on for that many milliseconds. */
async function end(app: FastifyInstance | null, work: Work, patience: number): Promise<void> {
  const since = performance.now();
  await work.stop(patience);
  if (!app) return;
  const left = Math.max(LISTENERS_MS, patience - (performance.now() - since));
  const cut = setTimeout(() => app.server.closeAllConnections(), left);
  await app.close();
  clearTimeout(cut);
}

async function folder(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ? path : null;
}
