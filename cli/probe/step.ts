import { PROBE_VERSION } from "../../engine/formats/probe-record.ts";
import type { ProbeStep } from "./evidence-schema.ts";

export type { ProbeStep };

/** What every probe is given. */
export interface ProbeContext {
  /** Longest wait for one step, milliseconds. */
  readonly timeout: number;
  /** Roots that are trusted, PEM; undefined for those Node.js brings. */
  readonly roots: readonly string[] | undefined;
  /** Aborted when the person asks to stop. */
  readonly signal: AbortSignal;
  /** Takes each step as it ends. */
  report(step: ProbeStep): void;
}

/** What stays the same over the steps of one target. */
export type ProbeTarget = Pick<ProbeStep, "kind" | "role" | "target" | "name" | "port" | "transport">;

/** How a step ended, without its place and times. */
export type StepOutcome = Pick<ProbeStep, "step" | "outcome"> & {
  readonly [K in "reason" | "ip" | "status" | "subject" | "names" | "expires" | "detail"]?: ProbeStep[K] | undefined;
};

/** Starts the clock of a step; the result ends it and reports. */
export function beginStep(context: ProbeContext, target: ProbeTarget): (outcome: StepOutcome) => void {
  const [time, began] = [new Date().toISOString(), performance.now()];
  return (outcome) => {
    const told = Object.fromEntries(Object.entries(outcome).filter(([, value]) => value !== undefined)) as typeof outcome;
    context.report({ ...target, ...told, time, duration: Math.round(performance.now() - began) / 1000 } as ProbeStep);
  };
}

/** The line of an evidence file. */
export function evidenceLine(record: "start" | "step" | "end", fields: object): string {
  return `${JSON.stringify({ casebook_probe: PROBE_VERSION, record, ...fields })}\n`;
}

/** Reason in one word, and the words of the system, for what went wrong on the network. */
export function networkProblem(error: unknown): { readonly reason: string; readonly detail: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const detail = error instanceof Error ? error.message : String(error);
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: "refused",
    ECONNRESET: "reset",
    EPIPE: "reset",
    ETIMEDOUT: "timed_out",
    EHOSTUNREACH: "unreachable",
    ENETUNREACH: "unreachable",
    EADDRNOTAVAIL: "unreachable",
    ENOTFOUND: "not_found",
    ENODATA: "no_address",
  };
  if (/alert/i.test(code) || /\balert\b/i.test(detail)) return { reason: "alert", detail };
  return { reason: reasons[code] ?? "error", detail };
}

/** Rejects like a system's time-out if `work` takes longer; `stop` frees what it holds. */
export async function within<T>(work: Promise<T>, milliseconds: number, stop: () => void = () => {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      stop();
      reject(Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: "ETIMEDOUT" }));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
