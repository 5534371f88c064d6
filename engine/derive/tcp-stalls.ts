import type { ConnectionSlots } from "./connection-slots.ts";
import { growAll } from "./growing-columns.ts";
import {
  CONNECTION_TIME_STALL_ACK_DELAY as ACK_DELAY,
  CONNECTION_STALL_ACK_FRAME as ACK_FRAME,
  CONNECTION_STREAM,
  END_DATA_FRAME as DATA_FRAME,
  END_DATA_LENGTH as DATA_LENGTH,
  END_TIME_DATA as DATA_TIME,
  END_ACK,
  IDLE,
  END_MAX_SEGMENT as MAX_SEGMENT,
  END_MSS as MSS,
  END_NEXT as NEXT,
  NOW,
  END_TIME_PURE_ACK as PURE_ACK_TIME,
  CONNECTION_TIME_REQUEST_ACK_DELAY as REQUEST_ACK_DELAY,
  CONNECTION_REQUEST_FRAME as REQUEST_FRAME,
  CONNECTION_TIME_RTT as RTT,
  CONNECTION_STALL as STALL,
} from "./tcp-connection-state.ts";

/** Stalls of one capture point that are listed; beyond it they are only counted. */
export const MAX_STALLS = 65_536;
/** Shorter waits are no delayed acknowledgement: its timers start at 40 ms (Linux TCP_DELACK_MIN); 200 ms on Windows. */
export const SHORTEST_ACK_DELAY_NS = 35e6;
/** RFC 9293 section 3.8.6.3 allows half a second; longer ones, path included, are something else. */
const LONGEST_ACK_DELAY_NS = 1e9;
/** The rest follows its acknowledgement at once; at the receiver's end one round trip later. */
const RESUME_NS = 20e6;
/** The same where the round trip is known: beyond it so much, or a quarter of it. More would be the sender's own pause. */
const RESUME_BEYOND_RTT_NS = 5e6;

/** MSS where neither end's is known, Ethernet's. */
const USUAL_MSS = 1460;
/** Most bytes of a segment that options may take from the MSS (RFC 9293 section 3.7.1). */
const MOST_OPTIONS = 40;

const START_SIZE = 256;

/**
 * Small writes that waited for a held-back acknowledgement: the rows of `tcp_stalls` while they are collected. One small
 * segment, at most one full one before it unacknowledged (two would be acknowledged at once), then nothing from either end until
 * a pure acknowledgement of it after a delayed-ACK timer, and the rest at once. Wherever the capture was taken, both waits together
 * are one round trip and what the timer added.
 */
export class TcpStalls {
  length = 0;
  dropped = 0;
  private capacity = START_SIZE;
  readonly ints = { stream: new Int32Array(START_SIZE) };
  readonly words = {
    smallLength: new Uint32Array(START_SIZE),
    restLength: new Uint32Array(START_SIZE),
    requestFrame: new Uint32Array(START_SIZE),
    smallFrame: new Uint32Array(START_SIZE),
    ackFrame: new Uint32Array(START_SIZE),
    restFrame: new Uint32Array(START_SIZE),
  };
  readonly doubles = {
    time: new Float64Array(START_SIZE),
    ackDelay: new Float64Array(START_SIZE),
    resumeDelay: new Float64Array(START_SIZE),
    requestAckDelay: new Float64Array(START_SIZE),
  };
  readonly bytes = { from: new Uint8Array(START_SIZE) };
  private readonly slots: ConnectionSlots;

  constructor(slots: ConnectionSlots) {
    this.slots = slots;
  }

  /**
   * A pure acknowledgement after at least `SHORTEST_ACK_DELAY_NS` without any packet. `writer` is the end whose data it may
   * acknowledge, `acked` what had been acknowledged before.
   */
  acknowledgement(base: number, writer: number, sender: number, receiver: number, ack: number, acked: number, frame: number): void {
    const { ints, doubles } = this.slots;
    const half = base >> 1;
    const delay = doubles[IDLE]!;
    const written = doubles[(sender >> 1) + DATA_TIME]!;
    const length = ints[sender + DATA_LENGTH]!;
    // The last packet of all was the small segment.
    if (ints[sender + DATA_FRAME] === 0 || doubles[NOW]! - written !== delay || ack !== ints[sender + NEXT]) return;
    const full = this.fullSize(sender, receiver);
    const before = (ack - length - acked) | 0;
    if (length <= 0 || length >= full - MOST_OPTIONS || before < 0 || before > full || delay > LONGEST_ACK_DELAY_NS) return;
    ints[base + STALL] = writer + 1;
    ints[base + ACK_FRAME] = frame;
    ints[base + REQUEST_FRAME] = ints[receiver + DATA_FRAME]!;
    doubles[half + ACK_DELAY] = delay;
    const requested = doubles[(receiver >> 1) + DATA_TIME]!;
    const acknowledged = doubles[(sender >> 1) + PURE_ACK_TIME]!;
    const separately = ints[receiver + DATA_FRAME] !== 0 && acknowledged >= requested;
    doubles[half + REQUEST_ACK_DELAY] = separately ? acknowledged - requested : Number.NaN;
  }

  /**
   * The packet after such an acknowledgement: the rest if it is new data of the waiting end and came at once. Answers whether it is
   * such data and came later, so that its sender had not been waiting.
   */
  resume(base: number, from: number, sender: number, newData: boolean, length: number, frame: number): boolean {
    const { ints, doubles } = this.slots;
    const waited = ints[base + STALL] === from + 1 && newData;
    ints[base + STALL] = 0;
    if (!waited) return false;
    const half = base >> 1;
    const rtt = doubles[half + RTT]!;
    if (doubles[IDLE]! > (Number.isNaN(rtt) ? RESUME_NS : rtt + Math.max(RESUME_BEYOND_RTT_NS, rtt / 4))) return true;
    if (doubles[half + ACK_DELAY]! + doubles[IDLE]! - (Number.isNaN(rtt) ? 0 : rtt) < SHORTEST_ACK_DELAY_NS) return false;
    if (this.length === MAX_STALLS) {
      this.dropped++;
      return false;
    }
    if (this.length === this.capacity) {
      this.capacity *= 2;
      for (const columns of [this.ints, this.words, this.doubles, this.bytes]) growAll(columns, this.capacity);
    }
    const row = this.length++;
    this.ints.stream[row] = ints[base + CONNECTION_STREAM]!;
    this.bytes.from[row] = from;
    this.words.smallLength[row] = ints[sender + DATA_LENGTH]!;
    this.words.restLength[row] = length;
    this.words.requestFrame[row] = ints[base + REQUEST_FRAME]!;
    this.words.smallFrame[row] = ints[sender + DATA_FRAME]!;
    this.words.ackFrame[row] = ints[base + ACK_FRAME]!;
    this.words.restFrame[row] = frame;
    this.doubles.time[row] = doubles[(sender >> 1) + DATA_TIME]!;
    this.doubles.ackDelay[row] = doubles[half + ACK_DELAY]!;
    this.doubles.resumeDelay[row] = Math.max(0, doubles[IDLE]!);
    this.doubles.requestAckDelay[row] = doubles[half + REQUEST_ACK_DELAY]!;
    return false;
  }

  /**
   * Whether new data follows an earlier small segment of its sender that is not acknowledged yet, and is small itself. Nagle's
   * algorithm, Minshall's variant included, holds such a segment back: its sender does not use it. The caller knows that
   * the new data is small.
   */
  isUnheld(sender: number, receiver: number, length: number): boolean {
    const { ints } = this.slots;
    const before = ints[sender + DATA_LENGTH]!;
    if (before <= 0 || ((ints[sender + NEXT]! - length - ints[receiver + END_ACK]!) | 0) <= 0) return false;
    return this.isSmall(sender, receiver, before);
  }

  /** Whether a segment was surely not full: far below the MSS, or below it and the longest its sender has sent. */
  isSmall(sender: number, receiver: number, length: number): boolean {
    const { ints } = this.slots;
    const mss = ints[receiver + MSS]!;
    if (length >= ints[sender + MAX_SEGMENT]! && length * 2 >= mss) return false;
    return mss <= 0 || length < mss - MOST_OPTIONS;
  }

  /** Payload of a full segment: the receiver's MSS, or what the sender has shown it can send. */
  private fullSize(sender: number, receiver: number): number {
    const { ints } = this.slots;
    const announced = ints[receiver + MSS]!;
    return Math.max(announced > 0 ? announced : USUAL_MSS, ints[sender + MAX_SEGMENT]!);
  }
}
