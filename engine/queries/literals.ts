import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Column } from "../tables/table.ts";

/** What a literal of a rule file means in a column, or why it can mean nothing there. */
export type Literal = { readonly value: string | number | boolean | bigint } | { readonly problem: string };

const DURATION = /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|min|h|d)$/;
const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const SIZE = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|KiB|MiB|GiB)$/;
const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const HEX = /^0x[\da-f]{1,13}$/i;
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?)?$/;

/** Seconds of `90`, `90s`, `200ms`, `2m`, `1h`; null if it is none of these. */
export function parseDuration(raw: unknown): number | null {
  if (typeof raw === "number") return Number.isFinite(raw) && raw >= 0 ? raw : null;
  const match = typeof raw === "string" ? DURATION.exec(raw.trim()) : null;
  return match ? Number(match[1]) * SECONDS[match[2]!]! : null;
}

/** Nanoseconds since the Unix epoch of `2013-01-06`, `2013-01-06 09:53:40.765`, read as UTC; null if it is not a time. */
export function parseTime(raw: unknown): bigint | null {
  if (typeof raw !== "string" || !ISO_TIME.test(raw)) return null;
  const [head, fraction = ""] = raw.replace(/Z$/, "").replace(" ", "T").split(".");
  const milliseconds = Date.parse(`${head!.length === 10 ? `${head}T00:00:00` : head!.length === 16 ? `${head}:00` : head}Z`);
  return Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Canonical text of an address; a host name in lower case. */
export function canonicalAddress(text: string): string {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = text.includes(":") ? parseIpv6(text) : null;
  return v6 ? ipv6Text(v6) : text.toLowerCase();
}

/** Whether text has the shape of an address rather than of a host name. */
export function isAddress(text: string): boolean {
  if (text.includes(":")) return true;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) dots++;
    else if (code < 48 || code > 57) return false;
  }
  return dots === 3;
}

function parseNumber(column: Column, raw: unknown): number | null {
  if (typeof raw === "number") return Number.isFinite(raw) ? raw : null;
  if (typeof raw !== "string") return null;
  if (HEX.test(raw)) return Number(raw);
  const size = column.unit === "bytes" ? SIZE.exec(raw.trim()) : null;
  return size ? Number(size[1]) * BYTES[size[2]!]! : null;
}

/** Reads a literal as a value of the column. */
export function parseLiteral(column: Column, raw: unknown): Literal {
  const shown = JSON.stringify(raw) ?? String(raw);
  switch (column.type) {
    case "port": {
      const value = parseNumber(column, raw);
      return value !== null && Number.isInteger(value) && value >= 0 && value <= 65_535
        ? { value }
        : { problem: `${shown} is not a port (0 to 65535)` };
    }
    case "integer":
    case "number": {
      const value = parseNumber(column, raw);
      if (value === null) return { problem: `${shown} is not a number${column.unit === "bytes" ? " or a size (1460, 16KiB, 2MB)" : ""}` };
      return column.type === "number" || Number.isInteger(value) ? { value } : { problem: `${shown} is not a whole number` };
    }
    case "duration": {
      const value = parseDuration(raw);
      return value === null ? { problem: `${shown} is not a duration (200ms, 1s, 2m, 1h)` } : { value };
    }
    case "time": {
      const value = parseTime(raw);
      return value === null ? { problem: `${shown} is not a time (2013-01-06 or 2013-01-06T09:53:40Z)` } : { value };
    }
    case "boolean":
      return typeof raw === "boolean" ? { value: raw } : { problem: `${shown} is not true or false` };
    case "enum": {
      const value = typeof raw === "string" ? column.values?.find((known) => known.toLowerCase() === raw.toLowerCase()) : undefined;
      return value === undefined ? { problem: `${shown} is not one of ${column.values?.join(", ")}` } : { value };
    }
    case "ip":
      return typeof raw === "string" && raw !== ""
        ? { value: canonicalAddress(raw) }
        : { problem: `${shown} is not an address or host name` };
    case "text":
    case "texts":
    case "host":
      return typeof raw === "string" ? { value: raw } : { problem: `${shown} is not a text; put it in quotes` };
    default:
      return { problem: `a ${column.type} column can only be tested with |exists` };
  }
}
