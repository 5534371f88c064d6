import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { Value } from "../tables/table.ts";
import type { Emit, TextFormat, TextReader } from "./format.ts";

const FIELDS = /^\s*#Fields:\s+(\S.*)$/i;
const MAX_LINE = 32_768;
const MAX_FIELDS = 100;
/** Addresses and names of one server beyond which a log says nothing new about who it is. */
const MAX_NAMES = 100;
const NS_PER_MS = 1_000_000n;

/**
 * Web server log in the W3C extended format, as IIS writes it: a `#Fields:` line names the columns of the lines below it, until the
 * next one. Times are UTC. A value of `-` is none.
 *
 *     #Fields: date time s-ip cs-method cs-uri-stem s-port c-ip sc-status sc-substatus sc-win32-status time-taken
 *     2013-12-26 13:03:51 10.10.10.15 GET /1.aspx 443 10.10.10.16 403 7 5 31
 */
export const iisLog: TextFormat = {
  kind: "text",
  id: "iis-log",
  title: "IIS log (W3C extended)",
  unit: "line",
  tables: ["iis_requests"],
  detect: (lines) => lines.some((line) => readFields(line) !== null),
  reader: (emit) => new IisLogReader(emit),
};

/** Columns by name, where the line names those of a web server's log. */
function readFields(line: string): ReadonlyMap<string, number> | null {
  const found = line.length <= MAX_LINE ? FIELDS.exec(line) : null;
  if (!found) return null;
  const names = found[1]!.trim().toLowerCase().split(/\s+/, MAX_FIELDS);
  const places = new Map(names.map((name, place) => [name, place]));
  return places.has("sc-status") && (places.has("cs-method") || places.has("cs-uri-stem")) ? places : null;
}

class IisLogReader implements TextReader {
  private readonly emit: Emit;
  private fields: ReadonlyMap<string, number> | null = null;
  private date: string | null = null;
  private readonly names = new Set<string>();
  private newest: readonly string[] = [];
  private first: bigint | null = null;
  private last: bigint | null = null;
  private unreadable = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    if (/^\s*#/.test(text)) {
      this.fields = /^\s*#Fields:/i.test(text) ? readFields(text) : this.fields;
      this.date = /^\s*#Date:\s+(\d{4}-\d\d-\d\d)/i.exec(text)?.[1] ?? this.date;
      return;
    }
    if (!this.fields || text.trim() === "") return;
    const cells = text.trim().split(/\s+/);
    const status = this.number(cells, "sc-status");
    // A line of something else in a transcript has neither as many cells nor a status.
    if (cells.length !== this.fields.size || status === null) {
      const like = Math.abs(cells.length - this.fields.size) <= 2 && /^\d{4}-\d\d-\d\d\s/.test(text.trim());
      if (like) this.broken(text, number);
      return;
    }
    this.request(cells, status, number);
  }

  private broken(text: string, number: number): void {
    this.unreadable++;
    this.emit.anomaly("iis-log.unreadable-line", number, `does not fit the columns of the log: ${text.trim().slice(0, 80)}`);
  }

  private request(cells: readonly string[], status: number, number: number): void {
    const time = this.time(cells);
    const server = this.server([this.address(cells, "s-ip"), this.cell(cells, "s-computername")].flatMap((name) => name ?? []));
    if (time !== null && (this.first === null || time < this.first)) this.first = time;
    if (time !== null && (this.last === null || time > this.last)) this.last = time;
    const taken = this.number(cells, "time-taken");
    const values: Record<string, Value> = {
      host: server,
      time,
      client_ip: this.address(cells, "c-ip"),
      server_ip: this.address(cells, "s-ip"),
      server_port: this.number(cells, "s-port", 65_535),
      method: this.cell(cells, "cs-method"),
      uri: this.cell(cells, "cs-uri-stem"),
      user: this.cell(cells, "cs-username"),
      status,
      substatus: this.number(cells, "sc-substatus"),
      win32_status: this.number(cells, "sc-win32-status", 0xffffffff),
      duration: taken === null ? null : taken / 1000,
    };
    this.emit.row("iis_requests", values, number);
  }

  /** What the server goes by in one line; lines of one server share the list. */
  private server(names: readonly string[]): readonly string[] | null {
    if (names.length === 0) return null;
    if (names.length === this.newest.length && names.every((name, k) => name === this.newest[k])) return this.newest;
    for (const name of names) if (this.names.size < MAX_NAMES) this.names.add(name);
    this.newest = names;
    return names;
  }

  private cell(cells: readonly string[], field: string): string | null {
    const text = cells[this.fields!.get(field) ?? -1];
    return text === undefined || text === "-" ? null : ` ${text}`.slice(1);
  }

  private number(cells: readonly string[], field: string, most = 999_999_999): number | null {
    const text = cells[this.fields!.get(field) ?? -1];
    return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= most ? Number(text) : null;
  }

  private address(cells: readonly string[], field: string): string | null {
    const text = this.cell(cells, field);
    return text !== null && (parseIpv4(text) !== null || parseIpv6(text) !== null) ? text : null;
  }

  private time(cells: readonly string[]): bigint | null {
    const date = this.cell(cells, "date") ?? this.date;
    const clock = this.cell(cells, "time");
    if (date === null || clock === null || !/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d:\d\d(?:\.\d{1,3})?$/.test(clock)) return null;
    const milliseconds = Date.parse(`${date}T${clock}Z`);
    return Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * NS_PER_MS;
  }

  end(): void {
    this.emit.utc();
    const host = this.names.size > 0 ? [...this.names] : null;
    const why = this.unreadable > 0 ? `${this.unreadable} lines could not be read` : null;
    const span = { host, side: null, from: this.first, to: this.last };
    this.emit.coverage({ table: "iis_requests", ...span, complete: why === null, ...(why !== null && { why }) });
  }
}
