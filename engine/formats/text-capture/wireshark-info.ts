import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import { transportOf } from "./protocol-names.ts";
import { portNumber } from "./service-ports.ts";
import { RowKind, type TextPacketLog, type TextRow, textHash } from "./text-packet-log.ts";

/** `59193 > 3389 [SYN, ACK]`, with the analysis in front of it, as TCP rows of every version begin. */
export const TCP_INFO = /^((?:\[[^\]]{0,80}\]\s*){0,6})(\S{1,64})\s+(?:>|→|->)\s+(\S{1,64})\s+\[([A-Za-z, <>]{0,60})\]/;
const UDP_INFO = /^(?:Source port: (\S{1,64})\s+Destination port: (\S{1,64})|(\S{1,64})\s+(?:>|→|->)\s+(\S{1,64})\s+Len=(\d{1,5}))/;
/** Analysis before the text of any row. */
const ANALYSIS = /^(?:\[TCP [^\]]{1,60}\]\s*,?\s*){1,6}/;
const VALUE = /\b(Seq|Ack|Win|Len|MSS|WS|TSV|TSval|TSER|TSecr|SLE|SRE)=(\d{1,10})|\bSACK_PERM\b/g;
/** Remote procedure calls over UDP are numbered by sequence, over TCP by call. */
const DATAGRAM_CALL = /^\w{1,20}: seq: \d/;
const MESSAGE_LENGTH = /^C: (?:Message Body|DATA fragment), (\d{1,6}) bytes/;

const FLAGS: Readonly<Record<string, number>> = {
  FIN: TcpFlag.fin,
  SYN: TcpFlag.syn,
  RST: TcpFlag.rst,
  PSH: TcpFlag.psh,
  ACK: TcpFlag.ack,
  URG: TcpFlag.urg,
  ECN: TcpFlag.ece,
  ECE: TcpFlag.ece,
  CWR: TcpFlag.cwr,
};

/** Wireshark's wording of its analysis over the years, in lower case, and what it means here. */
const ANALYSES: readonly (readonly [string, number])[] = [
  ["spurious retransmission", Mark.saidRetransmission],
  ["fast retransmission", Mark.saidRetransmission],
  ["retransmission", Mark.saidRetransmission],
  ["out-of-order", Mark.saidOutOfOrder],
  ["previous segment", Mark.saidLostSegment],
  ["acked lost segment", Mark.saidAckedUnseen],
  ["acked unseen segment", Mark.saidAckedUnseen],
  ["dup ack", Mark.saidDuplicateAck],
  ["duplicate ack", Mark.saidDuplicateAck],
  ["keep-alive ack", 0],
  ["keep-alive", Mark.saidKeepAlive],
  ["zerowindowprobe", 0],
  ["zerowindow", Mark.saidZeroWindow],
  ["zero window", Mark.saidZeroWindow],
  ["checksum incorrect", Mark.checksumBad],
];

/** What Wireshark says of a packet whose IP length is 0 where it is not told to expect segmentation offload; it reads no further then. */
export const ZERO_LENGTH_INFO = /^Bogus IP(?:v4)? (?:total )?length \(0, /i;
/** The same in the packet's details, and what they say where it is told to. */
const ZERO_LENGTH_DETAIL = /^\s*\[?Total length: (?:0(?: bytes)?\s*(?:$|\((?:bogus|reported as 0))|\d{1,10} bytes \(reported as 0,)/i;

/** Whether a line of a packet's details says that its IP length is 0. */
export function saysZeroLength(line: string): boolean {
  return ZERO_LENGTH_DETAIL.test(line);
}

/** What the rows of one list have shown about the Wireshark that printed it. */
export interface DialectSigns {
  recent: boolean;
  sackPermitted: boolean;
  options: boolean;
}

/** Fills `row` from the Protocol and Info columns. `unknownService` is told of a port name nobody registered. */
export function readInfo(row: TextRow, protocol: string, info: string, signs: DialectSigns, unknownService: (name: string) => void): void {
  const tcp = TCP_INFO.exec(info);
  if (tcp) readSegment(row, tcp, info, signs, unknownService);
  else if (ZERO_LENGTH_INFO.test(info)) row.marks |= Mark.ipLengthZero;
  else {
    const transport = DATAGRAM_CALL.test(info) ? null : transportOf(protocol);
    if (transport !== null) row.ipProtocol = transport;
    if (transport === 6) readApplication(row, info);
    else if (transport === 17) readDatagram(row, info);
  }
}

function readSegment(row: TextRow, tcp: RegExpExecArray, info: string, signs: DialectSigns, unknownService: (name: string) => void): void {
  row.kind = RowKind.segment;
  row.ipProtocol = 6;
  const [source, destination] = [portNumber(tcp[2]!), portNumber(tcp[3]!)];
  if (source === null || destination === null) unknownService(source === null ? tcp[2]! : tcp[3]!);
  else {
    row.sourcePort = source;
    row.destinationPort = destination;
    row.known |= Known.ports;
  }
  row.flags = 0;
  for (const word of tcp[4]!.split(",")) row.flags |= FLAGS[word.trim()] ?? 0;
  row.known |= Known.flags;
  row.marks |= analysisMarks(info);
  if (info.includes("→")) signs.recent = true;
  readValues(row, info.slice(tcp[0].length), signs);
}

/** `Seq=1 Ack=1 Win=65535 Len=0 MSS=1460 …`; only the first of each counts, but for SACK edges. */
function readValues(row: TextRow, text: string, signs: DialectSigns): void {
  let options = false;
  for (const found of text.matchAll(VALUE)) {
    const value = Number(found[2] ?? 0);
    const name = found[1] ?? "SACK_PERM";
    if (value > 0xffffffff) continue;
    switch (name) {
      case "Seq":
        row.seq = value;
        row.known |= Known.seq;
        continue;
      case "Ack":
        row.ack = value;
        row.known |= Known.ack;
        continue;
      case "Win":
        row.window = value;
        row.known |= Known.window;
        continue;
      case "Len":
        row.length = value;
        row.known |= Known.length;
        continue;
      case "MSS":
        row.mss = Math.min(value, 0xffff);
        break;
      case "WS":
        row.scale = Math.min(value, 0xfffe);
        break;
      case "TSval":
      case "TSV":
        row.tsval = value;
        row.marks |= Mark.timestamps;
        if (name === "TSval") signs.recent = true;
        break;
      case "TSecr":
      case "TSER":
        row.tsecr = value;
        break;
      case "SACK_PERM":
        row.marks |= Mark.sackPermitted;
        signs.sackPermitted = true;
        break;
      default:
        if (row.edges.length < 64) row.edges.push(value);
    }
    options = true;
  }
  if (!options) return;
  signs.options = true;
  // Practically every SYN announces its MSS: one without it in a text has more likely lost it than never had it.
  if (row.mss !== 0 || !(row.flags & TcpFlag.syn)) row.known |= Known.options;
}

/** A message of an application protocol: data whose place in the stream must be found from the rows around it. */
function readApplication(row: TextRow, info: string): void {
  row.kind = RowKind.application;
  row.marks |= analysisMarks(info);
  const text = info.replace(ANALYSIS, "");
  row.text = textHash(text);
  const length = MESSAGE_LENGTH.exec(text);
  if (!length) return;
  row.length = Number(length[1]);
  row.known |= Known.length;
}

function readDatagram(row: TextRow, info: string): void {
  const found = UDP_INFO.exec(info);
  const source = portNumber(found?.[1] ?? found?.[3] ?? "");
  const destination = portNumber(found?.[2] ?? found?.[4] ?? "");
  if (source === null || destination === null) return;
  row.sourcePort = source;
  row.destinationPort = destination;
  row.known |= Known.ports;
  if (found?.[5] === undefined) return;
  row.length = Number(found[5]);
  row.known |= Known.length;
}

function analysisMarks(info: string): number {
  if (!info.includes("[TCP ")) return 0;
  let marks = 0;
  for (const found of info.matchAll(/\[TCP ([^\]]{1,60})\]/g)) {
    const said = found[1]!.toLowerCase();
    marks |= ANALYSES.find(([words]) => said.includes(words))?.[1] ?? 0;
  }
  return marks;
}

const ARP_REQUEST =
  /^(?:ARP Probe|ARP Announcement|Gratuitous ARP|Who has|who has)\b.{0,60}?(\d{1,3}(?:\.\d{1,3}){3})\??(?:\s*\(?Tell (\d{1,3}(?:\.\d{1,3}){3}))?/i;
const ARP_REPLY = /^(?:Gratuitous ARP for )?(\d{1,3}(?:\.\d{1,3}){3})\s+(?:\(Reply\)|is at ([\da-f]{2}(?:[:-][\da-f]{2}){5}))/i;

/** An ARP row; `source` and `destination` are the address columns, which name link addresses here. */
export function readArp(log: TextPacketLog, row: TextRow, source: string, info: string): void {
  row.etherType = 0x0806;
  const reply = ARP_REPLY.exec(info);
  const request = reply ? null : ARP_REQUEST.exec(info);
  if (!reply && !request) return;
  const mac = macText(reply?.[2] ?? "") ?? macText(source);
  const values = reply
    ? { operation: "reply", sender_ip: plain(reply[1]!), sender_mac: mac }
    : {
        operation: "request",
        sender_ip: request?.[2] === undefined ? null : plain(request[2]),
        sender_mac: mac,
        target_ip: plain(request![1]!),
      };
  row.extra = log.extras.push({ table: "arp_packets", values });
}

const plain = (text: string): string => ` ${text}`.slice(1);

/** A MAC address as the tables spell it; null for a vendor's name in front of half an address. */
export function macText(text: string): string | null {
  return /^[\da-f]{2}(?:[:-][\da-f]{2}){5}$/i.test(text) ? text.toLowerCase().replaceAll("-", ":") : null;
}
