import type { Column, TableDeclaration } from "../tables/table.ts";
import { shown } from "./compile-where.ts";
import { type Modifier, modifiers, otherModifiers } from "./modifiers.ts";
import { hasWildcards, unescaped } from "./text-match.ts";

/** Parts of column names that are no words by themselves, as a sentence writes them. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ack: "ACK",
  acks: "ACKs",
  conn: "connection",
  fqdn: "FQDN",
  icmp: "ICMP",
  id: "id",
  ip: "IP",
  mac: "MAC",
  ms: "ms",
  mss: "MSS",
  mtu: "MTU",
  nat: "NAT",
  orig: "originator's",
  pkts: "packets",
  ppm: "(ppm)",
  resp: "responder's",
  rtt: "RTT",
  sack: "SACK",
  sip: "SIP",
  syn: "SYN",
  tcp: "TCP",
  ttl: "TTL",
  udp: "UDP",
  url: "URL",
};

const UNITS: Readonly<Record<string, string>> = { us: "µs", ms: "ms", s: "s", m: "min", min: "min", h: "h", d: "days" };

/** `server_port` as a sentence writes it: `server port`; what its declaration calls it, where that is given. */
export function columnWords(name: string, column?: Column): string {
  if (column?.called !== undefined) return column.called;
  return name
    .split("_")
    .map((part) => (Object.hasOwn(SPELLINGS, part) ? SPELLINGS[part]! : part))
    .join(" ");
}

/** A duration the way its author put it, with a space and the usual sign: `200 ms`, `2 min`; a plain number is seconds. */
export function durationWords(raw: unknown): string {
  const [, number, unit] = (typeof raw === "string" && /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(raw.trim())) || [];
  if (number === undefined) return `${shown(raw)} s`;
  const written = UNITS[unit!] ?? unit!;
  return `${number} ${number === "1" && written === "days" ? "day" : written}`;
}

/** One predicate in plain words, from the declarations of its column and its modifier: `server port is 3389`, `duration at least 1 s`. */
export function predicateWords(key: string, raw: unknown, table: TableDeclaration): string {
  const [name = "", ...words] = key.split("|");
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  const subject = columnWords(name, column);
  if (words.includes("exists")) return `${subject} ${raw === true ? "is known" : "is not known"}`;
  if (raw === null) return `${subject} is not known`;
  const flags = new Set(words.filter((word) => Object.hasOwn(otherModifiers, word)));
  const modifier = modifiers[words.find((word) => Object.hasOwn(modifiers, word)) ?? "eq"]!;
  if (flags.has("fieldref"))
    return `${subject} ${modifier.says.one} the ${columnWords(shown(raw), table.columns[shown(raw)])} of the same row`;
  const values = Array.isArray(raw) ? raw : [raw];
  if (modifier === modifiers.eq && values.length === 1) {
    if (column?.type === "boolean") return `${subject}: ${raw === true ? "yes" : "no"}`;
    if (isCount(column)) return `${subject}: ${shown(raw)}`;
  }
  const list = listWords(
    values.map((value) => valueWords(value, column, modifier)),
    flags.has("all") ? "and" : "or",
  );
  return `${subject} ${verb(modifier, values, flags.has("all"))} ${list}${caseNote(flags, modifier)}`;
}

/** Whether the column's name says what it counts, in the plural. */
function isCount(column: Column | undefined): boolean {
  return column?.type === "integer" && column.unit !== undefined && column.unit !== "bytes";
}

/** `a, b or c`. */
export function listWords(items: readonly string[], last: "and" | "or"): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1)}`;
}

function verb({ says, literal }: Modifier, values: readonly unknown[], all: boolean): string {
  const like = literal === "column" && values.some((value) => typeof value === "string" && hasWildcards(value));
  const { one, several } = (like && says.like) || says;
  if (values.length === 1) return one;
  return all && several !== one ? `${one} all of` : several;
}

function valueWords(raw: unknown, column: Column | undefined, { literal }: Modifier): string {
  if (raw === null) return "not known";
  if (column?.type === "duration") return durationWords(raw);
  if (typeof raw === "number" && column?.unit === "bytes") return `${raw} ${raw === 1 ? "byte" : "bytes"}`;
  if (typeof raw !== "string") return shown(raw);
  if (column?.type === "enum") return column.words?.[raw] ?? raw;
  if (column?.type === "ip" || column?.type === "host") return raw;
  if (literal === "column" && column?.type !== "text" && column?.type !== "texts") return raw;
  return `“${literal === "column" && !hasWildcards(raw) ? unescaped(raw) : raw}”`;
}

function caseNote(flags: ReadonlySet<string>, modifier: Modifier): string {
  if (flags.has("cased")) return ", in just these letters";
  if (modifier !== modifiers.re) return "";
  return flags.has("i") ? ", in any case of letters" : "";
}
