import { TCP_INFO } from "./wireshark-info.ts";

/** What a column of a packet list holds. `other` is read past. */
export type ColumnKind =
  | "frame"
  | "time"
  | "since_start"
  | "since_previous"
  | "epoch"
  | "source"
  | "destination"
  | "protocol"
  | "length"
  | "info"
  | "source_port"
  | "destination_port"
  | "seq"
  | "ack"
  | "window"
  | "tcp_length"
  | "flags"
  | "ip_id"
  | "stream"
  | "other";

/** Titles of columns and names of fields (`tshark -T fields -E header=y`), in lower case. */
const TITLES: Readonly<Partial<Record<ColumnKind, string>>> = {
  frame: "no.|no|nr.|number|frame|frame.number|_ws.col.number|_ws.col.no.|frame number",
  time: "time|_ws.col.time|utc time|absolute time|arrival time|date/time|frame.time|frame.time_utc|time of day",
  since_start:
    "time since|relative time|time since start|time since reference|time since reference or first frame|frame.time_relative|rel. time",
  since_previous:
    "delta|delta time|time delta|time delta displayed|delta time displayed|time since previous|frame.time_delta|frame.time_delta_displayed|delta (conversation)|tcp.time_delta",
  epoch: "epoch time|epoch|frame.time_epoch",
  source: "source|src|source address|ip.src|ipv6.src|_ws.col.source|_ws.col.def_src|ip.src_host",
  destination: "destination|dst|dest|destination address|ip.dst|ipv6.dst|_ws.col.destination|_ws.col.def_dst|ip.dst_host",
  protocol: "protocol|_ws.col.protocol|proto",
  length: "length|frame.len|packet length|packet length (bytes)|_ws.col.length|_ws.col.packet_length|size|bytes",
  info: "info|information|_ws.col.info",
  source_port: "s-port|source port|src port|srcport|sport|tcp.srcport|src port (unresolved)|source port (unresolved)|_ws.col.res_src_port",
  destination_port:
    "d-port|destination port|dest port|dst port|dstport|dport|tcp.dstport|dest port (unresolved)|destination port (unresolved)",
  seq: "sequence|seq|seq.|sequence number|seq number|tcp.seq|tcp.seq_raw|tcp seq",
  ack: "ack number|ack|ack.|acknowledgment number|acknowledgement number|tcp ack|tcp.ack|tcp.ack_raw",
  window: "tcp win|win|window|window size|window size value|calculated window size|tcp.window_size|tcp.window_size_value",
  tcp_length: "tcp len|len|tcp length|tcp segment len|segment length|tcp.len|payload length",
  flags: "flags|tcp flags|tcp.flags",
  ip_id: "identification|ip id|ip.id|ipid",
  stream: "stream|stream index|tcp stream|tcp.stream|stream id",
};

const KIND_OF_TITLE: ReadonlyMap<string, ColumnKind> = new Map(
  Object.entries(TITLES).flatMap(([kind, titles]) => titles.split("|").map((title): [string, ColumnKind] => [title, kind as ColumnKind])),
);

/** How the cells of a list are told apart. */
export type Separator = "space" | "tab" | "," | ";";

export interface ListLayout {
  readonly separator: Separator;
  readonly columns: readonly ColumnKind[];
}

/** The cells of one row; `extras` are the custom columns that could be placed. */
export interface ListCells {
  readonly frame: string;
  readonly times: readonly { readonly kind: ColumnKind; readonly text: string }[];
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly info: string;
  readonly extras: readonly { readonly kind: ColumnKind; readonly text: string }[];
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

/** Columns of a title row, or null if the text is none. It may stand in front of rows in the same line. */
export function readTitles(text: string): ListLayout | null {
  if (text.length > 2000 || !/\b(?:No\.|Nr\.|No|frame\.number)(?=["\s,;])/.test(text)) return null;
  const separated = splitTitles(text);
  const columns = separated.titles.map((title): ColumnKind => KIND_OF_TITLE.get(title.trim().toLowerCase()) ?? "other");
  const has = (kind: ColumnKind) => columns.includes(kind);
  return has("frame") && has("source") && has("destination") && (has("info") || has("protocol"))
    ? { separator: separated.separator, columns }
    : null;
}

function splitTitles(text: string): { separator: Separator; titles: string[] } {
  if (text.includes("\t")) return { separator: "tab", titles: splitCells(text, "\t") };
  for (const separator of [",", ";"] as const) {
    if (text.split(separator).length >= 4) return { separator, titles: splitCells(text, separator) };
  }
  const start = text.search(/\b(?:No\.|Nr\.|No|frame\.number)\s/);
  const words = text.slice(Math.max(0, start)).trim().split(/\s+/);
  const titles: string[] = [];
  // Titles have blanks themselves: the longest run of words that is a title.
  for (let at = 0; at < words.length; ) {
    let take = Math.min(4, words.length - at);
    while (
      take > 1 &&
      !KIND_OF_TITLE.has(
        words
          .slice(at, at + take)
          .join(" ")
          .toLowerCase(),
      )
    )
      take--;
    titles.push(words.slice(at, at + take).join(" "));
    at += take;
    if (KIND_OF_TITLE.get(titles[titles.length - 1]!.toLowerCase()) === "info") break;
  }
  return { separator: "space", titles };
}

/** Cells of a line with one-character separators; a quoted cell keeps separators, and doubled quotes stand for one. */
export function splitCells(text: string, separator: string): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text[at] === '"') {
      let [cell, end] = ["", at + 1];
      for (;;) {
        const quote = text.indexOf('"', end);
        if (quote < 0) {
          cells.push(cell + text.slice(end));
          return cells;
        }
        cell += text.slice(end, quote);
        end = quote + 1;
        if (text[end] !== '"') break;
        cell += '"';
        end++;
      }
      cells.push(cell);
      at = end + 1;
      if (end >= text.length) return cells;
    } else {
      const end = text.indexOf(separator, at);
      if (end < 0) {
        cells.push(text.slice(at));
        return cells;
      }
      cells.push(text.slice(at, end));
      at = end + 1;
    }
  }
  return cells;
}

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
  const timeKinds = layout?.separator === "space" ? layout.columns.filter((kind) => TIME_KINDS.has(kind)) : [];
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

const TIME_KINDS: ReadonlySet<ColumnKind> = new Set(["time", "since_start", "since_previous", "epoch"]);
const NUMBER_CELL = /^(?:0x[\da-fA-F]{1,8}(?:\s+\(\d{1,10}\))?|\d{1,10})(?=\s|$)/;

/** Custom columns between Protocol and Info. Empty ones leave no trace between blanks, so that only a full set, or one without the ACK number, can be placed. */
function splitTail(rest: string, layout: ListLayout | null): Pick<ListCells, "info" | "extras"> {
  const kinds =
    layout?.separator === "space" ? layout.columns.slice(layout.columns.indexOf("protocol") + 1).filter((kind) => kind !== "info") : null;
  const cells: string[] = [];
  let info = rest;
  for (let wanted = kinds?.length ?? 1; wanted > 0 && !TCP_INFO.test(info); wanted--) {
    const cell = NUMBER_CELL.exec(info);
    if (!cell || /^\s+(?:>|→|->|&gt;)\s/.test(info.slice(cell[0].length))) break;
    cells.push(cell[0]);
    info = info.slice(cell[0].length).trimStart();
  }
  let placed: readonly ColumnKind[] = kinds ?? ["length"];
  if (cells.length === placed.length - 1) placed = placed.filter((kind) => kind !== "ack");
  if (cells.length !== placed.length) return { info, extras: [] };
  return { info, extras: cells.map((text, i) => ({ kind: placed[i]!, text })) };
}

/** Cells of a row by the columns of its list; null if it has too few or its frame is no number. */
export function readSeparatedRow(cells: readonly string[], columns: readonly ColumnKind[]): ListCells | null {
  const cell = (kind: ColumnKind) => {
    for (const [i, column] of columns.entries()) if (column === kind && cells[i]?.trim()) return cells[i]!.trim();
    return "";
  };
  if (!/^\d{1,10}$/.test(cell("frame")) || cells.length < columns.length - 1) return null;
  const texts = columns.map((kind, i) => ({ kind, text: (cells[i] ?? "").trim() })).filter(({ text }) => text !== "");
  return {
    frame: cell("frame"),
    times: texts.filter(({ kind }) => TIME_KINDS.has(kind)),
    source: cell("source"),
    destination: cell("destination"),
    protocol: cell("protocol"),
    info: cell("info"),
    extras: texts.filter(({ kind }) => !TIME_KINDS.has(kind)),
  };
}
