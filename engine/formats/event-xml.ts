import { readWrittenTime } from "../bytes/local-time.ts";
import { announcesEventXml, type EventLevel, eventKey, eventLevelOf } from "../tables/event-words.ts";
import { type EventRecord, EventRows } from "./event-rows.ts";
import type { Emit, SourceHints, TextFormat, TextReader } from "./format.ts";

/** Longest text of one event; the Event Viewer shows no longer ones. */
const MAX_EVENT = 512 * 1024;
/** Insertion strings kept of one event. */
const MAX_DATA = 200;
/** How far above its XML the Event Viewer writes the same event as text. */
const DETAILS_LINES = 300;

/**
 * Events as XML: `wevtutil qe /f:xml` (no root element, one event per line, UTC, insertion strings but no message), `/f:RenderedXml`,
 * and what the Event Viewer saves as XML. Where the Event Viewer copied an event both as text and as XML, the text speaks for it.
 *
 *     <Event xmlns='…/events/event'><System><Provider Name='Service Control Manager'/><EventID>7034</EventID>…</System>
 *       <EventData><Data Name='param1'>Remote Desktop Services</Data></EventData></Event>
 */
export const eventXml: TextFormat = {
  kind: "text",
  markup: true,
  id: "event-xml",
  title: "events as XML",
  unit: "line",
  tables: ["events"],
  detect: (lines) =>
    lines.some((line) =>
      /<Event(?:\s+xmlns=["']https?:\/\/schemas\.microsoft\.com\/win\/2004\/08\/events\/event["']\s*>|>\s*<System>)/.test(line),
    ),
  reader: (emit, hints) => new EventXmlReader(emit, hints),
};

class EventXmlReader implements TextReader {
  private readonly emit: Emit;
  private readonly rows: EventRows;
  private open: { parts: string[]; size: number; at: number; skip: boolean } | null = null;
  private detailsAt = Number.NEGATIVE_INFINITY;
  private afterXmlCaption = false;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.rows = new EventRows(emit, hints);
  }

  line(text: string, number: number): void {
    if (!this.open && !text.includes("<Event")) {
      const caption = /^\s*([^:]{2,30}):/.exec(text.slice(0, 100))?.[1];
      if (caption !== undefined && eventKey(caption) === "event_id") this.detailsAt = number;
      if (text.trim() !== "") this.afterXmlCaption = announcesEventXml(text);
      return;
    }
    let at = 0;
    while (at < text.length) {
      if (!this.open) {
        const start = /<Event[\s>]/g;
        start.lastIndex = at;
        const found = start.exec(text);
        if (!found) return;
        at = found.index;
        this.open = { parts: [], size: 0, at: number, skip: this.afterXmlCaption && number - this.detailsAt <= DETAILS_LINES };
        this.afterXmlCaption = false;
      }
      const end = text.indexOf("</Event>", at);
      this.take(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return;
      this.close();
      at = end + "</Event>".length;
    }
  }

  private take(text: string): void {
    const open = this.open!;
    open.size += text.length + 1;
    if (open.size <= MAX_EVENT) open.parts.push(text);
  }

  private close(): void {
    const { parts, size, at, skip } = this.open!;
    this.open = null;
    if (skip) return;
    const record = size <= MAX_EVENT ? readEvent(parts.join("\n")) : null;
    if (record) this.rows.add(record, at);
    else
      this.emit.anomaly(
        "event-xml.unreadable-event",
        at,
        size > MAX_EVENT ? "an event of more than 512 KiB" : "an event without an event id",
      );
  }

  end(): void {
    if (this.open) this.emit.anomaly("event-xml.truncated", this.open.at, "the text ends inside an event");
    this.rows.end();
  }
}

function readEvent(xml: string): EventRecord | null {
  const systemEnd = xml.indexOf("</System>");
  const system = systemEnd < 0 ? xml : xml.slice(0, systemEnd);
  const id = /<EventID[^>]{0,80}>\s*(\d{1,5})\s*</.exec(system)?.[1];
  if (id === undefined) return null;
  const rendered = /<RenderingInfo[\s>]/.exec(xml)?.index ?? xml.length;
  const message = element(xml.slice(rendered), "Message");
  return {
    time: readWrittenTime(/<TimeCreated\s+SystemTime=["']([^"']{1,40})["']/.exec(system)?.[1] ?? ""),
    host: element(system, "Computer"),
    channel: element(system, "Channel"),
    provider:
      decode(
        /<Provider\s[^>]*?\bName=(?:"([^"]{1,200})"|'([^']{1,200})')/
          .exec(system)
          ?.slice(1)
          .find((name) => name !== undefined) ?? "",
      ) || null,
    eventId: Number(id),
    level: levelOf(system),
    recordId: Number(element(system, "EventRecordID") ?? Number.NaN) || null,
    message,
    data: systemEnd < 0 ? null : insertionStrings(xml.slice(systemEnd, rendered)),
  };
}

function levelOf(system: string): EventLevel | null {
  const keywords = /<Keywords>\s*0x([\da-f]{1,16})\s*</i.exec(system)?.[1];
  const level = /<Level>\s*(\d{1,3})\s*</.exec(system)?.[1];
  return eventLevelOf(keywords === undefined ? null : BigInt(`0x${keywords}`), level === undefined ? null : Number(level));
}

function element(xml: string, name: string): string | null {
  const start = xml.indexOf(`<${name}>`);
  if (start < 0) return null;
  const end = xml.indexOf(`</${name}>`, start);
  if (end < 0) return null;
  return decode(xml.slice(start + name.length + 2, end)).trim() || null;
}

/** Text of every element below EventData or UserData that holds text only, in order. */
function insertionStrings(xml: string): readonly string[] | null {
  const strings: string[] = [];
  for (const [, value, empty] of xml.matchAll(/<[A-Za-z][\w.:-]*(?:\s[^<>]*)?(?:(?<!\/)>([^<]*)<\/|(\/)>)/g)) {
    if (strings.length >= MAX_DATA) break;
    if (empty === undefined) strings.push(decode(value!).trim());
  }
  return strings.length > 0 ? strings : null;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (all, name: string | undefined, decimal: string | undefined, hex: string | undefined) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()]!;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex!, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
