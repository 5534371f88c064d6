import type { ByteSource } from "../bytes/byte-source.ts";
import { ChunkReader } from "../bytes/chunk-reader.ts";
import { u16, u32 } from "../bytes/endian.ts";
import { randomAccess } from "../containers/random-access.ts";
import { knowsLinkType } from "../decoders/frame.ts";
import { PacketStream } from "../decoders/packet-stream.ts";
import { CAPTURE_TABLES, TOO_MANY_ADDRESSES } from "./binary-capture/capture-terms.ts";
import { FrameOrder } from "./binary-capture/netmon-frame-order.ts";
import {
  isNetmon,
  NETMON_HEADER,
  type NetmonHeader,
  netmonContent,
  netmonFilter,
  readNetmonHeader,
} from "./binary-capture/netmon-header.ts";
import { readNetmonProcesses } from "./binary-capture/netmon-processes.ts";
import { NetmonTime } from "./binary-capture/netmon-time.ts";
import type { BinaryFormat, CaptureInfo, Emit, SourceHints } from "./format.ts";

/** Wireshark's limit on a captured frame; a longer one is damage. */
const MAX_CAPTURED = 262_144;
const MAX_WIRE = 1 << 28;
/** A sequential source up to this size is copied, so that its frame table can be used; a longer one is read in the order it is stored. */
const MAX_COPY = 64 << 20;
/** A frame table may send the reader to and fro; more than this many times the file's size is an attack. */
const MAX_REREADS = 4;
const IEEE80211_LINK = 105;
const UNKNOWN_LINK = -1;
/** `Frames.decode` answers: read on, the record is damaged; otherwise the bytes it needs. */
const DONE = 0;
const BAD = -1;

/** Network Monitor capture, 1.x and 2.x. Times before version 2.3 are local times of the capturing machine. No frames means an empty capture. */
export const netmonCap: BinaryFormat = {
  kind: "binary",
  id: "netmon-cap",
  title: "Network Monitor capture",
  unit: "frame",
  tables: CAPTURE_TABLES,
  detect: isNetmon,
  async parse(source: ByteSource, emit: Emit, hints: SourceHints): Promise<void> {
    const { file, cut } = await seekable(source, emit);
    const reader = new ChunkReader(file);
    const header = (await reader.fill(NETMON_HEADER)) ? readNetmonHeader(reader.bytes) : null;
    const frames = new Frames(reader, header, emit, hints);
    if (cut) frames.damage("too-long", `only the first ${MAX_COPY} bytes of an archive entry of unknown size were read`);
    if (header) await frames.read(file, header);
    else frames.damage("bad-header", "the file ends inside its header, or has a version other than 1 and 2");
    frames.finish();
  },
};

async function seekable(source: ByteSource, emit: Emit): Promise<{ file: ByteSource; cut: boolean }> {
  if (!source.sequential || (source.size ?? 0) > MAX_COPY) return { file: source, cut: false };
  let copied = 0;
  const copy = await randomAccess(source, MAX_COPY, (bytes) => {
    copied += bytes;
    return emit.progress(copied);
  });
  return { file: copy.source, cut: !copy.complete };
}

/** Reads the frames of one file. */
class Frames {
  private readonly reader: ChunkReader;
  private readonly emit: Emit;
  private readonly stream: PacketStream;
  private readonly info: CaptureInfo;
  private readonly clock: NetmonTime;
  private processes: readonly number[] = [];
  private announced = false;

  constructor(reader: ChunkReader, header: NetmonHeader | null, emit: Emit, hints: SourceHints) {
    this.reader = reader;
    this.emit = emit;
    this.clock = new NetmonTime(header, hints.utcOffset);
    this.info = {
      base: null,
      zone: this.clock.utc ? "utc" : "unknown",
      textExport: false,
      excerpt: false,
      filter: null,
      dropped: null,
      damaged: false,
    };
    this.stream = new PacketStream((batch) => {
      this.announce();
      emit.packets(batch);
    }, emit.search);
  }

  damage(what: string, detail: string): void {
    this.info.damaged = true;
    this.emit.anomaly(`netmon-cap.${what}`, this.stream.frames, detail);
  }

  private announce(): void {
    this.info.base = this.clock.base;
    if (this.announced) return;
    this.announced = true;
    this.emit.capture(this.info);
  }

  finish(): void {
    this.stream.flush();
    this.announce();
    if (this.stream.addressesFull) this.note("too-many-addresses", TOO_MANY_ADDRESSES);
  }

  async read(file: ByteSource, header: NetmonHeader): Promise<void> {
    const { reader } = this;
    if (header.processTable.count > 0 && !file.sequential) {
      const { ids, names } = await readNetmonProcesses(file, header.processTable.offset, header.processTable.count);
      this.processes = ids;
      Object.assign(this.info, { processes: names });
    }
    const order = new FrameOrder(file, header);
    reader.at = NETMON_HEADER;
    if (order.damaged) this.damage("frame-table", "the frame table is missing or damaged; frames were read in the order they are stored");
    const budget = MAX_REREADS * (file.size ?? Number.MAX_SAFE_INTEGER) + (MAX_REREADS << 20);
    for (;;) {
      const offset = order.buffered ? order.next(reader.offset) : await order.load(reader.offset);
      if (offset === null) return;
      reader.seek(offset);
      let need = this.decode(header);
      while (need > DONE) {
        this.stream.flush();
        await this.emit.progress(Math.min(reader.total, file.size ?? reader.total));
        if (reader.total > budget) {
          this.damage("scattered-frames", "the frame table sends the reader to and fro; reading was given up");
          return;
        }
        need = (await reader.fill(need)) ? this.decode(header) : BAD;
      }
      if (need === BAD && !this.badFrame(order, offset)) return;
    }
  }

  /** A frame that cannot be read. With a table the next one still can; answers whether to go on. */
  private badFrame(order: FrameOrder, offset: number): boolean {
    if (!order.byTable && this.reader.end === this.reader.at) return false;
    this.damage("bad-frame", `frame ${this.stream.frames + 1}, at byte ${offset}, is cut off or has an impossible length`);
    this.stream.skip();
    return order.byTable;
  }

  /** Decodes the record at the reader's position; answers `DONE`, `BAD`, or how many bytes must be there for it. */
  private decode(header: NetmonHeader): number {
    const { reader } = this;
    const { bytes, at } = reader;
    const { recordHeader, recordTrailer, major } = header;
    const room = reader.end - at;
    if (room < recordHeader) return recordHeader;
    const wire = major === 1 ? u16(bytes, at + 4, false) : u32(bytes, at + 8, false);
    const captured = major === 1 ? u16(bytes, at + 6, false) : u32(bytes, at + 12, false);
    if (captured > MAX_CAPTURED) return BAD;
    const length = recordHeader + captured + recordTrailer;
    if (room < length) return length;
    reader.at = at + length;
    const start = at + recordHeader;
    const trailer = start + captured;
    this.frame(header, start, captured, Math.min(wire, MAX_WIRE), this.clock.time(bytes, at, trailer), trailer);
    return DONE;
  }

  private frame(header: NetmonHeader, start: number, captured: number, wire: number, time: number, trailer: number): void {
    const { stream } = this;
    const { bytes } = this.reader;
    const content = netmonContent(header.recordTrailer > 0 ? u16(bytes, trailer, false) : header.network);
    if (content.kind === "unnumbered_note") return;
    if (content.kind === "note" || content.kind === "event" || content.kind === "filter") {
      if (content.kind === "filter") this.info.filter = netmonFilter(bytes, start, trailer) || this.info.filter;
      if (content.kind === "event") this.note("events", "events of Windows providers between the frames were not read");
      stream.skip();
      return;
    }
    const linkType = content.kind === "frame" ? content.linkType : content.kind === "wlan" ? IEEE80211_LINK : UNKNOWN_LINK;
    if (!knowsLinkType(linkType)) this.note("unknown-link-type", "frames of a medium that cannot be decoded");
    // Network Monitor's own 802.11 header says its length in its second and third byte.
    const skip = content.kind === "wlan" && captured >= 3 ? Math.min(u16(bytes, start + 1, false), captured) : 0;
    const process = header.recordTrailer >= 6 ? this.processes[u32(bytes, trailer + 2, false)] : undefined;
    stream.process = process === undefined ? -1 : process | 0;
    if (this.clock.lost) this.note("bad-time", "a frame's time is no date, or a century away from the first frame's");
    stream.frame(bytes, start + skip, captured - skip, Math.max(0, wire - skip), time, linkType);
  }

  private note(what: string, detail: string): void {
    this.emit.anomaly(`netmon-cap.${what}`, this.stream.frames + 1, detail);
  }
}
