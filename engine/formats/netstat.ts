import type { Coverage } from "../tables/coverage.ts";
import { SOCKET_STATES, sockets } from "../tables/host-tables.ts";
import { Table, TableBuilder } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";
import { afterNumber, numberedEntry, readSocketEntry, resemblesSocketEntry, type SocketEntry } from "./netstat-entry.ts";
import { CUT, filteringPipe, PROMPT } from "./prompt.ts";

/** Rows of one listing held back until its machine is known; more are passed on with what is known by then. */
const MAX_HELD = 100_000;
/** Own addresses of one machine beyond which a listing says nothing new about who it is. */
const MAX_ADDRESSES = 1000;
/** Longest line that can be a row, a prompt or a header. */
const MAX_LINE = 1000;
/** A prompt that runs netstat, or the command alone as people note it down; the switches and any pipe after it. */
const COMMAND = /(?:^|[>#$\s\\])netstat(?:\.exe)?((?:\s+-{0,2}[\w/?]+)*\s*(?:[|>].*)?)$/i;

/**
 * `netstat -ano` and its relatives (`-an`, `-anob`, `-anot`), Windows in any display language and Linux; also `ss`. Rows are known by
 * shape, a listener by its remote port 0. A listing read without holes, listeners among its rows, covers its machine: what it does not
 * show is not there. Without a header that rests on trust, and `assumes` says so.
 *
 *     TCP    0.0.0.0:3389    0.0.0.0:0    LISTENING    1112    InHost
 */
export const netstat: TextFormat = {
  kind: "text",
  id: "netstat",
  title: "netstat listing",
  unit: "line",
  tables: ["sockets"],
  detect: (lines) => lines.some((line) => readSocketEntry(line) !== null || numberedEntry(line) !== null),
  reader: (emit) => new NetstatReader(emit),
};

interface Listing {
  /** Switches and pipe of the command, where the transcript shows it. */
  command: string | null;
  header: boolean;
  /** The newest row, which lines below it may still complete. */
  last: { entry: SocketEntry; process: string | null; service: string | null; at: number } | null;
  /** Those before it, in columns: as objects they would be most of what reading a long listing takes. */
  held: TableBuilder;
  count: number;
  protocols: Set<"tcp" | "udp">;
  listeners: number;
  others: number;
  /** First reason found to think rows are missing. */
  hole: string | null;
  readonly addresses: Set<string>;
  /** What every row so far has in common: a sign that somebody searched for it. */
  common: Set<string> | null;
}

class NetstatReader implements TextReader {
  private readonly emit: Emit;
  private listing: Listing = emptyListing(null);
  private previous = "";
  /** Number in front of the last numbered line; null while lines have none. */
  private lineNumber: number | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(raw: string, number: number): void {
    if (raw.length > MAX_LINE) return;
    const text = this.withoutNumber(raw);
    const command = COMMAND.exec(text);
    if (command && (PROMPT.test(text) || /^\s*netstat/i.test(text))) this.begin(command[1]!.trim());
    else if (PROMPT.test(text)) this.begin(null);
    const entry = readSocketEntry(text);
    if (entry) this.row(entry, text, number);
    else if (resemblesSocketEntry(text)) {
      this.emit.anomaly("netstat.unreadable-entry", number, `not a row of a socket listing: ${text.trim().slice(0, 80)}`);
      this.listing.hole ??= `line ${number} could not be read`;
    } else if (CUT.test(text.trim()) && this.listing.count > 0) this.listing.hole ??= `rows were left out at line ${number}`;
    else this.owner(text);
    if (text.trim() !== "") this.previous = text;
  }

  /** A listing that somebody numbered shows by its numbers whether lines were taken out. */
  private withoutNumber(raw: string): string {
    const numbered = this.lineNumber === null ? numberedEntry(raw) : afterNumber(raw);
    if (!numbered) return raw;
    const before = this.lineNumber;
    if (before === null) this.previous = afterNumber(this.previous)?.text ?? this.previous;
    else if (numbered.number > before + 1 && this.listing.count > 0)
      this.listing.hole ??= `lines ${before + 1} to ${numbered.number - 1} of its numbering were left out`;
    this.lineNumber = numbered.number;
    return numbered.text;
  }

  end(): void {
    this.close();
  }

  private begin(command: string | null): void {
    this.close();
    this.listing = emptyListing(command);
    this.previous = "";
  }

  private row(entry: SocketEntry, text: string, at: number): void {
    if (isHeader(this.previous)) {
      if (this.listing.count > 0) this.begin(this.listing.command);
      this.listing.header = true;
    }
    const { listing } = this;
    listing.count++;
    listing.protocols.add(entry.protocol);
    if (entry.state === "LISTENING") listing.listeners++;
    else listing.others++;
    if (entry.localIp !== null && isOwnAddress(entry.localIp) && listing.addresses.size < MAX_ADDRESSES)
      listing.addresses.add(entry.localIp);
    const traits = traitsOf(text);
    listing.common = new Set(listing.common ? [...listing.common].filter((trait) => traits.has(trait)) : traits);
    this.settle();
    if (listing.held.length >= MAX_HELD) this.flush();
    listing.last = { entry, process: entry.process, service: null, at };
  }

  /** `netstat -b`: the service, components and, in brackets, the executable stand on the lines after the row. */
  private owner(text: string): void {
    const row = this.listing.last;
    if (!row || row.process !== null) return;
    const executable = /^\s*\[([^[\]]{1,120}\.\w{2,4}|System)\]\s*$/i.exec(text);
    if (executable) row.process = executable[1]!;
    else if (row.service === null && /^ {1,4}[\w$-]{2,80}$/.test(text)) row.service = text.trim();
  }

  /** Puts the newest row with those before it. */
  private settle(): void {
    const { held, last } = this.listing;
    if (!last) return;
    const { entry, process, service, at } = last;
    held.append(
      {
        protocol: entry.protocol,
        local_ip: entry.localIp,
        local_port: entry.localPort,
        remote_ip: entry.remoteIp,
        remote_port: entry.remotePort,
        state: entry.state,
        process_id: entry.processId,
        process: process !== null && service !== null ? `${process} (${service})` : process,
      },
      at,
    );
    this.listing.last = null;
  }

  /** Passes on the rows held back. */
  private flush(): void {
    const host = this.listing.addresses.size > 0 ? [...this.listing.addresses] : null;
    const part = this.listing.held.build(-1, "line");
    this.listing.held = new TableBuilder(sockets);
    const table = new Table(sockets, [part]);
    const reader = (column: keyof typeof sockets.columns) => (table.length > 0 ? table.reader(column) : () => null);
    const [protocol, localIp, localPort] = [reader("protocol"), reader("local_ip"), reader("local_port")];
    const [remoteIp, remotePort, state] = [reader("remote_ip"), reader("remote_port"), reader("state")];
    const [processId, process] = [reader("process_id"), reader("process")];
    for (let row = 0; row < part.length; row++) {
      const values = {
        host,
        protocol: protocol(row),
        local_ip: localIp(row),
        local_port: localPort(row),
        remote_ip: remoteIp(row),
        remote_port: remotePort(row),
        state: state(row),
        process_id: processId(row),
        process: process(row),
      };
      this.emit.row("sockets", values, part.at[row]!);
    }
  }

  private close(): void {
    const { listing } = this;
    if (listing.count === 0) return;
    this.settle();
    this.flush();
    const host = listing.addresses.size > 0 ? [...listing.addresses] : null;
    if (host) this.emit.host({ names: [], addresses: host });
    this.emit.coverage(coverageOf(listing, host));
  }
}

function emptyListing(command: string | null): Listing {
  return {
    command,
    header: false,
    last: null,
    held: new TableBuilder(sockets),
    count: 0,
    protocols: new Set(),
    listeners: 0,
    others: 0,
    hole: null,
    addresses: new Set(),
    common: null,
  };
}

function coverageOf(listing: Listing, host: readonly string[] | null): Omit<Coverage, "source"> {
  const only: Record<string, readonly (string | number)[]> = {};
  const asked = /(?:^|\s)[-/]\w*p\s+(tcp|udp)/i.exec(listing.command ?? "")?.[1]?.toLowerCase();
  if (asked !== undefined || listing.protocols.size === 1) only.protocol = asked === undefined ? [...listing.protocols] : [asked];
  // Without -a there are no listeners; a listing searched for listeners has nothing else.
  if (listing.protocols.has("tcp") && listing.listeners === 0) only.state = SOCKET_STATES.filter((state) => state !== "LISTENING");
  else if (!listing.header && listing.others === 0) only.state = ["LISTENING"];
  const why = listing.hole ?? searched(listing);
  const point = { table: "sockets", host, side: null, from: null, to: null, ...(Object.keys(only).length > 0 ? { only } : {}) } as const;
  if (why !== null) return { ...point, complete: false, why };
  return {
    ...point,
    complete: true,
    ...(listing.header || listing.command !== null ? {} : { assumes: "the listing has no header and is taken as whole" }),
  };
}

/** Why the rows look like the hits of a search rather than a whole listing; null if they do not. */
function searched(listing: Listing): string | null {
  const pipe = filteringPipe(listing.command ?? "");
  if (pipe !== null) return `the output was filtered: ${pipe}`;
  if (listing.header) return null;
  if (listing.count === 1) return "a single row without a header";
  return listing.common !== null && listing.common.size > 0 ? `every row holds ${[...listing.common][0]}: the output was filtered` : null;
}

/** A machine's own address tells which machine it is; any, loopback and names shared by all do not. */
function isOwnAddress(ip: string): boolean {
  return !/^(?:0\.0\.0\.0|127\.|::1?$)/.test(ip) && /[.:]/.test(ip) && /^[\d.]+$|:/.test(ip);
}

/** What a search could have found the row by: its endpoints, their ports, its state and process. */
function traitsOf(row: string): Set<string> {
  const words = row.trim().toUpperCase().split(/\s+/).slice(1);
  const telling = words.filter((word) => !/^(?:0\.0\.0\.0:[0*]|\*:\*|\[::\]:0|:::\*|INHOST|LISTEN(?:ING)?|0)$/.test(word));
  return new Set([...telling, ...telling.flatMap((word) => /:\d+$/.exec(word) ?? [])]);
}

/** The line above the rows: three or more column titles apart from each other, in whatever language, and no digits. */
function isHeader(line: string): boolean {
  const titles = line.trim();
  if (/\d/.test(titles) || /[.!?:]$/.test(titles)) return false;
  return titles.split(/\s{2,}|\t/).length >= 3 || /^(?:Proto|Netid|State)\s+\S+\s+\S+/.test(titles);
}
