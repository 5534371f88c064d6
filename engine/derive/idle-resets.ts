import { Table, type TablePart } from "../tables/table.ts";
import { tcpConnections } from "../tables/tcp-connections.ts";

/** Idle for so long, seconds, a session is one that nobody uses. */
const IDLE = 30;
/** The reset follows the ARP request within this time, nanoseconds: the answer and one more packet. */
const WAKE = 5_000_000_000n;

export interface Closed {
  readonly frame: number;
  /** Server port of the session. */
  readonly port: number;
}

interface Reset extends Closed {
  readonly end: bigint | null;
}

/** TCP sessions of one capture that stood idle until one end reset them. */
export class IdleResets {
  /** By the end that resets and the other one. */
  private readonly byEnds = new Map<string, Reset[]>();

  constructor(parts: readonly TablePart[], source: number) {
    for (const part of parts) if (part.table === "tcp_connections" && part.source === source && part.length > 0) this.add(part);
  }

  private add(part: TablePart): void {
    const table = new Table(tcpConnections, [part]);
    const [by, idle, frame, first] = ["reset_by", "idle_before_reset", "reset_frame", "first_frame"].map((column) => table.reader(column));
    const [client, server, port, end] = ["client_ip", "server_ip", "server_port", "end"].map((column) => table.reader(column));
    for (let row = 0; row < part.length; row++) {
      const [resetBy, at, waited] = [by!(row), frame!(row) as number | null, idle!(row) as number | null];
      if (resetBy === null || at === null) continue;
      // Where the reset is all the capture shows of a session, that was idle ever since the capture began.
      if (at !== first!(row) && (waited === null || waited < IDLE)) continue;
      const ends = [client!(row), server!(row)];
      const key = (resetBy === "client" ? ends : ends.reverse()).join(" ");
      const reset = { frame: at, port: port!(row) as number, end: end!(row) as bigint | null };
      const known = this.byEnds.get(key);
      if (known) known.push(reset);
      else this.byEnds.set(key, [reset]);
    }
  }

  /** The reset that `sender` sends to the address it asked for, right after it asked. */
  after(
    sender: string,
    { target, frame, time }: { readonly target: string; readonly frame: number; readonly time: bigint | null },
  ): Closed | null {
    const inWake = ({ end }: Reset) => time === null || end === null || (end >= time && end - time <= WAKE);
    return this.byEnds.get(`${sender} ${target}`)?.find((reset) => reset.frame > frame && inWake(reset)) ?? null;
  }
}
