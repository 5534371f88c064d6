import { Known, Mark, type PacketBatch, TcpFlag } from "../decoders/packet-batch.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import { Connection, ConnectionBit, End, EndBit, EndTime, SLOT_SIZE } from "./tcp-connection-state.ts";
import type { TcpExchange } from "./tcp-exchange.ts";
import { type RetransmissionRuns, RunBit, RunKind, UNKNOWN_LENGTH } from "./tcp-retransmission-runs.ts";
import { Analysis } from "./tcp-sequence-analysis.ts";
import type { ZeekEndpoints } from "./zeek-endpoints.ts";

const { syn: SYN, fin: FIN, rst: RST, ack: ACK, psh: PSH } = TcpFlag;

/** What an export's own words mean in Wireshark's terms. */
const SAID: readonly (readonly [number, number])[] = [
  [Mark.saidRetransmission, Analysis.retransmission],
  [Mark.saidOutOfOrder, Analysis.outOfOrder],
  [Mark.saidLostSegment, Analysis.lostSegment],
  [Mark.saidDuplicateAck, Analysis.duplicateAck],
  [Mark.saidZeroWindow, Analysis.zeroWindow],
  [Mark.saidKeepAlive, Analysis.keepAlive],
  [Mark.saidAckedUnseen, Analysis.ackLostSegment],
];
/** What an analysis cannot tell without the window. */
const NEEDS_WINDOW =
  Analysis.duplicateAck |
  Analysis.zeroWindow |
  Analysis.zeroWindowProbe |
  Analysis.zeroWindowProbeAck |
  Analysis.keepAliveAck |
  Analysis.windowUpdate |
  Analysis.windowFull;
/** What an excerpt cannot tell: rows that were cut away look like packets that were not captured. */
const NEEDS_WHOLE = Analysis.lostSegment | Analysis.ackLostSegment;

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
    this.latest.set(`${ints[base]} ${ints[base + 1]} ${ints[base + Connection.family]}`, slot);
  }

  /** The connection that a row without ports belongs to: the latest between its two addresses; -1 if there is none. */
  between(source: number, destination: number, family: number): number {
    const [low, high] = source < destination ? [source, destination] : [destination, source];
    const slot = this.latest.get(`${low | 0} ${high | 0} ${family}`) ?? -1;
    if (slot === -1) return -1;
    const base = slot * SLOT_SIZE;
    const { ints } = this.slots;
    return ints[base] === (low | 0) && ints[base + 1] === (high | 0) && ints[base + Connection.family] === family ? slot : -1;
  }

  /** The analysis of a text export's row, together with what the export says and without what it cannot show. */
  trust(marks: number, known: number, found: number): number {
    let trusted = found & ~NEEDS_WHOLE;
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
    if (carries && !lengthKnown) ints[base + Connection.bits]! |= ConnectionBit.lengthUnknown;
    if ((known & Known.seq) === 0) ints[base + Connection.bits]! |= ConnectionBit.lengthUnknown;
    const isOrig = ((ints[base + Connection.bits]! & ConnectionBit.clientIs1) !== 0) === (from === 1);
    const window = (known & Known.window) === 0 ? 1 : batch.window[i]!;
    this.zeek.segment(
      base,
      sender,
      receiver,
      isOrig,
      ints[sender + End.zeekLast]!,
      ints[receiver + End.zeekLast]!,
      length,
      flags,
      window,
      true,
    );
    if ((flags & SYN) !== 0) this.exchange.opening(batch, i, base, from, sender, flags);
    else if (isOrig && shown && (flags & (ACK | RST)) === ACK && (ints[base + Connection.bits]! & ConnectionBit.handshakeDone) === 0) {
      this.exchange.completing(base, receiver, 0, false);
    }
    const found = said(marks, 0);
    this.exchange.count(base, from, found);
    if ((flags & RST) !== 0) {
      ints[base + Connection.bits]! |= ConnectionBit.rst;
      this.exchange.reset(base, from, frame);
      return;
    }
    if ((flags & FIN) !== 0) ints[base + Connection.bits]! |= ConnectionBit.fin;
    if ((found & Analysis.keepAlive) !== 0) return;
    if ((found & Analysis.retransmission) !== 0) this.repeat(base, from, sender, flags, lengthKnown ? length : UNKNOWN_LENGTH, frame, time);
    else if (carries && (found & Analysis.outOfOrder) === 0) {
      this.endRun(sender);
      this.exchange.data(base, from, sender, receiver, lengthKnown ? length : 0, frame);
      if (!lengthKnown) ints[sender + End.dataLength] = UNKNOWN_LENGTH;
    } else if (!carries) doubles[(sender >> 1) + EndTime.pureAck] = time;
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
    let run = ints[sender + End.run]!;
    const same =
      run !== -1 &&
      (this.runs.bytes.bits[run]! & (RunBit.sequenced | RunBit.over)) === 0 &&
      this.runs.bytes.kind[run] === kind &&
      this.runs.ints.payload[run] === length;
    if (!same) {
      this.endRun(sender);
      const certain = kind === RunKind.data && length > 0 && ints[sender + End.dataLength] === length && ints[sender + End.dataFrame] !== 0;
      run = this.runs.open(
        ints[base + Connection.stream]!,
        from,
        sender,
        kind,
        length,
        certain ? ints[sender + End.dataFrame]! : 0,
        certain ? doubles[(sender >> 1) + EndTime.data]! : time,
      );
      if (run === -1) return;
    }
    this.runs.addCopy(run, frame, time);
  }

  private endRun(sender: number): void {
    const run = this.slots.ints[sender + End.run]!;
    if (run !== -1) this.runs.bytes.bits[run]! |= RunBit.over;
  }
}

/** The flags an export's words stand for, beyond those already found; one kind of retransmission is enough. */
function said(marks: number, found: number): number {
  let flags = 0;
  for (const [mark, flag] of SAID) if ((marks & mark) !== 0) flags |= flag;
  if ((flags & Analysis.retransmission) !== 0) {
    if ((found & (Analysis.anyRetransmission | Analysis.keepAlive)) !== 0) flags &= ~Analysis.retransmission;
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
  return (bits & EndBit.ackKnown) !== 0 ? ACK | PSH : PSH;
}
