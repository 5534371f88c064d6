import { Mark, type PacketBatch } from "../decoders/packet-batch.ts";
import type { DatagramProtocol, DatagramReader } from "./datagram-protocol.ts";
import type { AddressOf } from "./stream-book.ts";
import type { ProtocolEmit } from "./stream-protocol.ts";

/** Hands UDP payloads to the protocols that know them. */
export class DatagramBook {
  /** Number of the protocol that lists a port, plus one. */
  private readonly byPort = new Uint8Array(65536);
  private readonly byBytes: { readonly protocol: DatagramProtocol; readonly number: number }[] = [];
  private readonly protocols: readonly DatagramProtocol[];
  private readonly readers: (DatagramReader | undefined)[] = [];
  private readonly emit: ProtocolEmit;
  private readonly addressOf: AddressOf;
  private readonly info: { readonly base: bigint | null };

  constructor(protocols: readonly DatagramProtocol[], emit: ProtocolEmit, addressOf: AddressOf, info: { readonly base: bigint | null }) {
    this.protocols = protocols;
    this.emit = emit;
    this.addressOf = addressOf;
    this.info = info;
    for (const [number, protocol] of protocols.entries()) {
      for (const port of protocol.ports) this.byPort[port] ||= number + 1;
      if (protocol.recognises) this.byBytes.push({ protocol, number });
    }
  }

  /** Packet `i` of a batch, which is UDP. */
  packet(batch: PacketBatch, i: number): void {
    const at = batch.payloadAt[i]!;
    if (at < 0 || (batch.marks[i]! & Mark.fragment) !== 0) return;
    const listed = this.byPort[batch.destinationPort[i]!]! || this.byPort[batch.sourcePort[i]!]!;
    const length = batch.payloadLength[i]!;
    const end = at + Math.min(batch.payloadCaptured[i]!, length);
    const number = listed > 0 ? listed - 1 : this.told(batch.bytes, at, end);
    if (number === -1) return;
    const family = batch.family[i]!;
    this.readers[number] ??= this.protocols[number]!.open(this.emit);
    this.readers[number].datagram({
      frame: batch.frame[i]!,
      time: this.info.base === null ? null : this.info.base + BigInt(Math.round(batch.time[i]!)),
      sourceIp: this.addressOf(batch.source[i]!, family),
      sourcePort: batch.sourcePort[i]!,
      destinationIp: this.addressOf(batch.destination[i]!, family),
      destinationPort: batch.destinationPort[i]!,
      bytes: batch.bytes.subarray(at, end),
      length,
    });
  }

  private told(bytes: Uint8Array, at: number, end: number): number {
    for (const { protocol, number } of this.byBytes) if (protocol.recognises!(bytes, at, end)) return number;
    return -1;
  }

  /** The capture ended, so many nanoseconds after its base. */
  finish(lastTime: number): void {
    const until = this.info.base === null || !Number.isFinite(lastTime) ? null : this.info.base + BigInt(Math.round(lastTime));
    for (const reader of this.readers) reader?.end(until);
  }
}
