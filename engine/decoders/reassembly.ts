import type { Fragments } from "./fragments.ts";
import type { Layers } from "./layers.ts";
import { EtherType } from "./layers.ts";
import { Family, Mark, type PacketBatch } from "./packet-batch.ts";

/** The part of `DecodeState` reassembly works on. */
interface Reassembly {
  readonly layers: Layers;
  readonly fragments: Fragments;
  datagram: Uint8Array | null;
}

/**
 * The fragment at `layers`: keeps it, and if its datagram is whole, leaves that in `state.datagram` as one unfragmented packet.
 * A fragment the snaplen cut cannot be put together.
 */
export function reassemble(batch: PacketBatch, i: number, bytes: Uint8Array, state: Reassembly): void {
  const layers = state.layers;
  batch.marks[i] = batch.marks[i]! | Mark.fragment;
  const network = batch.networkAt[i]!;
  const ipv6 = batch.etherType[i] === EtherType.ipv6;
  const field = ipv6 ? layers.at + 2 : network + 6;
  const word = (bytes[field]! << 8) | bytes[field + 1]!;
  const start = ipv6 ? layers.at + 8 : layers.at;
  const length = ipv6 ? layers.length - 8 : layers.length;
  if (layers.end - start < length || batch.family[i] === Family.none) return;
  const whole = state.fragments.add({
    key: `${batch.source[i]} ${batch.destination[i]} ${batch.ipId[i]} ${batch.ipProtocol[i]} ${batch.family[i]}`,
    time: batch.time[i]!,
    offset: ipv6 ? word & 0xfff8 : (word & 0x1fff) << 3,
    more: ipv6 ? (word & 1) === 1 : (word & 0x2000) !== 0,
    payload: bytes.subarray(start, start + length),
    header: ipv6 ? ipv6Header(bytes, network, layers.at) : ipv4Header(bytes, network, layers.at),
  });
  if (whole) state.datagram = packet(whole.header, whole.payload, ipv6);
}

/** The header as it was before the packet was cut up; its checksum does not matter any more. */
function ipv4Header(bytes: Uint8Array, network: number, payload: number): Uint8Array {
  const header = bytes.slice(network, payload);
  header.fill(0, 6, 8);
  return header;
}

/** Everything before the fragment header, whose next-header value moves to the header before it. */
function ipv6Header(bytes: Uint8Array, network: number, fragmentHeader: number): Uint8Array {
  const header = bytes.slice(network, fragmentHeader);
  let [pointer, at, next] = [6, 40, header[6]!];
  while (next !== 44 && at + 2 <= header.length) {
    [pointer, next] = [at, header[at]!];
    at += (header[at + 1]! + 1) << 3;
  }
  header[pointer] = bytes[fragmentHeader]!;
  return header;
}

function packet(header: Uint8Array, payload: Uint8Array, ipv6: boolean): Uint8Array {
  const whole = new Uint8Array(header.length + payload.length);
  whole.set(header);
  whole.set(payload, header.length);
  const length = ipv6 ? whole.length - 40 : whole.length;
  const at = ipv6 ? 4 : 2;
  whole[at] = length >>> 8;
  whole[at + 1] = length & 255;
  return whole;
}
