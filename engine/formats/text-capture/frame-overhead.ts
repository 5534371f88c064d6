import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import type { TextConnection } from "./text-connections.ts";
import type { TextPacketLog } from "./text-packet-log.ts";

const TCP_HEADER = 20;
const TIMESTAMPS_OPTION = 12;
/** Ethernet frames are padded to 60 bytes, 64 where the checksum was captured: in between, payload cannot be told from padding. */
const PADDED = { from: 60, to: 64 } as const;
/** Payload of a segment that is long enough to need no padding. */
const TELLING_PAYLOAD = 20;

/**
 * Payload lengths of application rows from the Length column: the frame less its headers. How long the link header is, is learned
 * from rows that print both lengths; whether segments carry timestamps, from the connection's own rows. Frames that may be
 * padded stay unknown, and so does a connection whose other rows do not add up (VPN, Multipath TCP).
 */
export function payloadFromFrameLengths(log: TextPacketLog, connections: readonly TextConnection[]): void {
  const everywhere = linkHeader(log);
  const { rows } = log;
  for (const connection of connections) {
    const timestamps = usesTimestamps(log, connection);
    const link = agreedLink(log, connection.rows) ?? everywhere;
    if (timestamps === null || link === null || link === DISAGREEING) continue;
    // A message can ride on a SYN (RFC 7413), whose options are others.
    const handshake = connection.rows.findLast((i) => rows.known[i]! & Known.flags && rows.flags[i]! & TcpFlag.syn) ?? -1;
    for (const i of connection.rows) {
      if (i < handshake || rows.known[i]! & Known.length || rows.wireLength[i]! <= PADDED.to) continue;
      const payload = rows.wireLength[i]! - link - ipHeader(log, i) - TCP_HEADER - (timestamps ? TIMESTAMPS_OPTION : 0);
      if (payload <= 0) continue;
      rows.length[i] = payload;
      rows.known[i]! |= Known.length;
    }
  }
}

function ipHeader(log: TextPacketLog, i: number): number {
  return log.addresses.texts[log.rows.source[i]!]!.includes(":") ? 40 : 20;
}

/** Bytes in front of the IP header that all segments with both lengths agree on; null if none tells or they differ. */
export function linkHeader(log: TextPacketLog): number | null {
  const agreed = agreedLink(log, everyRow(log));
  if (agreed !== null) return agreed === DISAGREEING ? null : agreed;
  // Nothing but padded frames without payload: Ethernet, if they have its minimum length.
  const { rows } = log;
  for (let i = 0; i < log.count; i++) {
    if (rows.ipProtocol[i] === 6 && rows.known[i]! & Known.length && rows.length[i] === 0 && rows.wireLength[i] === PADDED.from) return 14;
  }
  return null;
}

function* everyRow(log: TextPacketLog): Generator<number> {
  for (let i = 0; i < log.count; i++) yield i;
}

const DISAGREEING = -1;

function agreedLink(log: TextPacketLog, among: Iterable<number>): number | null {
  let agreed: number | null = null;
  for (const i of among) {
    const link = linkOf(log, i);
    if (link === null) continue;
    if (link < 0 || (agreed !== null && link !== agreed)) return DISAGREEING;
    agreed = link;
  }
  return agreed;
}

/** What a segment with both lengths says of the link header; null for one that may be padded, or whose options are not all printed. */
function linkOf(log: TextPacketLog, i: number): number | null {
  const { rows } = log;
  const known = rows.known[i]!;
  const wire = rows.wireLength[i]!;
  if (rows.ipProtocol[i] !== 6 || wire === 0 || !(known & Known.length) || !(known & Known.flags)) return null;
  if (rows.flags[i]! & (TcpFlag.syn | TcpFlag.rst) || rows.edgeCount[i] !== 0) return null;
  if (rows.length[i]! < TELLING_PAYLOAD && wire >= PADDED.from && wire <= PADDED.to) return null;
  return wire - rows.length[i]! - ipHeader(log, i) - TCP_HEADER - (rows.marks[i]! & Mark.timestamps ? TIMESTAMPS_OPTION : 0);
}

/** Whether the connection's segments carry the timestamps option (RFC 7323: all or none); null if no row shows it. */
function usesTimestamps(log: TextPacketLog, connection: TextConnection): boolean | null {
  const { rows } = log;
  for (const i of connection.rows) {
    if (!(rows.known[i]! & Known.flags)) continue;
    if (rows.marks[i]! & Mark.timestamps && !(rows.flags[i]! & TcpFlag.syn)) return true;
    if (rows.known[i]! & Known.options && !(rows.flags[i]! & (TcpFlag.syn | TcpFlag.rst))) return false;
  }
  return null;
}
