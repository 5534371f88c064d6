import { type DateOrder, epochOf, type WrittenTime } from "../bytes/local-time.ts";
import type { EventLevel } from "../tables/event-words.ts";
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
/** Computers one export can name before it says nothing about a machine. */
const MAX_HOSTS = 16;
/** Longest message kept. */
export const MAX_MESSAGE = 16 * 1024;

/**
 * Puts events of one text into the `events` table. Dates such as 1/6/2013 wait until another date written alike tells day from
 * month, or the end; `bundle.yaml` may say it. An export shows what somebody asked for, so it covers its time span only where its
 * record numbers have no hole.
 */
export class EventRows {
  private readonly emit: Emit;
  private readonly hints: SourceHints;
  private readonly held: { record: EventRecord; at: number }[] = [];
  /** Order of day and month that dates with a separator were seen to have. */
  private readonly orders = new Map<string, DateOrder>();
  private undecided = false;
  private readonly hosts = new Set<string>();
  private readonly channels = new Set<string>();
  private readonly recordIds = new Set<number>();
  private count = 0;
  private zoned = 0;
  private from: bigint | null = null;
  private to: bigint | null = null;

  constructor(emit: Emit, hints: SourceHints) {
    this.emit = emit;
    this.hints = hints;
  }

  add(record: EventRecord, at: number): void {
    this.count++;
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
    if (time !== null) {
      if (this.from === null || time < this.from) this.from = time;
      if (this.to === null || time > this.to) this.to = time;
    }
    if (record.host !== null && this.hosts.size <= MAX_HOSTS) this.hosts.add(record.host);
    if (record.channel !== null && this.channels.size <= MAX_HOSTS) this.channels.add(record.channel);
    if (record.recordId !== null) this.recordIds.add(record.recordId);
    const message = record.message === null || record.message === "" ? null : record.message.slice(0, MAX_MESSAGE);
    const text = [...(message === null ? [] : [message]), ...(record.data ?? [])].join("\n");
    this.emit.row(
      "events",
      {
        host: record.host === null ? null : [record.host],
        time,
        channel: record.channel,
        provider: record.provider,
        event_id: record.eventId,
        level: record.level,
        record_id: record.recordId,
        message,
        data: record.data,
        text: text === "" ? null : text,
      },
      at,
    );
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
    if (this.count === 0) return;
    if (this.hints.utcOffset !== undefined || this.zoned === this.count) this.emit.utc();
    const host = this.hosts.size > 0 && this.hosts.size <= MAX_HOSTS ? [...this.hosts] : null;
    if (host?.length === 1) this.emit.host({ names: host, addresses: [] });
    const contiguous =
      this.recordIds.size === this.count && this.count > 1 && span(this.recordIds) === this.count && this.channels.size === 1;
    this.emit.coverage({
      table: "events",
      host: host?.length === 1 ? host : null,
      side: null,
      from: this.from,
      to: this.to,
      ...(this.channels.size === 1 ? { only: { channel: [...this.channels] } } : {}),
      ...(contiguous
        ? { complete: true }
        : { complete: false, why: "an export of events shows what it was asked for: other events may have been left out" }),
    });
  }
}

function span(ids: ReadonlySet<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const id of ids) [low, high] = [Math.min(low, id), Math.max(high, id)];
  return high - low + 1;
}
