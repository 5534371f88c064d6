import type { TextPacketLog, TextRow } from "./text-packet-log.ts";
import type { ElapsedMeaning } from "./text-time-column.ts";
import type { ListCells } from "./wireshark-columns.ts";

const NS_PER_SECOND = 1_000_000_000;
/** Seconds above this count from the Unix epoch (2001), not from the start of a capture. */
const LEAST_EPOCH = 1_000_000_000;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const ISO = /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z)?$/;
/** `Jan  6, 2013 09:52:15.407000000 UTC`, as the field frame.time prints it. */
const MONTH_TIME = /^([A-Z][a-z]{2})\s+(\d{1,2}), (\d{4}) (\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:\s+(.*))?$/;
const SECONDS = /^(-?)(\d{1,10})(?:[.,](\d{1,9}))?$/;

/** Fills the time columns of `row` from whichever time cells the list has; answers what plain seconds mean where a title said so. */
export function readTimes(log: TextPacketLog, row: TextRow, times: ListCells["times"]): ElapsedMeaning | null {
  let meaning: ElapsedMeaning | null = null;
  for (const { kind, text } of times) {
    const seconds = SECONDS.exec(text);
    if (!seconds) {
      if (Number.isNaN(row.clock)) readClock(log, row, text);
    } else if (kind === "epoch" || (kind === "time" && Number(seconds[2]) >= LEAST_EPOCH)) readEpoch(log, row, seconds);
    else {
      const named = kind === "since_start" || kind === "since_previous" ? kind : null;
      // The start is a better ground than the row before; the first column of its kind wins.
      if (!Number.isNaN(row.elapsed) && !(named === "since_start" && meaning !== "since_start")) continue;
      row.elapsed = (seconds[1] === "-" ? -1 : 1) * (Number(seconds[2]) * NS_PER_SECOND + fraction(seconds[3]));
      meaning = named;
    }
  }
  return meaning;
}

const fraction = (digits: string | undefined): number => Number((digits ?? "").padEnd(9, "0"));

function readClock(log: TextPacketLog, row: TextRow, text: string): void {
  const iso = ISO.exec(text);
  if (iso) {
    setClock(row, Number(iso[2]), Number(iso[3]), Number(iso[4]), iso[5]);
    if (iso[1] !== undefined) row.date = log.dates.id(`${iso[1]} 00:00`);
    if (iso[6] !== undefined) log.utc = true;
    return;
  }
  const month = MONTH_TIME.exec(text);
  const index = month ? MONTHS.indexOf(month[1]!) : -1;
  if (!month || index % 3 !== 0 || index < 0) return;
  setClock(row, Number(month[4]), Number(month[5]), Number(month[6]), month[7]);
  row.date = log.dates.id(`${month[3]}-${String(index / 3 + 1).padStart(2, "0")}-${month[2]!.padStart(2, "0")} 00:00`);
  if (month[8] === "UTC" || month[8] === "GMT") log.utc = true;
}

function setClock(row: TextRow, hour: number, minute: number, second: number, digits: string | undefined): void {
  if (hour > 23 || minute > 59 || second > 60) return;
  row.clock = ((hour * 60 + minute) * 60 + second) * NS_PER_SECOND + fraction(digits);
}

function readEpoch(log: TextPacketLog, row: TextRow, seconds: RegExpExecArray): void {
  const whole = Number(seconds[2]);
  const date = new Date(whole * 1000).toISOString().slice(0, 10);
  row.date = log.dates.id(`${date} 00:00`);
  row.clock = (whole % 86_400) * NS_PER_SECOND + fraction(seconds[3]);
  log.utc = true;
}
