import { eventData } from "./event-stream.ts";
import type { Job, JobServer } from "./job-server.ts";

/** Longest silence of a stream of events, in milliseconds: something is sent every 15 s, and a first event at once, unless what stands between holds it back. */
const SILENCE = 40_000;
const FIRST_SILENCE = 5_000;
/** How often the server is asked where its events do not arrive, in milliseconds; less often the longer it takes. */
const FIRST_WAIT = 300;
const LONGEST_WAIT = 3_000;
/** How long a server may be away before the page gives up, in milliseconds. */
const PATIENCE = 60_000;

/** Follows a job to its end: by the server's events, and where they break off or never come by asking. Rejects where the signal stops it. */
export async function followJob(accepted: Job, server: JobServer, tell: (job: Job) => void, signal: AbortSignal): Promise<Job> {
  let [job, events, wait, awaySince] = [accepted, true, FIRST_WAIT, Number.POSITIVE_INFINITY];
  const hear = (next: Job) => {
    [job, awaySince] = [next, Number.POSITIVE_INFINITY];
    if (isGoingOn(job)) tell(job);
  };
  hear(accepted);
  while (isGoingOn(job)) {
    if (events) events = await listen(job.id, server, hear, signal);
    if (!isGoingOn(job)) break;
    await pause(wait, signal);
    wait = Math.min(LONGEST_WAIT, wait * 1.3);
    const asked = await server.job(job.id, signal);
    if (asked) hear(asked);
    else awaySince = Math.min(awaySince, performance.now());
    if (performance.now() - awaySince > PATIENCE)
      throw new Error(`${server.host} cannot be reached any more. It may still be at work on it; ask there for job ${job.id}.`);
  }
  return job;
}

function isGoingOn({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

/** Takes what the server tells of a job until that ends; false where listening again would bring nothing. */
async function listen(id: string, server: JobServer, hear: (job: Job) => void, signal: AbortSignal): Promise<boolean> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), FIRST_SILENCE);
  let told = false;
  try {
    const stream = await server.events(id, AbortSignal.any([signal, silence.signal]));
    if (stream === null) return false;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE);
    };
    for await (const data of eventData(stream, heard)) {
      hear(server.jobOf(data));
      told = true;
    }
  } catch {
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
  }
  return told;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
