/**
 * What is remembered of every TCP connection while packets may still come: one fixed row of integers and doubles a
 * connection, both directions in it, so that a packet touches a few neighbouring cache lines and nothing is allocated.
 * Rows ("slots") are reused once their connection is summarised.
 */

// Every constant of the layout is a literal export of its own: the bundler writes such numbers into the code that uses
// them, and the analysis of a packet uses some hundred of them.

// Offsets in integers from the slot's start. Ends are numbered 0 and 1 by address and port, whoever opened the connection.
export const CONNECTION_ADDRESS0 = 0;
export const CONNECTION_ADDRESS1 = 1;
/** Port of end 0 in the upper half. */
export const CONNECTION_PORTS = 2;
export const CONNECTION_FAMILY = 3;
export const CONNECTION_STREAM = 4;
/** `CONNECTION_BIT_`s. */
export const CONNECTION_BITS = 5;
/** Node of the `HistoryBook`. */
export const CONNECTION_HISTORY = 6;
/** Zeek's hist_seen: orig in the lower byte, resp in the next. */
export const CONNECTION_LETTERS_SEEN = 7;
export const CONNECTION_LAST_FRAME = 8;
export const CONNECTION_TURNS = 9;
/** The end that got a held-back acknowledgement with the last packet, plus one; 0 if none. */
export const CONNECTION_STALL = 10;
export const CONNECTION_STALL_ACK_FRAME = 11;
export const CONNECTION_REQUEST_FRAME = 12;
export const CONNECTION_PROCESS = 13;

// Offsets in doubles from half the slot's start.
export const CONNECTION_TIME_LAST = 7;
export const CONNECTION_TIME_IDLE_MAX = 8;
/** Last SYN without ACK; NaN if none. */
export const CONNECTION_TIME_SYN = 9;
export const CONNECTION_TIME_SYN_ACK = 10;
/** Wireshark's initial round-trip time; 0 if not known. */
export const CONNECTION_TIME_FIRST_RTT = 11;
/** The handshake's round trip; NaN if not seen. */
export const CONNECTION_TIME_RTT = 12;
export const CONNECTION_TIME_STALL_ACK_DELAY = 13;
export const CONNECTION_TIME_REQUEST_ACK_DELAY = 14;
export const CONNECTION_TIME_SHORTEST_TURN = 15;
/** Bytes, not a time: content gaps as Zeek counts them. */
export const CONNECTION_TIME_MISSED = 16;

// Bits of CONNECTION_BITS.
/** End 1 opened the connection. */
export const CONNECTION_BIT_CLIENT_IS1 = 1;
/** Zeek's is_partial. */
export const CONNECTION_BIT_PARTIAL = 2;
export const CONNECTION_BIT_SEEN_ORIG = 4;
export const CONNECTION_BIT_SEEN_RESP = 8;
/** Wireshark's completeness: a FIN or RST was seen, so the next SYN is another connection. */
export const CONNECTION_BIT_FIN = 16;
export const CONNECTION_BIT_RST = 32;
/** Which end sent data last, and whether any did. */
export const CONNECTION_BIT_DATA_FROM1 = 64;
export const CONNECTION_BIT_DATA = 128;
export const CONNECTION_BIT_ESTABLISHED = 256;
export const CONNECTION_BIT_HANDSHAKE_DONE = 512;
/** A RST, or FINs of both ends: may be summarised once it has been quiet for a while. */
export const CONNECTION_BIT_CLOSED = 1024;
export const CONNECTION_BIT_LENGTH_UNKNOWN = 4096;
/** Its bytes are read, or may be. */
export const CONNECTION_BIT_READ = 8192;
/** No protocol wants what end 0, or end 1, sends. */
export const CONNECTION_BIT_PASSED0 = 16384;
export const CONNECTION_BIT_PASSED1 = 32768;

/** Where the two directions start, in integers from the slot's start. */
export const FIRST_END = 34;
export const END_SIZE = 58;
/** `FIRST_END` and two directions. */
export const SLOT_SIZE = 150;

/**
 * Where `doubles` holds the time of the packet at hand, nanoseconds from the capture's base, and how long nothing came before
 * it. Slot 0 belongs to no connection: doubles handed from function to function would be allocated one by one.
 */
export const NOW = 0;
export const IDLE = 1;

// Offsets in integers from the direction's start: what most segments touch comes first.
/** Sequence number after the highest seen; with `END_BIT_NEXT_KNOWN`. */
export const END_NEXT = 0;
/** Highest sequence number up to which nothing is missing. */
export const END_CONTIGUOUS = 1;
/** Acknowledgement number of its last segment. */
export const END_ACK = 2;
export const END_WINDOW = 3;
/** Window scale shift; -1 not known, -2 not used. */
export const END_SHIFT = 4;
export const END_DUPLICATE_ACKS = 5;
export const END_BITS = 6;
/** Analysis flags of its last segment. */
export const END_LAST_FLAGS = 7;
export const END_UNACKNOWLEDGED = 8;
export const END_PACKETS = 9;
/** Of its last packet, to know a packet recorded twice. */
export const END_FINGERPRINT = 10;
/** Zeek's endpoint: state, previous state << 4, `ENDPOINT_BIT_`s. */
export const END_ZEEK = 11;
export const END_ZEEK_START = 12;
export const END_ZEEK_LAST = 13;
export const END_ZEEK_ACKED = 14;
/** Wraps of `zeekLast`, and of `zeekAcked` << 16. */
export const END_WRAPS = 15;
export const END_MAX_SEGMENT = 16;
export const END_DATA_FRAME = 17;
/** Payload of its last new data; -1 where an export does not tell. */
export const END_DATA_LENGTH = 18;
/** Its newest entry in the `SentSegments`, 0 if none. */
export const END_SENT = 19;
/** Retransmission runs that are not acknowledged yet. */
export const END_OPEN_RUNS = 20;
/** MSS it announced; -1 not seen, 0 none. */
export const END_MSS = 21;
export const END_INITIAL = 38;
export const END_LAST_SYN = 39;
export const END_LAST_FIN = 40;
export const END_LAST_RST = 41;
export const END_REPEATS = 42;
export const END_ZERO_WINDOWS = 43;
export const END_GAPS = 44;
/** First of the ranges above a hole, -1 if none. */
export const END_RANGES = 45;
/** Newest retransmission run, -1 if none. */
export const END_RUN = 46;

// Offsets in doubles from half the direction's start.
/** When `next` was last raised. */
export const END_TIME_NEXT = 11;
export const END_TIME_LAST = 12;
/** Bytes of the stream delivered without a hole, counted from the SYN as 0. */
export const END_TIME_DELIVERED = 13;
export const END_TIME_TRIMMED = 14;
export const END_TIME_IP_BYTES = 15;
export const END_TIME_DATA = 16;
/** Its last acknowledgement without data. */
export const END_TIME_PURE_ACK = 17;
export const END_TIME_FIN_SEQ = 24;
export const END_TIME_WAIT_MAX = 25;
export const END_TIME_WAIT_TOTAL = 26;

export const END_BIT_INITIAL_KNOWN = 1;
export const END_BIT_NEXT_KNOWN = 2;
export const END_BIT_CONTIGUOUS_KNOWN = 4;
export const END_BIT_ACK_KNOWN = 8;
export const END_BIT_FIRST_ACK_PENDING = 16;

// Zeek's states of one TCP end (src/analyzer/protocol/tcp/TCP_Endpoint.h).
export const ENDPOINT_INACTIVE = 0;
export const ENDPOINT_SYN_SENT = 1;
export const ENDPOINT_SYN_ACK_SENT = 2;
export const ENDPOINT_PARTIAL = 3;
export const ENDPOINT_ESTABLISHED = 4;
export const ENDPOINT_CLOSED = 5;
export const ENDPOINT_RESET = 6;

// Beside the state (bits 0-3) and the state before it (bits 4-7) in `End.zeek`.
export const ENDPOINT_BIT_FIN_SEEN = 256;
export const ENDPOINT_BIT_SKIPPING = 512;
/** Payload of it was cut off by the capture, so that the ranges above a hole are not followed. */
export const ENDPOINT_BIT_CUT = 1024;

// Zeek's hist_seen bits of one end.
export const SEEN_SYN = 1;
export const SEEN_FIN = 2;
export const SEEN_RST = 4;
export const SEEN_DATA = 8;
export const SEEN_ACK = 16;
export const SEEN_MULTI_FLAG = 32;
export const SEEN_INCONSISTENT = 64;
