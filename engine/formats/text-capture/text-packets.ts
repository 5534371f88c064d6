import { parseIpv4, parseIpv6 } from "../../bytes/address.ts";
import { BATCH_CAPACITY, Family, Known, Mark, PacketBatch, SACK_BLOCKS } from "../../decoders/packet-batch.ts";
import type { Emit } from "../format.ts";
import { linkHeader } from "./frame-overhead.ts";
import { NO_LENGTH, NO_SCALE, RowKind, type TextPacketLog } from "./text-packet-log.ts";
import type { TextTimes } from "./text-time-column.ts";

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** A link address, whole or behind its maker's name, or a link-layer group. */
const LINK_NAME =
  /^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$|_(?:[\da-f]{2}:){2}[\da-f]{2}$|^\*?Broadcast$|^IPv[46]mcast|^Spanning-tree|^\[?[\da-f]{12}\]?$/i;

/** Hands over the rows of a finished log as packets, and the rows of other tables among them. */
export function emitPackets(log: TextPacketLog, times: TextTimes, emit: Emit): void {
  const { rows } = log;
  const batch = new PacketBatch(log.addresses);
  const addresses = log.addresses.texts.map((text) => ({ v4: parseIpv4(text), v6: parseIpv6(text) !== null, link: LINK_NAME.test(text) }));
  const link = linkHeader(log);
  for (let row = 0; row < log.count; row++) {
    for (let extra = log.extras[rows.extra[row]! - 1]; extra; extra = extra.next) {
      const time = times.base !== null && times.own[row] ? times.base + BigInt(Math.round(times.times[row]!)) : null;
      const elapsed = extra.table === "arp_packets" && times.own[row] ? { elapsed: times.times[row]! / 1e9 } : {};
      emit.row(extra.table, { time, ...elapsed, ...extra.values }, rows.frame[row]!);
    }
    if (rows.kind[row] === RowKind.event) continue;
    const i = batch.begin();
    batch.frame[i] = rows.frame[row]!;
    batch.time[i] = times.times[row]!;
    batch.wireLength[i] = batch.capturedLength[i] = rows.wireLength[row]!;
    place(batch, i, log, row, addresses);
    copyTransport(batch, i, log, row);
    if (times.own[row]) batch.known[i]! |= Known.time;
    if (link !== null && rows.wireLength[row]! > 60 && batch.family[i] !== Family.none) batch.ipLength[i] = rows.wireLength[row]! - link;
    if (batch.count === BATCH_CAPACITY) {
      emit.packets(batch);
      batch.count = 0;
    }
  }
  if (batch.count > 0) emit.packets(batch);
}

interface KnownAddress {
  readonly v4: number | null;
  readonly v6: boolean;
  readonly link: boolean;
}

function place(batch: PacketBatch, i: number, log: TextPacketLog, row: number, addresses: readonly KnownAddress[]): void {
  const [source, destination] = [log.rows.source[row]!, log.rows.destination[row]!];
  batch.etherType[i] = log.rows.etherType[row]!;
  batch.ipProtocol[i] = log.rows.ipProtocol[row]!;
  batch.source[i] = source;
  batch.destination[i] = destination;
  if (source === 0 || destination === 0 || batch.etherType[i] !== 0) return;
  const [from, to] = [addresses[source]!, addresses[destination]!];
  if (from.v4 !== null && to.v4 !== null) {
    batch.family[i] = Family.ipv4;
    batch.source[i] = from.v4;
    batch.destination[i] = to.v4;
    batch.etherType[i] = ETHERTYPE_IPV4;
  } else if (from.v6 && to.v6) {
    batch.family[i] = Family.ipv6;
    batch.etherType[i] = ETHERTYPE_IPV6;
  } else if (!from.link && !to.link) batch.family[i] = Family.name;
}

function copyTransport(batch: PacketBatch, i: number, log: TextPacketLog, row: number): void {
  const { rows } = log;
  batch.ipId[i] = rows.ipId[row]!;
  batch.sourcePort[i] = rows.sourcePort[row]!;
  batch.destinationPort[i] = rows.destinationPort[row]!;
  batch.flags[i] = rows.flags[row]!;
  batch.seq[i] = rows.seq[row]!;
  batch.ack[i] = rows.ack[row]!;
  batch.payloadLength[i] = rows.length[row] === NO_LENGTH ? 0 : rows.length[row]!;
  batch.mss[i] = rows.mss[row]!;
  if (rows.scale[row] !== NO_SCALE) batch.windowShift[i] = rows.scale[row]!;
  batch.tsval[i] = rows.tsval[row]!;
  batch.tsecr[i] = rows.tsecr[row]!;
  batch.process[i] = rows.process[row]!;
  batch.marks[i] = rows.marks[row]!;
  batch.known[i] = rows.known[row]!;
  // A window over 65535 is one that could not be brought back to what the header held.
  if (rows.window[row]! <= 0xffff) batch.window[i] = rows.window[row]!;
  else batch.known[i]! &= ~Known.window;
  if (!(batch.known[i]! & Known.window)) batch.window[i] = 0;
  const blocks = Math.min(SACK_BLOCKS, rows.edgeCount[row]! >> 1);
  batch.sackCount[i] = blocks;
  const at = rows.edgeAt[row]!;
  for (let edge = 0; edge < 2 * blocks; edge++) batch.sack[2 * SACK_BLOCKS * i + edge] = log.edges[at + edge]!;
}

/** Marks every printed number as relative to the first of its direction. */
export function markRelative(log: TextPacketLog): void {
  const { rows } = log;
  for (let i = 0; i < log.count; i++) {
    if (rows.known[i]! & (Known.seq | Known.ack)) rows.marks[i]! |= Mark.relativeSequence;
  }
}
