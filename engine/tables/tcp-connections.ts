import { declareTable } from "./table.ts";

/** Zeek's `conn_state`, scripts/base/protocols/conn/main.zeek. */
export const CONN_STATES = ["S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"] as const;

const perSide = (side: "client" | "server") =>
  ({
    [`${side}_mss`]: {
      type: "integer",
      unit: "bytes",
      about: `MSS the ${side} announced in its SYN; null if its SYN or its options were not seen, 0 if it announced none`,
    },
    [`${side}_window_shift`]: { type: "integer", about: `Window scale shift count in the ${side}'s SYN; null if not seen or absent` },
    [`${side}_sack_permitted`]: { type: "boolean", about: `The ${side}'s SYN permitted SACK; null if its options were not seen` },
    [`${side}_timestamps`]: {
      type: "boolean",
      about: `The ${side}'s SYN carried the timestamps option; null if its options were not seen`,
    },
    [`${side}_max_segment`]: {
      type: "integer",
      unit: "bytes",
      about: `Largest payload the ${side} sent in one frame; null if lengths are not known`,
    },
    [`${side}_retransmissions`]: {
      type: "integer",
      unit: "segments",
      about: `Retransmissions sent by the ${side}, fast and spurious ones included (tcp.analysis.retransmission)`,
    },
    [`${side}_fast_retransmissions`]: { type: "integer", unit: "segments", about: `tcp.analysis.fast_retransmission sent by the ${side}` },
    [`${side}_spurious_retransmissions`]: {
      type: "integer",
      unit: "segments",
      about: `tcp.analysis.spurious_retransmission sent by the ${side}: already acknowledged`,
    },
    [`${side}_out_of_order`]: { type: "integer", unit: "segments", about: `tcp.analysis.out_of_order sent by the ${side}` },
    [`${side}_lost_segments`]: {
      type: "integer",
      unit: "gaps",
      about: `tcp.analysis.lost_segment: gaps before a segment of the ${side}, not captured at that moment`,
    },
    [`${side}_open_gap`]: {
      type: "boolean",
      about: `Payload of the ${side} came past a gap that is still open when the capture ends: it never shows what lies in it, and nobody acknowledged it`,
    },
    [`${side}_ack_lost_segments`]: {
      type: "integer",
      unit: "segments",
      about: `tcp.analysis.ack_lost_segment sent by the ${side}: it acknowledged bytes the capture never saw`,
    },
    [`${side}_duplicate_acks`]: { type: "integer", unit: "segments", about: `tcp.analysis.duplicate_ack sent by the ${side}` },
    [`${side}_zero_windows`]: { type: "integer", unit: "segments", about: `tcp.analysis.zero_window sent by the ${side}` },
    [`${side}_window_fulls`]: {
      type: "integer",
      unit: "segments",
      about: `tcp.analysis.window_full: segments of the ${side} that filled the peer's window`,
    },
    [`${side}_keep_alives`]: { type: "integer", unit: "segments", about: `tcp.analysis.keep_alive sent by the ${side}` },
    [`${side}_resets`]: {
      type: "integer",
      unit: "segments",
      about: `RST segments sent by the ${side}, or by something that pretends to be it`,
    },
    [`${side}_ttl`]: { type: "integer", about: `IP TTL or hop limit of the ${side}'s first packet; null if not known` },
    [`${side}_wait_max`]: {
      type: "duration",
      about: `Longest time the other end was waiting and the ${side} then sent the next data (its turn)`,
    },
    [`${side}_wait_total`]: { type: "duration", about: `Sum of the times the other end waited for data of the ${side}, over all turns` },
  }) as const;

/** One TCP connection at one capture point. */
export const tcpConnections = declareTable({
  name: "tcp_connections",
  shownBy: "packet capture",
  protocol: "tcp",
  about: "One TCP connection as one capture point saw it. `client` is the end that opened it: Zeek's orig.",
  host: "server_ip",
  peer: "client_ip",
  time: "start",
  side: "side",
  columns: {
    stream: { type: "integer", about: "Number of the connection in its capture, from 0, in order of first packet (tcp.stream)" },
    side: {
      type: "enum",
      values: ["client", "server", "middle"],
      called: "side of the capture",
      about: "End of this connection the capture was taken at; null if nothing tells",
    },
    client_ip: { type: "ip", about: "Address of the end that opened the connection" },
    client_port: { type: "port", about: "Its port" },
    server_ip: { type: "ip", about: "Address of the other end" },
    server_port: { type: "port", about: "Its port" },
    start: { type: "time", about: "First packet" },
    end: { type: "time", about: "Last packet" },
    duration: { type: "duration", about: "First to last packet" },
    conn_state: { type: "enum", values: CONN_STATES, about: "Zeek's conn_state" },
    history: { type: "text", about: "Zeek's history letters" },
    orig_bytes: {
      type: "integer",
      unit: "bytes",
      about: "Payload bytes of the client by sequence numbers, as Zeek counts them; null if lengths are not known",
    },
    resp_bytes: { type: "integer", unit: "bytes", about: "Payload bytes of the server, as Zeek counts them" },
    missed_bytes: { type: "integer", unit: "bytes", about: "Bytes in content gaps, as Zeek counts them" },
    orig_pkts: { type: "integer", unit: "packets", about: "Packets of the client" },
    resp_pkts: { type: "integer", unit: "packets", about: "Packets of the server" },
    orig_ip_bytes: { type: "integer", unit: "bytes", about: "IP-level bytes of the client, headers included" },
    resp_ip_bytes: { type: "integer", unit: "bytes", about: "IP-level bytes of the server, headers included" },
    syn_count: { type: "integer", unit: "segments", about: "SYN segments of the client, retransmitted ones included" },
    syn_ack_count: { type: "integer", unit: "segments", about: "SYN/ACK segments of the server, retransmitted ones included" },
    handshake_rtt: { type: "duration", about: "SYN (last one sent) to the ACK of the SYN/ACK; null if the handshake was not seen whole" },
    syn_rtt: { type: "duration", about: "SYN to SYN/ACK, at a client the round trip, at a server its own answering time" },
    ack_rtt: { type: "duration", about: "SYN/ACK to the ACK that completes the handshake" },
    established: { type: "boolean", about: "The three-way handshake completed, or data flowed both ways without it being seen" },
    reset_by: {
      type: "enum",
      values: ["client", "server"],
      called: "sender of the first RST",
      about: "Who the first RST claims to be from; null if there is none",
    },
    reset_before_data: { type: "boolean", about: "The first RST came before either end sent data" },
    idle_max: { type: "duration", about: "Longest time without any packet" },
    idle_before_reset: { type: "duration", about: "Time without any packet just before the first RST; null if there is none" },
    reset_after_idle: {
      type: "duration",
      about:
        "Time from the end of the longest silence, if that was half a minute or more, to the first RST; null if there is none, or if the end that sent it had sent data or an acknowledgement since",
    },
    turns: { type: "integer", about: "Times the data changed direction, request to response or back" },
    request_response_rtt_min: {
      type: "duration",
      about: "Shortest time from the last byte of one end to the first data byte of the answer",
    },
    first_frame: { type: "frame", about: "First packet" },
    last_frame: { type: "frame", about: "Last packet" },
    other_end: {
      type: "enum",
      values: ["seen", "absent"],
      called: "in the other end's capture it",
      comparison: "session_pairs",
      about:
        "Whether the capture of the other end shows this connection; `absent`: it covers the attempt and does not show it. Null where no capture was taken there, or where it does not speak for the connection",
    },
    syn_frames: { type: "frames", about: "SYN segments of the client, at most 8" },
    syn_ack_frame: { type: "frame", about: "First SYN/ACK" },
    reset_frame: { type: "frame", about: "First RST" },
    reset_frames: { type: "frames", about: "RST segments of both ends, at most 8" },
    ...perSide("client"),
    ...perSide("server"),
    process: { type: "text", about: "Process name Network Monitor gives for the connection; null if it gives none" },
    process_id: { type: "integer", about: "Its id" },
  },
});
