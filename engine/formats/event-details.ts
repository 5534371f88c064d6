import { readWrittenTime } from "../bytes/local-time.ts";
import { announcesEventXml, type EventKey, eventKey, eventLevel } from "../tables/event-words.ts";
import { type EventRecord, EventRows, MAX_MESSAGE } from "./event-rows.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";

const CAPTION = /^\s{0,8}(?<caption>\p{L}[\p{L}'’. -]{1,40}?)\s*:\s*(?<value>.*?)\s*$/u;
/** wevtutil numbers its events. */
const NUMBERED = /^Event\s?\[\d+\]:?\s*$/;
/** Several fields run together by a copy that lost its line ends. */
const RUN_TOGETHER = /\s(?=(?:Source|Date|Event ID|Task Category|Level|Keywords|User|Computer|Description):(?:\s|$))/g;
const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>/;
/** Lines a description may run over. */
const MAX_DESCRIPTION_LINES = 300;
/** Field lines an event may have before its description. */
const MAX_FIELD_LINES = 30;

/**
 * Events as lists of fields: the Event Viewer's "copy details as text" in any display language, and `wevtutil qe /f:text`, whose
 * captions are English everywhere. The message is what follows `Description`, up to the next event.
 *
 *     Event[0]:
 *       Log Name: System
 *       Source: Service Control Manager
 *       Date: 2013-01-06T08:54:40.000
 *       Event ID: 7034
 */
export const eventDetails: TextFormat = {
  kind: "text",
  id: "event-details",
  title: "event details as text (Event Viewer, wevtutil)",
  unit: "line",
  tables: ["events"],
  detect: detectDetails,
  reader: (emit, hints) => new EventDetailsReader(emit, hints),
};

/** An event id with its number, and a log name or a source close by. */
function detectDetails(lines: readonly string[]): boolean {
  const near = { event_id: Number.NEGATIVE_INFINITY, channel: Number.NEGATIVE_INFINITY, provider: Number.NEGATIVE_INFINITY };
  for (const [index, line] of lines.entries()) {
    for (const part of parts(line)) {
      const field = readField(part);
      if (!field || field.value === "") continue;
      if (field.key === "event_id" && /^\d{1,5}$/.test(field.value)) near.event_id = index;
      else if (field.key === "channel" || field.key === "provider") near[field.key] = index;
      else continue;
      if (Math.abs(near.event_id - Math.max(near.channel, near.provider)) <= MAX_FIELD_LINES) return true;
    }
  }
  return false;
}

function parts(line: string): readonly string[] {
  return line.length < 2000 && /^\s*Log Name:.*\sEvent ID:/.test(line) ? line.split(RUN_TOGETHER) : [line];
}

function readField(line: string): { key: EventKey; value: string } | null {
  if (line.length > 500) return null;
  const found = CAPTION.exec(line)?.groups;
  const key = found ? eventKey(found.caption!) : null;
  return key ? { key, value: found!.value! } : null;
}

class EventDetailsReader implements TextReader {
  private readonly emit: Emit;
  private readonly rows: EventRows;
  private fields: Map<EventKey, string> | null = null;
  private description: string[] | null = null;
  private size = 0;
  private start = 0;
  private lines = 0;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.rows = new EventRows(emit, hints);
  }

  line(text: string, number: number): void {
    for (const part of parts(text)) this.part(part, number);
  }

  private part(text: string, number: number): void {
    const field = readField(text);
    const numbered = NUMBERED.test(text);
    if (numbered || (field?.key === "channel" && (this.description || this.fields?.has("channel")))) this.begin(number);
    if (numbered) return;
    if (this.description) this.describe(text);
    else if (field) this.field(field.key, field.value, text, number);
    else if (this.fields && text.trim() !== "" && ++this.lines > MAX_FIELD_LINES) this.close();
  }

  private field(key: EventKey, value: string, text: string, number: number): void {
    if (!this.fields || (key !== "other" && this.fields.has(key))) this.begin(number);
    const fields = this.fields!;
    if (key === "description" && fields.has("event_id")) {
      [this.description, this.size, this.lines] = [value === "" ? [] : [value], 0, 0];
    } else if (key !== "description") {
      if (key === "event_id" && !/^\d{1,5}$/.test(value)) {
        if (fields.has("channel")) this.emit.anomaly("event-details.unreadable-event", number, `no event id: ${text.trim().slice(0, 80)}`);
      } else fields.set(key, value);
    }
  }

  private describe(text: string): void {
    const description = this.description!;
    if (PROMPT.test(text) || announcesEventXml(text) || ++this.lines > MAX_DESCRIPTION_LINES) {
      this.close();
      return;
    }
    this.size += text.length;
    if (this.size < MAX_MESSAGE) description.push(text.trim());
  }

  private begin(number: number): void {
    this.close();
    [this.fields, this.start, this.lines] = [new Map(), number, 0];
  }

  private close(): void {
    const { fields, description } = this;
    [this.fields, this.description] = [null, null];
    const id = fields?.get("event_id");
    if (!fields || id === undefined || (!fields.has("channel") && !fields.has("provider"))) return;
    this.rows.add(recordOf(fields, Number(id), description), this.start);
  }

  end(): void {
    this.close();
    this.rows.end();
  }
}

function recordOf(fields: ReadonlyMap<EventKey, string>, eventId: number, description: readonly string[] | null): EventRecord {
  const text = (key: EventKey) => {
    const value = fields.get(key);
    return value === undefined || value === "" || value === "N/A" ? null : value;
  };
  const message = description?.join("\n").trim() ?? "";
  return {
    time: readWrittenTime(text("date") ?? ""),
    host: text("computer"),
    channel: text("channel"),
    provider: text("provider"),
    eventId,
    level: eventLevel(text("level") ?? ""),
    recordId: null,
    message: message === "" || message === "N/A" ? null : message,
    data: null,
  };
}
