/**
 * What is remembered of every TCP connection while packets may still come: one fixed row of integers and doubles a
 * connection, both directions in it, so that a packet touches a few neighbouring cache lines and nothing is allocated.
 * Rows ("slots") are reused once their connection is summarised.
 */

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
  /** `StallPhase`, and the end that waits in bit 4. */
  stall: 10,
  smallFrame: 11,
  smallLength: 12,
  stallAckFrame: 13,
  requestFrame: 14,
  process: 15,
} as const;

/** Offsets in doubles from half the slot's start. */
export const ConnectionTime = {
  last: 8,
  /** Last SYN without ACK; NaN if none. */
  syn: 9,
  synAck: 10,
  /** Wireshark's initial round-trip time; 0 if not known. */
  firstRtt: 11,
  idleMax: 12,
  small: 13,
  stallAck: 14,
  requestAckDelay: 15,
  shortestTurn: 16,
  /** Bytes, not a time: content gaps as Zeek counts them. */
  missed: 17,
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
  textExport: 2048,
  lengthUnknown: 4096,
} as const;

/** Where the two directions start, in integers from the slot's start. */
export const FIRST_END = 36;
export const END_SIZE = 60;
export const SLOT_SIZE = FIRST_END + 2 * END_SIZE;

/** Offsets in integers from the direction's start. */
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
  spare: 6,
  bits: 7,
  /** Analysis flags of its last segment. */
  lastFlags: 8,
  initial: 9,
  /** Highest acknowledgement it sent. */
  highestAck: 10,
  unacknowledged: 11,
  /** Zeek's endpoint: state, previous state << 4, `ZeekBit`s. */
  zeek: 12,
  zeekStart: 13,
  zeekLast: 14,
  zeekAcked: 15,
  /** Wraps of `zeekLast`, and of `zeekAcked` << 16. */
  wraps: 16,
  lastSyn: 17,
  lastFin: 18,
  lastRst: 19,
  repeats: 20,
  zeroWindows: 21,
  gaps: 22,
  /** First of the ranges above a hole, -1 if none. */
  ranges: 23,
  packets: 24,
  maxSegment: 25,
  dataFrame: 26,
  /** Recently sent segments: oldest and newest node of the `SentSegments`, -1 if none. */
  oldest: 27,
  newest: 28,
  sent: 29,
  /** Newest retransmission run, -1 if none; and how many are not acknowledged yet. */
  run: 30,
  openRuns: 31,
  /** MSS it announced; -1 not seen, 0 none. */
  mss: 32,
  /** Of its last packet, to know a packet recorded twice. */
  ipId: 33,
  lastSeq: 34,
  lastShape: 35,
  /** Payload of its last new data; -1 where an export does not tell. */
  dataLength: 36,
} as const;

/** Offsets in doubles from half the direction's start. */
export const EndTime = {
  /** When `next` was last raised. */
  next: 20,
  last: 21,
  /** Bytes of the stream delivered without a hole, counted from the SYN as 0. */
  delivered: 22,
  trimmed: 23,
  finSeq: 24,
  ipBytes: 25,
  data: 26,
  waitMax: 27,
  waitTotal: 28,
  /** Its last acknowledgement without data. */
  pureAck: 29,
} as const;

export const EndBit = {
  initialKnown: 1,
  nextKnown: 2,
  contiguousKnown: 4,
  ackKnown: 8,
  firstAckPending: 16,
  highestAckKnown: 32,
} as const;

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
  top = 0;
  private readonly free: number[] = [];
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
    doubles[half + ConnectionTime.requestAckDelay] = Number.NaN;
    doubles[half + ConnectionTime.shortestTurn] = Number.NaN;
    for (let end = base + FIRST_END; end < base + SLOT_SIZE; end += END_SIZE) {
      ints[end + End.window] = -1;
      ints[end + End.shift] = -1;
      ints[end + End.ranges] = -1;
      ints[end + End.oldest] = -1;
      ints[end + End.newest] = -1;
      ints[end + End.run] = -1;
      ints[end + End.mss] = -1;
      ints[end + End.ipId] = -1;
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
    for (let slot = 0; slot < this.top; slot++) {
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
