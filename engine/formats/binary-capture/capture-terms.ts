/** Tables that are read from what TCP connections and UDP packets carry: bytes that a capture may cut off. */
export const PAYLOAD_TABLES: readonly string[] = ["dns_answers", "rpc_endpoints", "stun_transactions", "tls_sessions"];

/** Tables any format with real packets fills, through the packet record. */
export const CAPTURE_TABLES: readonly string[] = [
  "arp_packets",
  "captures",
  "icmp_messages",
  "tcp_connections",
  "tcp_retransmissions",
  "tcp_stalls",
  "udp_flows",
  "zero_length_packets",
  ...PAYLOAD_TABLES,
];

/** Detail of the anomaly that ends the addressing of IPv6 packets. */
export const TOO_MANY_ADDRESSES = "more IPv6 addresses than are kept; packets of the others were left out of connections and flows";
