/** One row of `tasklist`. */
export interface TaskEntry {
  readonly name: string;
  readonly processId: number;
  /** Services of `/svc`; null where the row has none to show. */
  readonly services: readonly string[] | null;
}

/** `4,324 K`, `4.324 K`, `4 324 Ko`, `4 324 КБ`: memory in use. */
const MEMORY = String.raw`\d{1,3}(?:[.,'’\u00a0\u202f ]?\d{3})*\s(?:K(?![\p{L}.])|Ko(?!\p{L})|KB(?!\p{L})|КБ|кБ)`;
/** Name, process id, session, its number and memory. The session has no name in the list of another machine. */
const DEFAULT_ROW = new RegExp(
  String.raw`^\s*(?<name>\S(?:.{0,60}?\S)?)\s+(?<id>\d{1,10})(?:\s+(?<session>[\p{L}\d][\p{L}\d#-]{0,24}))?\s+\d{1,6}\s+${MEMORY}(?:\s+\S.*)?$`,
  "u",
);
/** The same rows run together where a copy lost the line ends: the K of one is glued to the name of the next. */
const GLUED_ROW =
  /(?<name>[A-Za-z][\w.-]{0,59}\.[A-Za-z]{3})\s+(?<id>\d{1,10})\s+(?:[A-Za-z][\w#-]{0,24}\s+)?\d{1,6}\s+\d{1,3}(?:[.,]\d{3})*\sK/g;
/** `/svc`: name, process id, services; the name ends in .exe, or nothing would tell it from prose. */
const SERVICES_ROW = /^\s*(?<name>\S(?:.{0,60}?\S)?\.exe)\s+(?<id>\d{1,10})\s+(?<services>[\w$.-]{2,80}(?:,\s?[\w$.-]{2,80})*,?)\s*$/i;

/** Rows of a `tasklist` table in a line: one, or several where line ends were lost. */
export function readTaskRows(line: string): TaskEntry[] {
  if (!/\d\sK|КБ|кБ/.test(line)) return [];
  if (line.length > 250) return gluedRows(line);
  const glued = line.length > 60 ? gluedRows(line) : [];
  if (glued.length > 1) return glued;
  const fields = DEFAULT_ROW.exec(line)?.groups;
  return fields ? [{ name: fields.name!, processId: Number(fields.id), services: null }] : glued;
}

function gluedRows(line: string): TaskEntry[] {
  const rows: TaskEntry[] = [];
  for (const { groups } of line.matchAll(GLUED_ROW)) rows.push({ name: groups!.name!, processId: Number(groups!.id), services: null });
  return rows;
}

/** A row of `tasklist /svc` that shows services. */
export function readServicesRow(line: string): TaskEntry | null {
  const fields = line.length > 1000 ? undefined : SERVICES_ROW.exec(line)?.groups;
  if (!fields || /\.(?:dll|exe|sys)\b/i.test(fields.services!)) return null;
  return { name: fields.name!, processId: Number(fields.id), services: serviceNames(fields.services!) };
}

/** Names between commas; the words that say there are none are no names. */
export function serviceNames(text: string): string[] | null {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names.length === 0 || (names.length === 1 && !/^[\w$.-]{2,80}$/.test(names[0]!)) || /^N\/A$/i.test(names[0]!) ? null : names;
}

/** A row of `tasklist /fo csv`, with or without `/svc` or `/v`; null if it is none. */
export function readCsvRow(line: string): TaskEntry | null {
  if (line.length > 2000 || !/^\s*"/.test(line)) return null;
  const cells = [...line.matchAll(/"([^"]*)"(?:,|\s*$)/g)].map((match) => match[1]!.trim());
  const [name = "", id = ""] = cells;
  if (!/^\d{1,10}$/.test(id) || name === "" || /^\d+$/.test(name)) return null;
  const memory = new RegExp(`^${MEMORY}$`, "u");
  if (cells.length >= 5 && memory.test(cells[4]!)) return { name, processId: Number(id), services: null };
  if (cells.length !== 3 || !/\.\w{3}$|^System\b/i.test(name)) return null;
  return { name, processId: Number(id), services: serviceNames(cells[2]!) };
}
