import type { Citation, Table, Value } from "../tables/table.ts";
import type { FlowKey } from "./quote.ts";

/** A session that is to be drawn, at one capture point or at both. */
export interface CitedSession {
  readonly title: string;
  /** Client side first. */
  readonly points: readonly { readonly source: number; readonly side: "client" | "server" | "middle" | null; readonly key: FlowKey }[];
  /** Citations of the row by column: what was lost, what nobody sent. */
  readonly lost: readonly Citation[];
  readonly foreign: readonly Citation[];
  readonly cited: readonly Citation[];
}

/** Citation columns whose frames left their sender and never arrived, by table; of a pair only where one side alone shows it. */
const LOST_COLUMNS: Readonly<Record<string, string>> = { lost_segments: "sent_frames", session_pairs: "frames" };
/** Citation columns that hold resets nobody sent, beside what they answered. */
const FOREIGN_COLUMNS: Readonly<Record<string, string>> = { foreign_resets: "reset_frames" };
const SESSION_COLUMNS = ["client_ip", "client_port", "server_ip", "server_port"];

/** The session a row is about; null where the row names no complete pair of addresses and ports. */
export function citedSession(
  table: Table,
  row: number,
  sideOf: (source: number) => "client" | "server" | "middle" | null,
): CitedSession | null {
  const { columns, name } = table.declaration;
  const cited = Object.keys(columns).flatMap((column) => (isCitation(columns[column]!.type) ? table.cited(row, column) : []));
  const outer = flowKey(table, row, "");
  if (!outer) return null;
  const title = `${outer.clientIp}:${outer.clientPort} → ${outer.serverIp}:${outer.serverPort}`;
  const own = table.citation(row);
  const ofSession = (column: string | undefined) =>
    column === undefined ? [] : sameSession(table, row).flatMap((other) => table.cited(other, column));
  if (!columns.inner_client_ip) {
    const source = own?.source ?? cited[0]?.source;
    if (source === undefined) return null;
    const side = columns.side ? (table.value(row, "side") as "client" | "server" | "middle" | null) : sideOf(source);
    return { title, points: [{ source, side, key: outer }], lost: [], foreign: [], cited: own ? [own, ...cited] : cited };
  }
  const inner = flowKey(table, row, "inner_");
  const sources = [...new Set(cited.map((citation) => citation.source))].sort((a, b) => rank(sideOf(a)) - rank(sideOf(b)) || a - b);
  const points = sources
    .slice(0, 2)
    .map((source) => ({ source, side: sideOf(source), key: sideOf(source) === "server" && inner ? inner : outer }));
  return {
    title:
      inner && inner.clientIp !== outer.clientIp
        ? `${title} (behind NAT ${inner.clientIp}:${inner.clientPort} → ${inner.serverIp}:${inner.serverPort})`
        : title,
    points,
    lost: columns.seen_at && table.value(row, "seen_at") === "both" ? [] : ofSession(LOST_COLUMNS[name]),
    foreign: ofSession(FOREIGN_COLUMNS[name]),
    cited,
  };
}

/** Rows of the table about the same session: a ladder shows all that befell it. */
function sameSession(table: Table, row: number): number[] {
  const readers = SESSION_COLUMNS.map((column) => table.reader(column));
  const wanted = readers.map((read) => read(row));
  return Array.from({ length: table.length }, (_, other) => other).filter((other) =>
    readers.every((read, index) => read(other) === wanted[index]),
  );
}

function isCitation(type: string): boolean {
  return type === "frame" || type === "frames" || type === "citations";
}

function rank(side: "client" | "server" | "middle" | null): number {
  return side === "client" ? 0 : side === "server" ? 2 : 1;
}

function flowKey(table: Table, row: number, prefix: "" | "inner_"): FlowKey | null {
  const read = (column: string): Value => (table.declaration.columns[prefix + column] ? table.value(row, prefix + column) : null);
  const [clientIp, clientPort, serverIp, serverPort] = [read("client_ip"), read("client_port"), read("server_ip"), read("server_port")];
  if (typeof clientIp !== "string" || typeof serverIp !== "string" || typeof clientPort !== "number" || typeof serverPort !== "number")
    return null;
  return { clientIp, clientPort, serverIp, serverPort };
}
