import type { ColumnType, Value } from "../tables/table.ts";
import { isAddress } from "./literals.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** Kinds of columns whose cells can be compared with each other. */
const FAMILIES: Readonly<Partial<Record<ColumnType, string>>> = {
  integer: "number",
  number: "number",
  port: "number",
  frame: "number",
  duration: "number",
  boolean: "boolean",
  text: "text",
  enum: "text",
  texts: "text",
  ip: "text",
  host: "text",
  time: "time",
};

export function comparable(a: ColumnType, b: ColumnType): boolean {
  return FAMILIES[a] !== undefined && FAMILIES[a] === FAMILIES[b];
}

/** Bits of `nameKinds`. */
const HAS_ADDRESS = 1;
const HAS_NAME = 2;

/** Whether a list of a machine's addresses and names holds addresses, names or both. */
export function nameKinds(names: readonly string[]): number {
  let kinds = 0;
  for (const name of names) kinds |= isAddress(name) ? HAS_ADDRESS : HAS_NAME;
  return kinds;
}

/** `SERVER1` and `server1.contoso.com` are one machine; two full names are one only if they are equal. */
export function nameKeys(name: string): readonly string[] {
  const lower = name.toLowerCase();
  const dot = isAddress(lower) ? -1 : lower.indexOf(".");
  return dot > 0 ? [lower, lower.slice(0, dot)] : [lower];
}

function sameName(a: string, b: string): boolean {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return true;
  if (isAddress(left) || isAddress(right)) return false;
  return left.startsWith(`${right}.`) || right.startsWith(`${left}.`);
}

/**
 * Whether two lists of addresses and names mean one machine. A list of addresses only and a list of names only cannot be
 * compared: unknown.
 */
export function sameMachine(a: readonly string[], b: readonly string[]): Truth {
  if (a.some((left) => b.some((right) => sameName(left, right)))) return TRUE;
  return (nameKinds(a) & nameKinds(b)) === 0 ? UNKNOWN : FALSE;
}

/** Equality of two cells of comparable columns; unknown where either is not known. Text is compared without regard to case. */
export function sameValue(a: Value, aType: ColumnType, b: Value, bType: ColumnType): Truth {
  if (a === null || b === null) return UNKNOWN;
  if (aType === "host" || bType === "host" || aType === "ip" || bType === "ip") return sameMachine(asNames(a), asNames(b));
  if (Array.isArray(a) || Array.isArray(b))
    return asNames(a).some((left) => asNames(b).some((right) => left.toLowerCase() === right.toLowerCase())) ? TRUE : FALSE;
  if (typeof a === "string" && typeof b === "string") return a === b || a.toLowerCase() === b.toLowerCase() ? TRUE : FALSE;
  return a === b ? TRUE : FALSE;
}

export function asNames(value: Value): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
