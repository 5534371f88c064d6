import { ipv4Text, ipv6Text } from "../bytes/address.ts";

/** What an ICMP error quotes of the packet it is about. What the quote is too short for is null. */
export interface QuotedPacket {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** IPv4 identification; null for IPv6. */
  readonly ipId: number | null;
  /** Length the quoted packet had, IP header included. */
  readonly length: number;
  /** Of TCP and UDP. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** TCP sequence number. */
  readonly seq: number | null;
}

/** ICMP (RFC 792) or ICMPv6 (RFC 4443) message. */
export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of fragmentation needed (RFC 1191) or packet too big, bytes; null otherwise, or if a router before RFC 1191 left it 0. */
  readonly mtu: number | null;
  /** The packet an error message is about. */
  readonly quoted: QuotedPacket | null;
}

const DESTINATION_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG = 2;
/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
const ERRORS_V4: ReadonlySet<number> = new Set([DESTINATION_UNREACHABLE, 4, 5, 11, 12]);
/** Extension headers of a quoted IPv6 packet that are followed. */
const MAX_EXTENSIONS = 8;

/** The ICMP message at `at`, or null if its header was cut off before `end`. */
export function decodeIcmp(bytes: Uint8Array, at: number, end: number): IcmpMessage | null {
  if (end - at < 8) return null;
  const [type, code] = [bytes[at]!, bytes[at + 1]!];
  const tooBig = type === DESTINATION_UNREACHABLE && code === FRAGMENTATION_NEEDED;
  const mtu = tooBig ? u16(bytes, at + 6) : 0;
  return { type, code, mtu: mtu === 0 ? null : mtu, quoted: ERRORS_V4.has(type) ? decodeQuoted(bytes, at + 8, end) : null };
}

/** The ICMPv6 message at `at`, or null if its header was cut off before `end`. Types below 128 are errors. */
export function decodeIcmpv6(bytes: Uint8Array, at: number, end: number): IcmpMessage | null {
  if (end - at < 8) return null;
  const [type, code] = [bytes[at]!, bytes[at + 1]!];
  const quoted = type < 128 ? decodeQuoted(bytes, at + 8, end) : null;
  return { type, code, mtu: type === PACKET_TOO_BIG ? u32(bytes, at + 4) : null, quoted };
}

function decodeQuoted(bytes: Uint8Array, at: number, end: number): QuotedPacket | null {
  const version = at < end ? bytes[at]! >>> 4 : 0;
  if (version === 4 && end - at >= 20) return quotedIpv4(bytes, at, end);
  return version === 6 && end - at >= 40 ? quotedIpv6(bytes, at, end) : null;
}

function quotedIpv4(bytes: Uint8Array, at: number, end: number): QuotedPacket {
  const fragmentOffset = u16(bytes, at + 6) & 0x1fff;
  const transport = at + Math.max(20, (bytes[at]! & 15) << 2);
  const protocol = bytes[at + 9]!;
  return {
    family: 4,
    source: ipv4Text(u32(bytes, at + 12)),
    destination: ipv4Text(u32(bytes, at + 16)),
    protocol,
    ipId: u16(bytes, at + 4),
    length: u16(bytes, at + 2),
    ...quotedTransport(bytes, fragmentOffset === 0 ? transport : end, end, protocol),
  };
}

function quotedIpv6(bytes: Uint8Array, at: number, end: number): QuotedPacket {
  let protocol = bytes[at + 6]!;
  let transport = at + 40;
  for (let count = 0; count < MAX_EXTENSIONS && [0, 43, 44, 60].includes(protocol) && end - transport >= 8; count++) {
    const later = protocol === 44 && (u16(bytes, transport + 2) & 0xfff8) !== 0;
    const length = protocol === 44 ? 8 : (bytes[transport + 1]! + 1) << 3;
    protocol = bytes[transport]!;
    transport = later ? end : transport + length;
  }
  return {
    family: 6,
    source: ipv6Text(bytes, at + 8),
    destination: ipv6Text(bytes, at + 24),
    protocol,
    ipId: null,
    length: 40 + u16(bytes, at + 4),
    ...quotedTransport(bytes, transport, end, protocol),
  };
}

function quotedTransport(
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
): Pick<QuotedPacket, "sourcePort" | "destinationPort" | "seq"> {
  if ((protocol !== 6 && protocol !== 17) || end - at < 4) return { sourcePort: null, destinationPort: null, seq: null };
  const seq = protocol === 6 && end - at >= 8 ? u32(bytes, at + 4) : null;
  return { sourcePort: u16(bytes, at), destinationPort: u16(bytes, at + 2), seq };
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
