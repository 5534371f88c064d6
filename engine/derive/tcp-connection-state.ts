import { BATCH_CAPACITY, type PacketBatch } from "../decoders/packet-batch.ts";

/**
 * What is remembered of every TCP connection while packets may still come: one fixed row of integers and doubles a
 * connection, both directions in it, so that a packet touches a few neighbouring cache lines and nothing is allocated.
 * Rows ("slots") are reused once their connection is summarised.
 */

const TCP = 6;

/** Offsets in integers from the slot's start. Ends are numbered 0 and 1 by address and port, whoever opened the connection. */
export const Connection = {
  address0: 0,
  address1: 1,
  /** Port of end 0 in the upper half. */
  ports: 2,
  family: 3,
  stream: 4,
  /** `ConnectionBit`s. */
  bits: 5,
  /** Node of the `HistoryBook`. */
  history: 6,
  /** Zeek's hist_seen: orig in the lower byte, resp in the next. */
  lettersSeen: 7,
  lastFrame: 8,
  turns: 9,
  /** The end that got a held-back acknowledgement with the last packet, plus one; 0 if none. */
  stall: 10,
  stallAckFrame: 11,
  requestFrame: 12,
  process: 13,
} as const;

/** Offsets in doubles from half the slot's start. */
export const ConnectionTime = {
  last: 7,
  idleMax: 8,
  /** Last SYN without ACK; NaN if none. */
  syn: 9,
  synAck: 10,
  /** Wireshark's initial round-trip time; 0 if not known. */
  firstRtt: 11,
  /** The handshake's round trip; NaN if not seen. */
  rtt: 12,
  stallAckDelay: 13,
  requestAckDelay: 14,
  shortestTurn: 15,
  /** Bytes, not a time: content gaps as Zeek counts them. */
  missed: 16,
} as const;

export const ConnectionBit = {
  /** End 1 opened the connection. */
  clientIs1: 1,
  /** Zeek's is_partial. */
  partial: 2,
  seenOrig: 4,
  seenResp: 8,
  /** Wireshark's completeness: a FIN or RST was seen, so the next SYN is another connection. */
  fin: 16,
  rst: 32,
  /** Which end sent data last, and whether any did. */
  dataFrom1: 64,
  data: 128,
  established: 256,
  handshakeDone: 512,
  /** A RST, or FINs of both ends: may be summarised once it has been quiet for a while. */
  closed: 1024,
  lengthUnknown: 4096,
} as const;

/** Where the two directions start, in integers from the slot's start. */
export const FIRST_END = 34;
export const END_SIZE = 58;
export const SLOT_SIZE = FIRST_END + 2 * END_SIZE;

/** Offsets in integers from the direction's start: what most segments touch comes first. */
export const End = {
  /** Sequence number after the highest seen; with `EndBit.nextKnown`. */
  next: 0,
  /** Highest sequence number up to which nothing is missing. */
  contiguous: 1,
  /** Acknowledgement number of its last segment. */
  ack: 2,
  window: 3,
  /** Window scale shift; -1 not known, -2 not used. */
  shift: 4,
  duplicateAcks: 5,
  bits: 6,
  /** Analysis flags of its last segment. */
  lastFlags: 7,
  unacknowledged: 8,
  packets: 9,
  /** Of its last packet, to know a packet recorded twice. */
  fingerprint: 10,
  /** Zeek's endpoint: state, previous state << 4, `EndpointBit`s. */
  zeek: 11,
  zeekStart: 12,
  zeekLast: 13,
  zeekAcked: 14,
  /** Wraps of `zeekLast`, and of `zeekAcked` << 16. */
  wraps: 15,
  maxSegment: 16,
  dataFrame: 17,
  /** Payload of its last new data; -1 where an export does not tell. */
  dataLength: 18,
  /** Its newest entry in the `SentSegments`, 0 if none. */
  sent: 19,
  /** Retransmission runs that are not acknowledged yet. */
  openRuns: 20,
  /** MSS it announced; -1 not seen, 0 none. */
  mss: 21,
  initial: 38,
  lastSyn: 39,
  lastFin: 40,
  lastRst: 41,
  repeats: 42,
  zeroWindows: 43,
  gaps: 44,
  /** First of the ranges above a hole, -1 if none. */
  ranges: 45,
  /** Newest retransmission run, -1 if none. */
  run: 46,
} as const;

/** Offsets in doubles from half the direction's start. */
export const EndTime = {
  /** When `next` was last raised. */
  next: 11,
  last: 12,
  /** Bytes of the stream delivered without a hole, counted from the SYN as 0. */
  delivered: 13,
  trimmed: 14,
  ipBytes: 15,
  data: 16,
  /** Its last acknowledgement without data. */
  pureAck: 17,
  finSeq: 24,
  waitMax: 25,
  waitTotal: 26,
} as const;

export const EndBit = {
  initialKnown: 1,
  nextKnown: 2,
  contiguousKnown: 4,
  ackKnown: 8,
  firstAckPending: 16,
} as const;

/**
 * Where `doubles` holds the time of the packet at hand, nanoseconds from the capture's base, and how long nothing came before
 * it. Slot 0 belongs to no connection: doubles handed from function to function would be allocated one by one.
 */
export const NOW = 0;
export const IDLE = 1;

const GROWTH_START = 1024;

/** The slots, and an open-addressing hash from the two ends to their slot. */
export class ConnectionSlots {
  ints = new Int32Array(GROWTH_START * SLOT_SIZE);
  doubles = new Float64Array(this.ints.buffer);
  /** Slot number plus one; 0 is empty. */
  table = new Int32Array(4 * GROWTH_START);
  mask = 4 * GROWTH_START - 1;
  /** Slots in use, and the highest number ever used plus one. */
  live = 0;
  top = 1;
  private readonly free: number[] = [];
  readonly guesses = new Int32Array(BATCH_CAPACITY);
  /** Keeps the reads ahead from being optimised away. */
  touched = 0;
  private capacity = GROWTH_START;

  /** Makes room for `count` more connections, so that a batch never moves the arrays under its reader. */
  reserve(count: number): void {
    const needed = this.top + Math.max(0, count - this.free.length);
    if (needed <= this.capacity) return;
    while (this.capacity < needed) this.capacity *= 2;
    const ints = new Int32Array(this.capacity * SLOT_SIZE);
    ints.set(this.ints);
    this.ints = ints;
    this.doubles = new Float64Array(ints.buffer);
    this.rehash(4 * this.capacity);
  }

  /** Finds the slot of two ends in canonical order (see `endOrder`), or -1. */
  find(address0: number, address1: number, ports: number, family: number): number {
    const { ints, table, mask } = this;
    let at = hashEnds(address0, address1, ports, family) & mask;
    for (;;) {
      const entry = table[at]!;
      if (entry === 0) return -1;
      const base = (entry - 1) * SLOT_SIZE;
      if (ints[base + 2] === ports && ints[base] === address0 && ints[base + 1] === address1 && ints[base + 3] === family) return entry - 1;
      at = (at + 1) & mask;
    }
  }

  /**
   * Looks a whole batch's connections up ahead, into `guesses`: slot number, or 0. Packets of many connections come mixed, and
   * look-ups that do not wait for each other, nor for the analysis, overlap their waits for memory. `find` has the last word.
   */
  anticipate(batch: PacketBatch): void {
    const { ints, table, mask, guesses } = this;
    const { count, ipProtocol, source, destination, sourcePort, destinationPort, family } = batch;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      if (ipProtocol[i] !== TCP) continue;
      const from = source[i]!;
      const to = destination[i]!;
      const fromPort = sourcePort[i]!;
      const toPort = destinationPort[i]!;
      const first = from < to || (from === to && fromPort <= toPort);
      const ports = first ? (fromPort << 16) | toPort : (toPort << 16) | fromPort;
      const entry = table[hashEnds((first ? from : to) | 0, (first ? to : from) | 0, ports, family[i]!) & mask]!;
      guesses[i] = entry - 1;
      const base = entry === 0 ? 0 : (entry - 1) * SLOT_SIZE;
      touched ^=
        ints[base]! ^
        ints[base + 16]! ^
        ints[base + FIRST_END]! ^
        ints[base + FIRST_END + 16]! ^
        ints[base + FIRST_END + END_SIZE]! ^
        ints[base + FIRST_END + END_SIZE + 16]!;
    }
    this.touched = touched;
  }

  /** Whether slot `slot` holds the connection of two ends. */
  isBetween(slot: number, address0: number, address1: number, ports: number, family: number): boolean {
    const { ints } = this;
    const base = slot * SLOT_SIZE;
    return ints[base + 2] === ports && ints[base] === address0 && ints[base + 1] === address1 && ints[base + 3] === family;
  }

  /** Takes a slot for a connection that `find` did not find. */
  insert(address0: number, address1: number, ports: number, family: number): number {
    const slot = this.free.pop() ?? this.top++;
    this.live++;
    let at = hashEnds(address0, address1, ports, family) & this.mask;
    while (this.table[at] !== 0) at = (at + 1) & this.mask;
    this.table[at] = slot + 1;
    const base = slot * SLOT_SIZE;
    this.ints[base + Connection.address0] = address0;
    this.ints[base + Connection.address1] = address1;
    this.ints[base + Connection.ports] = ports;
    this.ints[base + Connection.family] = family;
    return slot;
  }

  /** Starts a slot's state anew for connection `stream` of the same two ends. */
  reset(slot: number, stream: number): void {
    const base = slot * SLOT_SIZE;
    const { ints, doubles } = this;
    ints.fill(0, base + Connection.stream, base + SLOT_SIZE);
    ints[base + Connection.stream] = stream;
    ints[base + Connection.process] = -1;
    const half = base >> 1;
    doubles[half + ConnectionTime.syn] = Number.NaN;
    doubles[half + ConnectionTime.synAck] = Number.NaN;
    doubles[half + ConnectionTime.rtt] = Number.NaN;
    doubles[half + ConnectionTime.requestAckDelay] = Number.NaN;
    doubles[half + ConnectionTime.shortestTurn] = Number.NaN;
    for (let end = base + FIRST_END; end < base + SLOT_SIZE; end += END_SIZE) {
      ints[end + End.window] = -1;
      ints[end + End.shift] = -1;
      ints[end + End.ranges] = -1;
      ints[end + End.run] = -1;
      ints[end + End.mss] = -1;
      doubles[(end >> 1) + EndTime.delivered] = 1;
      doubles[(end >> 1) + EndTime.trimmed] = 1;
      doubles[(end >> 1) + EndTime.waitMax] = Number.NaN;
      doubles[(end >> 1) + EndTime.pureAck] = Number.NaN;
    }
  }

  /** Whether a slot number below `top` holds a connection. */
  holds(slot: number): boolean {
    return this.ints[slot * SLOT_SIZE + Connection.family] !== 0;
  }

  /** Gives a slot back. */
  release(slot: number): void {
    const { ints, table, mask } = this;
    const base = slot * SLOT_SIZE;
    let at = this.home(slot);
    while (table[at] !== slot + 1) at = (at + 1) & mask;
    // Closes the gap in the probe sequence instead of leaving a tombstone (Knuth 6.4, algorithm R).
    for (let next = (at + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const home = this.home(table[next]! - 1);
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      table[at] = table[next]!;
      at = next;
    }
    table[at] = 0;
    ints[base + Connection.family] = 0;
    this.free.push(slot);
    this.live--;
  }

  private home(slot: number): number {
    const base = slot * SLOT_SIZE;
    const { ints } = this;
    return hashEnds(ints[base]!, ints[base + 1]!, ints[base + 2]!, ints[base + 3]!) & this.mask;
  }

  private rehash(size: number): void {
    this.table = new Int32Array(size);
    this.mask = size - 1;
    for (let slot = 1; slot < this.top; slot++) {
      if (!this.holds(slot)) continue;
      let at = this.home(slot);
      while (this.table[at] !== 0) at = (at + 1) & this.mask;
      this.table[at] = slot + 1;
    }
  }
}

/** Mixes the key (the finaliser of MurmurHash3 over a multiplicative combination). */
function hashEnds(address0: number, address1: number, ports: number, family: number): number {
  let hash = Math.imul(address0, 0x9e3779b1) ^ Math.imul(address1 ^ family, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
