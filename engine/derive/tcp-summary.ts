import type { ConnectionRows } from "./connection-rows.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import type { HistoryBook } from "./history-book.ts";
import { Connection, ConnectionBit, ConnectionTime, END_SIZE, End, EndTime, FIRST_END, SLOT_SIZE } from "./tcp-connection-state.ts";
import { connState, endpointSize } from "./zeek-states.ts";

/** Writes what a slot remembers of its connection into the connection's row. */
export function summarise(slots: ConnectionSlots, rows: ConnectionRows, histories: HistoryBook, slot: number): void {
  const { ints, doubles } = slots;
  const base = slot * SLOT_SIZE;
  const half = base >> 1;
  const row = ints[base + Connection.stream]!;
  const bits = ints[base + Connection.bits]!;
  const end0 = base + FIRST_END;
  const end1 = end0 + END_SIZE;
  const clientIs1 = (bits & ConnectionBit.clientIs1) !== 0;
  const [orig, resp] = clientIs1 ? [end1, end0] : [end0, end1];
  rows.words.address0[row] = ints[base + Connection.address0]!;
  rows.words.address1[row] = ints[base + Connection.address1]!;
  rows.words.ports[row] = ints[base + Connection.ports]!;
  rows.words.history[row] = ints[base + Connection.history]!;
  rows.words.lastFrame[row] = ints[base + Connection.lastFrame]!;
  rows.ints.process[row] = ints[base + Connection.process]!;
  rows.bytes.family[row] = ints[base + Connection.family]!;
  rows.bytes.clientIs1[row] = clientIs1 ? 1 : 0;
  rows.bytes.state[row] = connState(ints, orig, resp, histories, ints[base + Connection.history]!);
  const bothSpoke = ints[end0 + End.dataFrame] !== 0 && ints[end1 + End.dataFrame] !== 0;
  rows.bytes.established[row] = (bits & ConnectionBit.established) !== 0 || bothSpoke ? 1 : 0;
  rows.counts.turns.set(row, ints[base + Connection.turns]!);
  rows.doubles.end[row] = doubles[half + ConnectionTime.last]!;
  rows.doubles.idleMax[row] = doubles[half + ConnectionTime.idleMax]!;
  rows.doubles.shortestTurn[row] = doubles[half + ConnectionTime.shortestTurn]!;
  const lengthUnknown = (bits & ConnectionBit.lengthUnknown) !== 0;
  rows.doubles.missed[row] = lengthUnknown ? Number.NaN : doubles[half + ConnectionTime.missed]!;
  for (const [index, end, peer] of [
    [0, end0, end1],
    [1, end1, end0],
  ] as const) {
    const columns = rows.ends[index];
    columns.counts.packets.set(row, ints[end + End.packets]!);
    columns.counts.max_segment.set(row, ints[end + End.maxSegment]!);
    columns.doubles.bytes[row] = lengthUnknown ? Number.NaN : endpointSize(ints, end, peer);
    columns.doubles.ipBytes[row] = doubles[(end >> 1) + EndTime.ipBytes]!;
    columns.doubles.waitMax[row] = doubles[(end >> 1) + EndTime.waitMax]!;
    columns.doubles.waitTotal[row] = doubles[(end >> 1) + EndTime.waitTotal]!;
  }
}
