import type { ByteSource } from "../bytes/byte-source.ts";
import { ChunkReader } from "../bytes/chunk-reader.ts";
import { u16, u32 } from "../bytes/endian.ts";
import { knowsLinkType } from "../decoders/frame.ts";
import { PacketStream } from "../decoders/packet-stream.ts";
import { CAPTURE_TABLES, TOO_MANY_ADDRESSES } from "./binary-capture/capture-terms.ts";
import type { BinaryFormat, CaptureInfo, Emit } from "./format.ts";

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** libpcap's and Wireshark's limit on a captured packet; a longer one means that the file is damaged. */
const MAX_CAPTURED = 262_144;
/** Lengths on the wire beyond this are garbage; any number will do in their place. */
const MAX_WIRE = 1 << 28;
/** Records looked at to tell variants apart that share a magic number. */
const RECORDS_TO_TRY = 3;

/** What a magic number says, read in the byte order of the file. */
interface Variant {
  readonly nanoseconds: boolean;
  /** Bytes of the file header behind the standard ones. */
  readonly headerExtra: number;
  /** Bytes that may stand behind each record header; the records themselves tell which. */
  readonly recordExtras: readonly number[];
}

/**
 * The variants libpcap (sf-pcap.c) and Wireshark read. Alexey Kuznetzov's patches added 8 or 12 bytes (interface, protocol, packet
 * type, CPUs) to each record, at first under the standard magic number; Nokia added 4. Ixia adds the total length to the file header.
 */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { nanoseconds: false, headerExtra: 0, recordExtras: [0, 8, 4] }],
  [0xa1b23c4d, { nanoseconds: true, headerExtra: 0, recordExtras: [0] }],
  [0xa1b2cd34, { nanoseconds: false, headerExtra: 0, recordExtras: [8, 12] }],
  [0x1c0001ac, { nanoseconds: true, headerExtra: 4, recordExtras: [0] }],
  [0x1c0001ab, { nanoseconds: false, headerExtra: 4, recordExtras: [0] }],
]);

/** Interface types AIX writes where LINKTYPE_ values belong, with version 2.2 and nanoseconds. */
const AIX_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [6, 1],
  [9, 6],
  [15, 10],
  [24, 0],
]);

/** Everything about a file that its records are read by. */
interface Layout {
  readonly bigEndian: boolean;
  readonly linkType: number;
  /** Bytes of frame check sequence at the end of each frame. */
  readonly checkSequence: number;
  /** Nanoseconds of a unit of the second time field. */
  readonly tick: number;
  readonly recordHeader: number;
  /** Before version 2.3 the two lengths stood the other way round; some files of version 2.3 still have them so. */
  readonly lengthsSwapped: "no" | "yes" | "if_longer";
}

/** libpcap capture file (draft-ietf-opsawg-pcap), as tcpdump writes it. No records means an empty capture. */
export const pcap: BinaryFormat = {
  kind: "binary",
  id: "pcap",
  title: "libpcap capture",
  unit: "frame",
  tables: CAPTURE_TABLES,
  detect: (head) => head.length >= 4 && (VARIANTS.has(u32(head, 0, true)) || VARIANTS.has(u32(head, 0, false))),
  async parse(source: ByteSource, emit: Emit): Promise<void> {
    const reader = new ChunkReader(source);
    const info: CaptureInfo = { base: null, zone: "utc", textExport: false, excerpt: false, filter: null, dropped: null, damaged: false };
    const layout = await readFileHeader(reader);
    if (!layout) {
      info.damaged = true;
      emit.capture(info);
      emit.anomaly("pcap.truncated", 0, "the file ends inside its header");
      return;
    }
    const records = new Records(reader, layout, emit, info);
    await records.read();
  },
};

async function readFileHeader(reader: ChunkReader): Promise<Layout | null> {
  if (!(await reader.fill(FILE_HEADER))) return null;
  const bytes = reader.bytes;
  const bigEndian = VARIANTS.has(u32(bytes, 0, true));
  const variant = VARIANTS.get(u32(bytes, 0, bigEndian))!;
  const major = u16(bytes, 4, bigEndian);
  const minor = u16(bytes, 6, bigEndian);
  const network = u32(bytes, 20, bigEndian);
  const aix = major === 2 && minor === 2 ? AIX_LINK_TYPES.get(network) : undefined;
  if (!(await reader.fill(FILE_HEADER + variant.headerExtra))) return null;
  reader.at = FILE_HEADER + variant.headerExtra;
  const current = major === 2 && minor >= 4;
  const extra = current ? await recordExtra(reader, variant.recordExtras, bigEndian) : variant.recordExtras[0]!;
  return {
    bigEndian,
    linkType: aix ?? network & 0xffff,
    // Bit 26 says that the upper four bits are the length of the check sequence in units of two bytes.
    checkSequence: network & 0x04000000 ? (network >>> 28) * 2 : 0,
    tick: variant.nanoseconds || aix !== undefined ? 1 : 1000,
    recordHeader: RECORD_HEADER + extra,
    lengthsSwapped: (major === 2 && minor < 3) || major === 543 ? "yes" : major === 2 && minor === 3 ? "if_longer" : "no",
  };
}

/** Which of the lengths a record header may have fits the first records best; the first of those that fit alike. */
async function recordExtra(reader: ChunkReader, candidates: readonly number[], bigEndian: boolean): Promise<number> {
  if (candidates.length === 1) return candidates[0]!;
  await reader.fill(reader.bytes.length - reader.at);
  const misfits = candidates.map((extra) => misfit(reader, extra, bigEndian));
  return candidates[misfits.indexOf(Math.min(...misfits))]!;
}

/** How many things are wrong with the first records if their headers are this long. */
function misfit(reader: ChunkReader, extra: number, bigEndian: boolean): number {
  let wrong = 0;
  let at = reader.at;
  for (let record = 0; record < RECORDS_TO_TRY && at < reader.end; record++) {
    if (at + RECORD_HEADER + extra > reader.end) return wrong + 1;
    const captured = u32(reader.bytes, at + 8, bigEndian);
    const wire = u32(reader.bytes, at + 12, bigEndian);
    if (u32(reader.bytes, at + 4, bigEndian) >= 1_000_000) wrong++;
    if (captured > MAX_CAPTURED) wrong++;
    if (captured > wire) wrong++;
    if (wire > MAX_WIRE) wrong++;
    // Interface numbers and packet types are small.
    if (extra >= 8 && u32(reader.bytes, at + 16, bigEndian) > 10_000) wrong++;
    if (extra >= 8 && reader.bytes[at + 22]! > 4) wrong++;
    if (captured > MAX_CAPTURED) return wrong;
    at += RECORD_HEADER + extra + captured;
  }
  return at > reader.end && reader.end < reader.bytes.length ? wrong + 1 : wrong;
}

/** Reads the records of one file, chunk by chunk. */
class Records {
  private readonly reader: ChunkReader;
  private readonly layout: Layout;
  private readonly emit: Emit;
  private readonly info: CaptureInfo;
  private readonly stream: PacketStream;
  /** Not a number before the first record. A field that begins as a whole number would have all times calculated as such, until they overflow. */
  private baseSecond = Number.NaN;
  private badFractions = false;

  constructor(reader: ChunkReader, layout: Layout, emit: Emit, info: CaptureInfo) {
    this.reader = reader;
    this.layout = layout;
    this.emit = emit;
    this.info = info;
    this.stream = new PacketStream((batch) => emit.packets(batch), emit.search);
  }

  async read(): Promise<void> {
    const { reader, layout, emit, info, stream } = this;
    if (await reader.fill(RECORD_HEADER)) {
      this.baseSecond = u32(reader.bytes, reader.at, layout.bigEndian);
      info.base = BigInt(this.baseSecond) * 1_000_000_000n;
    }
    emit.capture(info);
    if (!knowsLinkType(layout.linkType)) {
      emit.anomaly("pcap.unknown-link-type", 0, `frames of link type ${layout.linkType} cannot be decoded`);
    }
    for (;;) {
      this.leap();
      const need = this.decodeChunk();
      stream.flush();
      if (need === 0) break;
      emit.landmark?.({ frames: stream.frames, offset: reader.offset });
      await emit.progress(reader.offset);
      if (!(await reader.fill(need))) break;
    }
    if (stream.addressesFull) emit.anomaly("pcap.too-many-addresses", stream.frames, TOO_MANY_ADDRESSES);
    if (!info.damaged && reader.end > reader.at) {
      info.damaged = true;
      emit.anomaly("pcap.truncated", stream.frames + 1, `the file ends inside packet ${stream.frames + 1}`);
    }
  }

  /** In a second pass, goes to the last landmark before the next wanted frame. */
  private leap(): void {
    const landmark = this.emit.search?.ahead(this.stream.frames, this.reader.offset);
    if (!landmark) return;
    this.reader.seek(landmark.offset);
    this.stream.frames = landmark.frames;
  }

  /** Decodes every record that is whole in the buffer; answers how many bytes the next one needs, 0 to stop. */
  private decodeChunk(): number {
    const { reader, stream } = this;
    const { bigEndian, linkType, checkSequence, tick, recordHeader, lengthsSwapped } = this.layout;
    const { bytes, end } = reader;
    let at = reader.at;
    let need = recordHeader;
    while (end - at >= recordHeader) {
      let captured = u32(bytes, at + 8, bigEndian);
      let wire = u32(bytes, at + 12, bigEndian);
      if (lengthsSwapped !== "no" && (lengthsSwapped === "yes" || captured > wire)) [captured, wire] = [wire, captured];
      if (captured > MAX_CAPTURED) {
        reader.at = at;
        return this.stopAt(captured);
      }
      if (end - at < recordHeader + captured) {
        need = recordHeader + captured;
        break;
      }
      const fraction = u32(bytes, at + 4, bigEndian) * tick;
      if (fraction >= 1e9) this.noteFraction(fraction / tick);
      const time = (u32(bytes, at, bigEndian) - this.baseSecond) * 1e9 + fraction;
      stream.frame(bytes, at + recordHeader, captured, Math.min(wire, MAX_WIRE), time, linkType, checkSequence);
      at += recordHeader + captured;
    }
    reader.at = at;
    return need;
  }

  /** Frame numbers behind a damaged record would not be those any other tool shows, so reading ends there as it does in those. */
  private stopAt(captured: number): number {
    this.info.damaged = true;
    const frame = this.stream.frames + 1;
    this.emit.anomaly("pcap.bad-length", frame, `packet ${frame} claims ${captured} captured bytes; nothing from there on was read`);
    return 0;
  }

  private noteFraction(fraction: number): void {
    if (this.badFractions) return;
    this.badFractions = true;
    const frame = this.stream.frames + 1;
    this.emit.anomaly("pcap.bad-time", frame, `the time of packet ${frame} has ${fraction} units in a second`);
  }
}
