import type { Coverage } from "../tables/coverage.ts";
import type { Value } from "../tables/table.ts";
import { EXCHANGE_ROLES, LYNC_ROLES, roleOfName, type UrlRole } from "../tables/url-roles.ts";
import type { Emit } from "./format.ts";

/** One step of one target, as a row of `probe_results`, and its line. */
export interface ProbedStep {
  readonly values: Readonly<Record<string, Value | undefined>>;
  readonly at: number;
}

/** Targets one file may test; more steps are passed on as rows, but not put together. */
const MAX_TARGETS = 10_000;
/** Lines cited for one target. */
const MAX_CITED = 40;
/** The step that shows by itself whether what is asked of Exchange is there. */
const DECIDING: Readonly<Record<string, string>> = { autodiscover: "autodiscover", ews: "ews" };
/** The last of the steps after which a published URL counts as reached; what HTTP answers is another matter. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  url: ["certificate_chain", "tls", "http"],
  autodiscover: ["autodiscover"],
  ews: ["ews"],
};

/** Puts the steps of a file together to one row of `url_checks` for each published service it tests. */
export class UrlCheckRows {
  private readonly emit: Emit;
  private readonly via: "probe" | "transcript";
  private readonly targets = new Map<string, ProbedStep[]>();

  constructor(emit: Emit, via: "probe" | "transcript") {
    this.emit = emit;
    this.via = via;
  }

  /** A step, in the order of the file. */
  add(step: ProbedStep): void {
    const { kind, target, name } = step.values;
    if (kind === "stun" || (kind === "autodiscover" && step.values.step !== "autodiscover")) return;
    const key = `${kind} ${target ?? name}`;
    const steps = this.targets.get(key);
    if (steps) steps.push(step);
    else if (this.targets.size < MAX_TARGETS) this.targets.set(key, [step]);
  }

  /** After the last step; `coverage` is what the file could have shown of every service. */
  finish(coverage: Omit<Coverage, "source" | "table" | "only">): void {
    const roles = new Set<UrlRole>();
    for (const steps of this.targets.values()) {
      const role = this.target(steps);
      if (role !== null) for (const one of LYNC_ROLES.includes(role) ? LYNC_ROLES : EXCHANGE_ROLES) roles.add(one);
    }
    if (roles.size > 0) this.emit.coverage({ ...coverage, table: "url_checks", only: { role: [...roles] } });
  }

  private target(steps: readonly ProbedStep[]): UrlRole | null {
    const first = steps[0]!.values;
    const role = roleOf(first);
    if (role === null) return null;
    const failed = steps.find(({ values }) => values.outcome === "failed" && values.step !== "http");
    const reached = steps.some(({ values }) => values.outcome === "passed" && REACHED[String(values.kind)]?.includes(String(values.step)));
    // What was passed over because nothing was given to test it with says nothing at all.
    if (!failed && steps.every(({ values }) => values.outcome === "skipped") && !isDeciding(first)) return null;
    const deciding = failed ?? steps.at(-1)!;
    const last = deciding.values;
    this.emit.row(
      "url_checks",
      {
        host: last.host,
        time: last.time,
        via: this.via,
        role,
        name: first.name,
        ip: last.ip ?? steps.find(({ values }) => values.ip != null)?.values.ip,
        port: last.port ?? steps.find(({ values }) => values.port != null)?.values.port,
        outcome: failed ? "failed" : reached ? "reached" : null,
        failed_step: failed ? last.step : null,
        reason: failed || last.outcome === "skipped" ? last.reason : null,
        detail: last.detail,
        steps: [...new Set(steps.map(({ at }) => at))].sort((a, b) => a - b).slice(0, MAX_CITED),
      },
      deciding.at,
    );
    return role;
  }
}

function isDeciding({ kind, step }: ProbedStep["values"]): boolean {
  return DECIDING[String(kind)] === step;
}

function roleOf({ role, kind, name }: ProbedStep["values"]): UrlRole | null {
  if (typeof role === "string") return role as UrlRole;
  if (kind === "autodiscover" || kind === "ews") return kind;
  return typeof name === "string" ? roleOfName(name) : null;
}
