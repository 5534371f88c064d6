/** Order of day, month and year in a numeric date. */
export type DateOrder = "mdy" | "dmy" | "ymd";

/** A date and time as people and tools write it, before it is settled which number is the month. */
export interface WrittenTime {
  /** The three numbers of the date, in the order written. */
  readonly numbers: readonly [number, number, number];
  /** Order that the writing leaves no doubt about; null where day and month could be swapped. */
  readonly order: DateOrder | null;
  /** What the writing makes likely where `order` is null: slashes with a 12-hour clock are the United States' way. */
  readonly likely: DateOrder;
  /** `.`, `/` or `-`: dates written alike have the same order. */
  readonly separator: string;
  /** Since midnight. */
  readonly nanoseconds: number;
  /** Minutes east of UTC the text itself states (`Z` is 0); null if it states none. */
  readonly zone: number | null;
  /** Characters it took, from the start of the text. */
  readonly length: number;
}

/** Halves of the day in the languages Windows writes a 12-hour clock in. Turkish marks the forenoon ÖÖ and the afternoon ÖS. */
const FORENOON = String.raw`a\.?\s?m\.?|πμ|π\.μ\.|öö|오전|午前|上午|ص|de\.`;
const AFTERNOON = String.raw`p\.?\s?m\.?|μμ|μ\.μ\.|ös|오후|午後|下午|م|du\.`;

const WRITTEN = new RegExp(
  String.raw`^\s*(?<a>\d{1,4})(?<separator>[./-])\s?(?<b>\d{1,2})\k<separator>\s?(?<c>\d{1,4})\.?(?:T|,?\s+|-)` +
    String.raw`(?:(?:(?<amBefore>${FORENOON})|(?<pmBefore>${AFTERNOON}))\s)?` +
    String.raw`(?<hour>\d{1,2})[:.](?<minute>\d{2})(?:[:.](?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?!\d)` +
    String.raw`(?:\s?(?:(?<am>${FORENOON})|(?<pm>${AFTERNOON}))(?!\p{L}))?(?:\s?(?<zone>Z|[+-]\d{2}:?\d{2})(?![\p{L}\d]))?`,
  "iu",
);

/** Reads a numeric date with a time of day from the start of `text`, as Windows tools write it in any locale; null if there is none. */
export function readWrittenTime(text: string): WrittenTime | null {
  const found = WRITTEN.exec(text.slice(0, 80));
  const field = found?.groups;
  if (!field) return null;
  const numbers = [Number(field.a), Number(field.b), Number(field.c)] as const;
  const order = dateOrder(numbers, field.separator!);
  const forenoon = field.am ?? field.amBefore;
  const afternoon = field.pm ?? field.pmBefore;
  let hour = Number(field.hour);
  if (afternoon !== undefined && hour < 12) hour += 12;
  if (forenoon !== undefined && hour === 12) hour = 0;
  const [minute, second] = [Number(field.minute), Number(field.second ?? 0)];
  if (order === "impossible" || hour > 23 || minute > 59 || second > 60) return null;
  // Australia also has slashes and a 12-hour clock, but writes 6/01/2013: only the month is padded.
  const american = field.separator === "/" && (forenoon ?? afternoon) !== undefined && !(field.a!.length === 1 && field.b!.startsWith("0"));
  return {
    numbers,
    order,
    separator: field.separator!,
    likely: order ?? (american ? "mdy" : "dmy"),
    nanoseconds: ((hour * 60 + minute) * 60 + second) * 1e9 + Number((field.fraction ?? "").padEnd(9, "0")),
    zone: zoneMinutes(field.zone),
    length: found[0].length,
  };
}

function zoneMinutes(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text.toUpperCase() === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return text.startsWith("-") ? -minutes : minutes;
}

/** Order of the three numbers where they or the separator settle it; null where day and month could be swapped. */
function dateOrder([a, b, c]: readonly [number, number, number], separator: string): DateOrder | null | "impossible" {
  const day = (number: number) => number >= 1 && number <= 31;
  const month = (number: number) => number >= 1 && number <= 12;
  if (a > 31) return month(b) && day(c) ? "ymd" : "impossible";
  if (!day(a) || !day(b) || (a > 12 && b > 12)) return "impossible";
  // Dots put the day first wherever Windows uses them.
  if (separator === "." || a > 12) return month(b) ? "dmy" : "impossible";
  return b > 12 ? "mdy" : null;
}

/**
 * Nanoseconds since the Unix epoch of a written time read in `order`. The zone it states is applied; without one it is read as if
 * it were UTC. Null for a day no calendar has.
 */
export function epochOf(written: WrittenTime, order: DateOrder): bigint | null {
  const [a, b, c] = written.numbers;
  const [year, month, day] = order === "ymd" ? [a, b, c] : order === "dmy" ? [c, b, a] : [c, a, b];
  const fullYear = year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
  const milliseconds = Date.UTC(fullYear, month - 1, day);
  const back = new Date(milliseconds);
  if (Number.isNaN(milliseconds) || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return null;
  return BigInt(milliseconds) * 1_000_000n + BigInt(written.nanoseconds) - BigInt(written.zone ?? 0) * 60_000_000_000n;
}
