import { Known, Mark, TcpFlag } from "../../decoders/packet-batch.ts";
import type { Emit } from "../format.ts";
import { DnsDescriptions } from "./dns-description.ts";
import { isRelative } from "./relative-sequence.ts";
import { readStunText } from "./stun-description.ts";
import type { TextConnection } from "./text-connections.ts";
import { blankRow, RowKind, TextPacketLog, type TextRow } from "./text-packet-log.ts";
import { markRelative } from "./text-packets.ts";
import type { ElapsedMeaning } from "./text-time-column.ts";
import { noteTls } from "./tls-messages.ts";
import { normaliseScales, scaleDialect, unscaleWindows } from "./window-scale.ts";
import type { ListCells } from "./wireshark-columns.ts";
import { readFields, showsAnalysis } from "./wireshark-fields.ts";
import { type DialectSigns, readArp, readInfo, saysZeroLength, TCP_INFO } from "./wireshark-info.ts";
import { readTimes } from "./wireshark-times.ts";
import type { ColumnKind, ListLayout } from "./wireshark-titles.ts";

const MAX_FRAME = 0xffffffff;
/** Network Monitor's descriptions, which are another format's to read. */
const NETMON_TEXT = /\b([A-Za-z]\w*)\s+\1:|Flags=[A-Z.]{8},/;
/** Two addresses in a line that could not be read as a row: it was meant to be one. */
const TWO_ADDRESSES = /\d{1,3}(?:\.\d{1,3}){3}\D.*?\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{1,4}::?[\da-f:]+\s.*[\da-f]{1,4}::?[\da-f:]+/i;

/** The rows of a packet list on their way into the log, and what they tell about the list as a whole. */
export class WiresharkRows {
  readonly log = new TextPacketLog();
  layout: ListLayout | null = null;
  elapsed: ElapsedMeaning | null = null;
  unreadable = 0;
  readonly dns = new DnsDescriptions();
  /** A list of fields without frame numbers. */
  unnumbered = false;
  private readonly emit: Emit;
  private readonly row = blankRow();
  private readonly signs: DialectSigns = { recent: false, sackPermitted: false, options: false };
  /** Every list had a description, or fields that say what its tool's analysis found. */
  private analysed = true;
  private rawWindows = false;
  private block = 0;
  private interrupted = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  /** Something else than a row stands between the rows: words, or the details of the row above. */
  interrupt(line = ""): void {
    this.interrupted = true;
    if (this.log.count > 0 && saysZeroLength(line)) this.log.rows.marks[this.log.count - 1]! |= Mark.ipLengthZero;
  }

  add(cells: ListCells): void {
    const frame = Number(cells.frame);
    if (frame > MAX_FRAME) {
      this.unread(`${cells.frame} ${cells.info}`, true);
      return;
    }
    const row = blankRow(this.row);
    row.frame = frame;
    this.block += this.interrupted && this.log.count > 0 ? 1 : 0;
    this.interrupted = false;
    row.block = this.block;
    const meaning = readTimes(this.log, row, cells.times);
    this.elapsed ??= meaning;
    if (cells.source !== "") row.source = this.log.addressId(cells.source);
    if (cells.destination !== "") row.destination = this.log.addressId(cells.destination);
    if (cells.protocol.toUpperCase() === "ARP" || cells.protocol.toUpperCase() === "RARP") readArp(this.log, row, cells.source, cells.info);
    else if (!cells.fields || cells.protocol !== "" || TCP_INFO.test(cells.info))
      readInfo(row, cells.protocol, cells.info, this.signs, (name) => this.unknownService(frame, name));
    if (cells.protocol === "DNS")
      row.extra = this.log.keepRows("dns_answers", this.dns.wireshark(cells.source, cells.destination, cells.info));
    row.extra ||= this.log.keepStun(readStunText(cells.protocol, cells.info));
    if (cells.fields) this.readFields(row, cells.fields);
    noteTls(this.log.tls, frame, cells.protocol, cells.info);
    for (const { kind, text } of cells.extras) readExtra(row, kind, text);
    this.log.append(row);
  }

  private readFields(row: TextRow, fields: ReadonlyMap<string, string>): void {
    readFields(row, fields);
    this.unnumbered ||= !fields.has("frame.number");
    this.analysed &&= showsAnalysis(fields);
    this.rawWindows ||= fields.has("tcp.window_size_value");
    this.signs.recent = true;
  }

  private unknownService(frame: number, name: string): void {
    this.emit.anomaly("wireshark-list.unknown-service", frame, `no port is registered for the service name ${name.slice(0, 64)}`);
  }

  /** A line that begins like a row but cannot be read as one; counted only if it was meant to be one. */
  unread(text: string, certain = false): void {
    this.interrupt();
    if (!certain && (!TWO_ADDRESSES.test(text) || NETMON_TEXT.test(text))) return;
    this.unreadable++;
    const frame = Number(/^\s*["']?(\d{1,9})/.exec(text)?.[1] ?? 0);
    this.emit.anomaly(
      "wireshark-list.unreadable-row",
      frame,
      `looks like a row of a packet list but cannot be read: ${text.trim().slice(0, 120)}`,
    );
  }

  /** What only the whole list tells: the meaning of scales, windows and sequence numbers. */
  interpret(log: TextPacketLog, connections: readonly TextConnection[]): void {
    const { rows } = log;
    let [segments, measured] = [0, 0];
    for (let i = 0; i < log.count; i++) {
      if (rows.kind[i] !== RowKind.segment) continue;
      segments++;
      if (rows.wireLength[i] !== 0) measured++;
      // A list that prints options anywhere prints those of every segment.
      if (this.signs.options && rows.known[i]! & Known.length && !(rows.flags[i]! & TcpFlag.syn)) rows.known[i]! |= Known.options;
    }
    // Numbers before other descriptions were no Length column, then.
    if (segments > 0 && measured === 0) rows.wireLength.fill(0);
    normaliseScales(log, scaleDialect(log, this.signs));
    if (!this.rawWindows) unscaleWindows(log, connections);
    const whole = !this.unnumbered && !log.hasHoles;
    if (!this.analysed && whole) for (let i = 0; i < log.count; i++) rows.marks[i]! |= Mark.unanalysed;
    if (isRelative(log, connections)) markRelative(log);
  }
}

/** Custom columns; what the description prints itself wins. */
function readExtra(row: TextRow, kind: ColumnKind, text: string): void {
  const number = Number(/^0x[\da-f]{1,8}|^\d{1,10}/i.exec(text)?.[0] ?? Number.NaN);
  if (Number.isNaN(number) || number > 0xffffffff) return;
  const isTcp = row.ipProtocol === 6;
  if (kind === "length") row.wireLength = number <= 0x7fffffff ? number : 0;
  else if (kind === "ip_id" && number <= 0xffff) {
    row.ipId = number;
    row.known |= Known.ipId;
  } else if (kind === "stream" && isTcp) row.stream = number + 1;
  else if (kind === "source_port" && number <= 0xffff && !(row.known & Known.ports)) row.sourcePort = number;
  else if (kind === "destination_port" && number <= 0xffff && !(row.known & Known.ports) && row.sourcePort !== 0) {
    row.destinationPort = number;
    row.known |= Known.ports;
  } else if (isTcp) readTcpColumn(row, kind, number);
}

function readTcpColumn(row: TextRow, kind: ColumnKind, number: number): void {
  const set = (bit: number, column: "seq" | "ack" | "window" | "length" | "flags", value: number) => {
    if (row.known & bit) return;
    row[column] = value;
    row.known |= bit;
  };
  if (kind === "seq") set(Known.seq, "seq", number);
  else if (kind === "ack") set(Known.ack, "ack", number);
  else if (kind === "window") set(Known.window, "window", number);
  else if (kind === "flags" && number <= 0xfff) set(Known.flags, "flags", number & 0xff);
  else if (kind === "tcp_length" && number <= 0x7fffffff) set(Known.length, "length", number);
}
