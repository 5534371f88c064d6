import type { Layers } from "./layers.ts";
import type { PacketBatch } from "./packet-batch.ts";
import { ETHERTYPE_IPV4, FAMILY_IPV4, MARK_IP_LENGTH_ZERO, MARK_TRUNCATED } from "./packet-bits.ts";

/** What an IP decoder answers where no payload can be decoded: header cut off or broken. */
export const NO_PAYLOAD = -1;
/** The packet is a fragment: `Layers` stands at its piece of the payload. */
export const FRAGMENT = -2;

/**
 * IPv4 header, RFC 791 section 3.1, into the batch. Answers the IP protocol and leaves `layers` at the payload, trimmed to the total
 * length; or `NO_PAYLOAD`, or `FRAGMENT`.
 */
export function decodeIpv4(batch: PacketBatch, i: number, bytes: Uint8Array, layers: Layers): number {
  const at = layers.at;
  const first = layers.end - at >= 20 ? bytes[at]! : 0;
  const header = (first & 0x0f) << 2;
  batch.etherType[i] = ETHERTYPE_IPV4;
  batch.networkAt[i] = at;
  if (first >>> 4 !== 4 || header < 20) return NO_PAYLOAD;

  const protocol = bytes[at + 9]!;
  batch.family[i] = FAMILY_IPV4;
  batch.source[i] = (bytes[at + 12]! << 24) | (bytes[at + 13]! << 16) | (bytes[at + 14]! << 8) | bytes[at + 15]!;
  batch.destination[i] = (bytes[at + 16]! << 24) | (bytes[at + 17]! << 16) | (bytes[at + 18]! << 8) | bytes[at + 19]!;
  batch.ipProtocol[i] = protocol;
  batch.ttl[i] = bytes[at + 8]!;
  batch.ipId[i] = (bytes[at + 4]! << 8) | bytes[at + 5]!;

  let total = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (total === 0) {
    // Captured before segmentation offload filled the field in: the frame tells the length.
    total = layers.length;
    batch.marks[i] = batch.marks[i]! | MARK_IP_LENGTH_ZERO;
  } else if (total < header) return NO_PAYLOAD;
  // A frame shorter than its packet was cut by something that did not keep the length; like Wireshark, go by the frame.
  if (total > layers.length) batch.marks[i] = batch.marks[i]! | MARK_TRUNCATED;
  layers.trim(total);
  batch.ipLength[i] = total;
  if (layers.length < header) return NO_PAYLOAD;
  layers.at = at + header;
  layers.length -= header;
  return ((bytes[at + 6]! << 8) | bytes[at + 7]!) & 0x3fff ? FRAGMENT : protocol;
}
