import { Known, Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import { FLAG_ACK as ACK, FLAG_FIN as FIN, FLAG_RST as RST, FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import type { ConnectionRows, EndCount } from "./connection-rows.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import type { SentSegments } from "./sent-segments.ts";
import {
  ANALYSIS_ACK_LOST_SEGMENT,
  ANALYSIS_DUPLICATE_ACK,
  ANALYSIS_FAST_RETRANSMISSION,
  ANALYSIS_KEEP_ALIVE,
  ANALYSIS_LOST_SEGMENT,
  ANALYSIS_OUT_OF_ORDER,
  ANALYSIS_SPURIOUS_RETRANSMISSION,
  ANALYSIS_WINDOW_FULL,
  ANALYSIS_ZERO_WINDOW,
  ANALYSIS_ZERO_WINDOW_PROBE,
  ANALYSIS_ANY_RETRANSMISSION as ANY_RETRANSMISSION,
} from "./tcp-analysis-flags.ts";
import {
  CONNECTION_BITS as BITS,
  CONNECTION_BIT_CLIENT_IS1 as CLIENT_IS_1,
  CONNECTION_BIT_CLOSED as CLOSED,
  CONNECTION_BIT_DATA as DATA,
  END_DATA_FRAME as DATA_FRAME,
  CONNECTION_BIT_DATA_FROM1 as DATA_FROM_1,
  END_DATA_LENGTH as DATA_LENGTH,
  END_TIME_DATA as DATA_TIME,
  END_SIZE,
  CONNECTION_BIT_ESTABLISHED as ESTABLISHED,
  FIRST_END,
  CONNECTION_BIT_HANDSHAKE_DONE as HANDSHAKE_DONE,
  IDLE,
  CONNECTION_TIME_IDLE_MAX as IDLE_MAX,
  END_INITIAL as INITIAL,
  END_TIME_IP_BYTES as IP_BYTES,
  CONNECTION_TIME_LAST as LAST,
  CONNECTION_LAST_FRAME as LAST_FRAME,
  END_MAX_SEGMENT as MAX_SEGMENT,
  END_MSS as MSS,
  NOW,
  END_OPEN_RUNS as OPEN_RUNS,
  END_PACKETS as PACKETS,
  END_TIME_PURE_ACK as PURE_ACK_TIME,
  CONNECTION_TIME_RTT as RTT,
  CONNECTION_TIME_SHORTEST_TURN as SHORTEST_TURN,
  CONNECTION_STALL as STALL,
  CONNECTION_STREAM as STREAM,
  CONNECTION_TIME_SYN_ACK as SYN_ACK_TIME,
  CONNECTION_TIME_SYN as SYN_TIME,
  CONNECTION_TURNS as TURNS,
  END_TIME_WAIT_MAX as WAIT_MAX,
  END_TIME_WAIT_TOTAL as WAIT_TOTAL,
} from "./tcp-connection-state.ts";
import { type RetransmissionRuns, RunKind } from "./tcp-retransmission-runs.ts";
import type { TcpStalls } from "./tcp-stalls.ts";

/** Segments that carry nothing new, whatever their length. */
const NOTHING_NEW = ANY_RETRANSMISSION | ANALYSIS_OUT_OF_ORDER | ANALYSIS_KEEP_ALIVE | ANALYSIS_ZERO_WINDOW_PROBE;

/** Within this time after an acknowledgement that was waited for, the same end has no reason for another. */
const AGAIN_NS = 1e6;
/** A silence of half a minute is worth to be remembered. */
const LONG_SILENCE_NS = 30e9;

/** Which counter each analysis flag raises; `retransmissions` takes all kinds. */
const COUNTED: readonly { readonly flag: number; readonly name: EndCount }[] = [
  { flag: ANY_RETRANSMISSION, name: "retransmissions" },
  { flag: ANALYSIS_FAST_RETRANSMISSION, name: "fast_retransmissions" },
  { flag: ANALYSIS_SPURIOUS_RETRANSMISSION, name: "spurious_retransmissions" },
  { flag: ANALYSIS_OUT_OF_ORDER, name: "out_of_order" },
  { flag: ANALYSIS_LOST_SEGMENT, name: "lost_segments" },
  { flag: ANALYSIS_ACK_LOST_SEGMENT, name: "ack_lost_segments" },
  { flag: ANALYSIS_DUPLICATE_ACK, name: "duplicate_acks" },
  { flag: ANALYSIS_ZERO_WINDOW, name: "zero_windows" },
  { flag: ANALYSIS_WINDOW_FULL, name: "window_fulls" },
  { flag: ANALYSIS_KEEP_ALIVE, name: "keep_alives" },
];
const COUNTED_FLAGS = COUNTED.reduce((all, { flag }) => all | flag, 0);

/** What each segment adds to its connection's row: handshake, turns, idle times, resets, counters, repeated segments, stalls. */
export class TcpExchange {
  private readonly slots: ConnectionSlots;
  private readonly rows: ConnectionRows;
  private readonly sent: SentSegments;
  private readonly runs: RetransmissionRuns;
  private readonly stalls: TcpStalls;

  constructor(slots: ConnectionSlots, rows: ConnectionRows, sent: SentSegments, runs: RetransmissionRuns, stalls: TcpStalls) {
    this.slots = slots;
    this.rows = rows;
    this.sent = sent;
    this.runs = runs;
    this.stalls = stalls;
  }

  /** Any packet of the connection, before everything else about it. */
  packet(base: number, sender: number, frame: number, ipLength: number): void {
    const { ints, doubles } = this.slots;
    const half = base >> 1;
    const time = doubles[NOW]!;
    const idle = time - doubles[half + LAST]!;
    doubles[IDLE] = idle;
    if (idle > doubles[half + IDLE_MAX]!) {
      doubles[half + IDLE_MAX] = idle;
      if (idle >= LONG_SILENCE_NS && (ints[base + BITS]! & CLOSED) === 0) this.rows.doubles.resetAfterIdle[ints[base + STREAM]!] = time;
    }
    if (idle > 0) doubles[half + LAST] = time;
    ints[base + LAST_FRAME] = frame;
    ints[sender + PACKETS]! += 1;
    doubles[(sender >> 1) + IP_BYTES]! += ipLength;
  }

  /** SYN and SYN/ACK: times, frames, options. */
  opening(batch: PacketBatch, i: number, base: number, from: number, sender: number, flags: number): void {
    const { ints, doubles } = this.slots;
    const time = doubles[NOW]!;
    const row = ints[base + STREAM]!;
    const half = base >> 1;
    const fromClient = (from === 1) === ((ints[base + BITS]! & CLIENT_IS_1) !== 0);
    if ((flags & ACK) === 0) {
      if (fromClient) this.rows.addSyn(row, batch.frame[i]!);
      doubles[half + SYN_TIME] = time;
    } else {
      this.rows.counts.synAckCount.add(row);
      if (this.rows.words.synAckFrame[row] === 0) {
        this.rows.words.synAckFrame[row] = batch.frame[i]!;
        this.rows.doubles.synRtt[row] = time - doubles[half + SYN_TIME]!;
      }
      doubles[half + SYN_ACK_TIME] = time;
    }
    if ((batch.known[i]! & Known.options) === 0) return;
    const end = this.rows.ends[from as 0 | 1];
    ints[sender + MSS] = batch.mss[i]!;
    end.mss.values[row] = batch.mss[i]!;
    if ((batch.marks[i]! & Mark.mssOnly) !== 0) return;
    end.bytes.shift[row] = batch.windowShift[i]!;
    end.bytes.sackPermitted[row] = (batch.marks[i]! & Mark.sackPermitted) !== 0 ? 1 : 0;
    end.bytes.timestamps[row] = (batch.marks[i]! & Mark.timestamps) !== 0 ? 1 : 0;
  }

  /** An acknowledgement from the client that may complete the handshake. */
  completing(base: number, receiver: number, ack: number, ackKnown: boolean): void {
    const { ints, doubles } = this.slots;
    const time = doubles[NOW]!;
    const half = base >> 1;
    const answered = doubles[half + SYN_ACK_TIME]!;
    if (Number.isNaN(answered) || (ackKnown && ((ack - ints[receiver + INITIAL]!) | 0) <= 0)) return;
    ints[base + BITS]! |= HANDSHAKE_DONE | ESTABLISHED;
    const row = ints[base + STREAM]!;
    this.rows.doubles.ackRtt[row] = time - answered;
    doubles[half + RTT] = time - doubles[half + SYN_TIME]!;
    this.rows.doubles.handshakeRtt[row] = doubles[half + RTT]!;
  }

  /** A RST. */
  reset(base: number, from: number, frame: number): void {
    const { ints, doubles } = this.slots;
    const row = ints[base + STREAM]!;
    ints[base + BITS]! |= CLOSED;
    if (!this.rows.addReset(row, from as 0 | 1, frame)) return;
    this.rows.bytes.resetBy[row] = from + 1;
    this.rows.doubles.idleBeforeReset[row] = Math.max(0, doubles[IDLE]!);
    const silenceEnd = this.rows.doubles.resetAfterIdle[row]!;
    const own = (base + FIRST_END + from * END_SIZE) >> 1;
    const spoke = Math.max(doubles[own + DATA_TIME]!, doubles[own + PURE_ACK_TIME]! || 0) >= silenceEnd;
    this.rows.doubles.resetAfterIdle[row] = spoke ? Number.NaN : doubles[NOW]! - silenceEnd;
    this.rows.bytes.resetBeforeData[row] = (ints[base + BITS]! & DATA) === 0 ? 1 : 0;
    const [end0, end1] = [base + FIRST_END, base + FIRST_END + END_SIZE];
    for (const [sender, receiver] of [
      [end0, end1],
      [end1, end0],
    ] as const) {
      // Of the two, what was heard of the receiver before this RST.
      const heard = Math.max(doubles[(receiver >> 1) + DATA_TIME]!, doubles[(receiver >> 1) + PURE_ACK_TIME]! || 0);
      this.runs.reset(sender, frame, heard);
    }
  }

  /** Raises the counters of a segment's analysis flags. */
  count(base: number, from: number, found: number): void {
    if ((found & COUNTED_FLAGS) === 0) return;
    const row = this.slots.ints[base + STREAM]!;
    const { counts } = this.rows.ends[from as 0 | 1];
    for (const counted of COUNTED) if ((found & counted.flag) !== 0) counts[counted.name].add(row);
  }

  /** What an analysed segment carries, or acknowledges. `recorded` says the capture holds this packet twice. */
  content(
    base: number,
    from: number,
    sender: number,
    receiver: number,
    seq: number,
    ack: number,
    length: number,
    flags: number,
    frame: number,
    found: number,
    recorded: boolean,
  ): void {
    const { ints, doubles } = this.slots;
    if (recorded) {
      if (length > 0) doubles[(sender >> 1) + DATA_TIME] = doubles[NOW]!;
      return;
    }
    if ((flags & ACK) !== 0 && ints[receiver + OPEN_RUNS]! > 0) this.runs.acknowledge(receiver, ack);
    if (length === 0 && (flags & (SYN | FIN | RST)) === 0) {
      doubles[(sender >> 1) + PURE_ACK_TIME] = doubles[NOW]!;
      // Without an IP identification only this tells that the acknowledgement itself was recorded twice.
      if (ints[base + STALL] !== 0 && (ints[base + STALL] === from + 1 || doubles[IDLE]! > AGAIN_NS)) ints[base + STALL] = 0;
      return;
    }
    const octets = (flags & (SYN | FIN)) !== 0 ? 1 : 0;
    const newData = length > 0 && (found & NOTHING_NEW) === 0 && (flags & RST) === 0;
    if (ints[base + STALL] !== 0 && this.stalls.resume(base, from, sender, newData, length, frame))
      this.rows.ends[from as 0 | 1].counts.unprompted.add(ints[base + STREAM]!);
    if (newData) {
      if (this.stalls.isSmall(sender, receiver, length) && (flags & FIN) === 0 && this.stalls.isUnheld(sender, receiver, length))
        this.rows.ends[from as 0 | 1].counts.unprompted.add(ints[base + STREAM]!);
      this.data(base, from, sender, receiver, length, frame);
    }
    if ((flags & RST) !== 0 || length + octets === 0) return;
    if ((found & ANY_RETRANSMISSION) !== 0) {
      const kind = (flags & SYN) === 0 ? (length > 0 ? RunKind.data : RunKind.fin) : (flags & ACK) !== 0 ? RunKind.synAck : RunKind.syn;
      this.runs.repeat(ints[base + STREAM]!, from, sender, kind, seq, (seq + length + octets) | 0, length, frame, doubles[NOW]!);
      if ((found & ANALYSIS_SPURIOUS_RETRANSMISSION) !== 0) this.runs.acknowledge(sender, (seq + length) | 0);
    } else if ((found & (ANALYSIS_KEEP_ALIVE | ANALYSIS_ZERO_WINDOW_PROBE)) === 0) {
      this.sent.push(sender, seq, (seq + length + octets) | 0, frame);
    }
  }

  /** New data: whose turn it is, and how long the other end waited for it. */
  data(base: number, from: number, sender: number, receiver: number, length: number, frame: number): void {
    const { ints, doubles } = this.slots;
    const time = doubles[NOW]!;
    const bits = ints[base + BITS]!;
    const half = base >> 1;
    if ((bits & DATA) !== 0 && ((bits & DATA_FROM_1) !== 0) !== (from === 1)) {
      const wait = Math.max(0, time - doubles[(receiver >> 1) + DATA_TIME]!);
      ints[base + TURNS]! += 1;
      const end = sender >> 1;
      if (!(wait <= doubles[end + WAIT_MAX]!)) doubles[end + WAIT_MAX] = wait;
      doubles[end + WAIT_TOTAL]! += wait;
      if (!(wait >= doubles[half + SHORTEST_TURN]!)) doubles[half + SHORTEST_TURN] = wait;
    }
    ints[base + BITS] = from === 1 ? bits | DATA | DATA_FROM_1 : (bits | DATA) & ~DATA_FROM_1;
    ints[sender + DATA_FRAME] = frame;
    ints[sender + DATA_LENGTH] = length;
    doubles[(sender >> 1) + DATA_TIME] = time;
    if (length > ints[sender + MAX_SEGMENT]!) ints[sender + MAX_SEGMENT] = length;
  }
}
