import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { SourceHints } from "../formats/format.ts";
import { type ColumnData, Table, type TablePart } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";
import type { AnalysedCapture } from "./source-result.ts";
import { stallTiming } from "./stall-timing.ts";

export type Side = "client" | "server" | "middle";

/** Where a capture was taken. */
export interface CaptureSide {
  /** By connection row: the end it was taken at; null if nothing tells. */
  readonly rows: readonly (Side | null)[];
  /** By most of its connections, or as stated. */
  readonly side: Side | null;
  /** Addresses and names of the machine; null if nothing tells, or if it was taken on a network, not on a machine. */
  readonly host: readonly string[] | null;
  /** bundle.yaml says so. */
  readonly stated: boolean;
}

/** How much quicker an answer from the capturing machine itself is than one from the network. */
const AT_ONCE = 4;
/** Both answers slower than this, and both TTLs used up in part: a capture between the ends, seconds. */
const BETWEEN = 0.001;
/** Values operating systems start the TTL at; one that is whole has not crossed a router. */
const INITIAL_TTL = new Set([64, 128, 255]);
/** A machine has this many addresses at most; more are a network seen from its edge. */
const MOST_ADDRESSES = 8;
/** A wrong checksum may also be a damaged packet: it counts as much as this many connections. */
const OFFLOAD_VOTES = 3;

interface Row {
  readonly client: string;
  readonly server: string;
  readonly verdict: Side | null;
}

/**
 * Infers the side of each connection: whoever answers at once, or has a whole TTL while the other's is used up, is the
 * machine the capture was taken on. Votes of all connections decide which addresses are local, and local addresses decide
 * the connections that show nothing by themselves. `bundle.yaml` overrides all of it.
 */
export function captureSide(capture: AnalysedCapture, hints: SourceHints): CaptureSide {
  const rows = readRows(capture);
  const stated = (hints.host ?? []).filter((name) => isAddress(name));
  const local =
    stated.length > 0
      ? new Set(stated)
      : hints.side && hints.side !== "middle"
        ? hintedLocal(rows, hints.side)
        : localAddresses(rows, capture.offloadSenders ?? []);
  const sides = rows.map(({ client, server, verdict }): Side | null => {
    if (local.has(client) !== local.has(server)) return local.has(client) ? "client" : "server";
    return hints.side ?? (stated.length > 0 ? null : verdict);
  });
  return {
    rows: sides,
    side: hints.side ?? mostly(sides),
    host: hostOf(rows, local, hints),
    stated: hints.side !== undefined || stated.length > 0,
  };
}

function readRows(capture: AnalysedCapture): Row[] {
  const table = new Table(tcpConnections, [capture.connections]);
  if (table.length === 0) return [];
  const column = (name: string) => table.reader(name);
  const [client, server, synRtt, ackRtt, clientTtl, serverTtl] = [
    "client_ip",
    "server_ip",
    "syn_rtt",
    "ack_rtt",
    "client_ttl",
    "server_ttl",
  ].map(column);
  const number = (read: ((row: number) => unknown) | undefined, row: number) => (read?.(row) ?? null) as number | null;
  return Array.from({ length: table.length }, (_, row) => ({
    client: String(client?.(row) ?? ""),
    server: String(server?.(row) ?? ""),
    verdict: verdictOf(
      byAnswers(number(synRtt, row), number(ackRtt, row)),
      byTtl(number(clientTtl, row), number(serverTtl, row)),
      number(synRtt, row),
      number(ackRtt, row),
    ),
  }));
}

function byAnswers(synRtt: number | null, ackRtt: number | null): Side | null {
  if (synRtt === null || ackRtt === null || synRtt < 0 || ackRtt < 0) return null;
  if (synRtt * AT_ONCE < ackRtt) return "server";
  if (ackRtt * AT_ONCE < synRtt) return "client";
  return null;
}

function byTtl(client: number | null, server: number | null): Side | null {
  if (client === null || server === null || client === 0 || server === 0) return null;
  const [near, far] = [INITIAL_TTL.has(client), INITIAL_TTL.has(server)];
  if (near === far) return near ? null : "middle";
  return near ? "client" : "server";
}

function verdictOf(answers: Side | null, ttl: Side | null, synRtt: number | null, ackRtt: number | null): Side | null {
  if (ttl === "middle") return answers ?? ((synRtt ?? 0) > BETWEEN && (ackRtt ?? 0) > BETWEEN ? "middle" : null);
  if (answers !== null && ttl !== null && answers !== ttl) return null;
  return answers ?? ttl;
}

/** Addresses that more connections find local than remote. */
function localAddresses(rows: readonly Row[], offloadSenders: readonly string[]): Set<string> {
  const votes = new Map<string, number>();
  const vote = (address: string, weight: number) => votes.set(address, (votes.get(address) ?? 0) + weight);
  for (const { client, server, verdict } of rows) {
    if (verdict !== "client" && verdict !== "server") continue;
    vote(client, verdict === "client" ? 1 : -1);
    vote(server, verdict === "server" ? 1 : -1);
  }
  for (const address of offloadSenders) vote(address, OFFLOAD_VOTES);
  return new Set([...votes].filter(([address, sum]) => sum > 0 && address !== "").map(([address]) => address));
}

/** With the side stated but not the machine: the address that is most often at that side. */
function hintedLocal(rows: readonly Row[], side: "client" | "server"): Set<string> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[side], (counts.get(row[side]) ?? 0) + 1);
  const [most] = [...counts].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1));
  return new Set(most && most[0] !== "" ? [most[0]] : []);
}

/** The side most rows have; null for none or a tie. */
export function mostly(sides: readonly (Side | null)[]): Side | null {
  const count = (side: Side) => sides.filter((one) => one === side).length;
  const counts = (["client", "server", "middle"] as const).map((side) => ({ side, count: count(side) })).sort((x, y) => y.count - x.count);
  return counts[0]!.count > 0 && counts[0]!.count > counts[1]!.count ? counts[0]!.side : null;
}

function hostOf(rows: readonly Row[], local: ReadonlySet<string>, hints: SourceHints): readonly string[] | null {
  const seen = new Set(rows.flatMap(({ client, server }) => [client, server]).filter((address) => local.has(address)));
  const found = seen.size <= MOST_ADDRESSES ? [...seen].sort() : [];
  const all = [...new Set([...(hints.host ?? []), ...found])];
  return all.length > 0 ? all : null;
}

export function isAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null;
}

const NAMES = ["", "client", "server", "middle"] as const;

/** A `side` column from one value per row. */
export function sideColumn(sides: readonly (Side | null)[]): ColumnData {
  return { kind: "texts", ids: Uint32Array.from(sides, (side) => (side === null ? 0 : NAMES.indexOf(side))), dictionary: NAMES };
}

/** The part with its `side` column filled in: `tcp_connections` itself, or rows that name a connection in `stream`. */
export function withSides(part: TablePart, sides: readonly (Side | null)[]): TablePart {
  if (part.table === "tcp_connections") return { ...part, columns: { ...part.columns, side: sideColumn(sides) } };
  if (part.table !== "tcp_retransmissions" && part.table !== "tcp_stalls") return part;
  const stream = part.columns.stream;
  const read = (row: number): number => (stream && stream.kind !== "times" && "values" in stream ? Number(stream.values[row]) : -1);
  const rows = Array.from({ length: part.length }, (_, row) => sides[read(row)] ?? null);
  return {
    ...part,
    columns: { ...part.columns, side: sideColumn(rows), ...(part.table === "tcp_stalls" && { at_once: stallTiming(part, rows) }) },
  };
}
