import { ipv4Text } from "../../engine/bytes/address.ts";
import { memorySource } from "../../engine/bytes/byte-source.ts";
import { Family, Mark, type PacketBatch } from "../../engine/decoders/packet-batch.ts";
import type { BinaryFormat, CaptureInfo, Emit, HostFact, SourceHints, TextFormat } from "../../engine/formats/format.ts";
import type { Coverage } from "../../engine/tables/coverage.ts";
import type { Value } from "../../engine/tables/table.ts";

/** One packet of a batch, copied out of its columns. */
export interface CollectedPacket {
  frame: number;
  /** Nanoseconds from the capture's base. */
  time: number;
  wireLength: number;
  capturedLength: number;
  etherType: number;
  vlan: number;
  family: number;
  /** Text of the address; empty if there is none. */
  source: string;
  destination: string;
  ipProtocol: number;
  ttl: number;
  ipId: number;
  ipLength: number;
  sourcePort: number;
  destinationPort: number;
  flags: number;
  seq: number;
  ack: number;
  window: number;
  payloadLength: number;
  /** Captured payload bytes, null where `payloadAt` is -1. */
  payload: Uint8Array | null;
  mss: number;
  /** 255 if absent. */
  windowShift: number;
  timestamps: readonly [number, number] | null;
  sackPermitted: boolean;
  sack: readonly (readonly [number, number])[];
  known: number;
  marks: number;
  process: number;
}

export interface Collected {
  emit: Emit;
  rows: { table: string; values: Readonly<Record<string, Value | undefined>>; at: number }[];
  anomalies: { name: string; at: number; detail: string }[];
  captures: CaptureInfo[];
  packets: CollectedPacket[];
  batches: number;
  coverage: Omit<Coverage, "source">[];
  hosts: HostFact[];
  utc: boolean;
}

function addressText(batch: PacketBatch, family: number, value: number): string {
  if (family === Family.none) return "";
  return family === Family.ipv4 ? ipv4Text(value) : (batch.addresses.texts[value] ?? `no address ${value}`);
}

export function packetAt(batch: PacketBatch, i: number): CollectedPacket {
  const family = batch.family[i]!;
  const marks = batch.marks[i]!;
  const payloadAt = batch.payloadAt[i]!;
  const sack = Array.from({ length: batch.sackCount[i]! }, (_, n) => [batch.sack[8 * i + 2 * n]!, batch.sack[8 * i + 2 * n + 1]!] as const);
  return {
    frame: batch.frame[i]!,
    time: batch.time[i]!,
    wireLength: batch.wireLength[i]!,
    capturedLength: batch.capturedLength[i]!,
    etherType: batch.etherType[i]!,
    vlan: batch.vlan[i]!,
    family,
    source: addressText(batch, family, batch.source[i]!),
    destination: addressText(batch, family, batch.destination[i]!),
    ipProtocol: batch.ipProtocol[i]!,
    ttl: batch.ttl[i]!,
    ipId: batch.ipId[i]!,
    ipLength: batch.ipLength[i]!,
    sourcePort: batch.sourcePort[i]!,
    destinationPort: batch.destinationPort[i]!,
    flags: batch.flags[i]!,
    seq: batch.seq[i]!,
    ack: batch.ack[i]!,
    window: batch.window[i]!,
    payloadLength: batch.payloadLength[i]!,
    payload: payloadAt < 0 ? null : batch.bytes.slice(payloadAt, payloadAt + batch.payloadCaptured[i]!),
    mss: batch.mss[i]!,
    windowShift: batch.windowShift[i]!,
    timestamps: marks & Mark.timestamps ? [batch.tsval[i]!, batch.tsecr[i]!] : null,
    sackPermitted: (marks & Mark.sackPermitted) !== 0,
    sack,
    known: batch.known[i]!,
    marks,
    process: batch.process[i]!,
  };
}

/** An `Emit` that keeps everything it is given. */
export function collector(): Collected {
  const seen: Omit<Collected, "emit"> = {
    rows: [],
    anomalies: [],
    captures: [],
    packets: [],
    batches: 0,
    coverage: [],
    hosts: [],
    utc: false,
  };
  const emit: Emit = {
    row: (table, values, at) => void collected.rows.push({ table, values, at }),
    anomaly: (name, at, detail) => void collected.anomalies.push({ name, at, detail }),
    capture: (info) => void collected.captures.push(info),
    packets(batch) {
      collected.batches++;
      for (let i = 0; i < batch.count; i++) collected.packets.push(packetAt(batch, i));
    },
    coverage: (coverage) => void collected.coverage.push(coverage),
    host: (fact) => void collected.hosts.push(fact),
    utc() {
      collected.utc = true;
    },
    progress: async () => {},
  };
  const collected: Collected = { ...seen, emit };
  return collected;
}

/** What a binary format makes of bytes in memory. */
export async function collectBinary(format: BinaryFormat, bytes: Uint8Array, hints: SourceHints = {}): Promise<Collected> {
  const collected = collector();
  await format.parse(memorySource(bytes), collected.emit, hints);
  return collected;
}

/** What a text format makes of a text, split at line ends. */
export function collectText(format: TextFormat, text: string, hints: SourceHints = {}): Collected {
  const collected = collector();
  const reader = format.reader(collected.emit, hints);
  for (const [index, line] of text.split(/\r?\n/).entries()) reader.line(line, index + 1);
  reader.end();
  return collected;
}
