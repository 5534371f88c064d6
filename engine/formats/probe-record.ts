import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { parseIsoTime } from "../bytes/time.ts";
import type { Value } from "../tables/table.ts";
import { PROBE_KINDS, PROBE_STEPS, URL_ROLES } from "../tables/web-tables.ts";

/** Version of the evidence file that `casebook probe` writes; docs/probe.schema.json describes it. */
export const PROBE_VERSION = 1;

/** Longest text of a cell, and most names of a certificate, that are kept. */
const MAX_TEXT = 2000;
const MAX_NAMES = 200;

/** One line of an evidence file. */
export type ProbeLine =
  | { readonly record: "start"; readonly names: readonly string[]; readonly addresses: readonly string[] }
  | { readonly record: "step"; readonly values: Readonly<Record<string, Value>> }
  | { readonly record: "end"; readonly steps: number | null };

/** Whether a line looks like one of an evidence file. */
export function resemblesProbeLine(line: string): boolean {
  return /^\s*\{\s*"casebook_probe"\s*:/.test(line);
}

/** Reads one line; what is wrong with it in words, or what it says. */
export function readProbeLine(line: string): ProbeLine | string {
  const fields = objectOf(line);
  if (!fields) return "not a JSON object";
  if (fields.casebook_probe !== PROBE_VERSION)
    return `written in version ${short(fields.casebook_probe)} of the format, not ${PROBE_VERSION}`;
  if (fields.record === "start") {
    const addresses = texts(fields.addresses).filter((text) => parseIpv4(text) !== null || parseIpv6(text) !== null);
    const name = text(fields.host);
    return { record: "start", names: name === null ? [] : [name], addresses };
  }
  if (fields.record === "end") return { record: "end", steps: number(fields.steps) };
  if (fields.record !== "step") return `an unknown record: ${short(fields.record)}`;
  const values = stepValues(fields);
  return values ? { record: "step", values } : "a step without its kind, step or outcome";
}

function objectOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function stepValues(fields: Readonly<Record<string, unknown>>): Record<string, Value> | null {
  const kind = oneOf(fields.kind, PROBE_KINDS);
  const step = oneOf(fields.step, PROBE_STEPS);
  const outcome = oneOf(fields.outcome, ["passed", "failed", "skipped"]);
  if (kind === null || step === null || outcome === null) return null;
  const names = texts(fields.names);
  const port = number(fields.port);
  return {
    time: time(fields.time),
    tool: "casebook probe",
    kind,
    role: oneOf(fields.role, URL_ROLES),
    target: text(fields.target),
    name: text(fields.name)?.toLowerCase() ?? null,
    port: port !== null && Number.isInteger(port) && port <= 65535 ? port : null,
    transport: oneOf(fields.transport, ["tcp", "udp"]),
    step,
    outcome,
    reason: text(fields.reason),
    ip: text(fields.ip),
    status: number(fields.status),
    duration: number(fields.duration),
    subject: text(fields.subject),
    names: names.length > 0 ? names : null,
    expires: time(fields.expires),
    detail: text(fields.detail),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_TEXT) : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value
        .slice(0, MAX_NAMES)
        .map(text)
        .filter((entry) => entry !== null)
    : [];
}

/** Numbers of the format are counts and seconds, never negative. */
function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function oneOf(value: unknown, known: readonly string[]): string | null {
  return typeof value === "string" && known.includes(value) ? value : null;
}

function time(value: unknown): bigint | null {
  const read = typeof value === "string" ? parseIsoTime(value) : null;
  return read === null ? null : read.time;
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "none").slice(0, 40);
}
