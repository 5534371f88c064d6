import type { PacketBatch } from "../decoders/packet-batch.ts";
import { FLAG_SYN as SYN } from "../decoders/packet-bits.ts";
import type { ConnectionSlots } from "./connection-slots.ts";
import { type HeldTogether, StreamBytes } from "./stream-bytes.ts";
import {
  HEAD_BYTES,
  type Place,
  type ProtocolEmit,
  type StreamConnection,
  type StreamProtocol,
  type StreamReader,
} from "./stream-protocol.ts";
import {
  CONNECTION_BITS as BITS,
  CONNECTION_BIT_CLIENT_IS1 as CLIENT_IS_1,
  CONNECTION_ADDRESS0,
  CONNECTION_ADDRESS1,
  CONNECTION_FAMILY,
  CONNECTION_PORTS,
  END_BITS,
  END_INITIAL as INITIAL,
  END_BIT_INITIAL_KNOWN as INITIAL_KNOWN,
  CONNECTION_BIT_PASSED0 as PASSED_0,
  CONNECTION_BIT_PASSED1 as PASSED_1,
  CONNECTION_BIT_READ as READ,
  CONNECTION_STREAM as STREAM,
} from "./tcp-connection-state.ts";

/** Streams read at one time; beyond it the one begun longest ago is let go. */
const MAX_LIVE = 4096;
/** Bytes of one end that a protocol is given: handshakes and first requests, not what is carried afterwards. */
const MAX_READ = 512 * 1024;
/** First bytes this far ahead of where an end begins are waited for; farther ones are where reading begins. */
const MAX_AHEAD = 64 * 1024;

const NONE = new Uint8Array(0);

interface Stream {
  readonly connection: StreamConnection;
  /** Null until the first bytes of an end have told the protocol. */
  reader: StreamReader | null;
  readonly fromClient: readonly [boolean, boolean];
  /** Of each end, once something of it came. */
  readonly ends: [StreamBytes | null, StreamBytes | null];
  /** First bytes that do not tell the protocol yet. */
  readonly heads: [Uint8Array, Uint8Array];
  readonly read: [number, number];
  readonly wanted: [boolean, boolean];
}

/** Text of an address column. */
export type AddressOf = (value: number, family: number) => string;

/** Hands the bytes of TCP connections to the protocols that know them. Of a connection none knows only a bit is kept. */
export class StreamBook {
  private readonly slots: ConnectionSlots;
  private readonly protocols: readonly StreamProtocol[];
  private readonly emit: ProtocolEmit;
  private readonly addressOf: AddressOf;
  private readonly info: { readonly base: bigint | null };
  private readonly live = new Map<number, Stream>();
  private readonly together: HeldTogether = { bytes: 0 };

  constructor(
    slots: ConnectionSlots,
    protocols: readonly StreamProtocol[],
    emit: ProtocolEmit,
    addressOf: AddressOf,
    info: { readonly base: bigint | null },
  ) {
    this.slots = slots;
    this.protocols = protocols;
    this.emit = emit;
    this.addressOf = addressOf;
    this.info = info;
  }

  /** Packet `i` of a batch, which carries data that end `from` of the connection at `base` sent; `sender` is where that end's state starts. */
  segment(batch: PacketBatch, i: number, base: number, from: 0 | 1, sender: number): void {
    const { ints } = this.slots;
    const seq = ((batch.flags[i]! & SYN) === 0 ? batch.seq[i]! : batch.seq[i]! + 1) | 0;
    const length = batch.payloadLength[i]!;
    const begins = (ints[sender + END_BITS]! & INITIAL_KNOWN) === 0 ? seq : (ints[sender + INITIAL]! + 1) | 0;
    const ahead = (seq - begins) | 0;
    const read = (ints[base + BITS]! & READ) !== 0;
    let stream = read ? this.live.get(ints[base + STREAM]!) : undefined;
    if (read && !stream) ints[base + BITS]! |= PASSED_0 | PASSED_1;
    if (ints[base + BITS]! & (from === 0 ? PASSED_0 : PASSED_1) || (ahead < 0 && ahead + length <= 0 && !stream?.ends[from])) return;
    const at = batch.payloadAt[i]!;
    const bytes = at < 0 ? NONE : batch.bytes.subarray(at, at + Math.min(length, batch.payloadCaptured[i]!));
    if (!stream) {
      if (ahead <= 0 && this.protocolOf(bytes.subarray(-ahead, HEAD_BYTES - ahead)) === undefined) {
        ints[base + BITS]! |= from === 0 ? PASSED_0 : PASSED_1;
        return;
      }
      stream = this.begin(base);
    }
    const time = this.info.base === null ? null : this.info.base + BigInt(Math.round(batch.time[i]!));
    const place: Place = { frame: batch.frame[i]!, time };
    stream.ends[from] ??= this.endOf(stream, from, ahead > MAX_AHEAD ? seq : begins);
    if (!stream.ends[from].segment(seq, bytes, length, place)) this.pass(stream, base, from);
  }

  /** The capture ended. */
  finish(): void {
    for (const row of [...this.live.keys()]) this.close(row);
  }

  private begin(base: number): Stream {
    const { ints } = this.slots;
    if (this.live.size >= MAX_LIVE) this.close(this.live.keys().next().value!);
    const clientIs1 = (ints[base + BITS]! & CLIENT_IS_1) !== 0;
    const stream: Stream = {
      connection: this.connectionAt(base, clientIs1),
      reader: null,
      fromClient: [!clientIs1, clientIs1],
      ends: [null, null],
      heads: [NONE, NONE],
      read: [0, 0],
      wanted: [(ints[base + BITS]! & PASSED_0) === 0, (ints[base + BITS]! & PASSED_1) === 0],
    };
    this.live.set(ints[base + STREAM]!, stream);
    ints[base + BITS]! |= READ;
    return stream;
  }

  private connectionAt(base: number, clientIs1: boolean): StreamConnection {
    const { ints } = this.slots;
    const family = ints[base + CONNECTION_FAMILY]!;
    const ports = ints[base + CONNECTION_PORTS]!;
    const ends = [
      { ip: this.addressOf(ints[base + CONNECTION_ADDRESS0]! >>> 0, family), port: ports >>> 16 },
      { ip: this.addressOf(ints[base + CONNECTION_ADDRESS1]! >>> 0, family), port: ports & 0xffff },
    ] as const;
    const [client, server] = clientIs1 ? [ends[1], ends[0]] : ends;
    return { clientIp: client.ip, clientPort: client.port, serverIp: server.ip, serverPort: server.port, stream: ints[base + STREAM]! };
  }

  private endOf(stream: Stream, from: 0 | 1, next: number): StreamBytes {
    return new StreamBytes(next, this.together, (bytes, place) => this.take(stream, from, bytes, place));
  }

  /** The protocol that begins like this; null if more bytes are needed to tell, undefined if there is none. */
  private protocolOf(head: Uint8Array): StreamProtocol | null | undefined {
    let open = false;
    for (const protocol of this.protocols) {
      const starts = protocol.starts(head);
      if (starts) return protocol;
      if (starts === null) open = true;
    }
    return open && head.length < HEAD_BYTES ? null : undefined;
  }

  private take(stream: Stream, from: 0 | 1, bytes: Uint8Array | null, place: Place): boolean {
    if (stream.reader) return this.hand(stream, stream.reader, from, bytes, place);
    if (bytes === null) return stream.heads[from].length === 0;
    const before = stream.heads[from];
    const head = before.length > 0 ? joined(before, bytes) : bytes;
    const protocol = this.protocolOf(head.subarray(0, HEAD_BYTES));
    if (protocol === undefined) return false;
    if (protocol === null) {
      stream.heads[from] = before.length > 0 ? head : bytes.slice();
      return true;
    }
    stream.heads[from] = NONE;
    stream.reader = protocol.open(stream.connection, this.emit);
    return this.read(stream, stream.reader, from, head, place);
  }

  /** Hands bytes on, after those that came before the protocol was known. */
  private hand(stream: Stream, reader: StreamReader, from: 0 | 1, bytes: Uint8Array | null, place: Place): boolean {
    const head = stream.heads[from];
    if (head.length > 0) {
      stream.heads[from] = NONE;
      if (!this.read(stream, reader, from, head, place)) return false;
    }
    return bytes === null ? reader.gap(stream.fromClient[from], place) : this.read(stream, reader, from, bytes, place);
  }

  private read(stream: Stream, reader: StreamReader, from: 0 | 1, bytes: Uint8Array, place: Place): boolean {
    stream.read[from] += bytes.length;
    return reader.read(stream.fromClient[from], bytes, place) && stream.read[from] < MAX_READ;
  }

  /** That end is not read any more. */
  private pass(stream: Stream, base: number, from: 0 | 1): void {
    const { ints } = this.slots;
    ints[base + BITS]! |= from === 0 ? PASSED_0 : PASSED_1;
    stream.wanted[from] = false;
    stream.ends[from]?.drop();
    const other = from === 0 ? 1 : 0;
    // Without a reader the other end may still tell the protocol, once something of it has come.
    if (stream.wanted[other] && (stream.reader !== null || stream.ends[other] !== null)) return;
    if (stream.reader === null) ints[base + BITS]! &= ~READ;
    this.live.delete(ints[base + STREAM]!);
    stream.reader?.end();
  }

  private close(row: number): void {
    const stream = this.live.get(row)!;
    this.live.delete(row);
    for (const [from, end] of stream.ends.entries()) if (stream.wanted[from]) end?.end();
    stream.reader?.end();
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
