import { EtherType, type Layers } from "./layers.ts";

/** PPP protocol numbers (RFC 1661 section 2) as EtherTypes. */
const PROTOCOLS: Readonly<Record<number, number>> = {
  33: EtherType.ipv4,
  49: EtherType.ethernet,
  87: EtherType.ipv6,
  641: EtherType.mpls,
  643: EtherType.mplsMulticast,
};

/** PPP frame, with or without the HDLC address and control bytes (RFC 1662), the protocol number perhaps compressed to one byte. */
export function decodePpp(layers: Layers, bytes: Uint8Array): void {
  let at = layers.at;
  const hdlc = layers.end - at >= 2 && bytes[at] === 0xff && bytes[at + 1] === 0x03;
  // RFC 1547 section 4.3.1: address 0x0f or 0x8f is Cisco's framing on the same kind of link.
  if (!hdlc && layers.end - at >= 4 && (bytes[at] === 0x0f || bytes[at] === 0x8f) && bytes[at + 1] === 0) {
    decodeCiscoHdlc(layers, bytes);
    return;
  }
  if (hdlc) at += 2;
  if (layers.end - at < 2) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const compressed = (bytes[at]! & 1) === 1;
  const protocol = compressed ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!;
  at += compressed ? 1 : 2;
  layers.step(at - layers.at, PROTOCOLS[protocol] ?? EtherType.unknown);
}

/** PPPoE session stage, RFC 2516 section 4. */
export function decodePppoe(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 6) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  layers.step(6, bytes[at + 1] === 0 ? EtherType.ppp : EtherType.unknown);
  layers.trim(length);
}

/** Cisco HDLC: address, control, EtherType. */
export function decodeCiscoHdlc(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  layers.step(4, layers.end - at >= 4 ? (bytes[at + 2]! << 8) | bytes[at + 3]! : EtherType.unknown);
}

/** Frame relay with a two-byte address, RFC 2427: NLPID or SNAP behind control 3, else Cisco's EtherType. */
export function decodeFrameRelay(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 4) {
    layers.etherType = EtherType.unknown;
    return;
  }
  if (bytes[at + 2] !== 3) {
    layers.step(4, (bytes[at + 2]! << 8) | bytes[at + 3]!);
    return;
  }
  const padding = bytes[at + 3] === 0 ? 1 : 0;
  const protocol = bytes[at + 3 + padding];
  if (protocol === 0xcc) layers.step(4 + padding, EtherType.ipv4);
  else if (protocol === 0x8e) layers.step(4 + padding, EtherType.ipv6);
  else if (protocol === 0x80 && layers.end - at >= 9 + padding) {
    const type = at + 7 + padding;
    layers.step(9 + padding, (bytes[type]! << 8) | bytes[type + 1]!);
  } else layers.etherType = EtherType.unknown;
}
