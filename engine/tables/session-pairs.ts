import { declareTable } from "./table.ts";

const ENDS = {
  client_ip: { type: "ip", about: "Client address as the client-side capture shows it" },
  client_port: { type: "port", about: "Its port there" },
  server_ip: { type: "ip", about: "Server address as the client-side capture shows it" },
  server_port: { type: "port", about: "Its port there" },
  inner_client_ip: { type: "ip", about: "Client address as the server-side capture shows it (differs behind NAT)" },
  inner_client_port: { type: "port", about: "Its port there" },
  inner_server_ip: { type: "ip", about: "Server address as the server-side capture shows it" },
  inner_server_port: { type: "port", about: "Its port there" },
  start: { type: "time", about: "First packet, on the client-side clock" },
} as const;

/** One TCP session seen, or missed, at two capture points. */
export const sessionPairs = declareTable({
  name: "session_pairs",
  shownBy: "pair of packet captures from both ends",
  protocol: "tcp",
  about:
    "One TCP session at two capture points, client side and server side, or a connection attempt that the client side shows and a covering server-side capture does not (`seen_at` client).",
  host: "inner_server_ip",
  comparesSidesOf: "tcp_connections",
  time: "start",
  columns: {
    ...ENDS,
    seen_at: {
      type: "enum",
      values: ["both", "client", "server"],
      called: "side that shows it",
      about: "Capture points that show it, of two that both should have",
    },
    client_stream: { type: "integer", about: "tcp.stream in the client-side capture; null if not seen there" },
    server_stream: { type: "integer", about: "tcp.stream in the server-side capture; null if not seen there" },
    nat: { type: "boolean", about: "An address or port differs between the two" },
    sequence_rewritten: { type: "boolean", about: "A device between the two shifts sequence numbers" },
    clock_offset: { type: "duration", about: "Server-side clock minus client-side clock, from the smallest delays both ways" },
    clock_drift_ppm: {
      type: "number",
      about: "How fast that difference grows, parts per million; null where the session is too short to tell",
    },
    one_way_to_server: {
      type: "duration",
      about: "Smallest delay client to server; path asymmetry cannot be told from clock offset, so both ways share the round trip",
    },
    one_way_to_client: { type: "duration", about: "Smallest delay server to client" },
    round_trip: { type: "duration", about: "Smallest network round trip between the two capture points" },
    lost_to_server: { type: "integer", unit: "segments", about: "Frames sent by the client that the server side never saw" },
    lost_to_client: { type: "integer", unit: "segments", about: "Frames sent by the server that the client side never saw" },
    foreign_resets: { type: "integer", unit: "segments", about: "RSTs received at one side that the other side never sent" },
    client_mss_sent: { type: "integer", unit: "bytes", about: "MSS in the client's SYN as sent" },
    client_mss_received: { type: "integer", unit: "bytes", about: "The same as it arrived: lower where a device clamped it" },
    server_mss_sent: { type: "integer", unit: "bytes", about: "MSS in the SYN/ACK as sent" },
    server_mss_received: { type: "integer", unit: "bytes", about: "The same as it arrived" },
    hops_to_server: { type: "integer", about: "TTL lost on the way to the server; null if not known" },
    hops_to_client: { type: "integer", about: "TTL lost on the way to the client" },
    turns: { type: "integer", about: "Request/response turns of the session" },
    client_wait: { type: "duration", about: "Median time the client side waits for a reply" },
    server_think: { type: "duration", about: "Median time the server side takes to reply to a request it has received" },
    server_wait: { type: "duration", about: "Median time the server side waits for the next request" },
    client_think: { type: "duration", about: "Median time the client takes to send the next request after a reply" },
    network_share: { type: "number", about: "Share of the client's waiting that is network time, 0 to 1" },
    latency_total: { type: "duration", about: "Turns times the smallest round trip: what the length of the path alone costs the client" },
    latency_share: {
      type: "number",
      about: "Share of the client's waiting that this makes up, 0 to 1: low where a server thinks, or where segments are lost or queue",
    },
    turn_frames: { type: "citations", about: "Requests and replies of the first three turns at both sides" },
    frames: { type: "citations", about: "First packets of the session at both sides" },
  },
});

/** A segment one side sent and the other never received. */
export const lostSegments = declareTable({
  name: "lost_segments",
  shownBy: "pair of packet captures from both ends",
  protocol: "tcp",
  about:
    "One TCP segment that one end sent, once or several times, of which the other end's capture never saw some or any copy, though that capture covers the session and the receiver did not acknowledge what it never saw.",
  host: "inner_server_ip",
  comparesSidesOf: "tcp_connections",
  time: "time",
  columns: {
    ...ENDS,
    direction: {
      type: "enum",
      values: ["to_server", "to_client"],
      words: { to_server: "to the server", to_client: "to the client" },
      about: "Which way it was sent",
    },
    time: { type: "time", about: "First lost copy, on the sending side's clock" },
    kind: {
      type: "enum",
      values: ["syn", "syn_ack", "data", "fin", "rst", "ack"],
      words: { syn: "SYN", syn_ack: "SYN/ACK", fin: "FIN", rst: "RST", ack: "ACK" },
      about: "What was lost",
    },
    length: { type: "integer", unit: "bytes", about: "Payload; null if not known" },
    copies_lost: { type: "integer", unit: "segments", about: "Copies that never arrived, the first and retransmissions" },
    copies_arrived: { type: "integer", unit: "segments", about: "Copies that did arrive; 0 where the segment never got through" },
    sent_frames: { type: "citations", about: "The copies that never arrived, in the sender's capture" },
    gap_frames: {
      type: "citations",
      about: "Where the receiver's capture shows the hole: the segment past it and the acknowledgement that says so",
    },
    reset_frames: {
      type: "citations",
      about: "The RST that ended the session at either side, where one did and the segment never got through",
    },
    seconds_to_reset: { type: "duration", about: "First lost copy to that RST; null if none" },
  },
});

/** A reset one side received and the other never sent. */
export const foreignResets = declareTable({
  name: "foreign_resets",
  shownBy: "pair of packet captures from both ends",
  protocol: "tcp",
  about:
    "A TCP RST that one end received in the other's name although the other end's capture, which covers the session, shows that it never sent it.",
  host: "inner_server_ip",
  comparesSidesOf: "tcp_connections",
  time: "time",
  columns: {
    ...ENDS,
    received_by: { type: "enum", values: ["client", "server"], called: "receiver", about: "End that received it" },
    time: { type: "time", about: "When, on the receiver's clock" },
    delay: { type: "duration", about: "From the receiver's last packet to the reset" },
    during_handshake: { type: "boolean", about: "It answered a SYN/ACK or a SYN, before the session was established" },
    ttl: { type: "integer", about: "Its TTL; null if not known" },
    expected_ttl: { type: "integer", about: "TTL of the end it claims to be from; null if not known" },
    reset_frames: { type: "citations", about: "The forged RST and what it answered, in the receiver's capture" },
    sender_frames: { type: "citations", about: "What the end it claims to be from really sent, in that end's capture" },
  },
});
