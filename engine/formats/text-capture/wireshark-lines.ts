import { isLikeFieldRow, readSeparatedRow, readTitledRow } from "./wireshark-cells.ts";
import { type ListCells, ROW_LIKE, readSpacedRow, splitRows } from "./wireshark-columns.ts";
import type { WiresharkRows } from "./wireshark-rows.ts";
import { type ColumnKind, readTitles, splitCells } from "./wireshark-titles.ts";

/** Lines joined to one row before it is given up. */
const MAX_JOINED = 4;
/** Characters a joined row can have. */
const MAX_ROW = 4096;
const TIME_CELL = /^(?:\d{4}-\d{2}-\d{2}[ T])?(?:\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?Z?|-?\d{1,10}(?:[.,]\d{1,9})?)$/;
/** How the rest of a TCP row can begin. */
const REST_OF_ROW =
  /^\s*(?:(?:Seq|Ack|Win|Len|Urg|MSS|WS|TSval|TSecr|TSV|TSER|SLE|SRE)=\d|SACK_PERM|\[(?:TCP|SYN|ACK|PSH|FIN|RST)\b|(?:SYN|ACK|PSH|FIN|RST|URG|ECN|CWR)[\],])/;

/** A row of a CSV export without titles: `"1","0.000000","10.0.0.1","10.0.0.2","TCP","66","…"`; null if the line is none. */
export function readQuotedRow(text: string): ListCells | null {
  const separator = /^\s*"\d{1,10}"([,;\t])"/.exec(text)?.[1];
  if (separator === undefined) return null;
  const cells = splitCells(text.trim(), separator);
  let times = 0;
  while (times < 4 && TIME_CELL.test(cells[1 + times] ?? "")) times++;
  if (times === 0 || cells.length < times + 5) return null;
  const before: ColumnKind[] = ["frame", ...new Array<ColumnKind>(times).fill("time"), "source", "destination", "protocol"];
  const between = cells.length - before.length - 1;
  return readSeparatedRow(cells, [
    ...before,
    ...Array.from({ length: between }, (_, i): ColumnKind => (between === 1 && i === 0 ? "length" : "other")),
    "info",
  ]);
}

/** Puts rows together that stand several in a line or were wrapped to several lines, and knows title rows. */
export class RowJoiner {
  private readonly rows: WiresharkRows;
  private pending = "";
  private joined = 0;
  private quoted = false;

  constructor(rows: WiresharkRows) {
    this.rows = rows;
  }

  line(raw: string): void {
    const text = this.unquoted(raw);
    if (text.trim() === "") {
      this.flush();
      return;
    }
    if (this.separated(text)) return;
    const { before, rows } = splitRows(text);
    if (rows.length === 0) this.unsplit(text);
    else {
      this.lead(before);
      for (const row of rows) {
        this.flush();
        this.pending = row;
      }
    }
  }

  /** The line without the marks a mail program puts before quoted text. */
  private unquoted(raw: string): string {
    if (!raw.startsWith(">")) {
      this.quoted = false;
      return raw;
    }
    const text = raw.replace(/^(?:>\s?){1,8}/, "");
    // An arrow wrapped to the next line also begins with the sign.
    this.quoted ||= this.pending === "" || /^\s*["\dN]/.test(text);
    return this.quoted ? text : raw;
  }

  /** A row in cells, by the titles seen or by its quotes. */
  private separated(text: string): boolean {
    const { layout } = this.rows;
    const cells = (layout && readTitledRow(text, layout, this.rows.log.count + 1)) ?? readQuotedRow(text);
    if (!cells && !(layout && isLikeFieldRow(text, layout))) return false;
    this.flush();
    if (!cells) {
      this.rows.unread(text, true);
      return true;
    }
    this.rows.add(cells);
    return true;
  }

  /** What stands in front of the first row of a line: titles, the end of a wrapped row, or words. */
  private lead(before: string): void {
    if (before.trim() === "") return;
    if (this.continues(before)) this.pending += ` ${before.trim()}`;
    this.flush();
    this.titles(before);
  }

  private unsplit(text: string): void {
    if (this.continues(text)) {
      this.pending += ` ${text.trim()}`;
      this.joined++;
      // A row whose addresses were wrapped away becomes one now; it may be followed by more.
      return;
    }
    this.flush();
    if (this.titles(text)) return;
    if (ROW_LIKE.test(text) || readSpacedRow(text, this.rows.layout, this.rows.layout !== null)) this.pending = text;
    else this.rows.interrupt(text);
  }

  private titles(text: string): boolean {
    const layout = readTitles(text);
    if (layout) this.rows.layout = layout;
    this.rows.interrupt(text);
    return layout !== null;
  }

  private continues(text: string): boolean {
    if (this.pending === "" || this.joined >= MAX_JOINED || this.pending.length + text.length > MAX_ROW) return false;
    if (this.pending.lastIndexOf("[") > this.pending.lastIndexOf("]") || REST_OF_ROW.test(text)) return true;
    const whole = readSpacedRow(this.pending, this.rows.layout, this.rows.layout !== null);
    if (!whole) return !ROW_LIKE.test(text) && readTitles(text) === null;
    return whole.info === "" && /^\s*\S+\s+(?:>|→|->)\s+\S+\s+\[/.test(text);
  }

  flush(): void {
    const text = this.pending;
    this.pending = "";
    this.joined = 0;
    if (text === "") return;
    const cells = readSpacedRow(text, this.rows.layout, this.rows.layout !== null);
    if (cells) this.rows.add(cells);
    else this.rows.unread(text);
  }
}
