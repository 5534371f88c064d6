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

/** Citation columns whose frames left their sender and never arrived, and those nobody sent. */
const LOST_COLUMNS = ["sent_frames"];
const FOREIGN_COLUMNS = ["reset_frames"];

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
  const of = (wanted: readonly string[]) => wanted.flatMap((column) => (columns[column] ? table.cited(row, column) : []));
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
    lost: name === "lost_segments" ? of(LOST_COLUMNS) : [],
    foreign: name === "foreign_resets" ? of(FOREIGN_COLUMNS) : [],
    cited,
  };
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
