import type { Layers } from "./layers.ts";
import { Known, type PacketBatch } from "./packet-batch.ts";
import { KNOWN_ALL, KNOWN_LENGTH, KNOWN_OPTIONS, KNOWN_PORTS } from "./packet-bits.ts";
import { decodeTcpOptions } from "./tcp-options.ts";

const HEADER = 20;
/** What is known of a segment of which not even the ports were captured. */
const NOTHING = Known.ttl | Known.ipId | Known.time;

/** TCP header, RFC 9293 section 3.1, and its options, into the batch. What the capture cut off is not in `known`. */
export function decodeTcp(batch: PacketBatch, i: number, bytes: Uint8Array, layers: Layers): void {
  const at = layers.at;
  const captured = layers.end - at;
  if (captured < HEADER) {
    decodeCutHeader(batch, i, bytes, at, captured);
    return;
  }
  const header = (bytes[at + 12]! >>> 4) << 2;
  batch.sourcePort[i] = (bytes[at]! << 8) | bytes[at + 1]!;
  batch.destinationPort[i] = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (header < HEADER) {
    batch.known[i] = NOTHING | KNOWN_PORTS;
    return;
  }
  batch.seq[i] = (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
  batch.ack[i] = (bytes[at + 8]! << 24) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!;
  batch.flags[i] = bytes[at + 13]!;
  batch.window[i] = (bytes[at + 14]! << 8) | bytes[at + 15]!;
  let known: number = KNOWN_ALL;
  if (header > layers.length) known &= ~(KNOWN_LENGTH | KNOWN_OPTIONS);
  else batch.payloadLength[i] = layers.length - header;
  if (header > captured) known &= ~KNOWN_OPTIONS;
  else if (header > HEADER) decodeTcpOptions(batch, i, bytes, at + HEADER, at + header);
  batch.known[i] = known;
  if (captured > header) {
    batch.payloadAt[i] = at + header;
    batch.payloadCaptured[i] = captured - header;
  }
}

/** A header the snaplen cut: each field that is whole still counts. */
function decodeCutHeader(batch: PacketBatch, i: number, bytes: Uint8Array, at: number, captured: number): void {
  let known = NOTHING;
  if (captured >= 4) {
    batch.sourcePort[i] = (bytes[at]! << 8) | bytes[at + 1]!;
    batch.destinationPort[i] = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    known |= Known.ports;
  }
  if (captured >= 8) {
    batch.seq[i] = (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!;
    known |= Known.seq;
  }
  if (captured >= 12) {
    batch.ack[i] = (bytes[at + 8]! << 24) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!;
    known |= Known.ack;
  }
  if (captured >= 14) {
    batch.flags[i] = bytes[at + 13]!;
    known |= Known.flags;
  }
  if (captured >= 16) {
    batch.window[i] = (bytes[at + 14]! << 8) | bytes[at + 15]!;
    known |= Known.window;
  }
  batch.known[i] = known;
}
