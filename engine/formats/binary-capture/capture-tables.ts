/** Tables any format with real packets fills, through the packet record. */
export const CAPTURE_TABLES: readonly string[] = [
  "arp_packets",
  "captures",
  "icmp_messages",
  "tcp_connections",
  "tcp_retransmissions",
  "tcp_stalls",
  "udp_flows",
];
