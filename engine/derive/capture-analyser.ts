import { ipv4Text } from "../bytes/address.ts";
import { Family, Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from "../decoders/packet-bits.ts";
import type { CaptureInfo } from "../formats/format.ts";
import { anomalies } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";
import { ArpObserver } from "./arp-observer.ts";
import { MARKED, QualityCounts } from "./capture-quality.ts";
import { connectionPart } from "./connection-part.ts";
import type { ConnectionRows } from "./connection-rows.ts";
import { DatagramBook } from "./datagram-book.ts";
import { IcmpObserver } from "./icmp-observer.ts";
import { AddressTexts } from "./part-columns.ts";
import { type PayloadProtocols, payloadProtocols } from "./payload-protocols.ts";
import { ProtocolRows } from "./protocol-rows.ts";
import type { AnalysedCapture, CaptureQuality } from "./source-result.ts";
import { StreamBook } from "./stream-book.ts";
import { MAX_CONNECTIONS, type SegmentObserver, TcpAnalyser } from "./tcp-analyser.ts";
import { MAX_RUNS } from "./tcp-retransmission-runs.ts";
import { retransmissionPart, stallPart } from "./tcp-segment-parts.ts";
import { MAX_STALLS } from "./tcp-stalls.ts";
import { UdpFlows } from "./udp-flows.ts";
import { ZeroLengthPackets } from "./zero-length-packets.ts";

const ETHERTYPE_ARP = 0x0806;

export interface CaptureAnalyserOptions {
  /** Whether to keep the `SegmentLog` that pairing needs. */
  readonly segments: boolean;
  /** Told of every TCP segment as it is analysed. */
  readonly observer?: SegmentObserver;
  /** What reads payloads; the shipped protocols unless told otherwise. */
  readonly protocols?: PayloadProtocols;
}

/** Turns the packets of one capture point into its tables. Call `capture` first, then `packets` in order, then `finish` once. */
export class CaptureAnalyser {
  private readonly options: CaptureAnalyserOptions;
  private info: CaptureInfo | null = null;
  private tcp: TcpAnalyser | null = null;
  private readonly udp = new UdpFlows();
  private readonly arp = new ArpObserver();
  private readonly icmp = new IcmpObserver();
  private readonly zeroLength = new ZeroLengthPackets();
  private readonly protocolRows = new ProtocolRows();
  private datagrams: DatagramBook | null = null;
  private readonly counts = new QualityCounts();
  private addresses: readonly string[] = [""];

  constructor(options: CaptureAnalyserOptions) {
    this.options = options;
  }

  capture(info: CaptureInfo): void {
    this.info = info;
    this.tcp = new TcpAnalyser(info.textExport, this.options.segments, this.options.observer ?? null);
    if (info.textExport) return;
    const { streams, datagrams } = this.options.protocols ?? payloadProtocols;
    const addressOf = (value: number, family: number) => this.addressOf(value, family);
    this.tcp.streams = new StreamBook(this.tcp.slots, streams, this.protocolRows, addressOf, info);
    this.datagrams = new DatagramBook(datagrams, this.protocolRows, addressOf, info);
  }

  packets(batch: PacketBatch): void {
    if (!this.tcp || !this.info) throw new Error("packets before capture()");
    if (this.counts.packets === 0) this.addresses = batch.addresses.texts;
    this.tcp.begin(batch);
    const { count, time } = batch;
    let first = time[0]!;
    let last = first;
    for (let i = 0; i < count; i++) {
      const at = time[i]!;
      if (at < first) first = at;
      if (at > last) last = at;
      this.packet(batch, i);
    }
    if (count > 0) this.counts.batch(count, first, last);
  }

  private packet(batch: PacketBatch, i: number): void {
    const marks = batch.marks[i]!;
    if ((marks & MARKED) !== 0) this.counts.marked(marks, batch.source[i]!, batch.family[i]!);
    if ((marks & Mark.ipLengthZero) !== 0 || this.zeroLength.waiting > 0) this.zeroLength.packet(batch, i, this.info!.base);
    const protocol = batch.ipProtocol[i]!;
    if (protocol === PROTOCOL_TCP) this.tcp!.packet(batch, i);
    else if (protocol === PROTOCOL_UDP) this.datagram(batch, i);
    else if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6) this.icmp.packet(batch, i, this.info!.base);
    else if (batch.etherType[i] === ETHERTYPE_ARP) this.arp.packet(batch, i, this.info!.base);
  }

  private datagram(batch: PacketBatch, i: number): void {
    this.udp.packet(batch, i);
    this.datagrams?.packet(batch, i);
  }

  private addressOf(value: number, family: number): string {
    if (family === Family.ipv4) return ipv4Text(value);
    return family === Family.none ? "" : (this.addresses[value] ?? "");
  }

  finish(source: number): AnalysedCapture {
    if (!this.tcp || !this.info) throw new Error("finish before capture()");
    const { tcp, info } = this;
    tcp.finish();
    tcp.streams?.finish();
    this.datagrams?.finish(this.counts.lastTime);
    const addresses = new AddressTexts(this.addresses);
    const connections = connectionPart(tcp.rows, tcp.histories, addresses, info, source);
    const parts = [
      retransmissionPart(tcp.runs, tcp.rows, connections, info.base),
      stallPart(tcp.stalls, tcp.rows, connections, info.base),
      this.udp.part(addresses, info, source),
      this.arp.part(source),
      this.icmp.part(source),
      this.zeroLength.part(source),
      ...this.protocolRows.parts(source),
      this.anomalies(tcp, source),
    ];
    const segments = tcp.recorder?.finish() ?? null;
    return {
      sources: [source],
      info,
      connections,
      parts: parts.filter((part) => part.length > 0 || part.table !== "anomalies"),
      segments,
      quality: this.quality(tcp),
      offloadSenders: this.offloadSenders(),
    };
  }

  /** Only the capturing machine's own packets are seen before their checksum is filled in, so it is one machine. */
  private offloadSenders(): string[] {
    const sender = this.counts.badSender;
    return !sender || sender.family === Family.none ? [] : [this.addressOf(sender.address, sender.family)];
  }

  /** What was counted but not listed. */
  private anomalies(tcp: TcpAnalyser, source: number): TablePart {
    const rows = new TableBuilder(anomalies);
    const unlisted: readonly (readonly [string, number, string])[] = [
      ["capture.connections-not-listed", tcp.unlisted, `packets of connections beyond ${MAX_CONNECTIONS}, and not analysed`],
      ["capture.retransmissions-not-listed", tcp.runs.dropped, `more than ${MAX_RUNS} retransmitted segments; the rest is only counted`],
      ["capture.stalls-not-listed", tcp.stalls.dropped, `more than ${MAX_STALLS} stalls; the rest is only counted`],
      ["capture.arp-not-listed", this.arp.dropped, "too many ARP packets to list; the rest is left out"],
      ["capture.zero-length-not-listed", this.zeroLength.dropped, "too many packets with IP length 0 to list; the rest is only counted"],
      ["capture.icmp-not-listed", this.icmp.dropped, "too many ICMP errors to list; the rest is left out"],
    ];
    for (const [name, count, detail] of unlisted) if (count > 0) rows.append({ name, detail, count }, 0);
    return rows.build(source, "frame");
  }

  private quality(tcp: TcpAnalyser): CaptureQuality {
    const { packets, firstTime, lastTime, truncated, zeroLength, badChecksums } = this.counts;
    const { duplicates, oversized } = tcp;
    const unseenAcknowledged = sumOfBothEnds(tcp.rows, "ack_lost_segments");
    return {
      packets,
      tcpPackets: tcp.packets,
      firstTime: packets > 0 ? firstTime : 0,
      lastTime: packets > 0 ? lastTime : 0,
      truncated,
      zeroLength,
      oversized,
      badChecksums,
      duplicates,
      oneSided: oneSided(tcp.rows),
      unseenAcknowledged,
    };
  }
}

function sumOfBothEnds(rows: ConnectionRows, name: "ack_lost_segments"): number {
  let sum = 0;
  for (const end of rows.ends) for (let row = 0; row < rows.length; row++) sum += end.counts[name].values[row]!;
  return sum;
}

/** Connections of which only one direction was captured. */
function oneSided(rows: ConnectionRows): number {
  const [first, second] = [rows.ends[0].counts.packets.values, rows.ends[1].counts.packets.values];
  let count = 0;
  for (let row = 0; row < rows.length; row++) if (first[row] === 0 || second[row] === 0) count++;
  return count;
}
