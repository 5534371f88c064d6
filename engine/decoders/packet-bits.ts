// Values of `TcpFlag`, `Known`, `Mark`, `Family` and `EtherType`, and IP protocols, as literal exports: the bundler writes such
// numbers into the code that uses them. What every packet passes uses these.
export const FLAG_FIN = 1;
export const FLAG_SYN = 2;
export const FLAG_RST = 4;
export const FLAG_PSH = 8;
export const FLAG_ACK = 16;
export const KNOWN_LENGTH = 8;
export const KNOWN_OPTIONS = 16;
export const KNOWN_TIME = 128;
export const KNOWN_PORTS = 256;
export const KNOWN_ALL = 1023;
/** Everything that analysing a segment takes: numbers, window, length, ports and flags. */
export const KNOWN_SEGMENT = 783;
export const MARK_TRUNCATED = 1;
export const MARK_IP_LENGTH_ZERO = 2;
export const MARK_FRAGMENT = 16;
export const MARK_TIMESTAMPS = 32;
export const FAMILY_IPV4 = 4;
export const ETHERTYPE_UNKNOWN = 0;
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
