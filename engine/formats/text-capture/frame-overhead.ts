import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import type { TextConnection } from "./text-connections.ts";
import { NO_LENGTH, type TextPacketLog } from "./text-packet-log.ts";

const TCP_HEADER = 20;
const TIMESTAMPS_OPTION = 12;
/** Ethernet frames are padded to this length (without checksum), so that a shorter payload cannot be told from padding. */
const MINIMUM_FRAME = 60;

/**
 * Payload lengths of application rows from the Length column: the frame less its headers. How long the link header is, is learned
 * from rows that print both lengths; whether segments carry timestamps, from the connection's own rows. Frames of the minimum
 * length may be padded and stay unknown.
 */
export function payloadFromFrameLengths(log: TextPacketLog, connections: readonly TextConnection[]): void {
  const link = linkHeader(log);
  if (link === null) return;
  const { rows } = log;
  for (const connection of connections) {
    const timestamps = usesTimestamps(log, connection);
    if (timestamps === null) continue;
    for (const i of connection.rows) {
      if (rows.known[i]! & Known.length || rows.wireLength[i]! <= MINIMUM_FRAME) continue;
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
  const { rows } = log;
  let agreed: number | null = null;
  for (let i = 0; i < log.count; i++) {
    const known = rows.known[i]!;
    if (rows.ipProtocol[i] !== 6 || rows.wireLength[i]! <= MINIMUM_FRAME || !(known & Known.length) || !(known & Known.flags)) continue;
    // A SYN's options are not all printed by every version.
    if (rows.length[i] === NO_LENGTH || rows.flags[i]! & TcpFlag.syn || rows.edgeCount[i] !== 0) continue;
    const options = rows.marks[i]! & Mark.timestamps ? TIMESTAMPS_OPTION : 0;
    const link = rows.wireLength[i]! - rows.length[i]! - ipHeader(log, i) - TCP_HEADER - options;
    if (link < 0 || (agreed !== null && link !== agreed)) return null;
    agreed = link;
  }
  return agreed ?? unpaddedLink(log);
}

/** Segments without payload as the sending host captures them, before padding: 54 bytes over Ethernet. */
function unpaddedLink(log: TextPacketLog): number | null {
  const { rows } = log;
  let padded = false;
  for (let i = 0; i < log.count; i++) {
    if (rows.ipProtocol[i] !== 6 || !(rows.known[i]! & Known.length) || rows.length[i] !== 0 || rows.flags[i]! & TcpFlag.syn) continue;
    if (rows.wireLength[i] === 54 && ipHeader(log, i) === 20) return 14;
    if (rows.wireLength[i] === MINIMUM_FRAME) padded = true;
  }
  return padded ? 14 : null;
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
