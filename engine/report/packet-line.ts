import { ipv4Text } from "../bytes/address.ts";
import { Family, Known, Mark, NO_PROTOCOL, type PacketBatch, SACK_BLOCKS, TcpFlag } from "../decoders/packet-batch.ts";

const FLAG_NAMES: readonly [number, string][] = [
  [TcpFlag.fin, "FIN"],
  [TcpFlag.syn, "SYN"],
  [TcpFlag.rst, "RST"],
  [TcpFlag.psh, "PSH"],
  [TcpFlag.ack, "ACK"],
  [TcpFlag.urg, "URG"],
  [TcpFlag.ece, "ECE"],
  [TcpFlag.cwr, "CWR"],
];

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  47: "GRE",
  50: "ESP",
  58: "ICMPv6",
  89: "OSPF",
  132: "SCTP",
};

/** TCP flags as Wireshark's packet list prints them: `[SYN, ACK]`. */
export function flagsText(flags: number): string {
  return `[${FLAG_NAMES.filter(([bit]) => flags & bit)
    .map(([, name]) => name)
    .join(", ")}]`;
}

/** Text of a packet's source or destination address. */
export function addressText(batch: PacketBatch, family: number, address: number): string {
  if (family === Family.ipv4) return ipv4Text(address);
  return family === Family.none ? "" : (batch.addresses.texts[address] ?? "");
}

/** A packet as Wireshark's packet list shows it, with raw sequence numbers: `10.0.0.1 → 10.0.0.2 TCP 50000 → 3389 [SYN] Seq=… Win=… Len=0 MSS=1460`. */
export function packetLine(batch: PacketBatch, i: number): string {
  const family = batch.family[i]!;
  const protocol = batch.ipProtocol[i]!;
  const ends = `${addressText(batch, family, batch.source[i]!)} → ${addressText(batch, family, batch.destination[i]!)}`;
  if (protocol === 6) return `${ends} TCP ${tcpText(batch, i)}`;
  if (batch.etherType[i] === 0x0806) return "ARP";
  if (protocol === NO_PROTOCOL) return `EtherType 0x${batch.etherType[i]!.toString(16).padStart(4, "0")}, ${batch.wireLength[i]} bytes`;
  const name = PROTOCOL_NAMES[protocol] ?? `IP protocol ${protocol}`;
  if (protocol !== 17) return `${ends} ${name} Len=${batch.payloadLength[i]}`;
  return `${ends} UDP ${batch.sourcePort[i]} → ${batch.destinationPort[i]} Len=${batch.payloadLength[i]}`;
}

/** The part after the addresses: ports, flags, numbers and options, as far as they are known. */
export function tcpText(batch: PacketBatch, i: number): string {
  const known = batch.known[i]!;
  const marks = batch.marks[i]!;
  const parts: string[] = [];
  if (known & Known.ports) parts.push(`${batch.sourcePort[i]} → ${batch.destinationPort[i]}`);
  if (known & Known.flags) parts.push(flagsText(batch.flags[i]!));
  if (known & Known.seq) parts.push(`Seq=${batch.seq[i]}`);
  if (known & Known.ack && batch.flags[i]! & TcpFlag.ack) parts.push(`Ack=${batch.ack[i]}`);
  if (known & Known.window) parts.push(`Win=${batch.window[i]}`);
  if (known & Known.length) parts.push(`Len=${batch.payloadLength[i]}`);
  if (batch.mss[i] !== 0) parts.push(`MSS=${batch.mss[i]}`);
  if (batch.windowShift[i] !== 255) parts.push(`WS=${2 ** batch.windowShift[i]!}`);
  if (marks & Mark.sackPermitted) parts.push("SACK_PERM");
  if (marks & Mark.timestamps) parts.push(`TSval=${batch.tsval[i]} TSecr=${batch.tsecr[i]}`);
  for (let block = 0; block < batch.sackCount[i]!; block++) {
    const at = 2 * (i * SACK_BLOCKS + block);
    parts.push(`SLE=${batch.sack[at]} SRE=${batch.sack[at + 1]}`);
  }
  if (marks & Mark.saidRetransmission) parts.unshift("[TCP Retransmission]");
  if (marks & Mark.saidLostSegment) parts.unshift("[TCP Previous segment not captured]");
  if (marks & Mark.ipLengthZero) parts.push("[IP length 0: segmentation offload]");
  return parts.join(" ");
}
