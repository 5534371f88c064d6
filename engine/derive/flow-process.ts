import type { Coverage } from "../tables/coverage.ts";
import { flowProcesses as declaration } from "../tables/process-tables.ts";
import { type Citation, TableBuilder, type TablePart, type Value } from "../tables/table.ts";
import { type Flow, flowsOf } from "./flows-with-ends.ts";
import { ProcessNames } from "./process-names.ts";
import { SocketOwners } from "./socket-owners.ts";

/** Flows joined to a process that are listed. */
const MAX_ROWS = 100_000;

/**
 * Joins flows to processes. A capture by Network Monitor and a kernel trace tell the process id themselves; for other captures a
 * list of sockets does, where it shows the very endpoints of the flow. A list of processes of the same machine tells the name.
 */
export function flowProcesses(
  parts: readonly TablePart[],
  coverage: readonly Coverage[],
): { readonly parts: readonly TablePart[]; readonly coverage: readonly Coverage[] } {
  const owners = new SocketOwners(parts);
  const names = new ProcessNames(parts, coverage);
  const rows = new TableBuilder(declaration);
  let compared = false;
  for (const flow of flowsOf(parts, owners.empty)) {
    const owner = flow.processId === null ? owners.of(flow) : null;
    compared ||= owner === null && flow.processId === null && owners.speakFor(flow);
    const processId = flow.processId ?? owner?.processId ?? null;
    // Where the id is 0 the kernel was at work for nobody in particular.
    if (processId === null || processId === 0 || rows.length >= MAX_ROWS) continue;
    rows.append(
      rowOf(owner ? { ...flow, ...owner.ends, host: owner.host, process: owner.process } : flow, processId, owner?.at ?? null, names),
      0,
    );
  }
  const found = rows.build(-1, "record");
  return { parts: found.length > 0 ? [found] : [], coverage: compared || found.length > 0 ? [ground(owners.source)] : [] };
}

function rowOf(flow: Flow, processId: number, socket: Citation | null, names: ProcessNames): Record<string, Value> {
  const listed = names.of(flow.host, processId);
  const process = flow.process ?? listed.name;
  const ends = `${flow.protocol.toUpperCase()} ${end(flow.local)} to ${end(flow.remote)}`;
  return {
    host: flow.host,
    protocol: flow.protocol,
    process_id: processId,
    process,
    named: process !== null ? true : listed.whole ? false : null,
    told_by: socket ? "sockets" : flow.toldBy,
    local_ip: flow.local.ip,
    local_port: flow.local.port,
    remote_ip: flow.remote.ip,
    remote_port: flow.remote.port,
    start: flow.start,
    label: `${process ?? "process"} (${processId}): ${ends}`,
    flow_lines: flow.lines,
    socket_lines: socket ? [socket] : null,
    process_lines: listed.at ? [listed.at] : null,
  };
}

function end({ ip, port }: Flow["local"]): string {
  return ip?.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** What was compared was compared whole: a flow that is not joined has no socket that was listed. */
function ground(source: number): Coverage {
  return { table: "flow_processes", source, host: null, side: null, from: null, to: null, complete: true };
}
