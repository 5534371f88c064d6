import type { ColumnData, TablePart } from "../tables/table.ts";
import type { Side } from "./capture-side.ts";

/** At the sender itself the rest leaves with the acknowledgement, seconds; interrupt coalescing takes one or two thousandths. */
const AT_THE_SENDER = 0.005;
/** As much later or earlier than the handshake's round trip may it come elsewhere, as a share and in seconds. */
const SHARE_OF_RTT = 0.3;
const BESIDE_RTT = 0.005;

/**
 * The column `at_once` of `tcp_stalls`: whether the rest came when the acknowledgement can have reached its sender. At the
 * sender that is at once, at the other end a round trip later; earlier it was sent without the acknowledgement, later the sender
 * paused on its own. `sides` are those of the rows.
 */
export function stallTiming(part: TablePart, sides: readonly (Side | null)[]): ColumnData {
  const values = Uint8Array.from({ length: part.length }, (_, row) => {
    const resumed = number(part, "resume_delay", row);
    const rtt = number(part, "rtt", row);
    const side = sides[row] ?? null;
    if (side !== null && side === text(part, "from", row)) return resumed <= AT_THE_SENDER ? 1 : 0;
    if (side === "client" || side === "server") return Number.isNaN(rtt) || resumed >= rtt * (1 - SHARE_OF_RTT) - BESIDE_RTT ? 1 : 0;
    return 1;
  });
  return { kind: "flags", values };
}

function number(part: TablePart, name: string, row: number): number {
  const column = part.columns[name];
  return column?.kind === "numbers" ? column.values[row]! : Number.NaN;
}

function text(part: TablePart, name: string, row: number): string {
  const column = part.columns[name];
  return column?.kind === "texts" ? column.dictionary[column.ids[row]!]! : "";
}
