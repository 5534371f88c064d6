import type { Logger } from "pino";
import { loadKnowledge } from "../engine/node/knowledge.ts";
import { openForWork } from "./open-backend.ts";
import { readDataKey, type Settings } from "./settings.ts";
import { StartFailure } from "./start-failure.ts";
import { startWork } from "./work/start-work.ts";

/** A process that only runs jobs, for servers on the same database. */
export interface RunningWorker {
  /** Lets jobs end, for as long as the settings say, hands back the rest, and closes. */
  stop(): Promise<void>;
}

/** Starts to run the jobs of a database. Rejects with `StartFailure` or `SettingsError` where whoever runs it can do something about it. */
export async function startWorkerProcess(settings: Settings, log: Logger): Promise<RunningWorker> {
  if (settings.databaseUrl === null)
    throw new StartFailure("a worker of its own needs CASEBOOK_DATABASE_URL: with the embedded database, serve runs the jobs itself");
  const dataKey = readDataKey(settings);
  const onError = (error: Error) => log.error({ err: error }, "something went wrong in the background");
  const backend = await openForWork(settings, { own: false, dataKey, onError });
  try {
    const knowledge = await loadKnowledge(settings.rules ?? undefined);
    const work = startWork(settings, backend, { knowledge, dataKey, log });
    return {
      async stop() {
        await work.stop(settings.shutdownTime);
        await backend.close();
      },
    };
  } catch (error) {
    await backend.close();
    throw error;
  }
}
