import { growAll } from "./growing-columns.ts";
import { Connection, type ConnectionSlots, ConnectionTime, End, EndTime } from "./tcp-connection-state.ts";

/** Stalls of one capture point that are listed; beyond it they are only counted. */
export const MAX_STALLS = 65_536;
/** Shorter waits are no delayed acknowledgement: its timers start at 40 ms (Linux TCP_DELACK_MIN); 200 ms on Windows. */
export const SHORTEST_ACK_DELAY_NS = 35e6;
/** RFC 9293 section 3.8.6.3 allows half a second; longer ones, path included, are something else. */
export const LONGEST_ACK_DELAY_NS = 1e9;
/** The rest follows its acknowledgement at once; at the receiver's end one round trip later. */
export const RESUME_NS = 20e6;

/** Connection.stall: what was seen last, with the waiting end in bit 4. */
const Phase = { none: 0, small: 1, acknowledged: 2 } as const;

const {
  stall: STALL,
  smallFrame: SMALL_FRAME,
  smallLength: SMALL_LENGTH,
  stallAckFrame: ACK_FRAME,
  requestFrame: REQUEST_FRAME,
} = Connection;
const { small: SMALL_TIME, stallAck: ACK_TIME, requestAckDelay: REQUEST_ACK_DELAY } = ConnectionTime;
const { dataFrame: DATA_FRAME, mss: MSS, maxSegment: MAX_SEGMENT, next: NEXT } = End;
const { data: DATA_TIME, pureAck: PURE_ACK_TIME } = EndTime;
/** MSS where neither end's is known, Ethernet's. */
const USUAL_MSS = 1460;

const START_SIZE = 256;

/**
 * Small writes that waited for a held-back acknowledgement: the rows of `tcp_stalls` while they are collected.
 * One small segment, nothing more from its sender, a pure acknowledgement of it after a delayed-ACK timer, and the rest at once.
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

  /** New data from `from`; called before the sender's direction takes note of it. `rtt` is NaN where not known. */
  data(base: number, from: number, sender: number, receiver: number, length: number, frame: number, time: number, rtt: number): void {
    const { ints, doubles } = this.slots;
    const stall = ints[base + STALL]!;
    const half = base >> 1;
    if (stall === (Phase.acknowledged | (from << 4))) {
      const resumed = time - doubles[half + ACK_TIME]!;
      if (resumed <= Math.max(RESUME_NS, Number.isNaN(rtt) ? 0 : 1.5 * rtt)) this.add(base, from, length, frame, resumed);
    }
    const full = Math.max(ints[receiver + MSS]! > 0 ? ints[receiver + MSS]! : 0, ints[sender + MAX_SEGMENT]!) || USUAL_MSS;
    if (length >= (ints[receiver + MSS]! > 0 ? full : Math.max(full, USUAL_MSS))) {
      ints[base + STALL] = Phase.none;
      return;
    }
    ints[base + STALL] = Phase.small | (from << 4);
    ints[base + SMALL_FRAME] = frame;
    ints[base + SMALL_LENGTH] = length;
    doubles[half + SMALL_TIME] = time;
    const requested = doubles[(receiver >> 1) + DATA_TIME]!;
    ints[base + REQUEST_FRAME] = ints[receiver + DATA_FRAME]!;
    const acknowledged = doubles[(sender >> 1) + PURE_ACK_TIME]!;
    const separately = ints[receiver + DATA_FRAME] !== 0 && acknowledged >= requested && !(doubles[(sender >> 1) + DATA_TIME]! > requested);
    doubles[half + REQUEST_ACK_DELAY] = separately ? acknowledged - requested : Number.NaN;
  }

  /** A pure acknowledgement from the other end than `waiting`. */
  acknowledgement(base: number, waiting: number, sender: number, ack: number, frame: number, time: number, rtt: number): void {
    const { ints, doubles } = this.slots;
    if (ints[base + STALL] !== (Phase.small | (waiting << 4)) || ack !== ints[sender + NEXT]) return;
    const waited = time - doubles[(base >> 1) + SMALL_TIME]!;
    const held = waited - (Number.isNaN(rtt) ? 0 : rtt);
    if (held < SHORTEST_ACK_DELAY_NS || waited > LONGEST_ACK_DELAY_NS) {
      ints[base + STALL] = Phase.none;
      return;
    }
    ints[base + STALL] = Phase.acknowledged | (waiting << 4);
    ints[base + ACK_FRAME] = frame;
    doubles[(base >> 1) + ACK_TIME] = time;
  }

  /** Anything else that came: a repeat, a SYN, a FIN, a RST. */
  interrupt(base: number): void {
    this.slots.ints[base + STALL] = Phase.none;
  }

  private add(base: number, from: number, restLength: number, restFrame: number, resumed: number): void {
    if (this.length === MAX_STALLS) {
      this.dropped++;
      return;
    }
    if (this.length === this.capacity) {
      this.capacity *= 2;
      for (const columns of [this.ints, this.words, this.doubles, this.bytes]) growAll(columns, this.capacity);
    }
    const { ints, doubles } = this.slots;
    const row = this.length++;
    const half = base >> 1;
    this.ints.stream[row] = ints[base + Connection.stream]!;
    this.bytes.from[row] = from;
    this.words.smallLength[row] = ints[base + SMALL_LENGTH]!;
    this.words.restLength[row] = restLength;
    this.words.requestFrame[row] = ints[base + REQUEST_FRAME]!;
    this.words.smallFrame[row] = ints[base + SMALL_FRAME]!;
    this.words.ackFrame[row] = ints[base + ACK_FRAME]!;
    this.words.restFrame[row] = restFrame;
    this.doubles.time[row] = doubles[half + SMALL_TIME]!;
    this.doubles.ackDelay[row] = doubles[half + ACK_TIME]! - doubles[half + SMALL_TIME]!;
    this.doubles.resumeDelay[row] = resumed;
    this.doubles.requestAckDelay[row] = doubles[half + REQUEST_ACK_DELAY]!;
  }
}
