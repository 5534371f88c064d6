import { readWrittenTime } from "../bytes/local-time.ts";
import { eventLevel } from "../tables/event-words.ts";
import { type EventRecord, EventRows, MAX_MESSAGE } from "./event-rows.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";

/** Lines a quoted message may run over. */
const MAX_RECORD_LINES = 500;
const SEPARATORS = [",", "\t", ";"] as const;
type Separator = (typeof SEPARATORS)[number];

/**
 * Events saved by the Event Viewer as CSV or tab-separated text, in any display language: level, date and time, source, event id,
 * category, message; and by that of Windows XP and 2003: date, time, source, type, category, event, user, computer, message. Columns
 * are known by what they hold, the header is not needed. A message may be quoted and run over lines. Also what PowerShell's
 * `Export-Csv` wrote of `Get-WinEvent` or `Get-EventLog`, whose header names the columns in English.
 *
 *     Fehler,06.01.2013 08:54:40,Service Control Manager,7034,Keine,"Dienst ""Remotedesktopdienste"" wurde unerwartet beendet."
 */
export const eventViewerExport: TextFormat = {
  kind: "text",
  id: "event-viewer-export",
  title: "events exported as CSV or tab-separated text",
  unit: "line",
  tables: ["events"],
  detect: (lines) =>
    lines.some((line) => SEPARATORS.some((separator) => startsRecord(line, separator) || powershellHeader(line, separator) !== null)),
  reader: (emit, hints) => new EventViewerExportReader(emit, hints),
};

type Columns = ReadonlyMap<string, number>;

class EventViewerExportReader implements TextReader {
  private readonly emit: Emit;
  private readonly rows: EventRows;
  private separator: Separator | null = null;
  private columns: Columns | null = null;
  private open: { text: string; at: number; lines: number } | null = null;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.rows = new EventRows(emit, hints);
  }

  line(text: string, number: number): void {
    if (this.open) {
      this.goOn(text);
      return;
    }
    for (const separator of this.separator === null ? SEPARATORS : [this.separator]) {
      const columns = powershellHeader(text, separator);
      if (columns) [this.separator, this.columns] = [separator, columns];
      else if (startsRecord(text, separator) || (this.columns && text.startsWith('"'))) {
        this.separator = separator;
        this.open = { text, at: number, lines: 1 };
        this.closeIfWhole();
      } else continue;
      return;
    }
  }

  private goOn(text: string): void {
    const open = this.open!;
    if (open.text.length < MAX_MESSAGE * 2) open.text += `\n${text}`;
    else if (text.includes('"')) open.text += text.replace(/[^"]/g, "");
    open.lines++;
    if (open.lines > MAX_RECORD_LINES) {
      this.emit.anomaly("event-viewer-export.unclosed-quote", open.at, "a quoted field does not end: the event was left out");
      this.open = null;
    } else this.closeIfWhole();
  }

  private closeIfWhole(): void {
    const { text, at } = this.open!;
    if (quotes(text) % 2 === 1) return;
    this.open = null;
    const fields = splitFields(text, this.separator!);
    const record = this.columns ? powershellRecord(fields, this.columns) : viewerRecord(fields);
    if (record) this.rows.add(record, at);
    else this.emit.anomaly("event-viewer-export.unreadable-event", at, `not an event: ${text.slice(0, 80)}`);
  }

  end(): void {
    if (this.open) this.emit.anomaly("event-viewer-export.unclosed-quote", this.open.at, "the text ends inside a quoted field");
    this.rows.end();
  }
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

/** Splits one record; doubled quotes stand for one (RFC 4180). */
function splitFields(record: string, separator: Separator): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= record.length && fields.length < 60) {
    if (record[at] === '"') {
      let end = record.indexOf('"', at + 1);
      while (end >= 0 && record[end + 1] === '"') end = record.indexOf('"', end + 2);
      if (end < 0) end = record.length;
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      const next = record.indexOf(separator, end);
      at = next < 0 ? record.length + 1 : next + 1;
    } else {
      const next = record.indexOf(separator, at);
      fields.push(record.slice(at, next < 0 ? undefined : next));
      at = next < 0 ? record.length + 1 : next + 1;
    }
  }
  return fields;
}

/** Whether a line begins an event of either Event Viewer; a message it begins need not end on it. */
function startsRecord(line: string, separator: Separator): boolean {
  if (line.length < 20 || !line.includes(separator)) return false;
  const fields = splitFields(line.slice(0, 2000), separator);
  return fields.length >= 6 && viewerRecord(fields) !== null;
}

function viewerRecord(fields: readonly string[]): EventRecord | null {
  const old = readWrittenTime(`${fields[0]} ${fields[1]}`);
  if (old && /^\d{1,5}$/.test(fields[5] ?? "") && fields.length >= 8) {
    return record(old, fields[2]!, fields[5]!, fields[3]!, fields.slice(8).join(" "), fields[7]!);
  }
  const time = readWrittenTime(fields[1] ?? "");
  if (!time || time.length < fields[1]!.trimEnd().length || !/^\d{1,5}$/.test(fields[3] ?? "") || !/^[^\d]{2,40}$/.test(fields[0]!))
    return null;
  return record(time, fields[2]!, fields[3]!, fields[0]!, fields.slice(5).join(" "), "");
}

function record(time: EventRecord["time"], provider: string, id: string, level: string, message: string, host: string): EventRecord {
  return {
    time,
    host: host.trim() || null,
    channel: null,
    provider: provider.trim() || null,
    eventId: Number(id),
    level: eventLevel(level),
    recordId: null,
    message: message.trim() || null,
    data: null,
  };
}

/** Columns of an `Export-Csv` header of event objects; null if the line is none. */
function powershellHeader(line: string, separator: Separator): Columns | null {
  if (line.length > 2000 || !/\bTime(?:Created|Generated)\b/.test(line)) return null;
  const names = splitFields(line, separator).map((name) => name.trim());
  const columns = new Map(names.map((name, index) => [name, index]));
  return names.length >= 3 &&
    names.every((name) => /^\w+$/.test(name)) &&
    (columns.has("Id") || columns.has("EventID") || columns.has("InstanceId"))
    ? columns
    : null;
}

function powershellRecord(fields: readonly string[], columns: Columns): EventRecord | null {
  const field = (...names: string[]) =>
    names.map((name) => fields[columns.get(name) ?? -1]).find((value) => value !== undefined && value !== "") ?? null;
  const time = readWrittenTime(field("TimeCreated", "TimeGenerated") ?? "");
  const id = field("Id", "EventID", "InstanceId");
  if (id === null || !/^\d{1,10}$/.test(id)) return null;
  const recordId = field("RecordId", "Index");
  return {
    time,
    host: field("MachineName"),
    channel: field("LogName", "Log"),
    provider: field("ProviderName", "Source"),
    // The low 16 bits of an instance id are the event id.
    eventId: Number(id) % 65536,
    level: eventLevel(field("LevelDisplayName", "EntryType") ?? ""),
    recordId: recordId !== null && /^\d{1,15}$/.test(recordId) ? Number(recordId) : null,
    message: field("Message"),
    data: null,
  };
}
