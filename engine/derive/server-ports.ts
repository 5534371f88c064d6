/** Zeek's likely_server_ports: what its own protocol scripts (scripts/base/protocols) register. */
const TCP = [
  21, 22, 25, 53, 79, 80, 81, 88, 110, 111, 113, 135, 139, 143, 389, 443, 445, 502, 563, 585, 587, 614, 631, 636, 989, 990, 992, 993, 995,
  1080, 1434, 1883, 2811, 3128, 3268, 3269, 3306, 3389, 5222, 5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
  27017,
];
const UDP = [
  53, 67, 68, 88, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3268, 3544, 4011, 4789, 5060, 5072, 5353, 5355, 6081, 20000,
];
/** IANA's dynamic ports (RFC 6335 section 6): a client's, if the other port is lower. */
const FIRST_DYNAMIC = 49152;
const WELL_KNOWN = 1024;

function listed(ports: readonly number[]): Uint8Array {
  const table = new Uint8Array(65536);
  for (const port of ports) table[port] = 1;
  return table;
}
const tcpServer = listed(TCP);
const udpServer = listed(UDP);

/**
 * Whether the first segment seen of a connection came from its server, although no SYN says so: Zeek's rule by port
 * lists, and where neither port is listed, a well-known or registered port against a dynamic one.
 */
export function tcpServerSpeaks(sourcePort: number, destinationPort: number): boolean {
  const source = tcpServer[sourcePort] === 1;
  const destination = tcpServer[destinationPort] === 1;
  if (source !== destination) return source;
  if (source) return sourcePort < destinationPort;
  if (sourcePort < WELL_KNOWN !== destinationPort < WELL_KNOWN) return sourcePort < WELL_KNOWN;
  return sourcePort < FIRST_DYNAMIC && destinationPort >= FIRST_DYNAMIC;
}

/** The same of a UDP conversation's first datagram, by Zeek's rule alone: peers such as SIP's use any port. */
export function udpServerSpeaks(sourcePort: number, destinationPort: number): boolean {
  return udpServer[sourcePort] === 1 && udpServer[destinationPort] === 0;
}
