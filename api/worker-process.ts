import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { loadKnowledge } from "../engine/node/knowledge.ts";
import { listen } from "./listening.ts";
import { workMetrics } from "./metrics.ts";
import { openForWork } from "./open-backend.ts";
import { readDataKey, type Settings } from "./settings.ts";
import { StartFailure } from "./start-failure.ts";
import { startWork, type Work } from "./work/start-work.ts";
import { watchApp } from "./worker-watch.ts";

/** A process that only runs jobs, for servers on the same database. */
export interface RunningWorker {
  /** Where it can be watched, `http://127.0.0.1:9090`; null where nobody asked for that. */
  readonly watch: string | null;
  /** Lets jobs end, for as long as the settings say, hands back the rest, and closes. */
  stop(): Promise<void>;
}

/** Starts to run the jobs of a database. Rejects with `StartFailure` or `SettingsError` where whoever runs it can do something about it. */
export async function startWorkerProcess(settings: Settings, log: Logger): Promise<RunningWorker> {
  if (settings.databaseUrl === null)
    throw new StartFailure("a worker of its own needs CASEBOOK_DATABASE_URL: with the embedded database, serve runs the jobs itself");
  if (settings.jobsAtOnce === 0)
    throw new StartFailure("a worker with --jobs 0 would do nothing: give it 1 at least, or leave --jobs away");
  const dataKey = readDataKey(settings);
  const onError = (error: Error) => log.error({ err: error }, "something went wrong in the background");
  const backend = await openForWork(settings, { own: false, dataKey, onError });
  const metrics = workMetrics(backend);
  let draining = false;
  let [app, work]: [FastifyInstance | null, Work | null] = [null, null];
  const stop = async (patience: number) => {
    draining = true;
    await work?.stop(patience);
    app?.server.closeAllConnections();
    await app?.close();
    await backend.close();
  };
  try {
    const knowledge = await loadKnowledge(settings.rules ?? undefined);
    // Before any job is begun: an address that cannot be had is told at once.
    let watch: string | null = null;
    if (settings.metricsPort !== null) {
      app = await watchApp({ ...backend, settings, metrics, draining: () => draining, now: Date.now }, log);
      watch = await listen(app, settings.metricsHost, settings.metricsPort, "--metrics-");
    }
    work = startWork(settings, backend, { knowledge, dataKey, log, metrics });
    return { watch, stop: () => stop(settings.shutdownTime) };
  } catch (error) {
    await stop(0);
    throw error;
  }
}
