import { Known, Mark, NO_PROTOCOL, TcpFlag } from "../../decoders/packet-batch.ts";
import { NO_CONNECTION, RowKind, type TextPacketLog } from "./text-packet-log.ts";

/** One TCP connection of a text capture; `a` is who sent its first row with ports. */
export interface TextConnection {
  readonly a: number;
  readonly aPort: number;
  readonly b: number;
  readonly bPort: number;
  /** Its rows in frame order. */
  readonly rows: number[];
  /** First and last row with its own TCP header. */
  readonly first: number;
  last: number;
  /** Its first row is a SYN: it was not open before. */
  readonly opened: boolean;
  reset: boolean;
  /** Frames of each end's FIN, infinite without one. */
  finFrameA: number;
  finFrameB: number;
  /** Raw or relative sequence number of the SYN that opened it. */
  readonly synSeq: number;
  established: boolean;
  /** Rows between its addresses that could be its own, but could not be placed; ascending. */
  unplaced: readonly number[];
}

const pairKey = (log: TextPacketLog, i: number): number => {
  const [source, destination] = [log.rows.source[i]!, log.rows.destination[i]!];
  return source < destination ? source * 0x4000000 + destination : destination * 0x4000000 + source;
};

/**
 * Finds the connections by the rows that print ports, then gives rows of application protocols the ports of the one connection
 * that is open between their addresses at that moment; where there are several, or none, the ports stay unknown. Rows are in frame order.
 */
export function connectRows(log: TextPacketLog): TextConnection[] {
  const connections = printedConnections(log);
  placeApplicationRows(log, connections);
  for (let i = 0; i < log.count; i++) {
    const at = log.rows.connection[i]!;
    if (at !== NO_CONNECTION) connections[at]!.rows.push(i);
  }
  return connections;
}

function printedConnections(log: TextPacketLog): TextConnection[] {
  const { rows } = log;
  const connections: TextConnection[] = [];
  const current = new Map<string, number>();
  for (let i = 0; i < log.count; i++) {
    if (rows.kind[i] === RowKind.event || rows.ipProtocol[i] !== 6 || !(rows.known[i]! & Known.ports)) continue;
    const [source, destination, sourcePort, destinationPort] = [
      rows.source[i]!,
      rows.destination[i]!,
      rows.sourcePort[i]!,
      rows.destinationPort[i]!,
    ];
    const forward = source < destination || (source === destination && sourcePort <= destinationPort);
    const key = forward
      ? `${source} ${sourcePort} ${destination} ${destinationPort}`
      : `${destination} ${destinationPort} ${source} ${sourcePort}`;
    let at = current.get(key);
    if (at === undefined || startsAnew(log, i, connections[at]!)) {
      at = connections.length;
      current.set(key, at);
      connections.push({
        a: source,
        aPort: sourcePort,
        b: destination,
        bPort: destinationPort,
        rows: [],
        first: i,
        last: i,
        opened: isSyn(log, i),
        reset: false,
        finFrameA: Number.POSITIVE_INFINITY,
        finFrameB: Number.POSITIVE_INFINITY,
        synSeq: rows.seq[i]!,
        established: false,
        unplaced: [],
      });
    }
    rows.connection[i] = at;
    note(log, i, connections[at]!);
  }
  return connections;
}

function isSyn(log: TextPacketLog, i: number): boolean {
  return (log.rows.known[i]! & Known.flags) !== 0 && (log.rows.flags[i]! & (TcpFlag.syn | TcpFlag.ack)) === TcpFlag.syn;
}

function isOver(connection: TextConnection): boolean {
  return connection.reset || Math.max(connection.finFrameA, connection.finFrameB) < Number.POSITIVE_INFINITY;
}

/** A SYN on the same four values opens a new connection unless it is the first one repeated. */
function startsAnew(log: TextPacketLog, i: number, connection: TextConnection): boolean {
  if (!isSyn(log, i)) return false;
  if (isOver(connection)) return !connection.opened || connection.established || log.rows.seq[i] !== connection.synSeq;
  // A capture can show the answer before the SYN.
  return connection.opened ? log.rows.seq[i] !== connection.synSeq : connection.established;
}

function note(log: TextPacketLog, i: number, connection: TextConnection): void {
  const { rows } = log;
  connection.last = i;
  if (!(rows.known[i]! & Known.flags)) return;
  const flags = rows.flags[i]!;
  const fromA = rows.source[i] === connection.a && rows.sourcePort[i] === connection.aPort;
  if (flags & TcpFlag.rst) connection.reset = true;
  if (flags & TcpFlag.fin && fromA) connection.finFrameA = Math.min(connection.finFrameA, rows.frame[i]!);
  if (flags & TcpFlag.fin && !fromA) connection.finFrameB = Math.min(connection.finFrameB, rows.frame[i]!);
  if (!(flags & (TcpFlag.syn | TcpFlag.rst))) connection.established = true;
}

/** The connections open between two addresses, as the rows go by. */
type OpenByPair = Map<number, Set<number>>;

function placeApplicationRows(log: TextPacketLog, connections: readonly TextConnection[]): void {
  const { rows } = log;
  const open: OpenByPair = new Map();
  const byStream = new Map<number, number>();
  const unplaced = new Map<number, number[]>();
  for (const [at, connection] of connections.entries()) {
    if (!connection.opened) add(open, pairKey(log, connection.first), at);
    const stream = rows.stream[connection.first]!;
    if (stream !== 0) byStream.set(stream, at);
  }
  for (let i = 0; i < log.count; i++) {
    const at = rows.connection[i]!;
    if (at !== NO_CONNECTION) {
      const connection = connections[at]!;
      if (i === connection.first) add(open, pairKey(log, i), at);
      if (i === connection.last && isOver(connection)) open.get(pairKey(log, i))?.delete(at);
    } else if (isPlaceable(log, i)) {
      const candidates = open.get(pairKey(log, i));
      const named = rows.stream[i] === 0 ? undefined : byStream.get(rows.stream[i]!);
      const only = named ?? (candidates?.size === 1 && rows.kind[i] === RowKind.application ? candidates.values().next().value : undefined);
      if (only !== undefined && !hasFinished(log, i, connections[only]!)) adopt(log, i, only, connections[only]!);
      else append(unplaced, pairKey(log, i), i);
    }
  }
  for (const connection of connections) connection.unplaced = unplaced.get(pairKey(log, connection.first)) ?? [];
}

/** A row that could be part of a connection: a message over TCP, or over TCP or UDP. */
function isPlaceable(log: TextPacketLog, i: number): boolean {
  const { rows } = log;
  if (rows.source[i] === rows.destination[i] || rows.source[i] === 0 || rows.destination[i] === 0) return false;
  return (
    rows.kind[i] === RowKind.application ||
    (rows.kind[i] === RowKind.other && rows.ipProtocol[i] === NO_PROTOCOL && rows.etherType[i] === 0)
  );
}

function add(open: OpenByPair, key: number, at: number): void {
  const present = open.get(key);
  if (present) present.add(at);
  else open.set(key, new Set([at]));
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Who has sent its FIN has no more to say, but may repeat itself. */
function hasFinished(log: TextPacketLog, i: number, connection: TextConnection): boolean {
  const fin = log.rows.source[i] === connection.a ? connection.finFrameA : connection.finFrameB;
  return log.rows.frame[i]! > fin && !(log.rows.marks[i]! & Mark.saidRetransmission);
}

function adopt(log: TextPacketLog, i: number, at: number, connection: TextConnection): void {
  const { rows } = log;
  const fromA = rows.source[i] === connection.a;
  if (!fromA && rows.source[i] !== connection.b) return;
  rows.connection[i] = at;
  rows.ipProtocol[i] = 6;
  rows.sourcePort[i] = fromA ? connection.aPort : connection.bPort;
  rows.destinationPort[i] = fromA ? connection.bPort : connection.aPort;
  rows.known[i]! |= Known.ports;
}
