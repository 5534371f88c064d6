import { decodeEnc, decodeLoopback, decodePflog, decodeRawIp } from "./bare-ip.ts";
import { decodeBackboneTag, decodeCiscoMetadata, decodeEthernet, decodeLlc, decodeVlanTag, decodeVnTag } from "./ethernet.ts";
import { Fragments } from "./fragments.ts";
import { decodeIeee80211, decodePrismOrAvs, decodeRadiotap } from "./ieee80211.ts";
import { decodeIpv4, FRAGMENT, NO_PAYLOAD } from "./ipv4.ts";
import { decodeIpv6 } from "./ipv6.ts";
import { Ipv6Addresses } from "./ipv6-addresses.ts";
import { EtherType, Layers } from "./layers.ts";
import { decodeLinuxCooked, decodeLinuxCooked2 } from "./linux-cooked.ts";
import { decodeMpls } from "./mpls.ts";
import type { AddressBook, PacketBatch } from "./packet-batch.ts";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_UNKNOWN, KNOWN_ALL, PROTOCOL_TCP as TCP, PROTOCOL_UDP as UDP } from "./packet-bits.ts";
import { decodeCiscoHdlc, decodeFrameRelay, decodePpp, decodePppoe } from "./ppp.ts";
import { reassemble } from "./reassembly.ts";
import { decodeTcp } from "./tcp.ts";
import { decodeGre, decodeUdpTunnel } from "./tunnel.ts";
import { decodeUdp } from "./udp.ts";

/** Tags, label stacks and the like followed between two IP headers. */
const MAX_SHIMS = 16;
/** IP headers followed in one frame. */
const MAX_TUNNELS = 8;

const ETHERNET_LINK = 1;
export const RAW_LINK = 101;

/** Moves `layers` over a link header. */
type LinkDecoder = (layers: Layers, bytes: Uint8Array) => void;

/** Decoders by LINKTYPE_ value (tcpdump.org/linktypes.html). */
const LINK_DECODERS: ReadonlyMap<number, LinkDecoder> = new Map([
  [0, decodeLoopback],
  [ETHERNET_LINK, decodeEthernet],
  [9, decodePpp],
  // 12 and 14 are what DLT_RAW is on two kinds of system; files with them exist.
  [12, decodeRawIp],
  [14, decodeRawIp],
  [50, decodePpp],
  [51, decodePppoe],
  [RAW_LINK, decodeRawIp],
  [104, decodeCiscoHdlc],
  [105, decodeIeee80211],
  [107, decodeFrameRelay],
  [108, decodeLoopback],
  [109, decodeEnc],
  [113, decodeLinuxCooked],
  [117, decodePflog],
  [119, decodePrismOrAvs],
  [127, decodeRadiotap],
  [163, decodePrismOrAvs],
  [228, decodeRawIp],
  [229, decodeRawIp],
  [276, decodeLinuxCooked2],
]);

/** Whether frames of this link type can be decoded; others are counted as packets without a network header. */
export function knowsLinkType(linkType: number): boolean {
  return LINK_DECODERS.has(linkType);
}

/** IP protocol numbers, IANA. */
const IP_IN_IP = 4;
const IPV6_IN_IP = 41;
const GRE = 47;

/** What decoding carries from frame to frame of one capture point. */
export class DecodeState {
  readonly layers = new Layers();
  readonly fragments = new Fragments();
  readonly addresses: Ipv6Addresses;
  /** Set by `decodeFrame` when a frame completes a fragmented datagram: the datagram, to be decoded as `RAW_LINK` in its place. */
  datagram: Uint8Array | null = null;

  constructor(book: AddressBook) {
    this.addresses = new Ipv6Addresses(book);
  }
}

/**
 * Decodes the frame at `at` into packet `i` of the batch: every header from the link to the innermost transport. `linkType` is a
 * LINKTYPE_ value, `captured` what is there, `wire` what the frame had on the wire without check sequence.
 */
export function decodeFrame(
  batch: PacketBatch,
  i: number,
  linkType: number,
  bytes: Uint8Array,
  at: number,
  captured: number,
  wire: number,
  state: DecodeState,
): void {
  const layers = state.layers;
  layers.at = at;
  layers.end = at + captured;
  layers.length = Math.max(wire, captured);
  layers.vlan = 0;
  batch.known[i] = KNOWN_ALL;
  if (linkType === ETHERNET_LINK) decodeEthernet(layers, bytes);
  else {
    const decode = LINK_DECODERS.get(linkType);
    if (decode) decode(layers, bytes);
    else layers.etherType = ETHERTYPE_UNKNOWN;
  }
  decodeNetwork(batch, i, bytes, state);
}

/** Follows tags, labels and framing until a network header, or something unknown, stands at `layers`. */
function decodeShims(layers: Layers, bytes: Uint8Array): void {
  for (let shim = 0; shim < MAX_SHIMS; shim++) {
    switch (layers.etherType) {
      case EtherType.vlan:
      case EtherType.providerBridge:
      case EtherType.qinq9100:
      case EtherType.qinq9200:
        decodeVlanTag(layers, bytes);
        break;
      case EtherType.llc:
        decodeLlc(layers, bytes);
        break;
      case EtherType.ethernet:
        decodeEthernet(layers, bytes);
        break;
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        decodeMpls(layers, bytes);
        break;
      case EtherType.pppoeSession:
        decodePppoe(layers, bytes);
        break;
      case EtherType.ppp:
        decodePpp(layers, bytes);
        break;
      case EtherType.providerBackbone:
        decodeBackboneTag(layers, bytes);
        break;
      case EtherType.vnTag:
        decodeVnTag(layers, bytes);
        break;
      case EtherType.ciscoMetadata:
        decodeCiscoMetadata(layers, bytes);
        break;
      default:
        return;
    }
  }
}

/** The network header at `layers`, the tunnels inside it, and the innermost transport header. */
function decodeNetwork(batch: PacketBatch, i: number, bytes: Uint8Array, state: DecodeState): void {
  const layers = state.layers;
  for (let depth = 0; depth < MAX_TUNNELS; depth++) {
    if (layers.etherType !== ETHERTYPE_IPV4) decodeShims(layers, bytes);
    batch.vlan[i] = layers.vlan;
    let protocol = NO_PAYLOAD;
    if (layers.etherType === ETHERTYPE_IPV4) protocol = decodeIpv4(batch, i, bytes, layers);
    else if (layers.etherType === ETHERTYPE_IPV6) protocol = decodeIpv6(batch, i, bytes, layers, state.addresses);
    else {
      batch.etherType[i] = layers.etherType;
      batch.networkAt[i] = layers.at < layers.end ? layers.at : -1;
    }
    if (protocol === TCP) {
      decodeTcp(batch, i, bytes, layers);
      return;
    }
    if (protocol < 0) {
      if (protocol === FRAGMENT) reassemble(batch, i, bytes, state);
      return;
    }
    if (!enterTunnel(protocol, layers, bytes)) {
      if (protocol === UDP) decodeUdp(batch, i, bytes, layers);
      else decodeOther(batch, i, layers);
      return;
    }
  }
}

/** Moves `layers` to the network header inside a tunnel; answers false, with `layers` as before, if there is none. */
function enterTunnel(protocol: number, layers: Layers, bytes: Uint8Array): boolean {
  const { at, end, length, etherType, vlan } = layers;
  if (protocol === UDP) {
    if (!decodeUdpTunnel(layers, bytes)) return false;
  } else if (protocol === GRE) decodeGre(layers, bytes);
  else if (protocol === IP_IN_IP) layers.etherType = EtherType.ipv4;
  else if (protocol === IPV6_IN_IP) layers.etherType = EtherType.ipv6;
  else return false;
  decodeShims(layers, bytes);
  if (holdsPacket(layers, bytes)) return true;
  layers.at = at;
  layers.end = end;
  layers.length = length;
  layers.etherType = etherType;
  layers.vlan = vlan;
  return false;
}

/** Whether an IP header, or an ARP packet, really stands at `layers`. */
function holdsPacket(layers: Layers, bytes: Uint8Array): boolean {
  const room = layers.end - layers.at;
  if (layers.etherType === EtherType.ipv4) return room >= 20 && bytes[layers.at]! >>> 4 === 4 && (bytes[layers.at]! & 15) >= 5;
  if (layers.etherType === EtherType.ipv6) return room >= 40 && bytes[layers.at]! >>> 4 === 6;
  return layers.etherType === EtherType.arp && room >= 8;
}

/** A payload without ports: ICMP, ESP and the like. */
function decodeOther(batch: PacketBatch, i: number, layers: Layers): void {
  batch.payloadLength[i] = layers.length;
  if (layers.end > layers.at) {
    batch.payloadAt[i] = layers.at;
    batch.payloadCaptured[i] = layers.end - layers.at;
  }
}
