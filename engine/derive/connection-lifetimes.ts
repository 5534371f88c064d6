import { Known, type PacketBatch } from "../decoders/packet-batch.ts";
import { FLAG_ACK as ACK, FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import type { ConnectionRows } from "./connection-rows.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import { type HistoryBook, LETTER_FLIP } from "./history-book.ts";
import { tcpServerSpeaks } from "./server-ports.ts";
import {
  CONNECTION_BITS as BITS,
  CONNECTION_BIT_CLIENT_IS1 as CLIENT_IS_1,
  CONNECTION_BIT_CLOSED as CLOSED,
  CONNECTION_HISTORY,
  END_SIZE,
  FIRST_END,
  CONNECTION_TIME_LAST as LAST,
  SLOT_SIZE,
} from "./tcp-connection-state.ts";
import { summarise } from "./tcp-summary.ts";
import type { ZeekEndpoints } from "./zeek-endpoints.ts";

/** Connections that may be remembered before closed ones are summarised early. */
const MANY_LIVE = 4096;
/** Connections followed at one time; beyond it those longest quiet are summarised, and what comes of them later counts as another. */
export const MAX_LIVE = 1 << 17;
/** A closed connection this long without a packet gets none any more: the longest TIME-WAIT in use is as long. */
const QUIET_NS = 120e9;
const SWEEP_SLOTS = 64;
/** Connections of which the longest quiet makes room. */
const CANDIDATES = 8;

/** Begins and ends what is remembered of connections, so that memory follows those that may still get packets. */
export class ConnectionLifetimes {
  private readonly slots: ConnectionSlots;
  private readonly rows: ConnectionRows;
  private readonly histories: HistoryBook;
  private readonly zeek: ZeekEndpoints;
  private hand = 0;

  constructor(slots: ConnectionSlots, rows: ConnectionRows, histories: HistoryBook, zeek: ZeekEndpoints) {
    this.slots = slots;
    this.rows = rows;
    this.histories = histories;
    this.zeek = zeek;
  }

  /** Starts connection `slot` with packet `i` of a batch, which end `from` sent. */
  open(batch: PacketBatch, i: number, slot: number, from: number): void {
    const base = slot * SLOT_SIZE;
    const { ints, doubles } = this.slots;
    const row = this.rows.open(batch.time[i]!, batch.frame[i]!);
    this.slots.reset(slot, row);
    doubles[(base >> 1) + LAST] = batch.time[i]!;
    const known = (batch.known[i]! & Known.flags) !== 0;
    const opening = known ? batch.flags[i]! & (SYN | ACK) : 0;
    const serverSpeaks = opening !== SYN && (opening === (SYN | ACK) || tcpServerSpeaks(batch.sourcePort[i]!, batch.destinationPort[i]!));
    if ((from === 1) !== serverSpeaks) ints[base + BITS] = CLIENT_IS_1;
    if (serverSpeaks) ints[base + CONNECTION_HISTORY] = this.histories.append(0, LETTER_FLIP, true);
  }

  /** Writes the row of a connection that is over, and gives back what its ends hold. */
  close(slot: number): void {
    const base = slot * SLOT_SIZE;
    summarise(this.slots, this.rows, this.histories, slot);
    for (const end of [base + FIRST_END, base + FIRST_END + END_SIZE]) {
      this.zeek.release(end);
    }
  }

  /** Writes the rows of the connections still remembered. */
  finish(): void {
    for (let slot = 1; slot < this.slots.top; slot++) if (this.slots.holds(slot)) this.close(slot);
    this.slots.clear();
  }

  /** Summarises connections that are over, a few at a time, and gives their slots back. */
  sweep(now: number): void {
    if (this.slots.live <= MANY_LIVE) return;
    const { ints, doubles } = this.slots;
    for (let looked = 0; looked < SWEEP_SLOTS; looked++) {
      const base = this.nextHeld() * SLOT_SIZE;
      if ((ints[base + BITS]! & CLOSED) === 0 || now - doubles[(base >> 1) + LAST]! < QUIET_NS) continue;
      this.close(this.hand);
      this.slots.release(this.hand);
    }
  }

  /** Where too many connections are remembered, summarises the one longest quiet of the next few. */
  makeRoom(): void {
    if (this.slots.live < MAX_LIVE) return;
    const { doubles } = this.slots;
    let quietest = this.nextHeld();
    for (let looked = 1; looked < CANDIDATES; looked++) {
      const slot = this.nextHeld();
      if (doubles[((slot * SLOT_SIZE) >> 1) + LAST]! < doubles[((quietest * SLOT_SIZE) >> 1) + LAST]!) quietest = slot;
    }
    this.close(quietest);
    this.slots.release(quietest);
  }

  /** Moves the hand that goes round the slots on to the next one in use; there has to be one. */
  private nextHeld(): number {
    do this.hand = this.hand + 1 < this.slots.top ? this.hand + 1 : 1;
    while (!this.slots.holds(this.hand));
    return this.hand;
  }
}
