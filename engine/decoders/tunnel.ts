import { decodeRawIp } from "./bare-ip.ts";
import { EtherType, type Layers } from "./layers.ts";

/** GRE protocol types that are no EtherTypes. */
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;
const WCCP = 0x883e;
/** GRE flag bits, RFC 2784, RFC 2890; version 1 is PPTP's, RFC 2637. */
const GRE_CHECKSUM = 0x8000;
const GRE_ROUTING = 0x4000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
const GRE_ACKNOWLEDGEMENT = 0x0080;

const UDP_HEADER = 8;
const VXLAN_PORT = 4789;
const VXLAN_GPE_PORT = 4790;
const GENEVE_PORT = 6081;
const TEREDO_PORT = 3544;
const GTP_USER_PORT = 2152;

/** GRE header; leaves `layers` at what it carries. */
export function decodeGre(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  if (layers.end - at < 4) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const flags = (bytes[at]! << 8) | bytes[at + 1]!;
  const protocol = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  let header = 4;
  if (flags & (GRE_CHECKSUM | GRE_ROUTING)) header += 4;
  if (flags & GRE_KEY) header += 4;
  if (flags & GRE_SEQUENCE) header += 4;
  if ((flags & 7) === 1 && flags & GRE_ACKNOWLEDGEMENT) header += 4;
  // Source routes (RFC 1701) have not been seen since the nineties.
  layers.step(header, flags & GRE_ROUTING || (flags & 7) > 1 ? EtherType.unknown : protocol);
  // ERSPAN type I has no sequence number and no header of its own (draft-foschiano-erspan).
  if (layers.etherType === ERSPAN) layers.step(flags & GRE_SEQUENCE ? 8 : 0, EtherType.ethernet);
  else if (layers.etherType === ERSPAN_III) decodeErspan3(layers, bytes);
  else if (layers.etherType === WCCP) decodeWccp(layers, bytes);
}

function decodeErspan3(layers: Layers, bytes: Uint8Array): void {
  const subheader = layers.end - layers.at >= 12 && bytes[layers.at + 11]! & 1 ? 8 : 0;
  layers.step(12 + subheader, EtherType.ethernet);
}

/** WCCP version 2 puts four bytes before the packet that version 1 lacks. */
function decodeWccp(layers: Layers, bytes: Uint8Array): void {
  layers.step(layers.at < layers.end && bytes[layers.at]! >>> 4 === 4 ? 0 : 4, EtherType.ipv4);
}

/** Looks behind the UDP header at `layers` for a tunnel on its own port; answers false, with `layers` untouched, if there is none. */
export function decodeUdpTunnel(layers: Layers, bytes: Uint8Array): boolean {
  const at = layers.at;
  if (layers.end - at < UDP_HEADER + 8) return false;
  const source = (bytes[at]! << 8) | bytes[at + 1]!;
  const destination = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const enter = tunnelOn(destination) ?? tunnelOn(source);
  if (!enter) return false;
  layers.step(UDP_HEADER, EtherType.unknown);
  enter(layers, bytes);
  return true;
}

function tunnelOn(port: number): ((layers: Layers, bytes: Uint8Array) => void) | undefined {
  if (port === VXLAN_PORT) return decodeVxlan;
  if (port === GENEVE_PORT) return decodeGeneve;
  if (port === VXLAN_GPE_PORT) return decodeVxlanGpe;
  if (port === TEREDO_PORT) return decodeTeredo;
  return port === GTP_USER_PORT ? decodeGtpUser : undefined;
}

/** VXLAN, RFC 7348 section 5. */
function decodeVxlan(layers: Layers, bytes: Uint8Array): void {
  layers.step(8, bytes[layers.at]! & 0x08 ? EtherType.ethernet : EtherType.unknown);
}

/** VXLAN with a next-protocol field, draft-ietf-nvo3-vxlan-gpe. */
function decodeVxlanGpe(layers: Layers, bytes: Uint8Array): void {
  const next = [EtherType.unknown, EtherType.ipv4, EtherType.ipv6, EtherType.ethernet][bytes[layers.at + 3]!];
  layers.step(8, next ?? EtherType.unknown);
}

/** Geneve, RFC 8926 section 3.4. */
function decodeGeneve(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const options = (bytes[at]! & 0x3f) << 2;
  layers.step(8 + options, bytes[at]! >>> 6 === 0 ? (bytes[at + 2]! << 8) | bytes[at + 3]! : EtherType.unknown);
}

/** Teredo, RFC 4380 section 5.1.1: authentication and origin indications may stand before the IPv6 packet. */
function decodeTeredo(layers: Layers, bytes: Uint8Array): void {
  if (bytes[layers.at] === 0 && bytes[layers.at + 1] === 1) {
    const lengths = bytes[layers.at + 2]! + bytes[layers.at + 3]!;
    layers.step(13 + lengths, EtherType.unknown);
  }
  if (layers.end - layers.at >= 8 && bytes[layers.at] === 0 && bytes[layers.at + 1] === 0) layers.step(8, EtherType.unknown);
  layers.etherType = layers.at < layers.end && bytes[layers.at]! >>> 4 === 6 ? EtherType.ipv6 : EtherType.unknown;
}

/** GTP version 1 user plane, 3GPP TS 29.281 section 5: only G-PDU messages carry a packet. */
function decodeGtpUser(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const [flags, message] = [bytes[at]!, bytes[at + 1]!];
  if (flags >>> 5 !== 1 || (flags & 0x10) === 0 || message !== 255) return;
  let header = 8;
  if (flags & 7) {
    header = 12;
    // Each extension header names the next in its last byte and counts its length in units of four bytes.
    let next = flags & 4 && at + 11 < layers.end ? bytes[at + 11]! : 0;
    while (next !== 0 && at + header < layers.end && bytes[at + header]! !== 0) {
      header += bytes[at + header]! << 2;
      next = at + header <= layers.end ? bytes[at + header - 1]! : 0;
    }
  }
  layers.step(header, EtherType.unknown);
  decodeRawIp(layers, bytes);
}
