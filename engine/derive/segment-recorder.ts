import { Known, Mark, type PacketBatch, TcpFlag } from "../decoders/packet-batch.ts";
import { grown } from "./growing-columns.ts";
import { packShape, type SegmentLog, Shape } from "./segment-log.ts";

/** Payload bytes that go into a segment's print: enough to tell segments apart, and no dearer for large ones. */
const PRINT_BYTES = 64;
const START_SIZE = 4096;

/** Writes the `SegmentLog` in packet order. */
export class SegmentRecorder {
  private capacity = START_SIZE;
  count = 0;
  private stream = new Uint32Array(START_SIZE);
  private frame = new Uint32Array(START_SIZE);
  private time = new Float64Array(START_SIZE);
  private seq = new Uint32Array(START_SIZE);
  private ack = new Uint32Array(START_SIZE);
  private shape = new Uint32Array(START_SIZE);
  private print = new Uint32Array(START_SIZE);

  /** Packet `i` of a batch, of connection `stream`. */
  add(batch: PacketBatch, i: number, stream: number, fromServer: boolean): void {
    if (this.count === this.capacity) this.grow();
    const row = this.count++;
    this.stream[row] = stream;
    this.frame[row] = batch.frame[i]!;
    this.time[row] = batch.time[i]!;
    this.seq[row] = batch.seq[i]!;
    this.ack[row] = batch.ack[i]!;
    this.shape[row] = shapeOf(batch, i, fromServer);
    this.print[row] = segmentPrint(batch, i);
  }

  finish(): SegmentLog {
    const cut = <T extends Uint32Array | Float64Array>(column: T): T => column.slice(0, this.count) as T;
    return {
      count: this.count,
      stream: cut(this.stream),
      frame: cut(this.frame),
      time: cut(this.time),
      seq: cut(this.seq),
      ack: cut(this.ack),
      shape: cut(this.shape),
      print: cut(this.print),
    };
  }

  private grow(): void {
    this.capacity *= 2;
    this.stream = grown(this.stream, this.capacity);
    this.frame = grown(this.frame, this.capacity);
    this.time = grown(this.time, this.capacity);
    this.seq = grown(this.seq, this.capacity);
    this.ack = grown(this.ack, this.capacity);
    this.shape = grown(this.shape, this.capacity);
    this.print = grown(this.print, this.capacity);
  }
}

function shapeOf(batch: PacketBatch, i: number, fromServer: boolean): number {
  const known = batch.known[i]!;
  const marks = batch.marks[i]!;
  const bits =
    (fromServer ? Shape.fromServer : 0) |
    ((known & Known.seq) !== 0 ? Shape.knownSeq : 0) |
    ((known & Known.ack) !== 0 ? Shape.knownAck : 0) |
    ((known & Known.length) !== 0 ? Shape.knownLength : 0) |
    ((marks & Mark.saidRetransmission) !== 0 ? Shape.saidRetransmission : 0) |
    ((marks & Mark.saidLostSegment) !== 0 ? Shape.saidLostSegment : 0);
  return packShape(batch.payloadLength[i]!, batch.flags[i]!, bits);
}

/** See `SegmentLog.print`; FNV-1a over the first payload bytes, or over the fields that tell acknowledgements apart. */
function segmentPrint(batch: PacketBatch, i: number): number {
  let hash = 0x811c9dc5;
  const add = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  if (batch.payloadLength[i]! > 0 && (batch.flags[i]! & TcpFlag.rst) === 0) {
    const captured = Math.min(batch.payloadCaptured[i]!, PRINT_BYTES);
    const at = batch.payloadAt[i]!;
    if (captured === 0 || at < 0) return 0;
    const { bytes } = batch;
    for (let offset = 0; offset < captured; offset++) hash = Math.imul(hash ^ bytes[at + offset]!, 0x01000193);
    return hash >>> 0 || 1;
  }
  const word = (value: number) => {
    add(value & 255);
    add((value >>> 8) & 255);
    add((value >>> 16) & 255);
    add(value >>> 24);
  };
  word(batch.window[i]!);
  if ((batch.marks[i]! & Mark.timestamps) !== 0) {
    word(batch.tsval[i]!);
    word(batch.tsecr[i]!);
  }
  for (let edge = 0; edge < batch.sackCount[i]! * 2; edge++) word(batch.sack[i * 8 + edge]!);
  return ((batch.ipId[i]! & 0xffff) | (batch.ttl[i]! << 16) | ((hash >>> 24) << 24)) >>> 0;
}
