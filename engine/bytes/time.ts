/** Nanoseconds in one of each unit a duration can be written in, as a decimal exponent of the second or whole seconds. */
const DURATION_UNITS: Readonly<Record<string, { readonly exponent: number; readonly seconds: number }>> = {
  ns: { exponent: -9, seconds: 1 },
  us: { exponent: -6, seconds: 1 },
  µs: { exponent: -6, seconds: 1 },
  ms: { exponent: -3, seconds: 1 },
  s: { exponent: 0, seconds: 1 },
  m: { exponent: 0, seconds: 60 },
  h: { exponent: 0, seconds: 3600 },
  d: { exponent: 0, seconds: 86400 },
};

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
/** Ticks of 100 ns from 1601-01-01, where FILETIME begins, to 1970-01-01 (MS-DTYP section 2.3.3). */
const FILETIME_UNIX_EPOCH = 116_444_736_000_000_000n;

/** Nanoseconds since the Unix epoch of a FILETIME: 100 ns ticks since 1601-01-01 UTC, MS-DTYP section 2.3.3. */
export function filetimeToNanoseconds(ticks: bigint): bigint {
  return (ticks - FILETIME_UNIX_EPOCH) * 100n;
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar; the date is taken as valid. */
function daysFromEpoch(year: number, month: number, day: number): number {
  // The year is counted from March on, so that the leap day is its last day and months have a regular length.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

/** Date of a day counted from 1970-01-01, proleptic Gregorian. */
function dateOfDay(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A wall-clock reading of the proleptic Gregorian calendar; what is left out is zero. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  /** 60 is a leap second and counts as the first second after it. */
  readonly second?: number;
  readonly nanosecond?: number;
}

/** Nanoseconds since the Unix epoch of a reading taken as UTC; null where no calendar or clock shows it (month 13, 29 February 2013, year 0). */
export function civilToNanoseconds({ year, month, day, hour = 0, minute = 0, second = 0, nanosecond = 0 }: CivilTime): bigint | null {
  const within = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high;
  if (!within(year, 1, 99999) || !within(month, 1, 12) || !within(day, 1, daysInMonth(year, month))) return null;
  if (!within(hour, 0, 23) || !within(minute, 0, 59) || !within(second, 0, 60) || !within(nanosecond, 0, 999_999_999)) return null;
  const seconds = daysFromEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * SECOND + BigInt(nanosecond);
}

/** What ISO 8601 text says. */
export interface IsoTime {
  /** Nanoseconds since the Unix epoch; without an offset, the reading taken as UTC. */
  readonly time: bigint;
  /** Minutes east of UTC the text states (`Z` is 0), already applied to `time`; null if it states none. */
  readonly offset: number | null;
}

const ISO =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[Tt ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,30}))?)?(?: ?(?<zone>[Zz]|[+-]\d\d(?::?\d\d)?))?)?$/;

/** Reads an ISO 8601 date, or date and time, in its extended form; digits after the ninth of a fraction are dropped. Null for anything else. */
export function parseIsoTime(text: string): IsoTime | null {
  const field = ISO.exec(text)?.groups;
  if (!field) return null;
  const [hour, minute, second] = [Number(field.hour ?? 0), Number(field.minute ?? 0), Number(field.second ?? 0)];
  const nanosecond = Number((field.fraction ?? "").slice(0, 9).padEnd(9, "0"));
  const civil = civilToNanoseconds({
    year: Number(field.year),
    month: Number(field.month),
    day: Number(field.day),
    hour,
    minute,
    second,
    nanosecond,
  });
  if (civil === null) return null;
  if (field.zone === undefined) return { time: civil, offset: null };
  const offset = parseUtcOffset(field.zone);
  return offset === null ? null : { time: civil - BigInt(offset) * 60n * SECOND, offset };
}

/** Minutes east of UTC of `Z`, `UTC`, `+02:00`, `-0930`, `+2` or `UTC+2`; null for anything else. */
export function parseUtcOffset(text: string): number | null {
  if (/^(?:z|utc|gmt)$/i.test(text)) return 0;
  const field = /^(?:utc|gmt)?(?<sign>[+-])(?<hours>\d\d?)(?::?(?<minutes>\d\d))?$/i.exec(text)?.groups;
  if (!field) return null;
  const [hours, minutes] = [Number(field.hours), Number(field.minutes ?? 0)];
  // The widest offsets in use are -12:00 and +14:00; ISO 8601 sets no limit, RFC 3339 below 24 hours.
  if (hours > 23 || minutes > 59) return null;
  const offset = hours * 60 + minutes;
  return field.sign === "-" && offset > 0 ? -offset : offset;
}

/** `2013-01-08T08:54:40.1234567Z`: ISO 8601 in UTC with as many digits after the second as it takes. */
export function formatIsoTime(nanoseconds: bigint): string {
  const inDay = ((nanoseconds % DAY) + DAY) % DAY;
  const { year, month, day } = dateOfDay(Number((nanoseconds - inDay) / DAY));
  const seconds = Number(inDay / SECOND);
  const fraction = (inDay % SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  const two = (value: number) => String(value).padStart(2, "0");
  const years =
    year >= 0 && year <= 9999 ? String(year).padStart(4, "0") : `${year < 0 ? "-" : "+"}${String(Math.abs(year)).padStart(6, "0")}`;
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${years}-${two(month)}-${two(day)}T${clock}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** Seconds of `500ms`, `30us`, `1.5h`, `2m`, `1d`; null for anything else, a number without a unit included. */
export function parseDuration(text: string): number | null {
  const field = /^(?<amount>\d{1,15}(?:\.\d{1,15})?)(?<unit>ns|us|µs|ms|s|m|h|d)$/.exec(text)?.groups;
  if (!field) return null;
  const { exponent, seconds } = DURATION_UNITS[field.unit!]!;
  // The exponent is read with the number, so that 30us is the double nearest to 0.00003 and not a product of two roundings.
  return Number(`${field.amount}e${exponent}`) * seconds;
}
