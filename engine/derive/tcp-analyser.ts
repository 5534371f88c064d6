import { Family, Known, Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import {
  FLAG_ACK as ACK,
  FLAG_FIN as FIN,
  KNOWN_PORTS,
  KNOWN_SEGMENT,
  MARK_FRAGMENT,
  FLAG_RST as RST,
  FLAG_SYN as SYN,
} from "../decoders/packet-bits.ts";
import { ConnectionLifetimes } from "./connection-lifetimes.ts";
import { ConnectionRows } from "./connection-rows.ts";
import { ConnectionSlots } from "./connection-slots.ts";
import { HistoryBook } from "./history-book.ts";
import { sameWithin } from "./recorded-twice.ts";
import { SegmentRecorder } from "./segment-recorder.ts";
import { SentSegments } from "./sent-segments.ts";
import type { StreamBook } from "./stream-book.ts";
import {
  CONNECTION_BITS as BITS,
  CONNECTION_BIT_CLIENT_IS1 as CLIENT_IS_1,
  CONNECTION_BIT_CLOSED as CLOSED,
  END_CONTIGUOUS as CONTIGUOUS,
  END_BIT_CONTIGUOUS_KNOWN as CONTIGUOUS_KNOWN,
  END_ACK,
  END_BITS,
  END_TIME_LAST as END_LAST,
  END_SIZE,
  END_WINDOW,
  END_ZEEK,
  ENDPOINT_BIT_FIN_SEEN,
  CONNECTION_BIT_FIN as FIN_BIT,
  END_FINGERPRINT as FINGERPRINT,
  END_BIT_FIRST_ACK_PENDING as FIRST_ACK_PENDING,
  FIRST_END,
  CONNECTION_TIME_FIRST_RTT as FIRST_RTT,
  CONNECTION_BIT_HANDSHAKE_DONE as HANDSHAKE_DONE,
  IDLE,
  END_INITIAL as INITIAL,
  END_BIT_INITIAL_KNOWN as INITIAL_KNOWN,
  CONNECTION_TIME_LAST as LAST,
  END_MSS as MSS,
  END_NEXT as NEXT,
  END_BIT_NEXT_KNOWN as NEXT_KNOWN,
  NOW,
  END_PACKETS as PACKETS,
  CONNECTION_BIT_PASSED0 as PASSED_0,
  CONNECTION_BIT_PASSED1 as PASSED_1,
  CONNECTION_PROCESS as PROCESS,
  CONNECTION_BIT_RST as RST_BIT,
  SLOT_SIZE,
  CONNECTION_STREAM as STREAM,
  CONNECTION_TIME_SYN as SYN_TIME,
} from "./tcp-connection-state.ts";
import { TcpExchange } from "./tcp-exchange.ts";
import { RetransmissionRuns } from "./tcp-retransmission-runs.ts";
import { analyseSequence, noteInitial, noteWindowScale } from "./tcp-sequence-analysis.ts";
import { SHORTEST_ACK_DELAY_NS, TcpStalls } from "./tcp-stalls.ts";
import { dataFlags, isPlaced, TcpUnsequenced } from "./tcp-unsequenced.ts";
import { ZeekEndpoints } from "./zeek-endpoints.ts";

/** Connections with a row of their own; packets of further ones are only counted. */
export const MAX_CONNECTIONS = 1 << 20;
/** Every so many segments, so many slots are looked at. */
const SWEEP_EVERY = 256;
/** A refused SYN is tried again within this time (Windows: half a second). */
const REFUSED_RETRY_NS = 5e9;

/** Told of each analysed segment: its frame, its connection's row, `Analysis` flags and TCP flags. */
export type SegmentObserver = (frame: number, stream: number, found: number, flags: number) => void;

/** Follows every TCP connection of one capture point, packet by packet. */
export class TcpAnalyser {
  readonly slots = new ConnectionSlots();
  readonly rows = new ConnectionRows();
  readonly histories = new HistoryBook();
  private readonly sent = new SentSegments(this.slots);
  readonly runs = new RetransmissionRuns(this.slots, this.sent);
  readonly stalls = new TcpStalls(this.slots);
  private readonly exchange = new TcpExchange(this.slots, this.rows, this.sent, this.runs, this.stalls);
  private readonly zeek: ZeekEndpoints;
  private readonly lifetimes: ConnectionLifetimes;
  private readonly unsequenced: TcpUnsequenced;
  readonly recorder: SegmentRecorder | null;
  private readonly observer: SegmentObserver | null;
  private readonly textExport: boolean;
  /** Reads what connections carry, where packets have their bytes. */
  streams: StreamBook | null = null;
  packets = 0;
  /** Packets of connections beyond `MAX_CONNECTIONS`. */
  unlisted = 0;
  duplicates = 0;
  oversized = 0;

  constructor(textExport: boolean, segments: boolean, observer: SegmentObserver | null) {
    this.textExport = textExport;
    this.zeek = new ZeekEndpoints(this.slots, this.histories, !textExport);
    this.lifetimes = new ConnectionLifetimes(this.slots, this.rows, this.histories, this.zeek);
    this.unsequenced = new TcpUnsequenced(this.slots, this.exchange, this.runs, this.zeek);
    this.recorder = segments ? new SegmentRecorder() : null;
    this.observer = observer;
  }

  /** To be called with each batch before its packets are handed over one by one. */
  begin(batch: PacketBatch): void {
    this.slots.reserve(batch.count);
    this.slots.anticipate(batch);
  }

  /** Packet `i` of a batch, which is TCP. */
  packet(batch: PacketBatch, i: number): void {
    this.packets++;
    if ((this.packets & (SWEEP_EVERY - 1)) === 0) this.lifetimes.sweep(batch.time[i]!);
    const guess = this.slots.guesses[i]!;
    if (guess === 0 || !this.slots.confirms(guess, batch, i)) {
      this.lookUp(batch, i);
      return;
    }
    const base = (guess >> 1) * SLOT_SIZE;
    if ((batch.flags[i]! & (SYN | ACK)) === SYN && this.isAnother(batch, i, base, guess & 1)) {
      this.lifetimes.close(guess >> 1);
      this.open(batch, i, guess >> 1, guess & 1);
    }
    this.segment(batch, i, base, guess & 1);
  }

  /** A packet whose connection was not known when its batch came. */
  private lookUp(batch: PacketBatch, i: number): void {
    const family = batch.family[i]!;
    if ((batch.known[i]! & KNOWN_PORTS) === 0 || family === Family.none || (batch.marks[i]! & MARK_FRAGMENT) !== 0) {
      this.portless(batch, i);
      return;
    }
    const from = batch.source[i]!;
    const to = batch.destination[i]!;
    const fromPort = batch.sourcePort[i]!;
    const toPort = batch.destinationPort[i]!;
    const first = from < to || (from === to && fromPort <= toPort);
    const address0 = (first ? from : to) | 0;
    const address1 = (first ? to : from) | 0;
    const ports = first ? (fromPort << 16) | toPort : (toPort << 16) | fromPort;
    const end = first ? 0 : 1;
    let slot = this.slots.find(address0, address1, ports, family);
    if (slot === -1) {
      if (this.rows.length === MAX_CONNECTIONS) {
        this.unlisted++;
        return;
      }
      this.lifetimes.makeRoom();
      slot = this.slots.insert(address0, address1, ports, family);
      this.open(batch, i, slot, end);
    } else if ((batch.flags[i]! & (SYN | ACK)) === SYN && this.isAnother(batch, i, slot * SLOT_SIZE, end)) {
      this.lifetimes.close(slot);
      this.open(batch, i, slot, end);
    }
    this.segment(batch, i, slot * SLOT_SIZE, end);
  }

  /** Writes the rows of the connections still remembered. */
  finish(): void {
    this.lifetimes.finish();
  }

  private segment(batch: PacketBatch, i: number, base: number, from: number): void {
    const { ints, doubles } = this.slots;
    const half = base >> 1;
    const sender = base + FIRST_END + (from === 0 ? 0 : END_SIZE);
    const receiver = base + FIRST_END + (from === 0 ? END_SIZE : 0);
    const time = batch.time[i]!;
    doubles[NOW] = time;
    const frame = batch.frame[i]!;
    const known = batch.known[i]!;
    this.exchange.packet(base, sender, frame, batch.ipLength[i]!);
    if (ints[sender + PACKETS] === 1) this.firstOfEnd(batch, i, ints[base + STREAM]!, from);
    if (batch.process[i]! >= 0) ints[base + PROCESS] = batch.process[i]!;
    const seq = batch.seq[i]! | 0;
    let ack = batch.ack[i]! | 0;
    let flags = batch.flags[i]!;
    let length = batch.payloadLength[i]!;
    let window = batch.window[i]!;
    if ((known & KNOWN_SEGMENT) !== KNOWN_SEGMENT) {
      if (!isPlaced(known, flags)) {
        if (this.recorder) this.record(batch, i, base, from);
        this.unsequenced.segment(batch, i, base, from, sender, receiver);
        return;
      }
      if ((known & Known.ack) === 0) ack = ints[sender + END_ACK]!;
      if ((known & Known.flags) === 0) flags = dataFlags(ints[sender + END_BITS]!);
      if ((known & Known.length) === 0) length = 0;
      if ((known & Known.window) === 0) window = ints[sender + END_WINDOW]!;
    }
    const ipId = batch.ipId[i]!;
    const fingerprint = Math.imul(seq, 0x9e3779b1) ^ Math.imul((length << 8) | flags, 0x85ebca6b) ^ ipId;
    const recorded =
      ints[sender + FINGERPRINT] === fingerprint &&
      time - doubles[(sender >> 1) + END_LAST]! < sameWithin(ipId) &&
      (ipId !== 0 || (!this.textExport && length + (flags & (SYN | FIN)) > 0));
    if (recorded) this.duplicates++;
    else if (this.recorder) this.record(batch, i, base, from);
    ints[sender + FINGERPRINT] = fingerprint;
    const acked = ints[sender + END_ACK]!;

    if ((ints[sender + END_BITS]! & ints[receiver + END_BITS]! & INITIAL_KNOWN) === 0) noteInitial(ints, sender, receiver, seq, ack, flags);
    let found = analyseSequence(ints, doubles, sender, receiver, seq, ack, length, flags, window, half + FIRST_RTT);
    if (this.textExport) found = this.unsequenced.trust(batch.marks[i]!, known, found);
    const bits = ints[base + BITS]!;
    const isOrig = ((bits & CLIENT_IS_1) !== 0) === (from === 1);
    const whole = batch.payloadCaptured[i]! >= length || this.textExport;
    this.zeek.segment(base, sender, receiver, isOrig, seq, ack, length, flags, window, whole);
    if ((flags & (SYN | FIN | RST)) !== 0) this.control(batch, i, base, from, sender, receiver, flags, recorded);
    if ((flags & (SYN | ACK)) === ACK) {
      if (doubles[half + FIRST_RTT] === 0 && !Number.isNaN(doubles[half + SYN_TIME]!))
        doubles[half + FIRST_RTT] = time - doubles[half + SYN_TIME]!;
      ints[sender + END_BITS]! &= ~FIRST_ACK_PENDING;
      if ((bits & HANDSHAKE_DONE) === 0 && isOrig && (flags & RST) === 0) this.exchange.completing(base, receiver, ack, true);
    }
    if (length > ints[receiver + MSS]! && ints[receiver + MSS]! > 0 && ints[sender + MSS]! > 0) this.oversized++;
    if (found !== 0) this.exchange.count(base, from, found);
    this.exchange.content(base, from, sender, receiver, seq, ack, length, flags, frame, found, recorded);
    if (length === 0 && doubles[IDLE]! >= SHORTEST_ACK_DELAY_NS && (flags & (SYN | FIN | RST)) === 0) {
      this.stalls.acknowledgement(base, from ^ 1, receiver, sender, ack, acked, frame);
    }
    if (length > 0 && this.streams !== null && !recorded && (bits & (from === 0 ? PASSED_0 : PASSED_1)) === 0)
      this.streams.segment(batch, i, base, from as 0 | 1, sender);
    if (this.observer) this.observer(frame, ints[base + STREAM]!, found, flags);
  }

  /** SYN, FIN and RST. */
  private control(
    batch: PacketBatch,
    i: number,
    base: number,
    from: number,
    sender: number,
    receiver: number,
    flags: number,
    recorded: boolean,
  ): void {
    const { ints } = this.slots;
    if ((flags & SYN) !== 0 && !recorded) {
      this.exchange.opening(batch, i, base, from, sender, flags);
      if ((batch.known[i]! & Known.options) !== 0 && (batch.marks[i]! & Mark.mssOnly) === 0)
        noteWindowScale(ints, sender, receiver, batch.windowShift[i]!, flags);
    }
    // A connection that the capture starts in the middle of, with its end, does not count as ended (Wireshark's completeness).
    const begun = ints[sender + PACKETS]! + ints[receiver + PACKETS]! > 1;
    if ((flags & (FIN | ACK)) === (FIN | ACK) && begun) ints[base + BITS]! |= FIN_BIT;
    if ((flags & FIN) !== 0 && (ints[receiver + END_ZEEK]! & ENDPOINT_BIT_FIN_SEEN) !== 0) ints[base + BITS]! |= CLOSED;
    if ((flags & RST) !== 0) {
      if (begun) ints[base + BITS]! |= RST_BIT;
      this.exchange.reset(base, from, batch.frame[i]!);
    }
  }

  /** Whether a SYN opens another connection of the same two ends: another initial sequence number, or the one before has ended. */
  private isAnother(batch: PacketBatch, i: number, base: number, from: number): boolean {
    const { ints } = this.slots;
    const sender = base + FIRST_END + from * END_SIZE;
    if (this.rows.length === MAX_CONNECTIONS) return false;
    const bits = ints[base + BITS]!;
    const numbered = (batch.known[i]! & Known.seq) !== 0 && (batch.marks[i]! & Mark.relativeSequence) === 0;
    if (!numbered) {
      // No number tells it from a repeated SYN; a connection that stood, or was refused a while ago, does.
      if ((bits & (HANDSHAKE_DONE | FIN_BIT)) !== 0) return true;
      if ((bits & RST_BIT) !== 0 && batch.time[i]! - this.slots.doubles[(base >> 1) + LAST]! > REFUSED_RETRY_NS) return true;
    }
    if ((batch.known[i]! & Known.seq) === 0 || (ints[sender + END_BITS]! & INITIAL_KNOWN) === 0) return false;
    if (ints[sender + INITIAL] !== (batch.seq[i]! | 0)) return true;
    // A RST before it may have moved the next sequence number anywhere.
    ints[sender + NEXT] = ints[sender + CONTIGUOUS]!;
    if ((ints[sender + END_BITS]! & CONTIGUOUS_KNOWN) === 0) ints[sender + END_BITS]! &= ~NEXT_KNOWN;
    return false;
  }

  private open(batch: PacketBatch, i: number, slot: number, from: number): void {
    this.lifetimes.open(batch, i, slot, from);
    if (this.textExport) this.unsequenced.opened(slot);
  }

  private portless(batch: PacketBatch, i: number): void {
    if (!this.textExport || batch.family[i] === Family.none || (batch.marks[i]! & MARK_FRAGMENT) !== 0) return;
    const slot = this.unsequenced.between(batch.source[i]!, batch.destination[i]!, batch.family[i]!);
    if (slot === -1) return;
    this.segment(batch, i, slot * SLOT_SIZE, this.slots.ints[slot * SLOT_SIZE] === (batch.source[i]! | 0) ? 0 : 1);
  }

  private firstOfEnd(batch: PacketBatch, i: number, row: number, from: number): void {
    if ((batch.known[i]! & Known.ttl) !== 0) this.rows.ends[from as 0 | 1].bytes.ttl[row] = batch.ttl[i]!;
  }

  private record(batch: PacketBatch, i: number, base: number, from: number): void {
    const { ints } = this.slots;
    const fromServer = ((ints[base + BITS]! & CLIENT_IS_1) !== 0) !== (from === 1);
    this.recorder!.add(batch, i, ints[base + STREAM]!, fromServer);
  }
}
