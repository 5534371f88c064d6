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

export const TIME_KINDS: ReadonlySet<ColumnKind> = new Set(["time", "since_start", "since_previous", "epoch"]);

/** What stands between the cells of a list: one character, or blanks as many as it takes. */
export type Separator = "blanks" | "\t" | "," | ";" | "|" | " ";

export interface ListLayout {
  readonly separator: Separator;
  /** The mark around cells that hold the separator. */
  readonly quote: '"' | "'";
  readonly columns: readonly ColumnKind[];
  /** Names of the columns in lower case where all of them are field names, as `tshark -T fields -E header=y` prints them; otherwise null. */
  readonly fields: readonly string[] | null;
}

/** Fields of the TCP and UDP header, which `readFields` reads by their names. */
const READ_AS_FIELDS = /^(?:tcp|udp)\.(?!stream$|time_)/;

/** Columns of a title row, or null if the text is none. It may stand in front of rows in the same line. */
export function readTitles(text: string): ListLayout | null {
  const fields = readFieldNames(text);
  if (fields) return fields;
  if (text.length > 2000 || !/\b(?:No\.|Nr\.|No|frame\.number)(?=["\s,;])/.test(text)) return null;
  const separated = splitTitles(text);
  const columns = separated.titles.map((title): ColumnKind => KIND_OF_TITLE.get(title.trim().toLowerCase()) ?? "other");
  const has = (kind: ColumnKind) => columns.includes(kind);
  return has("frame") && has("source") && has("destination") && (has("info") || has("protocol"))
    ? { separator: separated.separator, quote: '"', columns, fields: null }
    : null;
}

function splitTitles(text: string): { separator: Separator; titles: string[] } {
  if (text.includes("\t")) return { separator: "\t", titles: splitCells(text, "\t") };
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
  return { separator: "blanks", titles };
}

/** One field's name and what stands behind it: the separator. */
const FIELD_NAMES = /^(["']?)([A-Za-z_]\w*(?:\.\w+)+\.?)\1([\t,;| ])/;
const FIELD_NAME = /^[A-Za-z_]\w*(?:\.\w+)+\.?$/;

/** The header line of a list of fields: nothing but field names, among them those of both addresses. */
function readFieldNames(text: string): ListLayout | null {
  if (text.length > 8000) return null;
  const line = text.trim();
  const first = FIELD_NAMES.exec(line);
  if (!first) return null;
  const [separator, quote] = [first[3] as Separator, first[1] === "'" ? "'" : '"'] as const;
  const names = splitCells(line, separator, quote).map((name) => name.trim());
  if (!names.every((name) => FIELD_NAME.test(name))) return null;
  const fields = names.map((name) => name.toLowerCase());
  const columns = fields.map((name): ColumnKind => (READ_AS_FIELDS.test(name) ? "other" : (KIND_OF_TITLE.get(name) ?? "other")));
  return columns.includes("source") && columns.includes("destination") ? { separator, quote, columns, fields } : null;
}

/** Cells of a line with one-character separators; a quoted cell keeps separators, and doubled quotes stand for one. */
export function splitCells(text: string, separator: string, quoteMark: '"' | "'" = '"'): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text[at] === quoteMark) {
      let [cell, end] = ["", at + 1];
      for (;;) {
        const quote = text.indexOf(quoteMark, end);
        if (quote < 0) {
          cells.push(cell + text.slice(end));
          return cells;
        }
        cell += text.slice(end, quote);
        end = quote + 1;
        if (text[end] !== quoteMark) break;
        cell += quoteMark;
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
