import { type DateOrder, epochOf, type WrittenTime } from "../bytes/local-time.ts";
import type { EventLevel } from "../tables/event-words.ts";
import type { Value } from "../tables/table.ts";
import { EventSpan } from "./event-span.ts";
import type { Emit, SourceHints } from "./format.ts";

/** One event as an export shows it. */
export interface EventRecord {
  readonly time: WrittenTime | null;
  readonly host: string | null;
  readonly channel: string | null;
  readonly provider: string | null;
  readonly eventId: number;
  readonly level: EventLevel | null;
  readonly recordId: number | null;
  readonly message: string | null;
  readonly data: readonly string[] | null;
}

/** Events held back until a date shows which number is the month. */
const MAX_HELD = 5000;
/** Longest message kept. */
export const MAX_MESSAGE = 16 * 1024;

/**
 * Puts events of one text into the `events` table. Dates such as 1/6/2013 wait until another date written alike tells day from
 * month, or the end; `bundle.yaml` may say it.
 */
export class EventRows {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private readonly held: { record: EventRecord; at: number }[] = [];
  /** Order of day and month that dates with a separator were seen to have. */
  private readonly orders = new Map<string, DateOrder>();
  private undecided = false;
  private readonly span = new EventSpan();
  private zoned = 0;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
  }

  add(record: EventRecord, at: number): void {
    const { time } = record;
    if (time && time.order !== null && time.order !== "ymd") this.orders.set(time.separator, time.order);
    this.held.push({ record, at });
    this.undecided ||= time !== null && this.order(time) === null;
    if (!this.undecided || (time && time.order !== null && time.order !== "ymd") || this.held.length >= MAX_HELD) this.flush();
  }

  private order(time: WrittenTime): DateOrder | null {
    return time.order ?? this.hints.dateOrder ?? this.orders.get(time.separator) ?? null;
  }

  private flush(): void {
    for (const { record, at } of this.held.splice(0)) this.row(record, at);
    this.undecided = false;
  }

  private row(record: EventRecord, at: number): void {
    const time = this.instant(record.time);
    this.span.add(record, time);
    this.emit.row("events", eventCells(record, time), at);
  }

  private instant(written: WrittenTime | null): bigint | null {
    if (written === null) return null;
    const time = epochOf(written, this.order(written) ?? written.likely) ?? epochOf(written, written.likely);
    if (time === null || written.zone !== null) {
      this.zoned++;
      return time;
    }
    return time - BigInt(this.hints.utcOffset ?? 0) * 60_000_000_000n;
  }

  /** After the last event: says what the text covers. */
  end(): void {
    this.flush();
    if (this.span.count === 0) return;
    if (this.hints.utcOffset !== undefined || this.zoned === this.span.count) this.emit.utc();
    this.span.end(this.emit);
  }
}

/** The row of one event. */
export function eventCells(record: Omit<EventRecord, "time">, time: bigint | null): Readonly<Record<string, Value>> {
  const message = record.message === null || record.message === "" ? null : record.message.slice(0, MAX_MESSAGE);
  const { data } = record;
  const text = message === null ? (data?.join("\n") ?? "") : data ? `${message}\n${data.join("\n")}` : message;
  return {
    host: record.host === null ? null : [record.host],
    time,
    channel: record.channel,
    provider: record.provider,
    event_id: record.eventId,
    level: record.level,
    record_id: record.recordId,
    message,
    data,
    text: text === "" ? null : text,
  };
}
