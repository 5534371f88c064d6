import { ipv4Text } from "../bytes/address.ts";
import { Family, Known, Mark, type PacketBatch, TcpFlag } from "../decoders/packet-batch.ts";
import { PROTOCOL_TCP } from "../decoders/packet-bits.ts";
import { zeroLengthPackets } from "../tables/captures.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";

/** Packets of one capture point that are listed. */
const MAX_ROWS = 1000;
/** Packets that wait for their acknowledgement at the same time; the oldest gives way. */
const MAX_WAITING = 16;
/** In a text export, where such a packet has no addresses: how much later the acknowledgement that belongs to it may come. */
const MAX_DELAY_NS = 1e9;

interface Listed {
  time: bigint | null;
  frame: number;
  /** Nanoseconds from the capture's base. */
  at: number;
  source: string | null;
  sourcePort: number | null;
  destination: string | null;
  destinationPort: number | null;
  payload: number | null;
  ackFrame: number | null;
}

interface Waiting {
  readonly row: Listed;
  readonly family: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Sequence number after its last byte. */
  readonly end: number;
}

/** Packets that were captured before the adapter filled in their IP length, and what acknowledges them. */
export class ZeroLengthPackets {
  private readonly rows: Listed[] = [];
  private readonly unacknowledged: Waiting[] = [];
  dropped = 0;

  /** Packets whose acknowledgement has not come. */
  get waiting(): number {
    return this.unacknowledged.length;
  }

  /** Packet `i` of a batch, in order. */
  packet(batch: PacketBatch, i: number, base: bigint | null): void {
    if (this.waiting > 0 && (batch.ipProtocol[i] === PROTOCOL_TCP || batch.marks[i]! & Mark.saidAckedUnseen)) this.acknowledge(batch, i);
    if ((batch.marks[i]! & Mark.ipLengthZero) === 0) return;
    if (this.rows.length >= MAX_ROWS) {
      this.dropped++;
      return;
    }
    const ports = batch.sourcePort[i] !== 0 && (batch.known[i]! & Known.ports) !== 0;
    const row: Listed = {
      time: base === null ? null : base + BigInt(Math.round(batch.time[i]!)),
      frame: batch.frame[i]!,
      at: batch.time[i]!,
      source: addressOf(batch, i, batch.source[i]!),
      sourcePort: ports ? batch.sourcePort[i]! : null,
      destination: addressOf(batch, i, batch.destination[i]!),
      destinationPort: ports ? batch.destinationPort[i]! : null,
      payload: batch.bytes.length > 0 || batch.known[i]! & Known.length ? batch.payloadLength[i]! : null,
      ackFrame: null,
    };
    this.rows.push(row);
    const isText = batch.family[i] === Family.none;
    if (!isText && batch.ipProtocol[i] !== PROTOCOL_TCP) return;
    if (this.waiting === MAX_WAITING) this.unacknowledged.shift();
    const fin = batch.flags[i]! & TcpFlag.fin ? 1 : 0;
    this.unacknowledged.push({
      row,
      family: batch.family[i]!,
      source: batch.source[i]!,
      destination: batch.destination[i]!,
      sourcePort: batch.sourcePort[i]!,
      destinationPort: batch.destinationPort[i]!,
      end: (batch.seq[i]! + batch.payloadLength[i]! + fin) >>> 0,
    });
  }

  private acknowledge(batch: PacketBatch, i: number): void {
    for (let k = this.waiting - 1; k >= 0; k--) {
      const waiting = this.unacknowledged[k]!;
      const nameless = waiting.family === Family.none;
      if (!(nameless ? followsNameless(batch, i, waiting) : acknowledges(batch, i, waiting))) continue;
      this.unacknowledged.splice(k, 1);
      const { row } = waiting;
      row.ackFrame = batch.frame[i]!;
      if (!nameless) continue;
      row.source = addressOf(batch, i, batch.destination[i]!);
      row.destination = addressOf(batch, i, batch.source[i]!);
      if (!(batch.known[i]! & Known.ports)) continue;
      row.sourcePort = batch.destinationPort[i]!;
      row.destinationPort = batch.sourcePort[i]!;
    }
  }

  part(source: number): TablePart {
    const rows = new TableBuilder(zeroLengthPackets);
    for (const row of this.rows) {
      rows.append(
        {
          time: row.time,
          source_ip: row.source,
          source_port: row.sourcePort,
          destination_ip: row.destination,
          destination_port: row.destinationPort,
          payload: row.payload,
          ack_frame: row.ackFrame,
        },
        row.frame,
      );
    }
    return rows.build(source, "frame");
  }
}

/** Whether packet `i` comes from the other end and acknowledges all of it. */
function acknowledges(batch: PacketBatch, i: number, { family, source, destination, sourcePort, destinationPort, end }: Waiting): boolean {
  return (
    batch.family[i] === family &&
    batch.source[i] === destination &&
    batch.destination[i] === source &&
    batch.sourcePort[i] === destinationPort &&
    batch.destinationPort[i] === sourcePort &&
    (batch.flags[i]! & TcpFlag.ack) !== 0 &&
    ((batch.ack[i]! - end) | 0) >= 0
  );
}

/** Whether row `i` of a text export acknowledges what the export's tool did not see, soon after a packet it could not read. */
function followsNameless(batch: PacketBatch, i: number, { row }: Waiting): boolean {
  return (batch.marks[i]! & Mark.saidAckedUnseen) !== 0 && batch.time[i]! - row.at <= MAX_DELAY_NS;
}

function addressOf(batch: PacketBatch, i: number, value: number): string | null {
  if (batch.family[i] === Family.none) return null;
  return batch.family[i] === Family.ipv4 ? ipv4Text(value) : (batch.addresses.texts[value] ?? null);
}
