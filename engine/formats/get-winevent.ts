import { readWrittenTime } from "../bytes/local-time.ts";
import { eventLevel } from "../tables/event-words.ts";
import { EventRows, MAX_MESSAGE } from "./event-rows.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";

const PROPERTY = /^(?<name>[A-Z]\w{0,30})\s*: ?(?<value>.*)$/;
/** Properties that only an event object has, next to its id. */
const TELLING = new Set(["TimeCreated", "ProviderName", "TimeGenerated", "EntryType", "InstanceId", "LevelDisplayName"]);
/** Columns of a full line: PowerShell writes to a file as if to a window of 80. */
const NARROWEST = 79;
/** Lines one wrapped value may run over. */
const MAX_VALUE_LINES = 500;

/**
 * `Get-WinEvent | Format-List` and `Get-EventLog | Format-List`: property names are English in every display language, times local.
 * PowerShell wraps at the width of its window, 80 columns when it writes to a file; what goes on is indented to the value's column.
 *
 *     TimeCreated  : 1/6/2013 8:54:40 AM
 *     ProviderName : Service Control Manager
 *     Id           : 7034
 *     Message      : The Remote Desktop Services service terminated unexpectedly.  It has done this 3
 *                    time(s).
 */
export const getWinevent: TextFormat = {
  kind: "text",
  id: "get-winevent",
  title: "Get-WinEvent or Get-EventLog as a list",
  unit: "line",
  tables: ["events"],
  detect(lines) {
    const seen = new Set<string>();
    for (const line of lines) {
      const field = readProperty(line);
      if (field) seen.add(field.name);
      else if (line.trim() === "") seen.clear();
      if (isEvent(seen)) return true;
    }
    return false;
  },
  reader: (emit, hints) => new GetWineventReader(emit, hints),
};

function readProperty(line: string): { name: string; value: string } | null {
  if (line.length > 2000) return null;
  const found = PROPERTY.exec(line)?.groups;
  return found ? { name: found.name!, value: found.value!.trim() } : null;
}

function isEvent(names: { has(name: string): boolean }): boolean {
  return (names.has("Id") || names.has("EventID") || names.has("InstanceId")) && [...TELLING].filter((name) => names.has(name)).length >= 2;
}

class GetWineventReader implements TextReader {
  private readonly rows: EventRows;
  private fields = new Map<string, string>();
  private last: string | null = null;
  private lines = 0;
  private start = 0;
  /** Characters of the value in the line before, and that line's length. */
  private room = 0;
  private width = 0;

  constructor(emit: Emit, hints: SourceHints) {
    this.rows = new EventRows(emit, hints);
  }

  line(text: string, number: number): void {
    const field = readProperty(text);
    if (field) {
      if (this.fields.has(field.name)) this.close();
      if (this.fields.size === 0) this.start = number;
      this.fields.set(field.name, field.value);
      [this.last, this.lines] = [field.name, 0];
      [this.room, this.width] = [field.value.length, text.length];
    } else if (this.last !== null && /^\s{4,}\S/.test(text)) this.goOn(text.trim(), text.length);
    else if (text.trim() !== "") this.close();
  }

  private goOn(text: string, width: number): void {
    const value = this.fields.get(this.last!)!;
    if (++this.lines <= MAX_VALUE_LINES && value.length < MAX_MESSAGE)
      this.fields.set(this.last!, value === "" ? text : `${value}${this.broken(value, text) ? "" : " "}${text}`);
    [this.room, this.width] = [text.length, width];
  }

  /** PowerShell breaks a word only where it is longer than a whole line has room for: a path. */
  private broken(value: string, next: string): boolean {
    const last = value.length - value.lastIndexOf(" ") - 1;
    return this.width >= NARROWEST && last + next.search(/\s|$/) > this.room;
  }

  private close(): void {
    const { fields } = this;
    [this.fields, this.last] = [new Map(), null];
    if (!isEvent(fields)) return;
    const text = (...names: string[]) => names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== "") ?? null;
    const id = text("Id", "EventID", "InstanceId");
    if (id === null || !/^\d{1,10}$/.test(id)) return;
    const recordId = text("RecordId", "Index");
    const data = text("ReplacementStrings");
    this.rows.add(
      {
        time: readWrittenTime(text("TimeCreated", "TimeGenerated") ?? ""),
        host: text("MachineName"),
        channel: text("LogName", "Log"),
        provider: text("ProviderName", "Source"),
        // The low 16 bits of an instance id are the event id.
        eventId: Number(id) % 65536,
        level: eventLevel(text("LevelDisplayName", "EntryType") ?? ""),
        recordId: recordId !== null && /^\d{1,15}$/.test(recordId) ? Number(recordId) : null,
        message: text("Message"),
        data: data?.startsWith("{") ? data.replace(/^\{|\}$|\.\.\.\}$/g, "").split(/,\s*/) : null,
      },
      this.start,
    );
  }

  end(): void {
    this.close();
    this.rows.end();
  }
}
