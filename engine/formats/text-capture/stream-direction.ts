import { Known } from "../../decoders/packet-batch.ts";
import { type LooseSegment, SequenceGroup } from "./sequence-group.ts";
import { NO_LENGTH, type TextPacketLog } from "./text-packet-log.ts";

/** Loose segments kept together before they are given up as unsolvable. */
const MAX_LOOSE = 64;
/** Unacknowledged segments remembered, to know which one a retransmission repeats. */
const MAX_OUTSTANDING = 64;

/** A row that prints its sequence number. */
export interface PlacedRow {
  readonly row: number;
  readonly seq: number;
  /** Payload, NaN if not printed. */
  readonly length: number;
  /** Sequence numbers a SYN or FIN takes. */
  readonly extra: number;
  /** The export says that segments before this one are missing. */
  readonly afterGap: boolean;
}

interface Outstanding {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** One direction of one connection: what was sent so far, and how much of it the other end has. Numbers are kept unwrapped. */
export class StreamDirection {
  private readonly log: TextPacketLog;
  /** Most payload a segment can have that is found by subtraction while rows may be hidden. */
  private readonly limit: number;
  /** Rows that may belong to this connection, ascending. */
  private readonly unplaced: readonly number[];
  /** A number near which others are unwrapped. */
  private near = Number.NaN;
  /** Next sequence number to be sent, NaN if not known. */
  private next = Number.NaN;
  private anchorRow = -1;
  private acknowledged = Number.NaN;
  private sacked: number[] = [];
  private group: SequenceGroup | null = null;
  private outstanding: Outstanding[] = [];
  /** Some outstanding segments were forgotten, so that "the only one" cannot be said. */
  private forgotten = false;
  private lastLoose = -1;
  /** Rows since then whose length was found by subtraction. */
  private readonly subtracted = new Set<number>();
  private readonly repeats: { row: number; of: number; length: number }[] = [];

  constructor(log: TextPacketLog, limit: number, unplaced: readonly number[]) {
    this.log = log;
    this.limit = limit;
    this.unplaced = unplaced;
  }

  private unwrap(value: number): number {
    this.near = Number.isNaN(this.near) ? value : this.near + ((value - this.near) | 0);
    return this.near;
  }

  /** The other end acknowledged `ack` and holds the SACK `edges`, left and right in turn. */
  acknowledge(row: number, ack: number, edges: Uint32Array): void {
    const upTo = this.unwrap(ack);
    this.sacked = [];
    this.group?.name(upTo, false);
    for (let i = 0; i + 1 < edges.length; i += 2) {
      const [left, right] = [this.unwrap(edges[i]!), this.unwrap(edges[i + 1]!)];
      // A block below the acknowledgement reports a duplicate (RFC 2883).
      if (right <= upTo || left >= right) continue;
      this.sacked.push(left, right);
      this.group?.name(left, true);
      this.group?.name(right, false);
    }
    if (!(upTo <= this.acknowledged)) this.acknowledged = upTo;
    if (this.group) {
      const settled = this.group.isComplete ? upTo === this.group.end || upTo === this.group.end + 1 : this.group.settle();
      if (settled) this.finishGroup(true, row, false);
      else if (upTo > this.group.end) this.giveUp();
    }
    // Acknowledged what no row shows: rows are missing, and where the next one begins is open.
    if (!this.group && upTo > this.next) this.next = Number.NaN;
    this.outstanding = this.outstanding.filter((segment) => segment.to > this.acknowledged);
  }

  /** A row with its own sequence number, not marked as sent out of turn. */
  placed({ row, seq, length, extra, afterGap }: PlacedRow): void {
    const from = this.unwrap(seq);
    if (from < this.next) return;
    if (this.group && afterGap) this.giveUp();
    else if (this.group) {
      const fits = this.group.close(from);
      if (fits) this.group.settle();
      this.finishGroup(fits, row, true);
    }
    this.anchorRow = row;
    this.next = from;
    if (Number.isNaN(length)) {
      this.loose(row, length, false);
      return;
    }
    if (length > 0) this.remember({ row, from, to: from + length });
    this.next = from + length + extra;
  }

  /** A row with data but no sequence number, not marked as sent out of turn. */
  loose(row: number, length: number, afterGap: boolean): void {
    this.lastLoose = row;
    this.subtracted.clear();
    this.group ??= new SequenceGroup(this.next, this.acknowledged, this.anchorRow);
    this.group.push(row, length, afterGap);
    if (this.group.segments.length > MAX_LOOSE) this.giveUp();
    else if (this.isGapless(this.group.anchorRow, row) && !Number.isNaN(this.group.end) && !this.group.hasGap)
      this.finishGroup(true, row, false);
  }

  /** A row marked as a retransmission, without a sequence number. */
  repeated(row: number, length: number): void {
    const waiting: { row: number; length: number }[] = this.outstanding
      .filter((segment) => segment.to > this.acknowledged || Number.isNaN(this.acknowledged))
      .filter((segment) => !this.isSacked(segment))
      .map((segment) => ({ row: segment.row, length: segment.to - segment.from }));
    for (const segment of this.group?.segments ?? []) waiting.push(segment);
    const fitting = waiting.filter((segment) => Number.isNaN(length) || Number.isNaN(segment.length) || segment.length === length);
    const { text } = this.log.rows;
    const alike = fitting.filter((segment) => text[segment.row] !== 0 && text[segment.row] === text[row]);
    const only = alike.length === 1 ? alike[0] : waiting.length === 1 && !this.forgotten ? fitting[0] : undefined;
    if (only) this.repeats.push({ row, of: only.row, length });
  }

  /**
   * After the last row. `mayEnd` says that this end closed the connection in a way no row shows: then its last message may
   * have carried the FIN, and a length found by subtraction may be one too many.
   */
  finish(mayEnd: boolean): void {
    this.giveUp();
    const { rows } = this.log;
    if (mayEnd && this.lastLoose >= 0 && this.subtracted.has(this.lastLoose)) {
      rows.known[this.lastLoose]! &= ~Known.length;
      rows.length[this.lastLoose] = NO_LENGTH;
    }
    for (const { row, of, length } of this.repeats) {
      if (!(rows.known[of]! & Known.seq)) continue;
      const original = rows.known[of]! & Known.length ? rows.length[of]! : Number.NaN;
      this.record(row, rows.seq[of]!, Number.isNaN(length) ? original : length);
    }
  }

  /** Writes what was found out about a row: its sequence number, and its payload length unless that is NaN. */
  private record(row: number, seq: number, length: number): void {
    const { rows } = this.log;
    rows.seq[row] = seq >>> 0;
    rows.known[row]! |= Known.seq;
    if (Number.isNaN(length)) return;
    rows.length[row] = length;
    rows.known[row]! |= Known.length;
  }

  private isSacked({ from, to }: Outstanding): boolean {
    for (let i = 0; i < this.sacked.length; i += 2) if (this.sacked[i]! <= from && to <= this.sacked[i + 1]!) return true;
    return false;
  }

  private remember(segment: Outstanding): void {
    this.outstanding.push(segment);
    if (this.outstanding.length <= MAX_OUTSTANDING) return;
    this.outstanding.shift();
    this.forgotten = true;
  }

  /** Every frame between the two rows is in the list, so that nothing of this connection can be hidden there. */
  private isGapless(from: number, to: number): boolean {
    const { frame } = this.log.rows;
    return from >= 0 && frame[to]! - frame[from]! === to - from && !this.isDisturbed(from, to);
  }

  /** A row between the two may be this connection's, too. */
  private isDisturbed(from: number, to: number): boolean {
    let [low, high] = [0, this.unplaced.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.unplaced[middle]! <= from) low = middle + 1;
      else high = middle;
    }
    return low < this.unplaced.length && this.unplaced[low]! < to;
  }

  private fitsOneSegment(group: SequenceGroup, { from, to, length }: LooseSegment): boolean {
    return !Number.isNaN(length) || group.points[to]! - group.points[from]! <= this.limit;
  }

  private giveUp(): void {
    if (!this.group) return;
    this.finishGroup(false, this.lastLoose, false);
    this.next = Number.NaN;
  }

  /**
   * Writes down what the group's points say. Where they do not fit together, or end open, only rows are trusted that no hidden row
   * can stand before (or, if `closingRow` fixed the end, after). Lengths that add up to what follows leave no room for hidden rows; a
   * length found by subtraction must fit into one segment unless nothing can be hidden.
   */
  private finishGroup(fits: boolean, closingRow: number, anchored: boolean): void {
    const group = this.group!;
    this.group = null;
    const lastRow = group.segments[group.segments.length - 1]?.row ?? group.anchorRow;
    const covered = this.isGapless(group.anchorRow, anchored ? closingRow : lastRow);
    const plausible =
      !this.isDisturbed(group.anchorRow, closingRow) && group.segments.every((segment) => this.fitsOneSegment(group, segment));
    const whole = fits && group.isComplete && (covered || plausible || group.isMeasured);
    for (const { row, from: start, to: end, length } of group.segments) {
      const [from, to] = [group.points[start]!, group.points[end]!];
      const near = group.countedBack.has(start) ? anchored && this.isGapless(row, closingRow) : this.isGapless(group.anchorRow, row);
      if (!(whole || near) || !(from >= 0)) continue;
      const found = Number.isNaN(length) && whole && to - from <= 0xffff;
      if (found) this.subtracted.add(row);
      this.record(row, from, found ? to - from : length);
      if (!Number.isNaN(to)) this.remember({ row, from, to });
    }
    this.next = fits ? group.end : Number.NaN;
    this.anchorRow = lastRow;
  }
}
