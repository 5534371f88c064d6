import { Known, TcpFlag } from "../../decoders/packet-batch.ts";
import type { TextConnection } from "./text-connections.ts";
import { NO_SCALE, type TextPacketLog } from "./text-packet-log.ts";

/** What `WS=` stands for: Wireshark up to 1.4 printed the shift count, later versions print the multiplier. */
export type ScaleDialect = "shift" | "multiplier";

/** Signs of the version a packet list was printed with. */
export interface ScaleSigns {
  /** Arrows (since 1.12) or `TSval` (since 1.8). */
  readonly recent: boolean;
  /** `SACK_PERM` was printed; versions that print the shift count do not know it. */
  readonly sackPermitted: boolean;
}

/** The meaning of `WS=` in this list, by its values and, where those could be either, by its version. */
export function scaleDialect(log: TextPacketLog, signs: ScaleSigns): ScaleDialect {
  for (let i = 0; i < log.count; i++) {
    const printed = log.rows.scale[i]!;
    if (printed === NO_SCALE) continue;
    if (printed > 14) return "multiplier";
    if (printed === 0 || (printed & (printed - 1)) !== 0) return "shift";
  }
  return signs.recent || signs.sackPermitted ? "multiplier" : "shift";
}

/** Rewrites the scale options to shift counts; a value that is neither is dropped. */
export function normaliseScales(log: TextPacketLog, dialect: ScaleDialect): void {
  const { scale } = log.rows;
  for (let i = 0; i < log.count; i++) {
    if (scale[i] === NO_SCALE) continue;
    const shift = dialect === "shift" ? scale[i]! : Math.log2(scale[i]!);
    scale[i] = Number.isInteger(shift) && shift <= 14 ? shift : NO_SCALE;
  }
}

/**
 * Turns printed windows into those of the header. Wireshark multiplies by the scale where it saw both SYNs; Network Monitor does not.
 * Where the SYNs are not in the list, a printed window over 65535 must have been scaled, by nobody knows how much:
 * that direction's windows then stay unknown, but for a closed window, which is zero either way.
 */
export function unscaleWindows(log: TextPacketLog, connections: readonly TextConnection[]): void {
  const { rows } = log;
  for (const connection of connections) {
    const shifts = announcedShifts(log, connection);
    for (const side of [0, 1]) {
      const own = connection.rows.filter(
        (i) => rows.known[i]! & Known.window && !(rows.flags[i]! & TcpFlag.syn) && sideOf(log, connection, i) === side,
      );
      const over = own.some((i) => rows.window[i]! > 0xffff);
      const factor = 2 ** (shifts[side] ?? 0);
      // Versions that print raw sequence numbers only may print raw windows, too: then not all are multiples.
      const unsure = shifts[side] === null && shifts[1 - side] !== null;
      const scaled = shifts[side] !== null && own.every((i) => rows.window[i]! % factor === 0 && rows.window[i]! / factor <= 0xffff);
      for (const i of own) {
        if (scaled) rows.window[i] = rows.window[i]! / factor;
        else if ((over || unsure) && rows.window[i] !== 0) rows.known[i]! &= ~Known.window;
      }
    }
  }
}

const sideOf = (log: TextPacketLog, connection: TextConnection, i: number): number => (log.rows.source[i] === connection.a ? 0 : 1);

/** Shift counts in force for each end: 0 where a SYN shows that scaling is off, null where the SYNs are not in the list. */
function announcedShifts(log: TextPacketLog, connection: TextConnection): (number | null)[] {
  const { rows } = log;
  const found: (number | null)[] = [null, null];
  for (const i of connection.rows) {
    if (!(rows.known[i]! & Known.flags) || !(rows.flags[i]! & TcpFlag.syn)) continue;
    found[sideOf(log, connection, i)] = rows.scale[i] === NO_SCALE ? -1 : rows.scale[i]!;
  }
  // Where one SYN is not in the list, Wireshark still scales that end's windows whose SYN it saw.
  return found.includes(-1) ? [0, 0] : found;
}
