import { TCP_INFO } from "./wireshark-info.ts";
import { type ColumnKind, type ListLayout, TIME_KINDS } from "./wireshark-titles.ts";

/** The cells of one row; `extras` are the custom columns that could be placed. */
export interface ListCells {
  readonly frame: string;
  readonly times: readonly { readonly kind: ColumnKind; readonly text: string }[];
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly info: string;
  readonly extras: readonly { readonly kind: ColumnKind; readonly text: string }[];
  /** Cells by field name, in a list of fields. */
  readonly fields?: ReadonlyMap<string, string>;
}

const ISO_TIME = String.raw`\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?Z?`;
const CLOCK_TIME = String.raw`\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?Z?`;
const SECONDS = String.raw`-?\d{1,10}(?:[.,]\d{1,9})?`;
const TIME = `(?:${ISO_TIME}|${CLOCK_TIME}|${SECONDS})`;
const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const IPV6 = String.raw`(?=[\da-fA-F:.]{2,45}(?:%\w{1,16})?\s)(?:[\da-fA-F]{0,4}:){2,7}(?:[\da-fA-F]{0,4}|${IPV4})(?:%\w{1,16})?`;
const LINK = String.raw`(?:[\da-fA-F]{2}:){5}[\da-fA-F]{2}|[\w.-]{2,40}_(?:[\da-fA-F]{2}:){2}[\da-fA-F]{2}|Broadcast|IPv[46]mcast_[\da-fA-F:]{2,11}|Spanning-tree-\S{1,40}`;
const HOST = `(?:${IPV4}|${IPV6}|${LINK})`;
const ARROW = String.raw`(?:(?:→|->|>)\s{1,4})?`;
const PROTOCOL = String.raw`(?:[A-Za-z][\w./+-]{0,30}|0x[\da-fA-F]{4}|802\.\d{1,2})`;
/** Where a row begins in a line: frame, one to four times, two addresses, protocol. A copied row may have lost the blank before the protocol. */
const ROW = new RegExp(
  String.raw`(?<![^\s>"])(\d{1,10})\s{1,20}((?:${TIME}\s{1,20}){1,4})(${HOST})\s{1,20}${ARROW}(${HOST})\s{0,20}(?<=\s|[\d.])(${PROTOCOL})(?=\s|$)`,
);
const ROWS = new RegExp(ROW, "g");
/** The same with host names, for lists that announce themselves or rows that are TCP beyond doubt. */
const NAMED_ROW = new RegExp(
  String.raw`^\s*(\d{1,10})\s{1,20}((?:${TIME}\s{1,20}){1,4})(\S{1,120})\s{1,20}${ARROW}(\S{1,120})\s{1,20}(${PROTOCOL})(?=\s|$)`,
);
/** tshark's own output, which keeps the arrow and the length also where a frame has no time or no addresses. */
export const ARROW_ROW = new RegExp(
  String.raw`^\s*(\d{1,10})\s{1,40}((?:${TIME}\s{1,40}){0,4})(?:(\S{1,120})\s{1,40})?→\s{1,40}(?:(\S{1,120})\s{1,40})?(${PROTOCOL})(?=\s+\d{1,6}(?:\s|$))`,
);
/** A line that begins like a row: the rest may have been wrapped to the next lines, or be damaged. */
export const ROW_LIKE = new RegExp(
  String.raw`^\s*\d{1,10}\s{1,20}(?:${TIME}\s{1,20}){0,3}(?:${ISO_TIME}|${CLOCK_TIME}|-?\d{1,10}[.,]\d{3,9})(?:\s|$)`,
);
const TIMES = new RegExp(TIME, "g");

/** The rows of a line that begin one after the other, and what stands before the first. */
export function splitRows(text: string): { before: string; rows: string[] } {
  const starts: number[] = [];
  let frame = -1;
  for (const found of text.matchAll(ROWS)) {
    // Inside a description a row cannot begin with an earlier frame.
    if (starts.length > 0 && Number(found[1]) <= frame) continue;
    if (isNetmonText(found[5]!, text.slice(found.index + found[0].length))) continue;
    frame = Number(found[1]);
    starts.push(found.index);
  }
  if (starts.length === 0) return { before: text, rows: [] };
  return { before: text.slice(0, starts[0]), rows: starts.map((start, i) => text.slice(start, starts[i + 1])) };
}

/** Network Monitor repeats the protocol in front of its descriptions: `TCP TCP:Flags=…`. */
function isNetmonText(protocol: string, rest: string): boolean {
  const after = rest.trimStart();
  return after.startsWith(`${protocol}:`) || after.startsWith(`${protocol.toUpperCase()}:`) || protocol.endsWith(":");
}

/** Cells of a row whose columns stand in the usual order, with blanks between; null if it is none. `named` admits host names. */
export function readSpacedRow(text: string, layout: ListLayout | null, named: boolean): ListCells | null {
  const usual = ROW.exec(text);
  const strict = usual && usual.index <= text.length - text.trimStart().length ? usual : null;
  const arrowed = !strict && text.includes("→") ? ARROW_ROW.exec(text) : null;
  const found = strict ?? arrowed ?? NAMED_ROW.exec(text);
  if (!found) return null;
  const rest = text.slice(found.index + found[0].length).trim();
  if (isNetmonText(found[5]!, rest)) return null;
  const loose = found !== strict && found !== arrowed;
  if (loose && !ROW_LIKE.test(text)) return null;
  if (loose && !named && !(found[5] === "TCP" && TCP_INFO.test(rest.replace(/^\d{1,6}\s+/, "")))) return null;
  const [, frame, times, source, destination, protocol] = found as unknown as string[];
  const timeKinds = layout?.separator === "blanks" ? layout.columns.filter((kind) => TIME_KINDS.has(kind)) : [];
  const timeTexts = times!.match(TIMES) ?? [];
  return {
    frame: frame!,
    times: timeTexts.map((time, i) => ({ kind: timeKinds.length === timeTexts.length ? timeKinds[i]! : "time", text: time })),
    source: source ?? "",
    destination: destination ?? "",
    protocol: protocol!,
    ...splitTail(rest, layout),
  };
}

const NUMBER_CELL = /^(?:0x[\da-fA-F]{1,8}(?:\s+\(\d{1,10}\))?|\d{1,10})(?=\s|$)/;

/** Custom columns between Protocol and Info. Empty ones leave no trace between blanks, so that only a full set, or one without the ACK number, can be placed. */
function splitTail(rest: string, layout: ListLayout | null): Pick<ListCells, "info" | "extras"> {
  const kinds =
    layout?.separator === "blanks" ? layout.columns.slice(layout.columns.indexOf("protocol") + 1).filter((kind) => kind !== "info") : null;
  const cells: string[] = [];
  let info = rest;
  for (let wanted = kinds?.length ?? 1; wanted > 0 && !TCP_INFO.test(info); wanted--) {
    const cell = NUMBER_CELL.exec(info);
    if (!cell || /^\s+(?:>|→|->)\s/.test(info.slice(cell[0].length))) break;
    cells.push(cell[0]);
    info = info.slice(cell[0].length).trimStart();
  }
  let placed: readonly ColumnKind[] = kinds ?? ["length"];
  if (cells.length === placed.length - 1) placed = placed.filter((kind) => kind !== "ack");
  if (cells.length !== placed.length) return { info, extras: [] };
  return { info, extras: cells.map((text, i) => ({ kind: placed[i]!, text })) };
}
