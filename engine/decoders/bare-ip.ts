import { EtherType, type Layers } from "./layers.ts";

/** Raw IP: the version nibble tells which. */
export function decodeRawIp(layers: Layers, bytes: Uint8Array): void {
  const version = layers.at < layers.end ? bytes[layers.at]! >>> 4 : 0;
  layers.etherType = version === 4 ? EtherType.ipv4 : version === 6 ? EtherType.ipv6 : EtherType.unknown;
}

/** Address family numbers of the systems that write them; IPv6 differs between NetBSD and OpenBSD, FreeBSD, macOS, Linux and Windows. */
function familyType(family: number): number {
  if (family === 2) return EtherType.ipv4;
  return family === 24 || family === 28 || family === 30 || family === 10 || family === 23 ? EtherType.ipv6 : EtherType.unknown;
}

/** BSD loopback (LINKTYPE_NULL, LINKTYPE_LOOP): a 32-bit address family in the byte order of the host that wrote it, or in network order. */
export function decodeLoopback(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 4) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const [b0, b1, b2, b3] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  // Families are small numbers, so the half that is zero tells the order.
  if (b0 === 0 && b1 === 0) layers.step(4, familyOrEtherType((b2 << 8) | b3));
  else if (b2 === 0 && b3 === 0) layers.step(4, familyOrEtherType(b0 | (b1 << 8)));
  else layers.etherType = EtherType.unknown;
}

/** Some drivers put an EtherType where the family belongs. */
function familyOrEtherType(value: number): number {
  return value >= 0x600 ? value : familyType(value);
}

/** OpenBSD `enc(4)` (LINKTYPE_ENC): family in host order, SPI, flags. */
export function decodeEnc(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  layers.step(12, layers.end - at >= 12 ? familyType(bytes[at]! | bytes[at + 3]!) : EtherType.unknown);
}

/** OpenBSD and FreeBSD `pflog(4)` (LINKTYPE_PFLOG): header length, family; padded to a multiple of 4. */
export function decodePflog(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const length = layers.end - at >= 2 ? (bytes[at]! + 3) & ~3 : 0;
  layers.step(length, length >= 4 ? familyType(bytes[at + 1]!) : EtherType.unknown);
}
