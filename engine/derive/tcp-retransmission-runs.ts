import type { ConnectionSlots } from "./connection-slots.ts";
import { CountColumn, FrameLists, growAll } from "./growing-columns.ts";
import type { SentSegments } from "./sent-segments.ts";
import { END_OPEN_RUNS, END_RUN } from "./tcp-connection-state.ts";

/** Segments of one capture point of which retransmissions are listed one by one; beyond it they are only counted. */
export const MAX_RUNS = 65_536;
/** Runs of one direction, newest first, that a retransmission is looked up in. */
const MAX_LOOKED_AT = 64;
/** Retransmissions of one segment whose frames are listed. */
const MAX_COPY_FRAMES = 16;
/** RTO back-off doubles the gap (RFC 6298 section 5.5); timers are coarse, so a little less or more counts. */
const BACKOFF_FROM = 1.5;
const BACKOFF_TO = 3;
/** Fewer retransmissions show no back-off. */
export const BACKOFF_COPIES = 3;

/** What was sent more than once, as the table's `kind`. */
export const RunKind = { data: 0, syn: 1, synAck: 2, fin: 3 } as const;
export const RUN_KINDS = ["data", "syn", "syn_ack", "fin"] as const;

export const RunBit = {
  /** Acknowledged; only meaningful with `sequenced`. */
  acknowledged: 1,
  /** Its first transmission was captured. */
  firstSeen: 2,
  /** A gap did not grow about twofold. */
  uneven: 4,
  endedByReset: 8,
  /** Known by sequence numbers, not by what an export says. */
  sequenced: 16,
  /** The sender has sent something new since, so a further repeat of unknown sequence number is not this one's. */
  over: 32,
} as const;

/** Payload length of a run where the export does not tell it. */
export const UNKNOWN_LENGTH = -1;

const START_SIZE = 256;

/** One segment sent more than once, with all its copies: the rows of `tcp_retransmissions` while they are collected. */
export class RetransmissionRuns {
  length = 0;
  /** Retransmissions that no row tells of, because there were too many. */
  dropped = 0;
  private capacity = START_SIZE;
  readonly ints = {
    stream: new Int32Array(START_SIZE),
    seq: new Int32Array(START_SIZE),
    end: new Int32Array(START_SIZE),
    payload: new Int32Array(START_SIZE),
    /** Names a list of `frames`. */
    copyFrames: new Int32Array(START_SIZE),
    /** The run before it of the same direction. */
    before: new Int32Array(START_SIZE),
  };
  readonly words = { firstFrame: new Uint32Array(START_SIZE), resetFrame: new Uint32Array(START_SIZE) };
  readonly doubles = {
    firstTime: new Float64Array(START_SIZE),
    lastTime: new Float64Array(START_SIZE),
    firstGap: new Float64Array(START_SIZE),
    lastGap: new Float64Array(START_SIZE),
  };
  /** `from` is the canonical end that sent it. */
  readonly bytes = { from: new Uint8Array(START_SIZE), kind: new Uint8Array(START_SIZE), bits: new Uint8Array(START_SIZE) };
  readonly copies = new CountColumn(START_SIZE);
  readonly frames = new FrameLists();
  private readonly slots: ConnectionSlots;
  private readonly sent: SentSegments;

  constructor(slots: ConnectionSlots, sent: SentSegments) {
    this.slots = slots;
    this.sent = sent;
  }

  /** A segment that the analysis, or the export, calls a retransmission. */
  repeat(
    stream: number,
    from: number,
    sender: number,
    kind: number,
    seq: number,
    end: number,
    payload: number,
    frame: number,
    time: number,
  ): void {
    const { ints } = this.slots;
    let run = this.find(ints[sender + END_RUN]!, kind, seq);
    if (run === -1) {
      const original = this.sent.find(sender, seq);
      const known = original !== 0;
      run = this.open(stream, from, sender, kind, payload, known ? this.sent.frame(original) : 0, known ? this.sent.time(original) : time);
      if (run === -1) return;
      this.ints.seq[run] = seq;
      this.ints.end[run] = end;
      this.bytes.bits[run]! |= RunBit.sequenced;
      ints[sender + END_OPEN_RUNS]! += 1;
    }
    this.addCopy(run, frame, time);
  }

  /** Starts a run; -1 if there are too many. `firstFrame` is 0 where the first transmission was not captured. */
  open(stream: number, from: number, sender: number, kind: number, payload: number, firstFrame: number, firstTime: number): number {
    if (this.length === MAX_RUNS) {
      this.dropped++;
      return -1;
    }
    if (this.length === this.capacity) {
      this.capacity *= 2;
      for (const columns of [this.ints, this.words, this.doubles, this.bytes]) growAll(columns, this.capacity);
      this.copies.grow(this.capacity);
    }
    const run = this.length++;
    this.ints.stream[run] = stream;
    this.ints.payload[run] = payload;
    this.ints.copyFrames[run] = -1;
    this.ints.before[run] = this.slots.ints[sender + END_RUN]!;
    this.words.firstFrame[run] = firstFrame;
    this.doubles.firstTime[run] = firstTime;
    this.doubles.lastTime[run] = firstFrame === 0 ? Number.NaN : firstTime;
    this.doubles.firstGap[run] = Number.NaN;
    this.doubles.lastGap[run] = Number.NaN;
    this.bytes.from[run] = from;
    this.bytes.kind[run] = kind;
    this.bytes.bits[run] = firstFrame === 0 ? 0 : RunBit.firstSeen;
    this.slots.ints[sender + END_RUN] = run;
    return run;
  }

  addCopy(run: number, frame: number, time: number): void {
    this.copies.add(run);
    const copies = this.copies.values[run]!;
    if (copies <= MAX_COPY_FRAMES) this.ints.copyFrames[run] = this.frames.append(this.ints.copyFrames[run]!, frame);
    const gap = time - this.doubles.lastTime[run]!;
    const ratio = gap / this.doubles.lastGap[run]!;
    // The first gap may be short: a probe or a fast retransmission before the timer.
    if (ratio < BACKOFF_FROM || ratio > BACKOFF_TO) this.bytes.bits[run]! |= RunBit.uneven;
    if (copies === 1) this.doubles.firstGap[run] = gap;
    this.doubles.lastGap[run] = gap;
    this.doubles.lastTime[run] = time;
  }

  /** The receiver acknowledged everything below `ack`. */
  acknowledge(sender: number, ack: number): void {
    const { ints } = this.slots;
    let looked = 0;
    for (let run = ints[sender + END_RUN]!; run !== -1 && looked < MAX_LOOKED_AT; run = this.ints.before[run]!, looked++) {
      const bits = this.bytes.bits[run]!;
      if ((bits & (RunBit.sequenced | RunBit.acknowledged)) !== RunBit.sequenced || ((this.ints.end[run]! - ack) | 0) > 0) continue;
      this.bytes.bits[run] = bits | RunBit.acknowledged;
      ints[sender + END_OPEN_RUNS]! -= 1;
    }
  }

  /** A RST ended the connection; `heard` is when the receiver of the sender's segments was last heard of. */
  reset(sender: number, frame: number, heard: number): void {
    let looked = 0;
    for (let run = this.slots.ints[sender + END_RUN]!; run !== -1 && looked < MAX_LOOKED_AT; run = this.ints.before[run]!, looked++) {
      const bits = this.bytes.bits[run]!;
      const silent = (bits & RunBit.over) === 0 && !(heard >= this.doubles.lastTime[run]!);
      if ((bits & RunBit.sequenced) !== 0 ? (bits & RunBit.acknowledged) !== 0 : !silent) continue;
      this.bytes.bits[run] = bits | RunBit.endedByReset;
      this.words.resetFrame[run] = frame;
    }
  }

  private find(newest: number, kind: number, seq: number): number {
    let looked = 0;
    for (let run = newest; run !== -1 && looked < MAX_LOOKED_AT; run = this.ints.before[run]!, looked++) {
      if (this.bytes.kind[run] !== kind || (this.bytes.bits[run]! & RunBit.sequenced) === 0) continue;
      if (((seq - this.ints.seq[run]!) | 0) >= 0 && ((seq - this.ints.end[run]!) | 0) < 0) return run;
    }
    return -1;
  }
}
