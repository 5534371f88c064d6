import { parseIpv4, parseIpv6 } from "../../engine/bytes/address.ts";
import { TcpFlag } from "../../engine/decoders/packet-batch.ts";

/** Bytes of hexadecimal text; blanks are ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** Big-endian 16-bit words. */
export const u16 = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((v) => [v >>> 8, v]));
/** Big-endian 32-bit words. */
export const u32 = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((v) => [v >>> 24, v >>> 16, v >>> 8, v]));

/** Internet checksum, RFC 1071. */
export function checksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts);
  let sum = 0;
  for (const [i, byte] of bytes.entries()) sum += i % 2 ? byte : byte << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function address(text: string): Uint8Array {
  const v4 = parseIpv4(text);
  const bytes = v4 === null ? parseIpv6(text) : u32(v4);
  if (!bytes) throw new Error(`not an address: ${text}`);
  return bytes;
}

/** Where the checksum field of a transport header stands, by IP protocol. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { 6: 16, 17: 6, 58: 2 };

/** The transport header with its checksum filled in, if it has one and was left 0. */
function checksummed(protocol: number, source: Uint8Array, destination: Uint8Array, segment: Uint8Array): Uint8Array {
  const at = CHECKSUM_AT[protocol];
  if (at === undefined || segment.length < at + 2 || segment[at] !== 0 || segment[at + 1] !== 0) return segment;
  const sum = checksum(source, destination, u32(segment.length, protocol), segment);
  const whole = segment.slice();
  whole.set(u16(sum === 0 && protocol === 17 ? 0xffff : sum), at);
  return whole;
}

export interface Ipv4Fields {
  source: string;
  destination: string;
  protocol: number;
  id?: number;
  ttl?: number;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** Bytes, a multiple of 8. */
  fragmentOffset?: number;
  options?: Uint8Array;
  /** What the header claims; 0 is how an offloaded packet looks. */
  totalLength?: number;
}

/** IPv4 packet with valid header checksum; a TCP, UDP or ICMPv6 checksum left 0 is filled in unless this is a fragment. */
export function ipv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const [source, destination] = [address(fields.source), address(fields.destination)];
  const options = fields.options ?? u8();
  const length = 20 + options.length;
  const offset = fields.fragmentOffset ?? 0;
  const fragment = (fields.dontFragment ? 0x4000 : 0) | (fields.moreFragments ? 0x2000 : 0) | (offset >>> 3);
  const header = concat(
    u8(0x40 | (length / 4), 0),
    u16(fields.totalLength ?? length + payload.length, fields.id ?? 0, fragment),
    u8(fields.ttl ?? 128, fields.protocol, 0, 0),
    source,
    destination,
    options,
  );
  header.set(u16(checksum(header)), 10);
  const whole = offset > 0 || fields.moreFragments ? payload : checksummed(fields.protocol, source, destination, payload);
  return concat(header, whole);
}

export interface Ipv6Fields {
  source: string;
  destination: string;
  /** Protocol of the payload, behind `extensions`. */
  protocol: number;
  hopLimit?: number;
  /** Next-header value of the first extension, and the extension bytes, whose last one names `protocol`. */
  extensions?: { first: number; bytes: Uint8Array };
  payloadLength?: number;
}

export function ipv6(fields: Ipv6Fields, payload: Uint8Array): Uint8Array {
  const [source, destination] = [address(fields.source), address(fields.destination)];
  const extensions = fields.extensions?.bytes ?? u8();
  const whole = concat(extensions, checksummed(fields.protocol, source, destination, payload));
  const length = fields.payloadLength ?? whole.length;
  const next = fields.extensions?.first ?? fields.protocol;
  return concat(u32(0x60000000), u16(length), u8(next, fields.hopLimit ?? 64), source, destination, whole);
}

export interface TcpOptions {
  mss?: number;
  windowShift?: number;
  sackPermitted?: boolean;
  /** Left and right edges. */
  sack?: readonly (readonly [number, number])[];
  /** TSval and TSecr. */
  timestamps?: readonly [number, number];
}

/** Option bytes, padded with end-of-list to a multiple of 4. */
export function tcpOptions(options: TcpOptions): Uint8Array {
  const parts: Uint8Array[] = [];
  if (options.mss !== undefined) parts.push(u8(2, 4), u16(options.mss));
  if (options.windowShift !== undefined) parts.push(u8(1, 3, 3, options.windowShift));
  if (options.sackPermitted) parts.push(u8(1, 1, 4, 2));
  if (options.timestamps) parts.push(u8(1, 1, 8, 10), u32(...options.timestamps));
  if (options.sack) parts.push(u8(1, 1, 5, 2 + 8 * options.sack.length), u32(...options.sack.flat()));
  const bytes = concat(...parts);
  return concat(bytes, new Uint8Array(-bytes.length & 3));
}

/** Flags by Wireshark's letters: `S`, `SA`, `PA`, `RA`, `F` … */
export function tcpFlags(letters: string): number {
  const bits: Readonly<Record<string, number>> = {
    F: TcpFlag.fin,
    S: TcpFlag.syn,
    R: TcpFlag.rst,
    P: TcpFlag.psh,
    A: TcpFlag.ack,
    U: TcpFlag.urg,
    E: TcpFlag.ece,
    C: TcpFlag.cwr,
  };
  return [...letters].reduce((flags, letter) => flags | (bits[letter] ?? 0), 0);
}

export interface TcpFields {
  sourcePort: number;
  destinationPort: number;
  seq?: number;
  ack?: number;
  /** Wireshark's letters: `SA`, `PA`, `R`. */
  flags?: string;
  window?: number;
  /** Options, or raw option bytes (a multiple of 4). */
  options?: TcpOptions | Uint8Array;
}

/** TCP segment, checksum 0: the IP header that wraps it fills it in. */
export function tcp(fields: TcpFields, payload: Uint8Array = u8()): Uint8Array {
  const options = fields.options instanceof Uint8Array ? fields.options : tcpOptions(fields.options ?? {});
  return concat(
    u16(fields.sourcePort, fields.destinationPort),
    u32(fields.seq ?? 0, fields.ack ?? 0),
    u8((5 + options.length / 4) << 4, tcpFlags(fields.flags ?? "A")),
    u16(fields.window ?? 65535, 0, 0),
    options,
    payload,
  );
}

export function udp(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  return concat(u16(sourcePort, destinationPort, 8 + payload.length, 0), payload);
}

/** ICMP message with its checksum (RFC 792); ICMPv6 checksums are filled in by `ipv6`. */
export function icmp(type: number, code: number, rest: number, body: Uint8Array): Uint8Array {
  const message = concat(u8(type, code, 0, 0), u32(rest), body);
  message.set(u16(checksum(message)), 2);
  return message;
}

export interface EthernetFields {
  source?: string;
  destination?: string;
  /** 802.1Q tags, outermost first; `[0x88a8, 7]` for another tag protocol than 0x8100. */
  vlans?: readonly (number | readonly [number, number])[];
}

/** Ethernet II frame, without frame check sequence, not padded. */
export function ethernet(etherType: number, payload: Uint8Array, fields: EthernetFields = {}): Uint8Array {
  const mac = (text: string) => hex(text.replace(/[:-]/g, ""));
  const tags = (fields.vlans ?? []).map((tag) => (typeof tag === "number" ? u16(0x8100, tag) : u16(tag[0], tag[1])));
  const [destination, source] = [fields.destination ?? "00:00:5e:00:53:02", fields.source ?? "00:00:5e:00:53:01"];
  return concat(mac(destination), mac(source), ...tags, u16(etherType), payload);
}

/** Ethernet frame around an IPv4 or IPv6 packet, told by its version. */
export function ethernetIp(packet: Uint8Array, fields: EthernetFields = {}): Uint8Array {
  return ethernet(packet[0]! >>> 4 === 6 ? 0x86dd : 0x0800, packet, fields);
}

/** An address with port: `10.0.0.1:80`, `[2001:db8::1]:80`. */
export type Endpoint = string;

function endpoint(text: Endpoint): { address: string; port: number } {
  const colon = text.lastIndexOf(":");
  return { address: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}

export interface SegmentFields extends Omit<TcpFields, "sourcePort" | "destinationPort"> {
  payload?: Uint8Array | string;
  ttl?: number;
  id?: number;
}

function transportFrame(from: Endpoint, to: Endpoint, protocol: number, ttl: number, id: number, segment: Uint8Array): Uint8Array {
  const [source, destination] = [endpoint(from).address, endpoint(to).address];
  if (source.includes(":")) return ethernetIp(ipv6({ source, destination, protocol, hopLimit: ttl }, segment));
  return ethernetIp(ipv4({ source, destination, protocol, ttl, id, dontFragment: true }, segment));
}

const octets = (payload: Uint8Array | string): Uint8Array => (typeof payload === "string" ? new TextEncoder().encode(payload) : payload);

/** A whole Ethernet frame with one TCP segment, checksums valid. */
export function tcpFrame(from: Endpoint, to: Endpoint, fields: SegmentFields = {}): Uint8Array {
  const segment = tcp({ ...fields, sourcePort: endpoint(from).port, destinationPort: endpoint(to).port }, octets(fields.payload ?? ""));
  return transportFrame(from, to, 6, fields.ttl ?? 128, fields.id ?? 0, segment);
}

/** A whole Ethernet frame with one UDP datagram, checksums valid. */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array | string): Uint8Array {
  return transportFrame(from, to, 17, 128, 0, udp(endpoint(from).port, endpoint(to).port, octets(payload)));
}
