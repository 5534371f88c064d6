import { ipv4Text, ipv6Text, parseIpv4, parseIpv6 } from "../bytes/address.ts";
import { filetimeToNanoseconds } from "../bytes/time.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";
import { CUT } from "./prompt.ts";

/** Flows of one trace that are kept; the events of further ones are counted. */
const MAX_FLOWS = 200_000;
const MAX_LINES = 8;
const MAX_ADDRESSES = 1000;
const MAX_LINE = 100_000;
/** Where an event begins, also in the middle of a line that a copy made of many. */
const EVENT = /\b(?:TcpIp|UdpIp)\s*,/gi;
/** Cells of an event beyond which nothing belongs to it. */
const MAX_CELLS = 48;
/** 100 ns since 1601: from 1990 to 2100. */
const [FIRST_FILETIME, LAST_FILETIME] = [122_000_000_000_000_000n, 158_000_000_000_000_000n];
/** The kernel's process id where it knows none. */
const NO_PROCESS = 0xffffffff;

interface NetworkEvent {
  readonly protocol: "tcp" | "udp";
  readonly direction: "sent" | "received";
  readonly processId: number | null;
  readonly size: number;
  readonly destination: string;
  readonly source: string;
  readonly destinationPort: number;
  readonly sourcePort: number;
  readonly time: bigint | null;
}

/**
 * Send and Recv events of the NT kernel logger's TcpIp and UdpIp providers as tracerpt writes them to `dumpfile.csv`. Windows XP and
 * Server 2003 have six cells before an event's own data, later versions nineteen; the data are known by their two addresses: process id
 * and size stand before them, destination before source, the ports behind. IPv4 is padded with zeros in decimal.
 *
 *     UdpIp, Send, 0xFFFFFFFF, 129079416141424158, 0, 0, 2136, 8, 192.000.002.001, 198.051.100.015, 2762, 36003, 0, 0
 */
export const tracerptNetwork: TextFormat = {
  kind: "text",
  id: "tracerpt-network",
  title: "Network events of a kernel trace (tracerpt dumpfile.csv)",
  unit: "line",
  tables: ["process_traffic"],
  detect: (lines) => lines.some((line) => eventsIn(line).some((text) => readEvent(text) !== null)),
  reader: (emit) => new TracerptReader(emit),
};

/** The events a line holds: one, but for a text pasted without its line ends. */
function eventsIn(line: string): string[] {
  if (line.length > MAX_LINE) return [];
  const starts = [...line.matchAll(EVENT)].map((match) => match.index);
  return starts.map((start, i) => line.slice(start, starts[i + 1]));
}

/** A Send or Recv event; null for other events and for what cannot be read. */
function readEvent(text: string): NetworkEvent | null {
  const cells = text.split(",", MAX_CELLS).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const direction = /^send/i.test(cells[1] ?? "") ? "sent" : /^recv/i.test(cells[1] ?? "") ? "received" : null;
  if (direction === null) return null;
  const at = cells.findIndex((cell, i) => i >= 4 && address(cell) !== null && address(cells[i + 1] ?? "") !== null);
  if (at < 0) return null;
  const [processId, size] = [integer(cells[at - 2]!), integer(cells[at - 1]!)];
  const [destinationPort, sourcePort] = [integer(cells[at + 2]), integer(cells[at + 3])];
  if (processId === null || size === null || destinationPort === null || sourcePort === null) return null;
  if (destinationPort > 65535 || sourcePort > 65535) return null;
  return {
    protocol: /^tcp/i.test(cells[0]!) ? "tcp" : "udp",
    direction,
    processId: processId === NO_PROCESS ? null : processId,
    size,
    destination: address(cells[at]!)!,
    source: address(cells[at + 1]!)!,
    destinationPort,
    sourcePort,
    time: filetime(cells.slice(2, at - 2)),
  };
}

function integer(text: string | undefined): number | null {
  const word = /^(?:0x[\da-f]{1,8}|\d{1,10})(?=\s|$)/i.exec(text ?? "")?.[0];
  return word === undefined ? null : Number(word);
}

function address(text: string): string | null {
  const v4 = parseIpv4(text);
  if (v4 !== null) return ipv4Text(v4);
  const v6 = parseIpv6(text.replace(/^\[(.*)\]$/, "$1"));
  return v6 === null ? null : ipv6Text(v6);
}

/** The Clock-Time cell: the only number of that size in front of the data. */
function filetime(cells: readonly string[]): bigint | null {
  for (const cell of cells) {
    if (!/^\d{18}$/.test(cell)) continue;
    const ticks = BigInt(cell);
    if (ticks > FIRST_FILETIME && ticks < LAST_FILETIME) return filetimeToNanoseconds(ticks);
  }
  return null;
}

interface Flow {
  readonly first: NetworkEvent;
  readonly lines: number[];
  start: bigint | null;
  end: bigint | null;
  readonly events: { sent: number; received: number };
  readonly bytes: { sent: number; received: number };
}

class TracerptReader implements TextReader {
  private readonly emit: Emit;
  private readonly flows = new Map<string, Flow>();
  private hole: string | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
    // Clock-Time is a FILETIME.
    emit.utc();
  }

  line(text: string, number: number): void {
    for (const part of eventsIn(text)) {
      const event = readEvent(part);
      if (event) this.event(event, number);
      else if (/^\w+\s*,\s*(?:send|recv)/i.test(part)) {
        this.emit.anomaly("tracerpt-network.unreadable-event", number, `not a network event: ${part.slice(0, 80)}`);
        this.hole ??= `line ${number} could not be read`;
      }
    }
    if (this.flows.size === 0 && !text.includes("...")) return;
    // What stands for rows left out is a line of its own, or at either end of rows run together.
    const cut = text.length < 100 ? CUT.test(text.trim()) : /^\s*\.{3}|\.{3}\s*$/.test(text);
    if (cut) this.hole ??= `rows were left out at line ${number}`;
  }

  private event(event: NetworkEvent, at: number): void {
    const { protocol, direction, processId, source, sourcePort, destination, destinationPort, size, time } = event;
    const key = `${protocol} ${direction} ${processId} ${source} ${sourcePort} ${destination} ${destinationPort}`;
    let flow = this.flows.get(key);
    if (!flow) {
      if (this.flows.size >= MAX_FLOWS) {
        this.emit.anomaly("tracerpt-network.flows-not-listed", at, `more than ${MAX_FLOWS} flows; the rest is left out`);
        this.hole ??= "too many flows to list";
        return;
      }
      flow = { first: event, lines: [], start: time, end: time, events: { sent: 0, received: 0 }, bytes: { sent: 0, received: 0 } };
      this.flows.set(key, flow);
    }
    flow.events[direction]++;
    flow.bytes[direction] += size;
    if (flow.lines.length < MAX_LINES && flow.lines.at(-1) !== at) flow.lines.push(at);
    if (time !== null && (flow.start === null || time < flow.start)) flow.start = time;
    if (time !== null && (flow.end === null || time > flow.end)) flow.end = time;
  }

  end(): void {
    if (this.flows.size === 0) return;
    const own = new Set<string>();
    for (const { first } of this.flows.values()) if (first.direction === "sent" && own.size < MAX_ADDRESSES) own.add(first.source);
    const merged = new Map<string, Flow & { readonly local: readonly [string, number]; readonly remote: readonly [string, number] }>();
    for (const flow of this.flows.values()) {
      const { first } = flow;
      const [from, to] = [[first.source, first.sourcePort] as const, [first.destination, first.destinationPort] as const];
      // Some versions write the machine's own end as the source of what it received, too.
      const sourceIsOwn = first.direction === "sent" || (own.has(first.source) && !own.has(first.destination));
      const [local, remote] = sourceIsOwn ? [from, to] : [to, from];
      const key = `${first.protocol} ${first.processId} ${local.join(" ")} ${remote.join(" ")}`;
      const other = merged.get(key);
      if (!other) merged.set(key, { ...flow, local, remote });
      else join(other, flow);
    }
    const machine = own.size > 0 ? [...own] : null;
    if (machine) this.emit.host({ names: [], addresses: machine });
    for (const flow of merged.values()) this.row(flow, machine);
    this.emit.coverage({
      table: "process_traffic",
      host: machine,
      side: null,
      from: null,
      to: null,
      ...(this.hole === null ? { complete: true } : { complete: false, why: this.hole }),
    });
  }

  private row(
    flow: Flow & { readonly local: readonly [string, number]; readonly remote: readonly [string, number] },
    host: readonly string[] | null,
  ): void {
    const { first, local, remote, start, end, events, bytes, lines } = flow;
    const values = {
      host,
      protocol: first.protocol,
      process_id: first.processId,
      local_ip: local[0],
      local_port: local[1],
      remote_ip: remote[0],
      remote_port: remote[1],
      start,
      end,
      sent_events: events.sent,
      received_events: events.received,
      sent_bytes: bytes.sent,
      received_bytes: bytes.received,
      lines,
    };
    this.emit.row("process_traffic", values, lines[0]!);
  }
}

/** Adds what one direction of a flow saw to the other. */
function join(flow: Flow, other: Flow): void {
  for (const direction of ["sent", "received"] as const) {
    flow.events[direction] += other.events[direction];
    flow.bytes[direction] += other.bytes[direction];
  }
  flow.lines.push(...other.lines);
  flow.lines.sort((a, b) => a - b).splice(MAX_LINES);
  if (other.start !== null && (flow.start === null || other.start < flow.start)) flow.start = other.start;
  if (other.end !== null && (flow.end === null || other.end > flow.end)) flow.end = other.end;
}
