import type { Emit, TextFormat, TextReader } from "./format.ts";
import { csvReader, type RowReader, readerBelow } from "./process-columns.ts";
import { CUT, filteringPipe, PROMPT } from "./prompt.ts";
import { readCsvRow, readServicesRow, readTaskRows, serviceNames, type TaskEntry } from "./tasklist-entry.ts";

const MAX_LINE = 100_000;
const COMMAND = /(?:^|[>#$\s\\])(?<tool>tasklist(?:\.exe)?|Get-Process|gps|wmic(?:\.exe)?\s.{0,80}?\bprocess\b|ps)(?<rest>(?:\s.*)?)$/i;
/** `tasklist /fo list`, `wmic … /format:list`: captions differ by language, but PID and the property names do not. */
const PID_PAIR = /^\s*(?:PID\s*:\s+|ProcessId\s*[=:]\s*)(?<id>\d{1,10})\s*$/i;
const NAME_PAIR = /^\s*\S[^:=]{0,40}\s*[=:]\s*(?<name>[A-Za-z_]\S.{0,258}?)\s*$/;
/** `PID` is no word of a language; what stands around it is. */
const TITLES = /(?:^|[\s",])PID(?:[\s",]|$)/;
const RULER = /^={5,}(?:\s+={2,}){2,9}\s*$/;
/** `/svc` goes on under the services of the process above. */
const MORE_SERVICES = /^\s{20,}(?<services>[\w$.-]{2,80}(?:,\s?[\w$.-]{2,80})*,?)\s*$/;

/**
 * What runs on a machine: `tasklist` (table, `/svc`, `/v`, `/fo csv`, `/fo list`) in any display language, `Get-Process`, `wmic
 * process`, Get-CimInstance Win32_Process, `ps`. Rows of tasklist are known by shape, the others by the property names in the header.
 * A listing with its header and without holes is whole: a process it does not show did not run at that moment.
 *
 *     store.exe                     2136 Console                    0  1,040,592 K
 */
export const processList: TextFormat = {
  kind: "text",
  id: "process-list",
  title: "List of processes (tasklist, Get-Process, wmic, ps)",
  unit: "line",
  tables: ["processes"],
  detect: (lines) => lines.some((line, i) => rowsIn(line).length > 0 || listBlock(lines, i) || headerAt(lines, i)),
  reader: (emit) => new ProcessListReader(emit),
};

function rowsIn(line: string): readonly TaskEntry[] {
  if (line.length > MAX_LINE) return [];
  const row = readCsvRow(line) ?? readServicesRow(line);
  return row ? [row] : readTaskRows(line);
}

function listBlock(lines: readonly string[], at: number): boolean {
  return at > 0 && PID_PAIR.test(lines[at]!) && nameBefore(lines[at - 1]!) !== null;
}

function nameBefore(line: string): string | null {
  const name = line.length > 400 ? undefined : NAME_PAIR.exec(line)?.groups?.name;
  return name !== undefined && (/\.\w{3}$/.test(name) || /^System\b|^Registry$|^Memory Compression$/.test(name)) ? name : null;
}

function headerAt(lines: readonly string[], at: number): boolean {
  const below = lines.slice(at + 1, at + 6).filter((line) => line.trim() !== "");
  const reader = readerFor(lines[at]!, below[0] ?? "");
  return reader !== null && below.some((line) => reader(line) !== null);
}

function readerFor(header: string, next: string): RowReader | null {
  if (header.length > 1000 || !/\b(?:PID|Id|ProcessId)\b/i.test(header)) return null;
  return csvReader(header) ?? readerBelow(header, next);
}

interface Listing {
  readonly command: string | null;
  header: boolean;
  count: number;
  /** The idle process, System or init is among the rows: the listing begins where the machine does. */
  system: boolean;
  hole: string | null;
  /** The newest row, which lines below may still complete. */
  last: { entry: TaskEntry; at: number } | null;
}

class ProcessListReader implements TextReader {
  private readonly emit: Emit;
  private listing = emptyListing(null);
  private previous = "";
  /** A header of which the next line tells whether it underlines it. */
  private header: string | null = null;
  private columns: RowReader | null = null;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  line(text: string, number: number): void {
    if (text.length > MAX_LINE) return;
    const command = text.length > 1000 ? undefined : COMMAND.exec(text)?.groups;
    if (command && (PROMPT.test(text) || /^\s*(?:tasklist|get-process|gps|wmic|ps)\b/i.test(text))) this.begin(text.trim());
    else if (PROMPT.test(text)) this.begin(null);
    else this.content(text, number);
    if (text.trim() !== "") this.previous = text;
  }

  private content(text: string, number: number): void {
    if (text.trim() === "") return;
    if (this.header !== null) {
      this.columns = readerFor(this.header, text);
      if (this.columns) this.listing.header = true;
      this.header = null;
    }
    if (RULER.test(text) || (TITLES.test(text) && !/\d/.test(text))) this.title();
    const rows = this.columns ? [] : rowsIn(text);
    if (rows.length > 0) this.rows(rows, text, number);
    else if (this.columns) this.below(this.columns, text, number);
    else this.pair(text, number);
    // A header may follow whatever went before.
    if (rows.length === 0 && readerFor(text, "--") !== null) this.header = text;
  }

  /** The line above the rows of tasklist, or what underlines it. */
  private title(): void {
    if (this.listing.count > 0 && this.listing.header) this.begin(this.listing.command);
    this.listing.header = true;
  }

  private rows(rows: readonly TaskEntry[], text: string, at: number): void {
    for (const entry of rows) this.row(entry, at);
    if (/^\s*(?:\.{3}|…)|(?:\.{3}|…)\s*$/.test(text)) this.listing.hole ??= `rows were left out at line ${at}`;
  }

  private below(columns: RowReader, text: string, at: number): void {
    const found = columns(text);
    if (found) this.row({ ...found, services: null }, at);
    else if (/^[\s-]+$/.test(text)) return;
    else if (CUT.test(text.trim())) this.listing.hole ??= `rows were left out at line ${at}`;
    else this.columns = null;
  }

  /** Lines with a caption, the services of the row above, and what somebody left in place of rows. */
  private pair(text: string, at: number): void {
    const id = PID_PAIR.exec(text)?.groups?.id;
    const name = id === undefined ? null : nameBefore(this.previous);
    const { last } = this.listing;
    if (name !== null) {
      this.listing.header = true;
      this.row({ name, processId: Number(id), services: null }, at - 1);
    } else if (last && MORE_SERVICES.test(text))
      last.entry = { ...last.entry, services: [...(last.entry.services ?? []), ...(serviceNames(text.trim()) ?? [])] };
    else if (this.listing.count > 0 && CUT.test(text.trim())) this.listing.hole ??= `rows were left out at line ${at}`;
  }

  private row(entry: TaskEntry, at: number): void {
    this.settle();
    this.listing.count++;
    if (entry.processId <= 4) this.listing.system = true;
    this.listing.last = { entry, at };
  }

  private settle(): void {
    const { last } = this.listing;
    if (!last) return;
    const { name, processId, services } = last.entry;
    this.emit.row("processes", { host: remoteMachine(this.listing.command), process_id: processId, name, services }, last.at);
    this.listing.last = null;
  }

  private begin(command: string | null): void {
    this.close();
    this.listing = emptyListing(command);
    this.header = this.columns = null;
  }

  private close(): void {
    const { listing } = this;
    this.settle();
    if (listing.count === 0) return;
    const why =
      listing.hole ??
      asked(listing.command) ??
      (listing.header || listing.system ? null : "rows without their header, perhaps not all of them");
    this.emit.coverage({
      table: "processes",
      host: remoteMachine(listing.command),
      side: null,
      from: null,
      to: null,
      ...(why === null ? { complete: true } : { complete: false, why }),
    });
  }

  end(): void {
    this.close();
  }
}

function emptyListing(command: string | null): Listing {
  return { command, header: false, count: 0, system: false, hole: null, last: null };
}

/** `tasklist /s server1`, `Get-Process -ComputerName server1`, `wmic /node:server1 …`. */
function remoteMachine(command: string | null): readonly string[] | null {
  const name = /(?:\s[/-]s\s+|\s-ComputerName\s+|\/node:\s*)"?\\{0,2}([\w.-]{1,255})/i.exec(command ?? "")?.[1];
  return name === undefined || /^(?:localhost|127\.0\.0\.1)$/i.test(name) ? null : [name];
}

/** Why the command itself left processes out; null if it did not. */
function asked(command: string | null): string | null {
  if (command === null) return null;
  const pipe = filteringPipe(command);
  if (pipe !== null && !/^(?:select|select-object|convertto-csv|export-csv)\b/i.test(pipe)) return `the output was filtered: ${pipe}`;
  if (/\s[/-](?:fi|m|imagename|name|id)\b|\swhere\b|Get-Process\s+[\w*]/i.test(command)) return "only some processes were asked for";
  return null;
}
