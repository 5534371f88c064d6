import { EtherType, type Layers } from "./layers.ts";

/** IEEE 802.3 section 3.2.6: values up to 1500 are a length, from 1536 on an EtherType. */
const MAX_LENGTH = 1500;
const MIN_ETHERTYPE = 1536;

/** Ethernet II or IEEE 802.3 header; an 802.3 length cuts the padding off and is followed by LLC. */
export function decodeEthernet(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 14) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const type = (bytes[at + 12]! << 8) | bytes[at + 13]!;
  layers.at = at + 14;
  layers.length -= 14;
  layers.etherType = type;
  if (type < MIN_ETHERTYPE) lengthField(layers, type);
}

function lengthField(layers: Layers, length: number): void {
  layers.etherType = length <= MAX_LENGTH ? EtherType.llc : EtherType.unknown;
  if (length <= MAX_LENGTH) layers.trim(length);
}

/** The EtherType or length that stands `skip` bytes on, as behind every tag; steps over both. */
function typeAfter(layers: Layers, bytes: Uint8Array, skip: number): void {
  const at = layers.at + skip;
  if (layers.end < at + 2) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const type = (bytes[at]! << 8) | bytes[at + 1]!;
  layers.step(skip + 2, type);
  if (type < MIN_ETHERTYPE) lengthField(layers, type);
}

/** IEEE 802.1Q and 802.1ad tag. */
export function decodeVlanTag(layers: Layers, bytes: Uint8Array): void {
  if (layers.end - layers.at >= 2) layers.vlan = ((bytes[layers.at]! << 8) | bytes[layers.at + 1]!) & 0x0fff;
  typeAfter(layers, bytes, 2);
}

/** IEEE 802.1ah I-TAG: service id, then the customer's own addresses and type. */
export function decodeBackboneTag(layers: Layers, bytes: Uint8Array): void {
  typeAfter(layers, bytes, 16);
}

/** Cisco VN-Tag (IEEE 802.1Qbh draft). */
export function decodeVnTag(layers: Layers, bytes: Uint8Array): void {
  typeAfter(layers, bytes, 4);
}

/** Cisco MetaData with one security group tag option: version, length, option, tag. */
export function decodeCiscoMetadata(layers: Layers, bytes: Uint8Array): void {
  typeAfter(layers, bytes, 6);
}

/** IEEE 802.2 LLC, with SNAP (RFC 1042) where it is used. */
export function decodeLlc(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const [dsap, ssap, control] = layers.end - at >= 3 ? [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!] : [0, 0, 0];
  if (control !== 3) layers.etherType = EtherType.unknown;
  else if (dsap === 0x06 && ssap === 0x06) layers.step(3, EtherType.ipv4);
  else if (dsap === 0xaa && ssap === 0xaa && layers.end - at >= 8) {
    const organisation = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    // RFC 1042 encapsulates EtherTypes under organisation 0, bridges translate them under 0000F8 (IEEE 802.1H).
    const encapsulated = organisation === 0 || organisation === 0x0000f8;
    layers.step(8, encapsulated ? (bytes[at + 6]! << 8) | bytes[at + 7]! : EtherType.unknown);
  } else layers.etherType = EtherType.unknown;
}
