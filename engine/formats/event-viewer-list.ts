import { readWrittenTime } from "../bytes/local-time.ts";
import { eventLevel } from "../tables/event-words.ts";
import { type EventRecord, EventRows } from "./event-rows.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";

const MAX_LINE = 600;
/** Level words have up to three words: `Überwachung erfolgreich`, `Succès de l'audit`. */
const LEVEL_WORDS = 3;

/**
 * Events as one copies them from the Event Viewer's list: level, date and time, source, event id and category in one line, the message
 * in the next. Only that one paragraph is the message: what follows is the writer's own text.
 *
 *     Error   1/6/2013 8:54:40 AM   Service Control Manager   7034   None
 *     The Remote Desktop Services service terminated unexpectedly.  It has done this 3 time(s).
 */
export const eventViewerList: TextFormat = {
  kind: "text",
  id: "event-viewer-list",
  title: "events copied from the Event Viewer's list",
  unit: "line",
  tables: ["events"],
  detect: (lines) => lines.some((line) => readEventLine(line) !== null),
  reader: (emit, hints) => new EventViewerListReader(emit, hints),
};

class EventViewerListReader implements TextReader {
  private readonly rows: EventRows;
  private open: { record: EventRecord; at: number } | null = null;

  constructor(emit: Emit, hints: SourceHints) {
    this.rows = new EventRows(emit, hints);
  }

  line(text: string, number: number): void {
    const record = readEventLine(text);
    if (record) {
      this.close();
      this.open = { record, at: number };
    } else if (this.open && text.trim() !== "") {
      this.open = { ...this.open, record: { ...this.open.record, message: text.trim() } };
      this.close();
    }
  }

  private close(): void {
    if (this.open) this.rows.add(this.open.record, this.open.at);
    this.open = null;
  }

  end(): void {
    this.close();
    this.rows.end();
  }
}

/** `Error 1/6/2013 8:54:40 AM Service Control Manager 7034 None`, with tabs or blanks between; null if the line is none. */
function readEventLine(line: string): EventRecord | null {
  // Six columns and more are a tab-separated export.
  if (line.length > MAX_LINE || line.includes('"') || line.split("\t", 6).length > 5) return null;
  const words = line.trim().split(/\s+/, LEVEL_WORDS);
  for (let count = 1; count <= words.length; count++) {
    const level = eventLevel(words.slice(0, count).join(" "));
    if (level === null) continue;
    const rest = line.trim().replace(new RegExp(String.raw`^(?:\S+\s+){${count}}`), "");
    const time = readWrittenTime(rest);
    if (time === null) continue;
    const columns = /^\s+(?<provider>\S.{0,120}?)\s+(?<id>\d{1,5})\s+(?<category>\D\S*(?:\s\S+){0,5}|\(\d+\))$/u.exec(
      rest.slice(time.length),
    );
    if (!columns?.groups) continue;
    return {
      time,
      host: null,
      channel: null,
      provider: columns.groups.provider!,
      eventId: Number(columns.groups.id),
      level,
      recordId: null,
      message: null,
      data: null,
    };
  }
  return null;
}
