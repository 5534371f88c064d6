import { type DateOrder, epochOf, readWrittenTime } from "../../bytes/local-time.ts";
import { parseIsoTime } from "../../bytes/time.ts";
import type { SourceHints } from "../format.ts";
import { elapsedTimes } from "./elapsed-time.ts";
import type { TextPacketLog } from "./text-packet-log.ts";

const NS_PER_DAY = 86_400_000_000_000;
const NS_PER_SECOND = 1_000_000_000;
const NS_PER_MINUTE = 60_000_000_000n;

/** What a column of plain seconds counts from, where its title says so. */
export type ElapsedMeaning = "since_start" | "since_previous";

/** The times of a text capture, worked out once all rows are there. */
export interface TextTimes {
  /** Nanoseconds since the epoch that `times` count from, null where the text has only relative times. */
  readonly base: bigint | null;
  readonly zone: "utc" | "unknown";
  /** Times count from midnight of a day nobody stated. */
  readonly timeOfDay?: boolean;
  /** Nanoseconds from the base, one a row in the order of the log. */
  readonly times: Float64Array;
  /** 1 where the row has a time of its own, 0 where it is carried over from the row before. */
  readonly own: Uint8Array;
}

/**
 * Times of all rows, still in the order of the text. A date and clock win over seconds since the start, those over
 * seconds since the previous row; what `bundle.yaml` states wins over what the numbers look like.
 */
export function resolveTimes(log: TextPacketLog, hints: SourceHints, meaning: ElapsedMeaning | null): TextTimes {
  const days = dayNumbers(log, hints.dateOrder ?? null);
  const { clock, elapsed } = log.rows;
  let [dated, clocked, counted] = [0, 0, 0];
  for (let i = 0; i < log.count; i++) {
    if (Number.isNaN(clock[i]!)) {
      if (!Number.isNaN(elapsed[i]!)) counted++;
    } else if (Number.isNaN(days[i]!)) clocked++;
    else dated++;
  }
  const wanted = hints.time;
  if (dated > 0 && wanted !== "since_start" && wanted !== "since_previous") return zoned(datedTimes(log, days), log, hints);
  if (clocked > 0 && wanted !== "since_start" && wanted !== "since_previous") {
    const start = hints.date === undefined ? Number.NaN : isoDay(hints.date);
    const times = clockTimes(log);
    if (Number.isNaN(start)) return zoned({ ...times, base: null, timeOfDay: true }, log, hints);
    return zoned({ ...times, base: BigInt(start) * BigInt(NS_PER_DAY) }, log, hints);
  }
  if (counted === 0) return { base: null, zone: "unknown", times: new Float64Array(log.count), own: new Uint8Array(log.count) };
  const given = wanted === "since_start" || wanted === "since_previous" ? wanted : meaning;
  const start = hints.start === undefined ? null : parseIsoTime(hints.start);
  return zoned({ base: start?.time ?? null, ...elapsedTimes(log, given) }, log, hints);
}

type Times = Omit<TextTimes, "zone">;

function zoned(times: Times, log: TextPacketLog, hints: SourceHints): TextTimes {
  if (log.utc || times.base === null) return { ...times, zone: log.utc ? "utc" : "unknown" };
  if (hints.utcOffset === undefined) return { ...times, zone: "unknown" };
  return { ...times, base: times.base - BigInt(hints.utcOffset) * NS_PER_MINUTE, zone: "utc" };
}

/** Day since the epoch of each row, NaN without a date. Numeric dates whose order is open are read as most of them can be read. */
function dayNumbers(log: TextPacketLog, hinted: DateOrder | null): Float64Array {
  const written = log.dates.texts.map((text) => (text === "" ? null : readWrittenTime(text)));
  const votes = written.flatMap((date) => (date?.order ? [date.order] : []));
  const order: DateOrder | null = hinted ?? votes[0] ?? null;
  const byId = written.map((date) => {
    if (!date) return Number.NaN;
    const epoch = epochOf({ ...date, zone: null }, date.order ?? order ?? date.likely);
    return epoch === null ? Number.NaN : Math.floor(Number(epoch / BigInt(NS_PER_SECOND)) / 86_400);
  });
  return Float64Array.from({ length: log.count }, (_, i) => byId[log.rows.date[i]!]!);
}

function isoDay(date: string): number {
  const written = readWrittenTime(`${date} 00:00`);
  const epoch = written && epochOf(written, "ymd");
  return epoch === null ? Number.NaN : Number(epoch / BigInt(NS_PER_DAY));
}

function datedTimes(log: TextPacketLog, days: Float64Array): Times {
  const { clock } = log.rows;
  const first = days.find((day) => !Number.isNaN(day))!;
  const times = new Float64Array(log.count);
  const own = new Uint8Array(log.count);
  let whole = true;
  for (let i = 0; i < log.count; i++) {
    if (Number.isNaN(days[i]!) || Number.isNaN(clock[i]!)) {
      times[i] = i > 0 ? times[i - 1]! : 0;
      continue;
    }
    times[i] = (days[i]! - first) * NS_PER_DAY + clock[i]!;
    own[i] = 1;
    if (clock[i]! % NS_PER_SECOND !== 0) whole = false;
  }
  if (whole) refineByOffsets(log, times, own);
  return { base: BigInt(first) * BigInt(NS_PER_DAY), times, own };
}

/**
 * Network Monitor prints whole seconds beside a fine offset from the capture's start. The start is the latest moment at which every row,
 * cut to its second, still fits; where none fits, the rows of another capture begin.
 */
function refineByOffsets(log: TextPacketLog, times: Float64Array, own: Uint8Array): void {
  const { elapsed } = log.rows;
  const settle = (from: number, to: number, start: number) => {
    for (let i = from; i < to; i++) if (own[i] && !Number.isNaN(elapsed[i]!)) times[i] = start + elapsed[i]!;
  };
  let [from, earliest, latest] = [0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < log.count; i++) {
    if (!own[i] || Number.isNaN(elapsed[i]!)) continue;
    const start = times[i]! - elapsed[i]!;
    if (start >= latest || start + NS_PER_SECOND <= earliest) {
      settle(from, i, earliest);
      [from, earliest, latest] = [i, start, start + NS_PER_SECOND];
    } else [earliest, latest] = [Math.max(earliest, start), Math.min(latest, start + NS_PER_SECOND)];
  }
  if (earliest > Number.NEGATIVE_INFINITY) settle(from, log.count, earliest);
}

/** Times of day without a date: a fall of more than half a day is midnight. */
function clockTimes(log: TextPacketLog): Omit<Times, "base"> {
  const { clock } = log.rows;
  const times = new Float64Array(log.count);
  const own = new Uint8Array(log.count);
  let [day, last] = [0, Number.NaN];
  for (let i = 0; i < log.count; i++) {
    if (Number.isNaN(clock[i]!)) {
      times[i] = i > 0 ? times[i - 1]! : 0;
      continue;
    }
    if (last - clock[i]! > NS_PER_DAY / 2) day++;
    else if (clock[i]! - last > NS_PER_DAY / 2 && day > 0) day--;
    last = clock[i]!;
    times[i] = day * NS_PER_DAY + last;
    own[i] = 1;
  }
  return { times, own };
}
