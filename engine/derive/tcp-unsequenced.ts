import { Known, Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import { FLAG_ACK as ACK, FLAG_FIN as FIN, FLAG_PSH as PSH, FLAG_RST as RST, FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import {
  ANALYSIS_ACK_LOST_SEGMENT,
  ANALYSIS_ANY_RETRANSMISSION,
  ANALYSIS_DUPLICATE_ACK,
  ANALYSIS_KEEP_ALIVE,
  ANALYSIS_KEEP_ALIVE_ACK,
  ANALYSIS_LOST_SEGMENT,
  ANALYSIS_OUT_OF_ORDER,
  ANALYSIS_RETRANSMISSION,
  ANALYSIS_WINDOW_FULL,
  ANALYSIS_WINDOW_UPDATE,
  ANALYSIS_ZERO_WINDOW,
  ANALYSIS_ZERO_WINDOW_PROBE,
  ANALYSIS_ZERO_WINDOW_PROBE_ACK,
} from "./tcp-analysis-flags.ts";
import {
  CONNECTION_BIT_CLIENT_IS1,
  CONNECTION_BIT_FIN,
  CONNECTION_BIT_HANDSHAKE_DONE,
  CONNECTION_BIT_LENGTH_UNKNOWN,
  CONNECTION_BIT_RST,
  CONNECTION_BITS,
  CONNECTION_FAMILY,
  CONNECTION_STREAM,
  END_BIT_ACK_KNOWN,
  END_DATA_FRAME,
  END_DATA_LENGTH,
  END_RUN,
  END_TIME_DATA,
  END_TIME_PURE_ACK,
  END_ZEEK_LAST,
  SLOT_SIZE,
} from "./tcp-connection-state.ts";
import type { TcpExchange } from "./tcp-exchange.ts";
import { type RetransmissionRuns, RunBit, RunKind, UNKNOWN_LENGTH } from "./tcp-retransmission-runs.ts";
import type { ZeekEndpoints } from "./zeek-endpoints.ts";

/** What an export's own words mean in Wireshark's terms. */
const SAID: readonly (readonly [number, number])[] = [
  [Mark.saidRetransmission, ANALYSIS_RETRANSMISSION],
  [Mark.saidOutOfOrder, ANALYSIS_OUT_OF_ORDER],
  [Mark.saidLostSegment, ANALYSIS_LOST_SEGMENT],
  [Mark.saidDuplicateAck, ANALYSIS_DUPLICATE_ACK],
  [Mark.saidZeroWindow, ANALYSIS_ZERO_WINDOW],
  [Mark.saidKeepAlive, ANALYSIS_KEEP_ALIVE],
  [Mark.saidAckedUnseen, ANALYSIS_ACK_LOST_SEGMENT],
];
/** What an analysis cannot tell without the window. */
const NEEDS_WINDOW =
  ANALYSIS_DUPLICATE_ACK |
  ANALYSIS_ZERO_WINDOW |
  ANALYSIS_ZERO_WINDOW_PROBE |
  ANALYSIS_ZERO_WINDOW_PROBE_ACK |
  ANALYSIS_KEEP_ALIVE_ACK |
  ANALYSIS_WINDOW_UPDATE |
  ANALYSIS_WINDOW_FULL;
/** What an excerpt cannot tell: rows that were cut away look like packets that were not captured. */
const NEEDS_WHOLE = ANALYSIS_LOST_SEGMENT | ANALYSIS_ACK_LOST_SEGMENT;

/**
 * Rows of text exports that lack a sequence number, a length, flags or ports. Nothing is inferred from numbers that are not
 * there: what counts is what the export itself says, and which row a repeat repeats only where that is certain.
 */
export class TcpUnsequenced {
  private readonly slots: ConnectionSlots;
  private readonly exchange: TcpExchange;
  private readonly runs: RetransmissionRuns;
  private readonly zeek: ZeekEndpoints;
  /** By pair of addresses: the latest connection between them. */
  private readonly latest = new Map<string, number>();

  constructor(slots: ConnectionSlots, exchange: TcpExchange, runs: RetransmissionRuns, zeek: ZeekEndpoints) {
    this.slots = slots;
    this.exchange = exchange;
    this.runs = runs;
    this.zeek = zeek;
  }

  opened(slot: number): void {
    const { ints } = this.slots;
    const base = slot * SLOT_SIZE;
    this.latest.set(`${ints[base]} ${ints[base + 1]} ${ints[base + CONNECTION_FAMILY]}`, slot);
  }

  /** The connection that a row without ports belongs to: the latest between its two addresses; -1 if there is none. */
  between(source: number, destination: number, family: number): number {
    const [low, high] = source < destination ? [source, destination] : [destination, source];
    const slot = this.latest.get(`${low | 0} ${high | 0} ${family}`) ?? -1;
    if (slot === -1) return -1;
    const base = slot * SLOT_SIZE;
    const { ints } = this.slots;
    return ints[base] === (low | 0) && ints[base + 1] === (high | 0) && ints[base + CONNECTION_FAMILY] === family ? slot : -1;
  }

  /** The analysis of a text export's row, together with what the export says and without what it cannot show. */
  trust(marks: number, known: number, found: number): number {
    let trusted = (marks & Mark.unanalysed) !== 0 ? found : found & ~NEEDS_WHOLE;
    if ((known & Known.window) === 0) trusted &= ~NEEDS_WINDOW;
    return trusted | said(marks, trusted);
  }

  segment(batch: PacketBatch, i: number, base: number, from: number, sender: number, receiver: number): void {
    const { ints, doubles } = this.slots;
    const known = batch.known[i]!;
    const marks = batch.marks[i]!;
    const [frame, time] = [batch.frame[i]!, batch.time[i]!];
    // A row in an application protocol's words shows no flags; it carries data.
    const shown = (known & Known.flags) !== 0;
    const flags = shown ? batch.flags[i]! : ACK | PSH;
    const lengthKnown = (known & Known.length) !== 0;
    const carries = lengthKnown ? batch.payloadLength[i]! > 0 : !shown || ((flags & PSH) !== 0 && (flags & (SYN | RST)) === 0);
    const length = lengthKnown ? batch.payloadLength[i]! : carries ? 1 : 0;
    if (carries && !lengthKnown) ints[base + CONNECTION_BITS]! |= CONNECTION_BIT_LENGTH_UNKNOWN;
    if ((known & Known.seq) === 0) ints[base + CONNECTION_BITS]! |= CONNECTION_BIT_LENGTH_UNKNOWN;
    const isOrig = ((ints[base + CONNECTION_BITS]! & CONNECTION_BIT_CLIENT_IS1) !== 0) === (from === 1);
    const window = (known & Known.window) === 0 ? 1 : batch.window[i]!;
    this.zeek.segment(
      base,
      sender,
      receiver,
      isOrig,
      ints[sender + END_ZEEK_LAST]!,
      ints[receiver + END_ZEEK_LAST]!,
      length,
      flags,
      window,
      true,
    );
    if ((flags & SYN) !== 0) this.exchange.opening(batch, i, base, from, sender, flags);
    else if (isOrig && shown && (flags & (ACK | RST)) === ACK && (ints[base + CONNECTION_BITS]! & CONNECTION_BIT_HANDSHAKE_DONE) === 0) {
      this.exchange.completing(base, receiver, 0, false);
    }
    const found = said(marks, 0);
    this.exchange.count(base, from, found);
    if ((flags & RST) !== 0) {
      ints[base + CONNECTION_BITS]! |= CONNECTION_BIT_RST;
      this.exchange.reset(base, from, frame);
      return;
    }
    if ((flags & FIN) !== 0) ints[base + CONNECTION_BITS]! |= CONNECTION_BIT_FIN;
    if ((found & ANALYSIS_KEEP_ALIVE) !== 0) return;
    if ((found & ANALYSIS_RETRANSMISSION) !== 0) this.repeat(base, from, sender, flags, lengthKnown ? length : UNKNOWN_LENGTH, frame, time);
    else if (carries && (found & ANALYSIS_OUT_OF_ORDER) === 0) {
      this.endRun(sender);
      this.exchange.data(base, from, sender, receiver, lengthKnown ? length : 0, frame);
      if (!lengthKnown) ints[sender + END_DATA_LENGTH] = UNKNOWN_LENGTH;
    } else if (!carries) doubles[(sender >> 1) + END_TIME_PURE_ACK] = time;
  }

  private repeat(base: number, from: number, sender: number, flags: number, length: number, frame: number, time: number): void {
    const { ints, doubles } = this.slots;
    const kind =
      (flags & SYN) !== 0
        ? (flags & ACK) !== 0
          ? RunKind.synAck
          : RunKind.syn
        : (flags & FIN) !== 0 && length <= 0
          ? RunKind.fin
          : RunKind.data;
    let run = ints[sender + END_RUN]!;
    const same =
      run !== -1 &&
      (this.runs.bytes.bits[run]! & (RunBit.sequenced | RunBit.over)) === 0 &&
      this.runs.bytes.kind[run] === kind &&
      this.runs.ints.payload[run] === length;
    if (!same) {
      this.endRun(sender);
      const certain =
        kind === RunKind.data && length > 0 && ints[sender + END_DATA_LENGTH] === length && ints[sender + END_DATA_FRAME] !== 0;
      run = this.runs.open(
        ints[base + CONNECTION_STREAM]!,
        from,
        sender,
        kind,
        length,
        certain ? ints[sender + END_DATA_FRAME]! : 0,
        certain ? doubles[(sender >> 1) + END_TIME_DATA]! : time,
      );
      if (run === -1) return;
    }
    this.runs.addCopy(run, frame, time);
  }

  private endRun(sender: number): void {
    const run = this.slots.ints[sender + END_RUN]!;
    if (run !== -1) this.runs.bytes.bits[run]! |= RunBit.over;
  }
}

/** The flags an export's words stand for, beyond those already found; one kind of retransmission is enough. */
function said(marks: number, found: number): number {
  let flags = 0;
  for (const [mark, flag] of SAID) if ((marks & mark) !== 0) flags |= flag;
  if ((flags & ANALYSIS_RETRANSMISSION) !== 0) {
    if ((found & (ANALYSIS_ANY_RETRANSMISSION | ANALYSIS_KEEP_ALIVE)) !== 0) flags &= ~ANALYSIS_RETRANSMISSION;
  }
  return flags;
}

/** Whether a row that lacks something still has its place in the stream: a SYN needs no length. */
export function isPlaced(known: number, flags: number): boolean {
  if ((known & Known.seq) === 0) return false;
  return (known & Known.length) !== 0 || ((known & Known.flags) !== 0 && (flags & SYN) !== 0);
}

/** Flags of a row in an application protocol's words: data that acknowledges what its sender acknowledged before. */
export function dataFlags(bits: number): number {
  return (bits & END_BIT_ACK_KNOWN) !== 0 ? ACK | PSH : PSH;
}
