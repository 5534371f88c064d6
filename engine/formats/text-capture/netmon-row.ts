import { TCP_SUMMARY } from "./netmon-description.ts";

/** The parts of one row of a frame summary, as text; empty where the row lacks them. */
export interface NetmonCells {
  readonly frame: string;
  /** `8:53:53`, with a fraction where the column has one. */
  readonly clock: string;
  /** `AM`, `PM` or their like; empty on a 24-hour clock. */
  readonly half: string;
  readonly date: string;
  /** Seconds since the start of the capture. */
  readonly offset: string;
  readonly process: string;
  readonly processId: string;
  /** What stands before the protocol: none, one or two addresses, which a copy may have glued together. */
  readonly addresses: readonly string[];
  readonly protocol: string;
  readonly description: string;
  /** TCP conversation of the Conv Id column, `{TCP:861, IPv4:843}`. */
  readonly conversation: string;
}

const NUMBERED =
  /^\s*\d{1,10}\s+(?:(?:\S{1,40}\s+){0,4}\d{1,9}[.,]\d{5,9}\s+)?(?:<[^<>]{1,60}>|[\w.:-]{1,60}[.:][\w.:-]{1,60})\s+(?:<[^<>]{1,60}>|[\w.:-]{1,60}[.:][\w.:-]{1,60})\s+$/;
/** Characters of a row before its description that are looked at. */
const MAX_LEAD = 400;
/** `TCP TCP:Flags=…`: the protocol column and the description that repeats it. A copy may have lost the blank before it. */
const REPEATED = /(?<=^|[\s\d>])([A-Z][A-Za-z0-9_./+-]{1,60})\s{1,20}\1:/;
/** A description alone, where the protocol column was left out. */
const ALONE = /(?<=^|\s)([A-Z][A-Z0-9_]{1,20}):(?=\s?(?:\[[^\]]{1,40}\]\s?){0,4}\S)/;
const CLOCK = String.raw`(\d{1,2}[:.]\d{2}[:.]\d{2}(?:[.,]\d{1,9})?)(?:\s?(a\.?\s?m\.?|p\.?\s?m\.?|AM|PM|ÖÖ|ÖS|πμ|μμ|上午|下午|午前|午後|오전|오후)(?=\s|$))?`;
const DATE = String.raw`(\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}\.?)`;
const CLOCK_DATE = new RegExp(`^${CLOCK}\\s+${DATE}(?=\\s|$)`, "i");
const DATE_CLOCK = new RegExp(`^${DATE}\\s+${CLOCK}(?=\\s|$)`, "i");
const CLOCK_ALONE = new RegExp(`^${CLOCK}(?=\\s|$)`, "i");
const PLACEHOLDER = /^<\s?(?:Date|Time)[^>]{0,20}>/i;
const OFFSET = /^(\d{1,9}[.,]\d{3,9})(?=\s|$)/;
const PROCESS = /^(.{1,80}?)\s\((\d{1,9})\)(?=\s|$)\s*/;
const CONVERSATION = /\{[^{}]{0,200}\}/;
/** Addresses are one word, or a name in angle brackets put in for one. */
const ADDRESS = /<[^<>]{1,60}>|[^\s<>]+/g;

/** Splits a line of a frame summary; null if it is no row of one. */
export function readNetmonRow(line: string): NetmonCells | null {
  const found = REPEATED.exec(line.slice(0, MAX_LEAD)) ?? protocolAlone(line);
  if (!found) return null;
  const protocol = found[1]!;
  const description = line.slice(found.index + found[0].length - protocol.length - 1).trim();
  const conversation = /\bTCP:(\d{1,9})\b/.exec(CONVERSATION.exec(line.slice(0, found.index))?.[0] ?? lastBraces(description))?.[1] ?? "";
  let rest = line.slice(0, found.index).replace(CONVERSATION, " ").replace(/\t/g, " ").trim();
  // Detail trees under a frame begin with a sign; they repeat protocols, too.
  if (/^[+-]\s/.test(rest)) return null;
  const frame = /^(\d{1,10})(?=\s|$)/.exec(rest)?.[1] ?? "";
  rest = rest.slice(frame.length).trimStart();
  const time = readTime(rest);
  rest = rest.slice(time.length).trimStart();
  const offset = OFFSET.exec(rest)?.[1] ?? "";
  rest = rest.slice(offset.length).trimStart();
  const process = PROCESS.exec(rest);
  const words = (process ? rest.slice(process[0].length) : rest).match(ADDRESS) ?? [];
  if (words.length > (process ? 2 : 6) || (frame === "" && words.length !== 2)) return null;
  const own = process || words.length < 3 ? [] : words.slice(0, -2);
  return {
    frame,
    clock: time.clock,
    half: time.half,
    date: time.date,
    offset,
    process: process?.[1] ?? own.join(" "),
    processId: process?.[2] ?? "",
    addresses: words.slice(own.length),
    protocol,
    description,
    conversation,
  };
}

/** Without the protocol column a row is told by a TCP summary, or by a frame number and two addresses with nothing but a time between them. */
function protocolAlone(line: string): RegExpExecArray | null {
  const found = ALONE.exec(line.slice(0, MAX_LEAD));
  if (!found) return null;
  return TCP_SUMMARY.test(line.slice(found.index)) || NUMBERED.test(line.slice(0, found.index)) ? found : null;
}

function lastBraces(description: string): string {
  return /\{[^{}]{0,200}\}\s*$/.exec(description.slice(-220))?.[0] ?? "";
}

function readTime(text: string): { clock: string; half: string; date: string; length: number } {
  const placeholder = PLACEHOLDER.exec(text);
  if (placeholder) return { clock: "", half: "", date: "", length: placeholder[0].length };
  const first = CLOCK_DATE.exec(text);
  if (first) return { clock: first[1]!, half: first[2] ?? "", date: first[3]!, length: first[0].length };
  const second = DATE_CLOCK.exec(text);
  if (second) return { clock: second[2]!, half: second[3] ?? "", date: second[1]!, length: second[0].length };
  const alone = CLOCK_ALONE.exec(text);
  return alone
    ? { clock: alone[1]!, half: alone[2] ?? "", date: "", length: alone[0].length }
    : { clock: "", half: "", date: "", length: 0 };
}
