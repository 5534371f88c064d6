import { type Logger, pino } from "pino";
import type { Settings } from "./settings.ts";

/** Said by every line and of no use to a person at a terminal. */
const FRAME = new Set(["pid", "hostname", "request_id"]);

/**
 * What the server logs, to standard error: JSON for machines, or short lines for a person at a terminal. Nothing that stands in a
 * bundle is ever logged, nor names of files.
 */
export function openLogger({ logLevel }: Pick<Settings, "logLevel">, write: (text: string) => void, readable: boolean): Logger {
  return pino({ level: logLevel }, { write: (line: string) => write(readable ? readableLine(line) : line) });
}

/** `22:13:20 info   answered  POST /v1/bundles  202  0.0123 s  tenant=acme`. */
export function readableLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, method, route, status, seconds, err, ...rest } = entry;
  const parts = [
    `${new Date(Number(time)).toTimeString().slice(0, 8)} ${(pino.levels.labels[Number(level)] ?? "").padEnd(5)}`,
    String(msg ?? ""),
    ...(method === undefined ? [] : [`${String(method)} ${String(route)}`, String(status), `${String(seconds)} s`]),
    ...Object.entries(rest)
      .filter(([name, value]) => !FRAME.has(name) && value !== null)
      .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`),
    ...(isRecord(err) ? [String(err.message || err.type)] : []),
  ];
  return `${parts.join("  ").trimEnd()}\n`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
