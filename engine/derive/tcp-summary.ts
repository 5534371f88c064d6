import type { ConnectionRows, EndColumns } from "./connection-rows.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import type { HistoryBook } from "./history-book.ts";
import {
  CONNECTION_ADDRESS0,
  CONNECTION_ADDRESS1,
  CONNECTION_BIT_CLIENT_IS1,
  CONNECTION_BIT_ESTABLISHED,
  CONNECTION_BIT_LENGTH_UNKNOWN,
  CONNECTION_BITS,
  CONNECTION_FAMILY,
  CONNECTION_HISTORY,
  CONNECTION_LAST_FRAME,
  CONNECTION_PORTS,
  CONNECTION_PROCESS,
  CONNECTION_STREAM,
  CONNECTION_TIME_IDLE_MAX,
  CONNECTION_TIME_LAST,
  CONNECTION_TIME_MISSED,
  CONNECTION_TIME_SHORTEST_TURN,
  CONNECTION_TURNS,
  END_ACK,
  END_CONTIGUOUS,
  END_DATA_FRAME,
  END_MAX_SEGMENT,
  END_NEXT,
  END_PACKETS,
  END_RANGES,
  END_SIZE,
  END_TIME_IP_BYTES,
  END_TIME_WAIT_MAX,
  END_TIME_WAIT_TOTAL,
  END_ZEEK,
  ENDPOINT_BIT_CUT,
  ENDPOINT_BIT_SKIPPING,
  FIRST_END,
  SLOT_SIZE,
} from "./tcp-connection-state.ts";
import { connState, endpointSize } from "./zeek-states.ts";

/** Writes what a slot remembers of its connection into the connection's row. */
export function summarise(slots: ConnectionSlots, rows: ConnectionRows, histories: HistoryBook, slot: number): void {
  const { ints, doubles } = slots;
  const base = slot * SLOT_SIZE;
  const half = base >> 1;
  const row = ints[base + CONNECTION_STREAM]!;
  const bits = ints[base + CONNECTION_BITS]!;
  const end0 = base + FIRST_END;
  const end1 = end0 + END_SIZE;
  const clientIs1 = (bits & CONNECTION_BIT_CLIENT_IS1) !== 0;
  const orig = clientIs1 ? end1 : end0;
  const resp = clientIs1 ? end0 : end1;
  rows.words.address0[row] = ints[base + CONNECTION_ADDRESS0]!;
  rows.words.address1[row] = ints[base + CONNECTION_ADDRESS1]!;
  rows.words.ports[row] = ints[base + CONNECTION_PORTS]!;
  rows.words.history[row] = ints[base + CONNECTION_HISTORY]!;
  rows.words.lastFrame[row] = ints[base + CONNECTION_LAST_FRAME]!;
  rows.ints.process[row] = ints[base + CONNECTION_PROCESS]!;
  rows.bytes.family[row] = ints[base + CONNECTION_FAMILY]!;
  rows.bytes.clientIs1[row] = clientIs1 ? 1 : 0;
  rows.bytes.state[row] = connState(ints, orig, resp, histories, ints[base + CONNECTION_HISTORY]!);
  const bothSpoke = ints[end0 + END_DATA_FRAME] !== 0 && ints[end1 + END_DATA_FRAME] !== 0;
  rows.bytes.established[row] = (bits & CONNECTION_BIT_ESTABLISHED) !== 0 || bothSpoke ? 1 : 0;
  rows.counts.turns.set(row, ints[base + CONNECTION_TURNS]!);
  rows.doubles.end[row] = doubles[half + CONNECTION_TIME_LAST]!;
  rows.doubles.idleMax[row] = doubles[half + CONNECTION_TIME_IDLE_MAX]!;
  rows.doubles.shortestTurn[row] = doubles[half + CONNECTION_TIME_SHORTEST_TURN]!;
  const lengthUnknown = (bits & CONNECTION_BIT_LENGTH_UNKNOWN) !== 0;
  rows.doubles.missed[row] = lengthUnknown ? Number.NaN : doubles[half + CONNECTION_TIME_MISSED]!;
  summariseEnd(slots, rows.ends[0], row, end0, end1, lengthUnknown);
  summariseEnd(slots, rows.ends[1], row, end1, end0, lengthUnknown);
  const [first, second] = rows.ends;
  first.bytes.openGap[row] = hasOpenGap(ints, end0, end1, countsOf(first, second, row), lengthUnknown) ? 1 : 0;
  second.bytes.openGap[row] = hasOpenGap(ints, end1, end0, countsOf(second, first, row), lengthUnknown) ? 1 : 0;
}

/** What the analysis counted that bears on gaps: at one end, and of the acknowledgements of the other. */
interface GapCounts {
  readonly gaps: number;
  readonly late: number;
  readonly unseenAcknowledged: number;
}

function countsOf({ counts }: EndColumns, peer: EndColumns, row: number): GapCounts {
  return {
    gaps: counts.lost_segments.values[row]!,
    late: counts.retransmissions.values[row]! + counts.out_of_order.values[row]!,
    unseenAcknowledged: peer.counts.ack_lost_segments.values[row]!,
  };
}

/**
 * Whether payload of an end lies behind a gap that was neither filled nor acknowledged. Packets that the capture holds twice, or in
 * another order, raise the counters and fill no gap: what counts is where payload is missing, as far as it was followed.
 */
function hasOpenGap(ints: Int32Array, end: number, peer: number, counts: GapCounts, lengthUnknown: boolean): boolean {
  if (counts.gaps === 0) return false;
  if (lengthUnknown) return counts.late === 0 && counts.unseenAcknowledged === 0;
  if (ints[end + END_RANGES] !== -1) return true;
  if ((ints[end + END_ZEEK]! & (ENDPOINT_BIT_CUT | ENDPOINT_BIT_SKIPPING)) === 0) return false;
  const contiguous = ints[end + END_CONTIGUOUS]!;
  return ((ints[end + END_NEXT]! - contiguous) | 0) > 0 && ((ints[peer + END_ACK]! - contiguous) | 0) <= 0;
}

function summariseEnd(slots: ConnectionSlots, columns: EndColumns, row: number, end: number, peer: number, lengthUnknown: boolean): void {
  const { ints, doubles } = slots;
  const half = end >> 1;
  columns.counts.packets.set(row, ints[end + END_PACKETS]!);
  columns.counts.max_segment.set(row, ints[end + END_MAX_SEGMENT]!);
  columns.doubles.bytes[row] = lengthUnknown ? Number.NaN : endpointSize(ints, end, peer);
  columns.doubles.ipBytes[row] = doubles[half + END_TIME_IP_BYTES]!;
  columns.doubles.waitMax[row] = doubles[half + END_TIME_WAIT_MAX]!;
  columns.doubles.waitTotal[row] = doubles[half + END_TIME_WAIT_TOTAL]!;
}
