import type { Layers } from "./layers.ts";
import { Known, type PacketBatch } from "./packet-batch.ts";

const HEADER = 8;

/** UDP header, RFC 768, into the batch. */
export function decodeUdp(batch: PacketBatch, i: number, bytes: Uint8Array, layers: Layers): void {
  const at = layers.at;
  const captured = layers.end - at;
  if (captured < HEADER) {
    batch.known[i] = Known.all & ~(captured >= 4 ? Known.length : Known.ports | Known.length);
    if (captured < 4) return;
  }
  batch.sourcePort[i] = (bytes[at]! << 8) | bytes[at + 1]!;
  batch.destinationPort[i] = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (captured < HEADER) return;
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  // Length 0 is a jumbogram (RFC 2675 section 4) or offload: the IP header tells.
  if (length >= HEADER) layers.trim(length);
  else if (length !== 0) layers.trim(HEADER);
  batch.payloadLength[i] = Math.max(0, layers.length - HEADER);
  const payload = layers.end - at - HEADER;
  if (payload > 0) {
    batch.payloadAt[i] = at + HEADER;
    batch.payloadCaptured[i] = payload;
  }
}
