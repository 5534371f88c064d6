/** Process lists whose columns a header names: PowerShell, wmic and ps. Property names are the same in every display language. */

export interface ListedProcess {
  readonly processId: number;
  readonly name: string;
}

/** Reads rows below a header. */
export type RowReader = (line: string) => ListedProcess | null;

const MAX_NAME = 260;

/**
 * A reader of the rows below a header line, with the line that follows it where that underlines the titles, as PowerShell does; null
 * if the header is not a process list's.
 */
export function readerBelow(header: string, next: string): RowReader | null {
  if (header.length > 1000 || next.length > 1000) return null;
  const titles = [...header.matchAll(/\S+/g)].map((match) => ({ text: match[0].toLowerCase(), start: match.index }));
  const has = (...names: string[]) => titles.findIndex(({ text }) => names.includes(text));
  const unix = has("pid");
  const last = titles.at(-1)?.text;
  if (unix >= 0 && (last === "cmd" || last === "command") && titles.length >= 2) return unixReader(unix, titles.length);
  const [id, name] = [has("id", "processid"), has("processname", "name", "caption")];
  if (id < 0 || name < 0) return null;
  if (/^[\s-]+$/.test(next) && next.includes("--")) return underlinedReader(next, id, name, titles.length);
  return has("processid") >= 0 ? fixedReader(titles, id, name) : null;
}

/** `ps -ef`, `ps aux`: the command is the last column and may hold blanks. */
function unixReader(id: number, count: number): RowReader {
  return (line) => {
    const words = line.trim().split(/\s+/);
    if (words.length < count) return null;
    return listed(words[id]!, words[count - 1]!.replace(/^.*\//, "").replace(/:$/, ""));
  };
}

/** PowerShell: a cell belongs to the column whose underlining it stands above or reaches into. */
function underlinedReader(ruler: string, id: number, name: number, count: number): RowReader {
  const spans = [...ruler.matchAll(/-+/g)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  return (line) => {
    const words = [...line.matchAll(/\S+/g)];
    // Blanks that a mail collapsed leave no columns, but the order of the cells.
    if (spans.length !== count) return null;
    const cell = (column: number) => {
      const { start, end } = spans[column]!;
      return words
        .filter((word) => word.index < end && word.index + word[0].length > start)
        .map((word) => word[0])
        .join(" ");
    };
    const nameToEnd = name === count - 1 ? line.slice(spans[name]!.start).trim() : cell(name);
    return listed(cell(id), nameToEnd) ?? (words.length === count ? listed(words[id]![0], words[name]![0]) : null);
  };
}

/** wmic: columns start where their titles do. */
function fixedReader(titles: readonly { readonly start: number }[], id: number, name: number): RowReader {
  const slice = (line: string, column: number) => line.slice(titles[column]!.start, titles[column + 1]?.start).trim();
  return (line) => {
    const words = line.trim().split(/\s+/);
    return listed(slice(line, id), slice(line, name)) ?? (words.length === titles.length ? listed(words[id]!, words[name]!) : null);
  };
}

function listed(id: string, name: string): ListedProcess | null {
  return /^\d{1,10}$/.test(id) && name !== "" && name.length <= MAX_NAME ? { processId: Number(id), name } : null;
}

/** A reader of comma-separated rows below a header of property names; null if the header is not a process list's. */
export function csvReader(header: string): RowReader | null {
  const titles = csvCells(header).map((title) => title.toLowerCase());
  const id = titles.findIndex((title) => title === "id" || title === "processid");
  const name = titles.findIndex((title) => title === "processname" || title === "name" || title === "caption");
  if (titles.length < 2 || id < 0 || name < 0) return null;
  return (line) => {
    const cells = line.length > 20_000 ? [] : csvCells(line);
    return cells.length > Math.max(id, name) ? listed(cells[id]!, cells[name]!) : null;
  };
}

/** Cells with or without quotation marks. */
function csvCells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,"]*))(?=,|\s*$)/g)].map((match) => (match[1] ?? match[2]!).trim());
}
