import { udpFlows } from "../tables/host-tables.ts";
import { processTraffic } from "../tables/process-tables.ts";
import { type Citation, locate, Table, type TableDeclaration, type TablePart, type Value } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";

export interface End {
  readonly ip: string | null;
  readonly port: number | null;
}

/** A flow of a capture or a kernel trace, with whatever its own source says of its process. */
export interface Flow {
  readonly protocol: "tcp" | "udp";
  readonly toldBy: "capture" | "trace";
  readonly local: End;
  readonly remote: End;
  readonly host: readonly string[] | null;
  readonly processId: number | null;
  readonly process: string | null;
  readonly start: bigint | null;
  readonly lines: readonly Citation[];
}

/** Flows of captures and kernel traces; `named` leaves out those whose own source says nothing of a process. */
export function* flowsOf(parts: readonly TablePart[], named: boolean): Generator<Flow> {
  for (const part of parts) {
    if (part.length === 0) continue;
    if (part.table === "process_traffic") yield* traced(part);
    else if (part.table === "tcp_connections") yield* captured(part, tcpConnections, "tcp", named);
    else if (part.table === "udp_flows") yield* captured(part, udpFlows, "udp", named);
  }
}

type Read = (column: string) => (row: number) => Value;

function reader(part: TablePart, declaration: TableDeclaration): Read {
  const table = new Table(declaration, [part]);
  return (column) => table.reader(column);
}

function* traced(part: TablePart): Generator<Flow> {
  const read = reader(part, processTraffic);
  const [host, protocol, id, start, lines] = [read("host"), read("protocol"), read("process_id"), read("start"), read("lines")];
  const [localIp, localPort, remoteIp, remotePort] = [read("local_ip"), read("local_port"), read("remote_ip"), read("remote_port")];
  for (let row = 0; row < part.length; row++) {
    yield {
      protocol: protocol(row) as "tcp" | "udp",
      toldBy: "trace",
      local: { ip: localIp(row) as string, port: localPort(row) as number },
      remote: { ip: remoteIp(row) as string, port: remotePort(row) as number },
      host: host(row) as readonly string[] | null,
      processId: id(row) as number | null,
      process: null,
      start: start(row) as bigint | null,
      lines: ((lines(row) as readonly number[] | null) ?? []).map((at) => locate(part, at)),
    };
  }
}

function* captured(part: TablePart, declaration: TableDeclaration, protocol: "tcp" | "udp", named: boolean): Generator<Flow> {
  const read = reader(part, declaration);
  const [id, process, start, frame, side] = [read("process_id"), read("process"), read("start"), read("first_frame"), sideOf(part, read)];
  const [clientIp, clientPort, serverIp, serverPort] = [read("client_ip"), read("client_port"), read("server_ip"), read("server_port")];
  for (let row = 0; row < part.length; row++) {
    const processId = id(row) as number | null;
    if (named && processId === null) continue;
    const client = { ip: clientIp(row) as string | null, port: clientPort(row) as number | null };
    const server = { ip: serverIp(row) as string | null, port: serverPort(row) as number | null };
    const [local, remote] = side(row) === "server" ? [server, client] : [client, server];
    yield {
      protocol,
      toldBy: "capture",
      local,
      remote,
      host: side(row) === null || local.ip === null ? null : [local.ip],
      processId,
      process: process(row) as string | null,
      start: start(row) as bigint | null,
      lines: typeof frame(row) === "number" ? [locate(part, frame(row) as number)] : [],
    };
  }
}

/** The end of each row that the capture was taken at, where its table says so. */
function sideOf(part: TablePart, read: Read): (row: number) => Value {
  return part.columns.side ? read("side") : () => null;
}
