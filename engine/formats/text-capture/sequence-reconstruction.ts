import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import { StreamDirection } from "./stream-direction.ts";
import type { TextConnection } from "./text-connections.ts";
import { NO_LENGTH, type TextPacketLog } from "./text-packet-log.ts";

/** Payload a sender puts into one segment where its peer's MSS is not known (Ethernet). */
const USUAL_MSS = 1460;

/**
 * Works out sequence numbers and lengths that a packet list does not print: those of rows it describes as messages of an
 * application protocol. What one end sends next begins where it stopped; later sequence numbers, the other end's
 * acknowledgements and SACK edges say where. Only what leaves no choice is filled in; everything else stays unknown.
 */
export function reconstructSequences(log: TextPacketLog, connections: readonly TextConnection[]): void {
  for (const connection of connections) reconstruct(log, connection);
}

function reconstruct(log: TextPacketLog, connection: TextConnection): void {
  const { rows } = log;
  if (connection.rows.every((i) => rows.known[i]! & Known.seq)) return;
  const [mssOfA, mssOfB] = announcedMss(log, connection);
  const fromA = new StreamDirection(log, mssOfB, connection.unplaced);
  const fromB = new StreamDirection(log, mssOfA, connection.unplaced);
  const answer = connection.rows.findLast((i) => (headerFlags(log, i) & SYN_ACK) === SYN_ACK) ?? -1;
  for (const i of connection.rows) {
    // A message before the handshake is answered rides on the SYN itself (RFC 7413).
    if (i < answer && !(rows.known[i]! & Known.seq)) continue;
    const isFromA = rows.source[i] === connection.a && rows.sourcePort[i] === connection.aPort;
    const [own, other] = isFromA ? [fromA, fromB] : [fromB, fromA];
    acknowledge(log, i, other);
    advance(log, i, own);
  }
  const [aEnded, bEnded] = [endings(log, connection, true), endings(log, connection, false)];
  fromA.finish(!aEnded.shown && (aEnded.repeated || bEnded.shown));
  fromB.finish(!bEnded.shown && (bEnded.repeated || aEnded.shown));
}

/** Whether a row of its own shows one end's FIN, or only a repeated segment does. */
function endings(log: TextPacketLog, connection: TextConnection, ofA: boolean): { shown: boolean; repeated: boolean } {
  const { rows } = log;
  const fins = connection.rows.filter((i) => {
    const isFromA = rows.source[i] === connection.a && rows.sourcePort[i] === connection.aPort;
    return isFromA === ofA && headerFlags(log, i) & TcpFlag.fin;
  });
  return { shown: fins.some((i) => !(rows.marks[i]! & REPEATED)), repeated: fins.some((i) => rows.marks[i]! & REPEATED) };
}

function announcedMss(log: TextPacketLog, connection: TextConnection): [number, number] {
  const mss: [number, number] = [USUAL_MSS, USUAL_MSS];
  for (const i of connection.rows.slice(0, 8)) {
    if (log.rows.mss[i] !== 0) mss[log.rows.source[i] === connection.a ? 0 : 1] = log.rows.mss[i]!;
  }
  return mss;
}

function acknowledge(log: TextPacketLog, i: number, other: StreamDirection): void {
  const { rows } = log;
  if (!(rows.known[i]! & Known.ack)) return;
  if (rows.known[i]! & Known.flags && !(rows.flags[i]! & TcpFlag.ack)) return;
  const at = rows.edgeAt[i]!;
  other.acknowledge(i, rows.ack[i]!, log.edges.subarray(at, at + 2 * Math.floor(rows.edgeCount[i]! / 2)));
}

const SYN_ACK = TcpFlag.syn | TcpFlag.ack;
const headerFlags = (log: TextPacketLog, i: number): number => (log.rows.known[i]! & Known.flags ? log.rows.flags[i]! : 0);
const REPEATED = Mark.saidRetransmission | Mark.saidOutOfOrder | Mark.saidKeepAlive;

function advance(log: TextPacketLog, i: number, own: StreamDirection): void {
  const { rows } = log;
  const [known, marks] = [rows.known[i]!, rows.marks[i]!];
  const flags = headerFlags(log, i);
  const length = rows.length[i] === NO_LENGTH ? Number.NaN : rows.length[i]!;
  if (known & Known.seq) {
    // An RST may carry any number, and 0 when it answers a segment of no connection.
    if (flags & TcpFlag.rst || marks & REPEATED) return;
    const extra = (flags & TcpFlag.syn ? 1 : 0) + (flags & TcpFlag.fin ? 1 : 0);
    own.placed({ row: i, seq: rows.seq[i]!, length, extra, afterGap: (marks & Mark.saidLostSegment) !== 0 });
  } else if (marks & Mark.saidRetransmission) own.repeated(i, length);
  else if (marks & REPEATED) return;
  else own.loose(i, length, (marks & Mark.saidLostSegment) !== 0);
}
