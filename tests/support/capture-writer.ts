import { concat, u8, u16, u32 } from "./frame-writer.ts";

export * from "./frame-writer.ts";

/** Nanoseconds since the Unix epoch that `CapturedFrame.time` counts from unless told otherwise: 2023-11-14 22:13:20 UTC. */
export const CAPTURE_START = 1_700_000_000_000_000_000n;

export interface CapturedFrame {
  /** Seconds from the start of the capture. */
  time: number;
  bytes: Uint8Array;
  /** Length on the wire, if the frame was cut. */
  wireLength?: number;
  /** pcapng: interface number. */
  interface?: number;
}

interface ByteOrder {
  u16(...values: number[]): Uint8Array;
  u32(...values: number[]): Uint8Array;
}

const reversed = (size: number, bytes: Uint8Array): Uint8Array => bytes.map((_, i) => bytes[i - (i % size) + size - 1 - (i % size)]!);
const BIG: ByteOrder = { u16, u32 };
const LITTLE: ByteOrder = { u16: (...v) => reversed(2, u16(...v)), u32: (...v) => reversed(4, u32(...v)) };

const order = (bigEndian: boolean | undefined): ByteOrder => (bigEndian ? BIG : LITTLE);
const nanoseconds = (start: bigint, seconds: number): bigint => start + BigInt(Math.round(seconds * 1e9));

export interface PcapOptions {
  bigEndian?: boolean;
  nanoseconds?: boolean;
  linkType?: number;
  snaplen?: number;
  start?: bigint;
  /** Another magic number than the two standard ones. */
  magic?: number;
  /** Bytes behind each record header, as the modified variants have them. */
  recordExtra?: Uint8Array;
}

/** A libpcap file. */
export function pcapFile(frames: readonly CapturedFrame[], options: PcapOptions = {}): Uint8Array {
  const o = order(options.bigEndian);
  const perSecond = options.nanoseconds ? 1_000_000_000n : 1_000_000n;
  const magic = options.magic ?? (options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
  const header = concat(o.u32(magic), o.u16(2, 4), o.u32(0, 0, options.snaplen ?? 262_144, options.linkType ?? 1));
  const records = frames.map((frame) => {
    const ticks = (nanoseconds(options.start ?? CAPTURE_START, frame.time) * perSecond) / 1_000_000_000n;
    const stamp = o.u32(Number(ticks / perSecond), Number(ticks % perSecond));
    const lengths = o.u32(frame.bytes.length, frame.wireLength ?? frame.bytes.length);
    return concat(stamp, lengths, options.recordExtra ?? u8(), frame.bytes);
  });
  return concat(header, ...records);
}

const padded = (bytes: Uint8Array): Uint8Array => concat(bytes, new Uint8Array(-bytes.length & 3));

/** An option of a pcapng block: code and value; numbers are written as 32 bits, bigints as 64 bits. */
export type PcapngOption = readonly [code: number, value: Uint8Array | string | number | bigint];

/** Writes the blocks of one pcapng section. */
export class PcapngWriter {
  private readonly o: ByteOrder;
  private readonly bigEndian: boolean;
  readonly blocks: Uint8Array[] = [];

  constructor(bigEndian = false, sectionOptions: readonly PcapngOption[] = []) {
    this.bigEndian = bigEndian;
    this.o = order(bigEndian);
    const body = concat(this.o.u32(0x1a2b3c4d), this.o.u16(1, 0), this.o.u32(0xffffffff, 0xffffffff));
    this.block(0x0a0d0d0a, body, sectionOptions);
  }

  private u64(value: bigint): Uint8Array {
    const [high, low] = [Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn)];
    return this.bigEndian ? this.o.u32(high, low) : this.o.u32(low, high);
  }

  private optionBytes(options: readonly PcapngOption[]): Uint8Array {
    if (options.length === 0) return u8();
    const parts = options.map(([code, value]) => {
      const bytes =
        typeof value === "string"
          ? new TextEncoder().encode(value)
          : typeof value === "number"
            ? this.o.u32(value)
            : typeof value === "bigint"
              ? this.u64(value)
              : value;
      return concat(this.o.u16(code, bytes.length), padded(bytes));
    });
    return concat(...parts, this.o.u16(0, 0));
  }

  block(type: number, body: Uint8Array, options: readonly PcapngOption[] = []): this {
    const content = concat(padded(body), this.optionBytes(options));
    const length = this.o.u32(content.length + 12);
    this.blocks.push(concat(this.o.u32(type), length, content, length));
    return this;
  }

  interface(linkType = 1, snaplen = 0, options: readonly PcapngOption[] = []): this {
    return this.block(1, concat(this.o.u16(linkType, 0), this.o.u32(snaplen)), options);
  }

  /** Enhanced packet block; `ticks` in the interface's own resolution. */
  packet(ticks: bigint, frame: Omit<CapturedFrame, "time">, options: readonly PcapngOption[] = []): this {
    const stamp = this.o.u32(Number((ticks >> 32n) & 0xffffffffn), Number(ticks & 0xffffffffn));
    const lengths = this.o.u32(frame.bytes.length, frame.wireLength ?? frame.bytes.length);
    return this.block(6, concat(this.o.u32(frame.interface ?? 0), stamp, lengths, frame.bytes), options);
  }

  simplePacket(bytes: Uint8Array, wireLength = bytes.length): this {
    return this.block(3, concat(this.o.u32(wireLength), bytes));
  }

  bytes(): Uint8Array {
    return concat(...this.blocks);
  }
}

/** A pcapng file of one section and one interface with microsecond resolution. */
export function pcapngFile(
  frames: readonly CapturedFrame[],
  options: { linkType?: number; start?: bigint; bigEndian?: boolean } = {},
): Uint8Array {
  const writer = new PcapngWriter(options.bigEndian).interface(options.linkType ?? 1);
  for (const frame of frames) writer.packet(nanoseconds(options.start ?? CAPTURE_START, frame.time) / 1000n, frame);
  return writer.bytes();
}
