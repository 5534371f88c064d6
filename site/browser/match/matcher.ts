import type { DownloadFormat, MatchAnswer, MatchProgress, MatchRequest, PickedBundle, ShownReport } from "./messages.ts";

/** Where the engine and what it knows lie. */
export interface MatcherSources {
  readonly worker: string;
  readonly knowledge: string;
}

/** A bundle in the hands of the engine. Every promise rejects with `StoppedError` once it was stopped. */
export interface Match {
  /** The report; `all` tells every rule in full. */
  show(all: boolean): Promise<ShownReport>;
  /** The report as a file. */
  render(format: DownloadFormat, all: boolean): Promise<string>;
  /** Markup that tells why a rule came to its verdict. */
  explain(rule: string): Promise<string>;
  /** Ends the work at once. */
  stop(): void;
}

/** Rejection of what was still asked when the work was stopped. */
export class StoppedError extends Error {}

/** A worker that has done its work: the next bundle finds it warm. */
let spare: Worker | null = null;

/**
 * Fetches the engine, starts it beside the page and gives it a bundle. The worker is started from a copy in memory, because only then
 * does the page's policy, which lets it speak to nobody else, bind the worker as well.
 */
export async function startMatch(
  bundle: PickedBundle,
  sources: MatcherSources,
  tell: (progress: MatchProgress) => void,
  signal: AbortSignal,
): Promise<Match> {
  const { address, knowledge } = await loadEngine(sources);
  if (signal.aborted) throw new StoppedError("stopped");
  const worker = spare ?? new Worker(address, { type: "module" });
  spare = null;
  const waiting: { resolve(answer: MatchAnswer): void; reject(error: Error): void }[] = [];
  let over: Error | null = null;
  let idle = false;
  const end = (error: Error) => {
    if (over) return;
    over = error;
    // Work that is going on ends only with its worker.
    if (idle && waiting.length === 0 && error instanceof StoppedError) spare = worker;
    else worker.terminate();
    for (const { reject } of waiting.splice(0)) reject(over);
  };
  worker.onmessage = ({ data }: MessageEvent<MatchAnswer>) => {
    if (data.kind === "progress") tell(data.progress);
    else waiting.shift()?.resolve(data);
  };
  worker.onerror = ({ message }) => end(new Error(`the engine stopped working: ${message || "it could not be started"}`));
  worker.onmessageerror = () => end(new Error("the engine's answer could not be handed over"));
  const stop = () => end(new StoppedError("stopped"));
  signal.addEventListener("abort", stop, { once: true });
  const send = (request: MatchRequest) => worker.postMessage(request);
  const ask = async (request: MatchRequest): Promise<MatchAnswer> => {
    if (over) throw over;
    const answer = await new Promise<MatchAnswer>((resolve, reject) => {
      waiting.push({ resolve, reject });
      send(request);
    });
    if (answer.kind === "failed") throw new Error(answer.message);
    return answer;
  };
  const text = async (request: MatchRequest): Promise<string> => {
    const answer = await ask(request);
    return answer.kind === "text" ? answer.text : "";
  };
  send({ kind: "read", bundle, knowledge });
  return {
    async show(all) {
      const answer = await ask({ kind: "show", all });
      if (answer.kind !== "shown") throw new Error("the engine answered something else");
      idle = true;
      return answer.shown;
    },
    render: (format, all) => text({ kind: "render", format, all }),
    explain: (rule) => text({ kind: "explain", rule }),
    stop,
  };
}

/** The engine as a script in memory, and what it knows. */
interface Engine {
  readonly address: string;
  readonly knowledge: string;
}

let loading: Promise<Engine> | null = null;

/** Loads the engine once; after a failure anew. */
function loadEngine({ worker, knowledge }: MatcherSources): Promise<Engine> {
  loading ??= Promise.all([fetchText(worker), fetchText(knowledge)]).then(
    ([code, pack]) => ({ address: URL.createObjectURL(new Blob([code], { type: "text/javascript" })), knowledge: pack }),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

async function fetchText(address: string): Promise<string> {
  const response = await fetch(address).catch((error: unknown) => {
    throw new Error(`the engine could not be loaded: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!response.ok) throw new Error(`the engine could not be loaded: ${response.status} ${response.statusText} for ${address}`);
  return response.text();
}
