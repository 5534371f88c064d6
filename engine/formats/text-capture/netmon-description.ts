import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import { transportOf } from "./protocol-names.ts";
import { portNumber } from "./service-ports.ts";
import { RowKind, type TextPacketLog, type TextRow, textHash } from "./text-packet-log.ts";
import { macText } from "./wireshark-info.ts";

/** Network Monitor's TCP summary, alone or inside the summary of a protocol above it. */
export const TCP_SUMMARY =
  /Flags=([A-Z.]{8}), SrcPort=([^,]{1,80})(?:, DstPort=([^,]{1,80}))?(?:, PayloadLen=(\d{1,10}))?(?:, Seq=(\d{1,10})(?: - \d{1,10})?)?(?:, Ack=(\d{1,10}))?(?:, Win=(\d{1,10}))?/;
const UDP_SUMMARY = /SrcPort = ([^,]{1,80}), DstPort = ([^,]{1,80}), Length = (\d{1,5})/;
const SCALE = /\(\s?Negotiat(?:ing|ed) scale factor 0x([\da-fA-F]{1,2})\s?\)/;
/** `[ReTransmit #12]`, `[Bad CheckSum]` and the like before the summary. */
const REMARK = /\[([A-Za-z][A-Za-z -]{2,40})(?:\s?#\d{1,10})?\]/g;

/** Remote procedure calls over TCP; over UDP they are connectionless. */
const CONNECTION_ORIENTED = /^MSRPC:\s?c\/o\b/;

/** The places of the letters in `Flags=CEUAPRSF`. */
const FLAGS = [TcpFlag.cwr, TcpFlag.ece, TcpFlag.urg, TcpFlag.ack, TcpFlag.psh, TcpFlag.rst, TcpFlag.syn, TcpFlag.fin];

const REMARKS: Readonly<Record<string, number>> = {
  retransmit: Mark.saidRetransmission,
  synretransmit: Mark.saidRetransmission,
  "fast-retransmit": Mark.saidRetransmission,
  "request fast-retransmit": Mark.saidDuplicateAck,
  "dup ack": Mark.saidDuplicateAck,
  "segment lost": Mark.saidLostSegment,
  "keep alive": Mark.saidKeepAlive,
  "zero window": Mark.saidZeroWindow,
  zerowindow: Mark.saidZeroWindow,
  "out of order": Mark.saidOutOfOrder,
  "bad checksum": Mark.checksumBad,
};

/** Fills `row` from the protocol and description columns. */
export function readDescription(log: TextPacketLog, row: TextRow, protocol: string, description: string): void {
  const tcp = TCP_SUMMARY.exec(description);
  if (tcp) readSegment(row, protocol, description, tcp);
  else {
    const transport = transportOf(protocol);
    if (transport !== null) row.ipProtocol = transport;
    if (protocol === "ARP") readArp(log, row, description);
    else if (transport === 17) readDatagram(row, description);
    else if (transport === 6 || (transport === null && (row.stream !== 0 || CONNECTION_ORIENTED.test(description)))) {
      row.ipProtocol = 6;
      row.kind = RowKind.application;
      row.marks |= remarkMarks(description);
      row.text = textHash(description.replace(REMARK, ""));
    }
  }
}

function readSegment(row: TextRow, protocol: string, description: string, tcp: RegExpExecArray): void {
  const [, flags, source, destination, length, seq, ack, window] = tcp;
  row.kind = RowKind.segment;
  row.ipProtocol = 6;
  row.flags = FLAGS.reduce((bits, bit, place) => bits | (flags![place] === "." ? 0 : bit), 0);
  row.known |= Known.flags;
  row.marks |= remarkMarks(description.slice(0, tcp.index));
  const [from, to] = [portNumber(source!.trim()), portNumber(destination?.trim() ?? "")];
  if (from !== null && to !== null) {
    row.sourcePort = from;
    row.destinationPort = to;
    row.known |= Known.ports;
  }
  if (length !== undefined && Number(length) <= 0x7fffffff) {
    row.length = Number(length);
    row.known |= Known.length;
  }
  if (seq !== undefined && Number(seq) <= 0xffffffff) {
    row.seq = Number(seq);
    row.known |= Known.seq;
  }
  // The field is printed whether or not ACK is set; without it the number means nothing.
  if (ack !== undefined && Number(ack) <= 0xffffffff && row.flags & TcpFlag.ack) {
    row.ack = Number(ack);
    row.known |= Known.ack;
  }
  // TCP's own summary has the header's window; inside others it is already scaled.
  if (window !== undefined && Number(window) <= 0xffff && protocol === "TCP") {
    row.window = Number(window);
    row.known |= Known.window;
  }
  const scale = row.flags & TcpFlag.syn ? SCALE.exec(description) : null;
  if (scale) row.scale = Number.parseInt(scale[1]!, 16);
}

function readDatagram(row: TextRow, description: string): void {
  const udp = UDP_SUMMARY.exec(description);
  const [from, to] = [portNumber(udp?.[1]?.trim() ?? ""), portNumber(udp?.[2]?.trim() ?? "")];
  if (!udp || from === null || to === null) return;
  row.sourcePort = from;
  row.destinationPort = to;
  row.known |= Known.ports;
  // The UDP length counts its own header of 8 bytes.
  if (Number(udp[3]) < 8) return;
  row.length = Number(udp[3]) - 8;
  row.known |= Known.length;
}

function remarkMarks(text: string): number {
  let marks = 0;
  for (const found of text.matchAll(REMARK)) marks |= REMARKS[found[1]!.trim().toLowerCase()] ?? 0;
  return marks;
}

const ARP_REQUEST = /^Request, (\S{1,45}) asks for (\S{1,45})/i;
const ARP_RESPONSE = /^Response, (\S{1,45}) at (\S{17})/i;

function readArp(log: TextPacketLog, row: TextRow, description: string): void {
  row.etherType = 0x0806;
  const text = description.slice(description.indexOf(":") + 1).trimStart();
  const request = ARP_REQUEST.exec(text);
  const response = request ? null : ARP_RESPONSE.exec(text);
  const copy = (part: string) => ` ${part}`.slice(1);
  if (request)
    row.extra = log.extras.push({
      table: "arp_packets",
      values: { operation: "request", sender_ip: copy(request[1]!), target_ip: copy(request[2]!) },
    });
  if (response)
    row.extra = log.extras.push({
      table: "arp_packets",
      values: { operation: "reply", sender_ip: copy(response[1]!), sender_mac: macText(response[2]!) },
    });
}
