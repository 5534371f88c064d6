import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import { NO_SCALE, RowKind, type TextRow } from "./text-packet-log.ts";

type Fields = ReadonlyMap<string, string>;

/** tcp.analysis fields, which hold something where Wireshark says so. */
const ANALYSES: readonly (readonly [field: string, mark: number])[] = [
  ["tcp.analysis.retransmission", Mark.saidRetransmission],
  ["tcp.analysis.fast_retransmission", Mark.saidRetransmission],
  ["tcp.analysis.spurious_retransmission", Mark.saidRetransmission],
  ["tcp.analysis.out_of_order", Mark.saidOutOfOrder],
  ["tcp.analysis.lost_segment", Mark.saidLostSegment],
  ["tcp.analysis.ack_lost_segment", Mark.saidAckedUnseen],
  ["tcp.analysis.duplicate_ack", Mark.saidDuplicateAck],
  ["tcp.analysis.zero_window", Mark.saidZeroWindow],
  ["tcp.analysis.keep_alive", Mark.saidKeepAlive],
];
const FLAG_BITS: readonly (readonly [field: string, flag: number])[] = [
  ["tcp.flags.fin", TcpFlag.fin],
  ["tcp.flags.syn", TcpFlag.syn],
  ["tcp.flags.reset", TcpFlag.rst],
  ["tcp.flags.push", TcpFlag.psh],
  ["tcp.flags.ack", TcpFlag.ack],
  ["tcp.flags.urg", TcpFlag.urg],
];
/** Flags without which those of a segment are not known. */
const TELLING_FLAGS = ["tcp.flags.fin", "tcp.flags.syn", "tcp.flags.reset", "tcp.flags.ack"];
/** tcp.flags.str, ·······A··S·: three reserved, accurate ECN, and from CWR down to FIN. */
const FLAG_LETTERS: Readonly<Record<string, number>> = {
  C: TcpFlag.cwr,
  E: TcpFlag.ece,
  U: TcpFlag.urg,
  A: TcpFlag.ack,
  P: TcpFlag.psh,
  R: TcpFlag.rst,
  S: TcpFlag.syn,
  F: TcpFlag.fin,
};
const UDP_HEADER = 8;

/** Whether a list with these fields says what Wireshark's analysis found: in the description, or in fields of its own. */
export function showsAnalysis(fields: Fields): boolean {
  return fields.has("tcp.analysis.lost_segment") || [...fields.keys()].some((name) => name.endsWith(".info"));
}

/** Fills `row` from the fields of the TCP or UDP header; what the description printed already stays, but for what a field tells more exactly. */
export function readFields(row: TextRow, fields: Fields): void {
  // A quoted or tunnelled packet prints the fields of both, in turn: whose ports they are nobody can tell.
  if (["ip.src", "ipv6.src"].some((name) => fields.get(name)?.includes(","))) return;
  const transport = (["tcp", "udp"] as const).find((name) => fields.get(`${name}.srcport`) || fields.get(`${name}.dstport`));
  if (transport === undefined && !fields.get("tcp.flags") && !fields.get("tcp.seq")) {
    const protocol = number(fields.get("ip.proto") || fields.get("ipv6.nxt"));
    if (protocol !== null && protocol <= 254) row.ipProtocol = protocol;
    return;
  }
  row.ipProtocol = transport === "udp" ? 17 : 6;
  readPorts(row, fields, transport ?? "tcp");
  if (transport === "udp") {
    const length = number(fields.get("udp.length"));
    if (length !== null && length >= UDP_HEADER) set(row, Known.length, "length", length - UDP_HEADER);
    return;
  }
  readFlags(row, fields);
  readNumbers(row, fields);
  readOptions(row, fields);
  if (row.known & (Known.flags | Known.seq | Known.length)) row.kind = RowKind.segment;
  for (const [field, mark] of ANALYSES) if (isSet(fields.get(field))) row.marks |= mark;
}

function readPorts(row: TextRow, fields: Fields, transport: "tcp" | "udp"): void {
  const [source, destination] = [number(fields.get(`${transport}.srcport`)), number(fields.get(`${transport}.dstport`))];
  if (source === null || destination === null || source > 0xffff || destination > 0xffff) return;
  row.sourcePort = source;
  row.destinationPort = destination;
  row.known |= Known.ports;
}

function readFlags(row: TextRow, fields: Fields): void {
  const word = number(fields.get("tcp.flags"));
  const letters = fields.get("tcp.flags.str");
  if (word !== null) set(row, Known.flags, "flags", word & 0xff);
  else if (letters)
    set(
      row,
      Known.flags,
      "flags",
      [...letters].reduce((flags, letter) => flags | (FLAG_LETTERS[letter] ?? 0), 0),
    );
  // A SYN is not also the end of something.
  else if (TELLING_FLAGS.every((name) => fields.get(name)) || isSet(fields.get("tcp.flags.syn")))
    set(
      row,
      Known.flags,
      "flags",
      FLAG_BITS.reduce((flags, [name, flag]) => flags | (isSet(fields.get(name)) ? flag : 0), 0),
    );
}

function readNumbers(row: TextRow, fields: Fields): void {
  const raw = fields.has("tcp.seq_raw") && fields.has("tcp.ack_raw");
  for (const [field, bit, column] of [
    [raw ? "tcp.seq_raw" : "tcp.seq", Known.seq, "seq"],
    [raw ? "tcp.ack_raw" : "tcp.ack", Known.ack, "ack"],
    ["tcp.window_size_value", Known.window, "window"],
  ] as const) {
    const value = number(fields.get(field));
    if (value === null) continue;
    row[column] = value;
    row.known |= bit;
  }
  const [length, window] = [number(fields.get("tcp.len")), number(fields.get("tcp.window_size"))];
  if (length !== null && length <= 0x7fffffff) set(row, Known.length, "length", length);
  if (window !== null) set(row, Known.window, "window", window);
}

/** Options; a list that has the field of an option shows where a SYN lacks it. The scale is kept as a multiplier, as descriptions print it. */
function readOptions(row: TextRow, fields: Fields): void {
  const [tsval, tsecr] = [number(fields.get("tcp.options.timestamp.tsval")), number(fields.get("tcp.options.timestamp.tsecr"))];
  if (tsval !== null) {
    row.tsval = tsval;
    row.tsecr = tsecr ?? 0;
    row.marks |= Mark.timestamps;
  }
  if (!(row.known & Known.flags) || !(row.flags & TcpFlag.syn) || row.known & Known.options || !fields.has("tcp.options.mss_val")) return;
  row.mss = Math.min(number(fields.get("tcp.options.mss_val")) ?? 0, 0xffff);
  row.known |= Known.options;
  const [shift, multiplier] = [number(fields.get("tcp.options.wscale.shift")), number(fields.get("tcp.options.wscale.multiplier"))];
  row.scale = shift !== null && shift <= 14 ? 2 ** shift : (multiplier ?? NO_SCALE);
  if (isSet(fields.get("tcp.options.sack_perm"))) row.marks |= Mark.sackPermitted;
  const scaled = fields.has("tcp.options.wscale.shift") || fields.has("tcp.options.wscale.multiplier");
  if (!scaled || !fields.has("tcp.options.sack_perm") || !fields.has("tcp.options.timestamp.tsval")) row.marks |= Mark.mssOnly;
}

function set(row: TextRow, bit: number, column: "flags" | "length" | "window", value: number): void {
  if (row.known & bit) return;
  row[column] = value;
  row.known |= bit;
}

/** A field that is there and not false: flags are printed as 1 or True, marks as 1 or by a text. */
function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== "" && text !== "0" && text !== "False";
}

/** The first of a field's numbers, decimal or hexadecimal; null if there is none that fits in 32 bits. */
function number(text: string | undefined): number | null {
  const found = /^(?:0x[\da-f]{1,8}|\d{1,10})(?=,|\s|$)/i.exec(text ?? "");
  const value = found ? Number(found[0]) : Number.NaN;
  return value <= 0xffffffff ? value : null;
}
