import { readWrittenTime } from "../../bytes/local-time.ts";
import type { Emit } from "../format.ts";
import { DnsDescriptions } from "./dns-description.ts";
import { driverEventValues, providerName } from "./driver-event.ts";
import { isGlued, meetingAddresses, unglue } from "./glued-addresses.ts";
import { readDescription } from "./netmon-description.ts";
import type { NetmonCells } from "./netmon-row.ts";
import { NetmonRpc } from "./netmon-rpc.ts";
import { readStunText } from "./stun-description.ts";
import { blankRow, RowKind, TextPacketLog } from "./text-packet-log.ts";
import { noteTls } from "./tls-messages.ts";

const MAX_FRAME = 0xffffffff;
const NS_PER_SECOND = 1_000_000_000;
/** Process names Network Monitor shows where it knows no process. */
const NO_PROCESS = /^(?:Idle|Unavailable|Unknown)$/i;
/** Characters of a description that are kept in `driver_events`. */
const MAX_TEXT = 2000;
/** Names kept, so that a broken file cannot fill memory with them. */
const MAX_NAMES = 10_000;

/** The rows of a frame summary on their way into the log. */
export class NetmonRows {
  readonly log = new TextPacketLog();
  /** What descriptions and details say of RPC endpoints. */
  readonly rpc = new NetmonRpc(this.log);
  readonly processes: Record<number, string> = {};
  events = 0;
  unreadable = 0;
  readonly dns = new DnsDescriptions();
  unnumbered = false;
  private readonly emit: Emit;
  private readonly row = blankRow();
  private readonly glued: { row: number; text: string }[] = [];
  private readonly clocks = new Map<string, number>();
  private readonly aliases = new Map<string, string>();
  private lastNames: readonly string[] = [];
  /** Addresses that rows of the drivers speak of. */
  private readonly mentioned = new Set<string>();

  constructor(emit: Emit) {
    this.emit = emit;
  }

  add(cells: NetmonCells): void {
    const row = blankRow(this.row);
    // A copy without frame numbers is numbered as its rows stand.
    if (cells.frame === "") this.unnumbered = true;
    row.frame = cells.frame === "" ? this.log.count + 1 : Number(cells.frame);
    if (row.frame > MAX_FRAME) {
      this.unreadable++;
      this.emit.anomaly("netmon-summary.unreadable-row", 0, `frame number ${cells.frame} is out of range`);
      return;
    }
    this.time(cells);
    this.process(cells);
    const provider = providerName(cells.protocol);
    if (provider !== null) this.event(cells, provider);
    else {
      this.addresses(cells);
      row.stream = cells.conversation === "" ? 0 : Number(cells.conversation) + 1;
      readDescription(this.log, row, cells.protocol, cells.description);
      const [from = "", to = ""] = cells.addresses;
      if (cells.protocol === "DNS") row.extra = this.log.keepRows("dns_answers", this.dns.netmon(from, to, cells.description));
      noteTls(this.log.tls, row.frame, cells.protocol, cells.description);
      this.rpc.row(row, cells.description);
      row.extra ||= this.log.keepStun(readStunText(cells.protocol, cells.description));
    }
    const at = this.log.append(row);
    if (provider === null && cells.addresses.length === 1 && isGlued(cells.addresses[0]!))
      this.glued.push({ row: at, text: ` ${cells.addresses[0]}`.slice(1) });
  }

  private time({ clock, half, date, offset }: NetmonCells): void {
    const { row, log } = this;
    if (clock !== "") row.clock = this.clock(half === "" ? clock : `${clock} ${half}`);
    if (date !== "") row.date = log.dates.id(`${date.replace(/\s/g, "")} ${half === "" ? "0:00" : "1:00 AM"}`);
    if (offset !== "") {
      const [whole, digits] = offset.split(/[.,]/);
      row.elapsed = Number(whole) * NS_PER_SECOND + Number(digits!.padEnd(9, "0"));
    }
  }

  /** Nanoseconds since midnight; a clock is mostly that of the row before. */
  private clock(text: string): number {
    const known = this.clocks.get(text);
    if (known !== undefined) return known;
    const value = readWrittenTime(`1/1/2000 ${text}`)?.nanoseconds ?? Number.NaN;
    if (this.clocks.size > 1000) this.clocks.clear();
    this.clocks.set(` ${text}`.slice(1), value);
    return value;
  }

  private process({ process, processId }: NetmonCells): void {
    const id = Number(processId);
    if (processId === "" || NO_PROCESS.test(process) || id > 0x7fffffff) return;
    this.row.process = id;
    if (this.processes[id] === undefined && Object.keys(this.processes).length < MAX_NAMES) this.processes[id] = ` ${process}`.slice(1);
  }

  private event(cells: NetmonCells, provider: string): void {
    this.row.kind = RowKind.event;
    this.events++;
    const text = ` ${cells.description
      .slice(cells.protocol.length + 1)
      .trim()
      .slice(0, MAX_TEXT)}`.slice(1);
    const process = cells.process === "" ? null : ` ${cells.process}`.slice(1);
    const event = driverEventValues(provider, text);
    for (const address of [event.local_ip, event.remote_ip])
      if (typeof address === "string" && this.mentioned.size < MAX_NAMES) this.mentioned.add(address);
    const values = { ...event, process, process_id: cells.processId === "" ? null : Number(cells.processId) };
    this.row.extra = this.log.extras.push({ table: "driver_events", values });
  }

  private addresses({ addresses }: NetmonCells): void {
    this.lastNames = addresses.length === 2 ? addresses : [];
    if (addresses.length !== 2) return;
    this.row.source = this.log.addressId(addresses[0]!);
    this.row.destination = this.log.addressId(addresses[1]!);
  }

  /** The IP addresses that a detail tree shows for the row above it, where that row has names. */
  detail(source: string, destination: string): void {
    for (const [i, address] of [source, destination].entries()) {
      const name = this.lastNames[i];
      if (name === undefined || name === address || /^\d|[:<>]/.test(name) || this.aliases.size >= MAX_NAMES) continue;
      this.aliases.set(` ${name}`.slice(1), ` ${address}`.slice(1));
    }
  }

  /** After the last row: shares out glued addresses and states which names are whose. */
  finish(): void {
    const { log } = this;
    const occurring = new Set([...log.addresses.texts, ...this.mentioned]);
    const meeting = meetingAddresses(this.glued.map(({ text }) => text));
    for (const { row, text } of this.glued) {
      const pair = unglue(text, (address) => occurring.has(address)) ?? unglue(text, (address) => meeting.has(address));
      if (pair) {
        log.rows.source[row] = log.addressId(pair[0]);
        log.rows.destination[row] = log.addressId(pair[1]);
      } else {
        this.unreadable++;
        this.emit.anomaly("netmon-summary.glued-addresses", log.rows.frame[row]!, `${text} can be parted in several ways`);
      }
    }
    for (const [name, address] of this.aliases) this.emit.host({ names: [name], addresses: [address] });
  }
}
