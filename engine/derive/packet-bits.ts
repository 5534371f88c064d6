// Bits of `TcpFlag`, `Known` and `Mark`, and IP protocols, as literal exports: the bundler writes such numbers into the code
// that uses them.
export const FLAG_FIN = 1;
export const FLAG_SYN = 2;
export const FLAG_RST = 4;
export const FLAG_PSH = 8;
export const FLAG_ACK = 16;
export const KNOWN_PORTS = 256;
/** Everything that analysing a segment takes: numbers, window, length, ports and flags. */
export const KNOWN_SEGMENT = 783;
export const MARK_FRAGMENT = 16;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
