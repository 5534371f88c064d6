import { sockets } from "../tables/host-tables.ts";
import { type Citation, locate, Table, type TablePart } from "../tables/table.ts";
import type { End, Flow } from "./flows-with-ends.ts";

/** Sockets with a process that are kept for look-up. */
const MAX_SOCKETS = 500_000;

interface Owner {
  readonly processId: number;
  readonly process: string | null;
  readonly host: readonly string[] | null;
  readonly at: Citation;
}

/** Lists of sockets that name their processes, by endpoints. */
export class SocketOwners {
  /** By both ends for TCP, by the own end for UDP. */
  private readonly byEnds = new Map<string, Owner>();
  /** Addresses of the machines listed. */
  private readonly machines = new Set<string>();
  /** The first source that lists any; -1 if none does. */
  source = -1;

  constructor(parts: readonly TablePart[]) {
    for (const part of parts) if (part.table === "sockets" && part.length > 0) this.add(part);
  }

  get empty(): boolean {
    return this.byEnds.size === 0;
  }

  private add(part: TablePart): void {
    const table = new Table(sockets, [part]);
    const [host, protocol, id, process] = [
      table.reader("host"),
      table.reader("protocol"),
      table.reader("process_id"),
      table.reader("process"),
    ];
    const [localIp, localPort] = [table.reader("local_ip"), table.reader("local_port")];
    const [remoteIp, remotePort] = [table.reader("remote_ip"), table.reader("remote_port")];
    for (let row = 0; row < part.length && this.byEnds.size < MAX_SOCKETS; row++) {
      const processId = id(row) as number | null;
      // Connections that no process holds any more are shown with 0.
      if (processId === null || processId === 0) continue;
      if (this.source < 0) this.source = part.source;
      const machine = host(row) as readonly string[] | null;
      for (const name of machine ?? []) this.machines.add(name);
      const own = { ip: localIp(row) as string | null, port: localPort(row) as number | null };
      const owner = { processId, process: process(row) as string | null, host: machine, at: locate(part, part.at[row]!) };
      if (protocol(row) === "tcp") {
        const other = { ip: remoteIp(row) as string | null, port: remotePort(row) as number | null };
        if (other.port !== 0 && other.port !== null) this.byEnds.set(tcpKey(own, other), owner);
      } else for (const ip of isAny(own.ip) ? (machine ?? []) : [own.ip]) this.byEnds.set(udpKey({ ...own, ip }), owner);
    }
  }

  /** Who owns the flow's socket, and which end of the flow is its own; null if no list shows it. */
  of({ protocol, local, remote }: Flow): (Owner & { readonly ends: { readonly local: End; readonly remote: End } }) | null {
    for (const ends of [
      { local, remote },
      { local: remote, remote: local },
    ]) {
      const owner = this.byEnds.get(protocol === "tcp" ? tcpKey(ends.local, ends.remote) : udpKey(ends.local));
      if (owner) return { ...owner, ends };
    }
    return null;
  }

  /** Whether a list is of a machine at one of the flow's ends. */
  speakFor({ local, remote }: Flow): boolean {
    return (local.ip !== null && this.machines.has(local.ip)) || (remote.ip !== null && this.machines.has(remote.ip));
  }
}

function tcpKey(own: End, other: End): string {
  return `tcp ${own.ip} ${own.port} ${other.ip} ${other.port}`;
}

function udpKey(own: End): string {
  return `udp ${own.ip} ${own.port}`;
}

function isAny(ip: string | null): boolean {
  return ip === "0.0.0.0" || ip === "::";
}
