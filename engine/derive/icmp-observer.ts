import { ipv4Text } from "../bytes/address.ts";
import { decodeIcmp, decodeIcmpv6 } from "../decoders/icmp.ts";
import { Family, type PacketBatch } from "../decoders/packet-batch.ts";
import { icmpMessages } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";

const ICMP = 1;
/** ICMP errors of one capture point that are listed. */
const MAX_ROWS = 100_000;

/** ICMP and ICMPv6 errors as rows; what quotes no packet is not listed. */
export class IcmpObserver {
  private readonly rows = new TableBuilder(icmpMessages);
  dropped = 0;

  /** Packet `i` of a batch, which is ICMP or ICMPv6. */
  packet(batch: PacketBatch, i: number, base: bigint | null): void {
    const at = batch.payloadAt[i]!;
    if (at < 0) return;
    const end = at + batch.payloadCaptured[i]!;
    const message = batch.ipProtocol[i] === ICMP ? decodeIcmp(batch.bytes, at, end) : decodeIcmpv6(batch.bytes, at, end);
    if (!message?.quoted) return;
    if (this.rows.length >= MAX_ROWS) {
      this.dropped++;
      return;
    }
    const { quoted } = message;
    const address = (value: number) => (batch.family[i] === Family.ipv4 ? ipv4Text(value) : (batch.addresses.texts[value] ?? null));
    this.rows.append(
      {
        time: base === null ? null : base + BigInt(Math.round(batch.time[i]!)),
        from_ip: address(batch.source[i]!),
        to_ip: address(batch.destination[i]!),
        type: message.type,
        code: message.code,
        mtu: message.mtu,
        quoted_protocol: quoted.protocol,
        quoted_source_ip: quoted.source,
        quoted_source_port: quoted.sourcePort,
        quoted_destination_ip: quoted.destination,
        quoted_destination_port: quoted.destinationPort,
      },
      batch.frame[i]!,
    );
  }

  part(source: number): TablePart {
    return this.rows.build(source, "frame");
  }
}
