import { EtherType } from "./layers.ts";
import { Family, Mark, type PacketBatch } from "./packet-batch.ts";

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
/** IPv6 extension headers followed. */
const MAX_EXTENSIONS = 8;

/** Adds the bytes from `at` to `end` to an Internet checksum (RFC 1071), not yet folded. */
function add(sum: number, bytes: Uint8Array, at: number, end: number): number {
  let total = sum;
  for (let i = at; i + 1 < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  return (end - at) & 1 ? total + (bytes[end - 1]! << 8) : total;
}

/** Whether a sum that includes the checksum field comes out as all ones. */
function fits(sum: number): boolean {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded === 0xffff;
}

/** Whether the checksum of packet `i`'s IPv4 header fits; null if it has none or was cut off. */
export function ipv4ChecksumFits(batch: PacketBatch, i: number): boolean | null {
  const at = batch.networkAt[i]!;
  const { bytes } = batch;
  // A reassembled header was put together here.
  if (batch.etherType[i] !== EtherType.ipv4 || at < 0 || batch.marks[i]! & Mark.reassembled) return null;
  const end = at + ((bytes[at]! & 15) << 2);
  return end <= bytes.length && end >= at + 20 ? fits(add(0, bytes, at, end)) : null;
}

/**
 * Whether the TCP, UDP or ICMP checksum of packet `i` fits; null where that cannot be told: part of the packet was not captured, it
 * is a fragment, or carries no checksum. A wrong one on the sending host is usually checksum offload. Costs one pass over the payload.
 */
export function transportChecksumFits(batch: PacketBatch, i: number): boolean | null {
  const { bytes } = batch;
  const protocol = batch.ipProtocol[i]!;
  const at = batch.networkAt[i]!;
  const start = transportAt(batch, i);
  let end = at + batch.ipLength[i]!;
  if (start < 0 || end > bytes.length || end - start < 8) return null;
  if (protocol === ICMP) return fits(add(0, bytes, start, end));
  if (protocol !== TCP && protocol !== UDP && protocol !== ICMPV6) return null;
  if (protocol === UDP) {
    if (bytes[start + 6] === 0 && bytes[start + 7] === 0) return null;
    end = start + 8 + batch.payloadLength[i]!;
  }
  const addresses = batch.etherType[i] === EtherType.ipv4 ? at + 12 : at + 8;
  const pseudoHeader = add(protocol + (end - start), bytes, addresses, addresses + (batch.etherType[i] === EtherType.ipv4 ? 8 : 32));
  return fits(add(pseudoHeader, bytes, start, end));
}

/** Where the whole transport header and payload of packet `i` start in `bytes`; -1 if they are not there whole. */
function transportAt(batch: PacketBatch, i: number): number {
  const { bytes } = batch;
  const at = batch.networkAt[i]!;
  if (batch.marks[i]! & (Mark.fragment | Mark.truncated) || batch.family[i] === Family.none || at < 0) return -1;
  if (batch.etherType[i] === EtherType.ipv4) return at + ((bytes[at]! & 15) << 2);
  let [next, start] = [bytes[at + 6]!, at + 40];
  // A routing header (43) would put another destination into the pseudo header, so it is not followed.
  for (let count = 0; count < MAX_EXTENSIONS && (next === 0 || next === 60) && start + 8 <= bytes.length; count++) {
    next = bytes[start]!;
    start += (bytes[start + 1]! + 1) << 3;
  }
  return next === batch.ipProtocol[i] ? start : -1;
}
