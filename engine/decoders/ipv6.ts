import { FRAGMENT, NO_PAYLOAD } from "./ipv4.ts";
import type { Ipv6Addresses } from "./ipv6-addresses.ts";
import { EtherType, type Layers } from "./layers.ts";
import { Family, Mark, type PacketBatch } from "./packet-batch.ts";

/** Extension headers followed; RFC 8200 section 4.1 foresees each kind once, destination options twice. */
const MAX_EXTENSIONS = 16;
const HEADER = 40;
const HOP_BY_HOP = 0;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION = 51;
/** Option type of a jumbogram's length, RFC 2675. */
const JUMBO_PAYLOAD = 0xc2;

/** IPv6 header and extension chain, RFC 8200. Answers as `decodeIpv4` does; a fragment leaves `layers` at its fragment header. */
export function decodeIpv6(batch: PacketBatch, i: number, bytes: Uint8Array, layers: Layers, addresses: Ipv6Addresses): number {
  const at = layers.at;
  batch.etherType[i] = EtherType.ipv6;
  batch.networkAt[i] = at;
  if (layers.end - at < HEADER || bytes[at]! >>> 4 !== 6) return NO_PAYLOAD;
  const source = addresses.id(bytes, at + 8);
  const destination = addresses.id(bytes, at + 24);
  if (source !== 0 && destination !== 0) {
    batch.family[i] = Family.ipv6;
    batch.source[i] = source;
    batch.destination[i] = destination;
  }
  batch.ttl[i] = bytes[at + 7]!;
  const next = bytes[at + 6]!;
  let payload = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  if (payload === 0 && layers.length > HEADER + 8) {
    payload = next === HOP_BY_HOP ? jumboLength(bytes, at + HEADER, layers.end) : 0;
    if (payload === 0) {
      payload = layers.length - HEADER;
      batch.marks[i] = batch.marks[i]! | Mark.ipLengthZero;
    }
  }
  layers.trim(HEADER + payload);
  batch.ipLength[i] = HEADER + payload;
  layers.at = at + HEADER;
  layers.length -= HEADER;
  return layers.length < 0 ? NO_PAYLOAD : walkExtensions(batch, i, bytes, layers, next);
}

/** A header with an extension type that carries its length in units of 8 bytes, RFC 6564. */
function isExtension(next: number): boolean {
  return next === HOP_BY_HOP || next === 60 || next === 43 || next === AUTHENTICATION || next === 135 || next === 139 || next === 140;
}

function walkExtensions(batch: PacketBatch, i: number, bytes: Uint8Array, layers: Layers, first: number): number {
  let next = first;
  for (let count = 0; isExtension(next); count++) {
    const at = layers.at;
    if (count >= MAX_EXTENSIONS || layers.end - at < 2) return stop(batch, i, next);
    // RFC 4302 section 2.2: the authentication header counts in units of 4 bytes, less 2.
    const length = next === AUTHENTICATION ? (bytes[at + 1]! + 2) << 2 : (bytes[at + 1]! + 1) << 3;
    if (length > layers.length) return stop(batch, i, next);
    next = bytes[at]!;
    layers.at = at + length;
    layers.length -= length;
    if (layers.at > layers.end) return stop(batch, i, next);
  }
  batch.ipProtocol[i] = next;
  if (next !== FRAGMENT_HEADER) return next;
  const at = layers.at;
  if (layers.end - at < 8) return NO_PAYLOAD;
  batch.ipProtocol[i] = bytes[at]!;
  batch.ipId[i] = (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
  return FRAGMENT;
}

function stop(batch: PacketBatch, i: number, next: number): number {
  batch.ipProtocol[i] = next;
  return NO_PAYLOAD;
}

/** Payload length of a jumbogram, which must be the first hop-by-hop option here; 0 if it is not one. */
function jumboLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 8 || bytes[at + 2] !== JUMBO_PAYLOAD || bytes[at + 3] !== 4) return 0;
  return ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0;
}
