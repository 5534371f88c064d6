import { Known, TcpFlag } from "../../decoders/packet-batch.ts";
import type { TextConnection } from "./text-connections.ts";
import type { TextPacketLog } from "./text-packet-log.ts";

/** Raw numbers start anywhere in 2^32; that both directions of a connection start below this is one chance in 4096. */
const SMALL = 2 ** 26;

/**
 * Whether the list shows sequence numbers relative to the first of their direction, Wireshark's default: then every SYN is 0.
 * Without a SYN in the list, small numbers in both directions say so.
 */
export function isRelative(log: TextPacketLog, connections: readonly TextConnection[]): boolean {
  const { rows } = log;
  let [zero, other] = [0, 0];
  for (let i = 0; i < log.count; i++) {
    const readable = rows.known[i]! & Known.flags && rows.known[i]! & Known.seq;
    if (!readable || !(rows.flags[i]! & TcpFlag.syn)) continue;
    if (rows.seq[i] === 0) zero++;
    else other++;
  }
  if (zero + other > 0) return zero > other;
  let seen = false;
  for (const connection of connections) {
    const i = connection.rows.find((row) => (rows.known[row]! & (Known.seq | Known.ack)) === (Known.seq | Known.ack));
    if (i === undefined) continue;
    if (rows.seq[i]! >= SMALL || rows.ack[i]! >= SMALL) return false;
    seen = true;
  }
  return seen;
}
