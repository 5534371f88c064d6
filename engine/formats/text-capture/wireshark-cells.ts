import type { ListCells } from "./wireshark-columns.ts";
import { type ColumnKind, type ListLayout, splitCells, TIME_KINDS } from "./wireshark-titles.ts";

/** A date as frame.time prints it has a comma of its own: `Jan  6, 2013 09:52:15.407000000 UTC`. */
const HALF_DATE = /^[A-Z][a-z]{2}\s+\d{1,2}$/;

/** The cells of a line by the titles seen; null if it is no row. `next` is the number of a row in a list without frame numbers. */
export function readTitledRow(text: string, layout: ListLayout, next: number): ListCells | null {
  const { separator, quote, columns, fields } = layout;
  if (separator === "blanks" || !text.includes(separator)) return null;
  const cells = rejoined(splitCells(fields ? text : text.trimEnd(), separator, quote), layout);
  return fields ? readFieldRow(cells, layout, next) : readSeparatedRow(cells, columns);
}

/** Wireshark notes a duplicate acknowledgement twice in the same frame. */
const NOTED_TWICE = "tcp.analysis.duplicate_ack";

/** A line that begins like a row of a list of fields, whatever `readTitledRow` makes of it. */
export function isLikeFieldRow(text: string, { separator, fields }: ListLayout): boolean {
  const frame = fields && /^(["']?)\d{1,10}\1/.exec(text);
  return Boolean(frame && text[frame[0].length] === separator);
}

/** Cells of which one was cut at separators of its own, because nothing is quoted: a date, a field with two values, the description. */
function rejoined(cells: string[], { separator, columns, fields }: ListLayout): string[] {
  const join = (at: number, count: number) => cells.splice(at, count, cells.slice(at, at + count).join(separator));
  if (separator === "," && cells.length > columns.length) {
    const date = columns.findIndex((kind, i) => kind === "time" && HALF_DATE.test(cells[i] ?? ""));
    if (date >= 0) join(date, 2);
    const noted = fields?.indexOf(NOTED_TWICE) ?? -1;
    if (cells.length > columns.length && noted >= 0 && cells[noted] === "1" && cells[noted + 1] === "1") join(noted, 2);
  }
  const info = columns.indexOf("info");
  if (cells.length > columns.length && info >= 0) join(info, cells.length - columns.length + 1);
  return cells;
}

/** Cells of a row by the columns of its list; null if it has too few or its frame is no number. */
export function readSeparatedRow(cells: readonly string[], columns: readonly ColumnKind[]): ListCells | null {
  if (cells.length < columns.length - 1) return null;
  return cellsByColumn(cells, columns);
}

/** A row of a list of fields: cells that are missing at its end are empty ones; without a column of frame numbers it gets the next one. */
function readFieldRow(cells: readonly string[], { columns, fields }: ListLayout, next: number): ListCells | null {
  const numbered = columns.includes("frame");
  if (cells.length > columns.length || (!numbered && cells.length < columns.length)) return null;
  const found = numbered ? cellsByColumn(cells, columns) : cellsByColumn([String(next), ...cells], ["frame", ...columns]);
  if (!found) return null;
  return { ...found, fields: new Map(fields!.map((name, i) => [name, (cells[i] ?? "").trim()])) };
}

/** Null if the frame is no number. */
function cellsByColumn(cells: readonly string[], columns: readonly ColumnKind[]): ListCells | null {
  const cell = (kind: ColumnKind) => {
    for (const [i, column] of columns.entries()) if (column === kind && cells[i]?.trim()) return cells[i]!.trim();
    return "";
  };
  if (!/^\d{1,10}$/.test(cell("frame"))) return null;
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
