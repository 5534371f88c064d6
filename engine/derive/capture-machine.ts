import { Table, type TablePart } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";
import type { Side } from "./capture-side.ts";

/** The machine a capture was taken on, by the side of its connections: the one address that is never at the other end. Null where several could be. */
export function machineAt(connections: TablePart, sides: readonly (Side | null)[]): readonly string[] | null {
  const table = new Table(tcpConnections, [connections]);
  if (table.length === 0) return null;
  const [client, server] = [table.reader("client_ip"), table.reader("server_ip")];
  const [near, far] = [new Set<string>(), new Set<string>()];
  for (const [row, side] of sides.entries()) {
    if (side !== "client" && side !== "server") continue;
    near.add(String((side === "client" ? client : server)(row) ?? ""));
    far.add(String((side === "client" ? server : client)(row) ?? ""));
  }
  const [address, ...others] = [...near].filter((one) => one !== "" && !far.has(one));
  return address === undefined || others.length > 0 ? null : [address];
}
