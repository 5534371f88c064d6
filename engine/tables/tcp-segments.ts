import { declareTable } from "./table.ts";

/** Connection columns that derived rows repeat, so that rules and summaries need no join for them. */
export const CONNECTION_KEY = {
  stream: { type: "integer", about: "The connection's number in its capture (tcp.stream)" },
  client_ip: { type: "ip", about: "Address of the end that opened the connection" },
  client_port: { type: "port", about: "Its port" },
  server_ip: { type: "ip", about: "Address of the other end" },
  server_port: { type: "port", about: "Its port" },
} as const;

/** A segment that was sent more than once. */
export const tcpRetransmissions = declareTable({
  name: "tcp_retransmissions",
  shownBy: "packet capture",
  protocol: "tcp",
  about: "One TCP segment that one capture point saw sent more than once, keep-alives not counted.",
  host: "server_ip",
  peer: "client_ip",
  time: "time",
  side: "side",
  columns: {
    ...CONNECTION_KEY,
    side: {
      type: "enum",
      values: ["client", "server", "middle"],
      called: "side of the capture",
      about: "End of the connection the capture was taken at",
    },
    from: { type: "enum", values: ["client", "server"], called: "sender", about: "Sender" },
    sender_ip: { type: "ip", about: "The sender's address" },
    receiver_ip: { type: "ip", about: "The other end's address" },
    time: { type: "time", about: "First time it was sent" },
    length: { type: "integer", unit: "bytes", about: "Payload of the segment, 0 for a SYN or FIN; null if not known" },
    kind: { type: "enum", values: ["data", "syn", "syn_ack", "fin"], about: "What was repeated" },
    copies: { type: "integer", unit: "segments", about: "Times it was sent after the first" },
    acknowledged: { type: "boolean", about: "The other end acknowledged all of it later on" },
    arrived: {
      type: "boolean",
      comparison: "lost_segments",
      about:
        "A copy came to the other end: it acknowledged it, or its capture shows one; false if that capture covers them all and shows none. Null where neither tells",
    },
    peer_mss: { type: "integer", unit: "bytes", about: "MSS the receiver announced; null if its options were not seen, 0 if none" },
    exceeds_peer_mss: { type: "boolean", about: "Longer than the MSS the receiver announced; null if that is not known" },
    backoff: { type: "boolean", about: "At least three copies with gaps that grow about twofold (RTO back-off, RFC 6298 section 5.5)" },
    first_gap: { type: "duration", about: "First transmission to first retransmission" },
    last_gap: { type: "duration", about: "Between the last two copies" },
    span: { type: "duration", about: "First transmission to last copy" },
    ended_by_reset: { type: "boolean", about: "An RST ended the connection while the segment was unacknowledged" },
    frame: { type: "frame", about: "First transmission; null if the capture starts later" },
    copy_frames: { type: "frames", about: "The retransmissions, at most 16" },
    reset_frame: { type: "frame", about: "The RST that ended it, where one did" },
    syn_ack_frame: { type: "frame", about: "Where the server's MSS was announced" },
    peer_syn_frame: { type: "frame", about: "The SYN or SYN/ACK with which the receiver announced its MSS" },
  },
});

/** A write that waited for an acknowledgement the receiver was holding back. */
export const tcpStalls = declareTable({
  name: "tcp_stalls",
  shownBy: "packet capture",
  protocol: "tcp",
  about:
    "A sender with more to say sent one small segment, waited until the other end's delayed acknowledgement came, and only then sent the rest: Nagle's algorithm (RFC 896) against delayed ACK (RFC 9293 section 3.8.6.3).",
  host: "server_ip",
  peer: "client_ip",
  time: "time",
  side: "side",
  columns: {
    ...CONNECTION_KEY,
    side: {
      type: "enum",
      values: ["client", "server", "middle"],
      called: "side of the capture",
      about: "End of the connection the capture was taken at",
    },
    from: { type: "enum", values: ["client", "server"], called: "end that waited", about: "Who waited to send the rest" },
    sender_ip: { type: "ip", about: "Its address" },
    receiver_ip: { type: "ip", about: "Address of the end that held its acknowledgement back" },
    time: { type: "time", about: "The small segment" },
    small_length: { type: "integer", unit: "bytes", about: "Payload of the small segment" },
    rest_length: { type: "integer", unit: "bytes", about: "Payload of the first segment after the acknowledgement" },
    ack_delay: { type: "duration", about: "Small segment to the acknowledgement it waited for, seen at this capture point" },
    resume_delay: { type: "duration", about: "Acknowledgement to the rest" },
    request_ack_delay: {
      type: "duration",
      about: "Time from the request to its pure acknowledgement just before the small segment; null if there was none",
    },
    held_back: {
      type: "duration",
      called: "time held back",
      about: "How much longer than a round trip the rest had to wait: what the delayed-ACK timer added; null if no handshake was seen",
    },
    at_once: {
      type: "boolean",
      about:
        "The rest came when the acknowledgement can have reached its sender, as far as the side of the capture is known; false if it came before that, or after a pause",
    },
    stalls: { type: "integer", called: "waits of that end", about: "How often that end waited so in this connection, this time included" },
    unprompted: {
      type: "integer",
      unit: "segments",
      called: "times it did not wait",
      about:
        "How often that end sent on in this connection as no sender does that waits: a small segment while an earlier small one was unacknowledged, or well after a held-back acknowledgement",
    },
    rtt: { type: "duration", about: "The connection's handshake round trip, to tell a delayed ACK from a long path; null if not seen" },
    request_frame: { type: "frame", about: "Last data of the other end before the small segment" },
    small_frame: { type: "frame", about: "The small segment" },
    ack_frame: { type: "frame", about: "The delayed acknowledgement" },
    rest_frame: { type: "frame", about: "The rest" },
  },
});
