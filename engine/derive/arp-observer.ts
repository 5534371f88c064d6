import { decodeArp } from "../decoders/arp.ts";
import type { PacketBatch } from "../decoders/packet-batch.ts";
import { arpPackets } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";

const OPERATIONS: Readonly<Record<number, string>> = { 1: "request", 2: "reply" };
/** The least a frame with ARP has before it: what was captured of the packet is at most the rest. */
const LINK_HEADER = 14;
/** ARP packets of one capture point that are listed. */
const MAX_ROWS = 100_000;

/** ARP packets as rows. */
export class ArpObserver {
  private readonly rows = new TableBuilder(arpPackets);
  dropped = 0;

  /** Packet `i` of a batch, which is ARP. */
  packet(batch: PacketBatch, i: number, base: bigint | null): void {
    const at = batch.networkAt[i]!;
    const packet = at < 0 ? null : decodeArp(batch.bytes, at, at + batch.capturedLength[i]! - LINK_HEADER);
    if (!packet) return;
    if (this.rows.length >= MAX_ROWS) {
      this.dropped++;
      return;
    }
    const { senderMac, senderIp, targetMac, targetIp } = packet;
    const time = base === null ? null : base + BigInt(Math.round(batch.time[i]!));
    const operation = OPERATIONS[packet.operation] ?? null;
    this.rows.append(
      {
        time,
        elapsed: batch.time[i]! / 1e9,
        operation,
        sender_mac: senderMac,
        sender_ip: senderIp,
        target_mac: targetMac,
        target_ip: targetIp,
      },
      batch.frame[i]!,
    );
  }

  part(source: number): TablePart {
    return this.rows.build(source, "frame");
  }
}
