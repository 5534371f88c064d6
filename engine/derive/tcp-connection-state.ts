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
