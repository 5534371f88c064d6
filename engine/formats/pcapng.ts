import type { ByteSource } from "../bytes/byte-source.ts";
import { ChunkReader } from "../bytes/chunk-reader.ts";
import { u16, u32, u64 } from "../bytes/endian.ts";
import { knowsLinkType } from "../decoders/frame.ts";
import { PacketStream } from "../decoders/packet-stream.ts";
import { CAPTURE_TABLES, TOO_MANY_ADDRESSES } from "./binary-capture/capture-terms.ts";
import { readSecrets } from "./binary-capture/decryption-secrets.ts";
import { baseOf, setBase, sinceBase } from "./binary-capture/interface-clock.ts";
import {
  DECRYPTION_SECRETS,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  NUMBERED_BLOCKS,
  OBSOLETE_PACKET,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from "./binary-capture/pcapng-blocks.ts";
import { type PcapngInterface, readDropped, readInterface } from "./binary-capture/pcapng-interface.ts";
import { eachOption, PcapngOption } from "./binary-capture/pcapng-options.ts";
import { SectionMemory, type SectionState } from "./binary-capture/pcapng-section.ts";
import type { BinaryFormat, CaptureInfo, Emit } from "./format.ts";

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MIN_BLOCK = 12;
/** Wireshark's limit; a longer block means that the file is damaged. */
const MAX_BLOCK = 16 << 20;
const MAX_INTERFACES = 65_536;
const MAX_FILTERS = 16;
const MAX_WIRE = 1 << 28;
/** pcapng capture file (draft-ietf-opsawg-pcapng), any number of sections and interfaces. No packet blocks means an empty capture. */
export const pcapng: BinaryFormat = {
  kind: "binary",
  id: "pcapng",
  title: "pcapng capture",
  unit: "frame",
  tables: CAPTURE_TABLES,
  detect: (head) =>
    head.length >= 12 &&
    u32(head, 0, true) === SECTION_HEADER &&
    (u32(head, 8, true) === BYTE_ORDER_MAGIC || u32(head, 8, false) === BYTE_ORDER_MAGIC),
  async parse(source: ByteSource, emit: Emit): Promise<void> {
    await new Blocks(new ChunkReader(source), emit).read();
  },
};

/** Reads the blocks of one file, chunk by chunk. */
class Blocks {
  private readonly reader: ChunkReader;
  private readonly emit: Emit;
  private readonly stream: PacketStream;
  private readonly info: CaptureInfo = {
    base: null,
    zone: "utc",
    textExport: false,
    excerpt: false,
    filter: null,
    dropped: null,
    damaged: false,
    comments: 0,
    secrets: 0,
  };
  private announced = false;
  private bigEndian = false;
  private interfaces: PcapngInterface[] = [];
  private readonly memory = new SectionMemory();
  private readonly filters = new Set<string>();
  /** Drops of the sections that are over, and of packets that say so themselves. */
  private dropped: number | null = null;
  private base: bigint | null = null;
  private lastTime = 0;

  constructor(reader: ChunkReader, emit: Emit) {
    this.reader = reader;
    this.emit = emit;
    this.stream = new PacketStream((batch) => {
      this.announce();
      emit.packets(batch);
    }, emit.search);
  }

  private announce(): void {
    if (this.announced) return;
    this.announced = true;
    this.emit.capture(this.info);
  }

  async read(): Promise<void> {
    const { reader, stream, emit } = this;
    let need = MIN_BLOCK;
    while (need > 0 && (await reader.fill(need))) {
      need = this.decodeChunk();
      stream.flush();
      this.tellLandmark();
      await emit.progress(reader.offset);
      if (need > 0 && this.leap()) need = MIN_BLOCK;
    }
    this.announce();
    if (need > 0 && reader.end > reader.at) this.damage("truncated", "the file ends inside a block");
    if (stream.addressesFull) this.problem("too-many-addresses", TOO_MANY_ADDRESSES);
    this.endSection();
    this.info.dropped = this.dropped;
    if (this.filters.size > 0) this.info.filter = [...this.filters].join("; ");
  }

  private tellLandmark(): void {
    const { bigEndian, base, lastTime, interfaces } = this;
    const state = this.memory.state({ bigEndian, base, lastTime, interfaces });
    if (state) this.emit.landmark?.({ frames: this.stream.frames, offset: this.reader.offset, state });
  }

  /** In a second pass, goes to the last landmark before the next wanted frame. */
  private leap(): boolean {
    const landmark = this.emit.search?.ahead(this.stream.frames, this.reader.offset);
    if (!landmark) return false;
    const { bigEndian, base, lastTime, interfaces } = landmark.state as SectionState;
    this.reader.seek(landmark.offset);
    this.stream.frames = landmark.frames;
    [this.bigEndian, this.base, this.lastTime] = [bigEndian, base, lastTime];
    this.interfaces = [...interfaces];
    return true;
  }

  private problem(what: string, detail: string): void {
    this.emit.anomaly(`pcapng.${what}`, this.stream.frames, detail);
  }

  /** Something behind which nothing can be read; answers 0, which ends reading. */
  private damage(what: string, detail: string): number {
    this.info.damaged = true;
    this.problem(what, `${detail}; nothing behind packet ${this.stream.frames} was read`);
    return 0;
  }

  /** Reads every block that is whole in the buffer; answers how many bytes the next one needs, 0 to stop. */
  private decodeChunk(): number {
    const { reader } = this;
    const { bytes, end } = reader;
    while (end - reader.at >= MIN_BLOCK) {
      const at = reader.at;
      const type = u32(bytes, at, this.bigEndian);
      if (type === SECTION_HEADER && !this.readByteOrder(bytes, at))
        return this.damage("bad-section", "a section has no valid byte-order magic");
      const length = u32(bytes, at + 4, this.bigEndian);
      if (length < MIN_BLOCK || length > MAX_BLOCK) return this.damage("bad-length", `a block claims a length of ${length} bytes`);
      // Lengths are multiples of four; writers that forget to count the padding still write it.
      const whole = (length + 3) & ~3;
      if (end - at < whole) return whole;
      if (u32(bytes, at + whole - 4, this.bigEndian) !== length) {
        return this.damage("bad-length", `a block of ${length} bytes ends with another length`);
      }
      if (type === ENHANCED_PACKET) this.enhancedPacket(bytes, at, at + whole - 4);
      else if (!this.block(type, bytes, at + 8, at + whole - 4)) return 0;
      reader.at = at + whole;
    }
    return MIN_BLOCK;
  }

  private readByteOrder(bytes: Uint8Array, at: number): boolean {
    this.bigEndian = u32(bytes, at + 8, true) === BYTE_ORDER_MAGIC;
    return this.bigEndian || u32(bytes, at + 8, false) === BYTE_ORDER_MAGIC;
  }

  /** Any block but an enhanced packet; its body stands from `at` to `end`. Answers false to stop. */
  private block(type: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (type === SECTION_HEADER) return this.sectionHeader(bytes, at, end);
    if (type === INTERFACE_DESCRIPTION) this.interfaceDescription(bytes, at, end);
    else if (type === SIMPLE_PACKET) this.simplePacket(bytes, at, end);
    else if (type === OBSOLETE_PACKET) this.obsoletePacket(bytes, at, end);
    else if (type === INTERFACE_STATISTICS) this.statistics(bytes, at, end);
    else if (type === DECRYPTION_SECRETS) this.secrets(bytes, at, end);
    else if (NUMBERED_BLOCKS.has(type)) this.stream.skip();
    return true;
  }

  private sectionHeader(bytes: Uint8Array, at: number, end: number): boolean {
    this.endSection();
    if (end - at < 16 || u16(bytes, at + 4, this.bigEndian) !== 1) {
      this.damage("bad-section", "a section has a version other than 1");
      return false;
    }
    this.comments(bytes, at + 16, end);
    return true;
  }

  private endSection(): void {
    for (const { dropped } of this.interfaces) if (dropped !== null) this.dropped = (this.dropped ?? 0) + dropped;
    this.interfaces = [];
  }

  private comments(bytes: Uint8Array, at: number, end: number): void {
    eachOption(bytes, at, end, this.bigEndian, (code) => this.comment(code));
  }

  private comment(code: number): void {
    if (code === PcapngOption.comment) this.info.comments = (this.info.comments ?? 0) + 1;
  }

  private interfaceDescription(bytes: Uint8Array, at: number, end: number): void {
    const described = readInterface(bytes, at, end, this.bigEndian);
    if (!described || this.interfaces.length >= MAX_INTERFACES) {
      this.problem("bad-interface", "an interface description is too short, or one too many");
      return;
    }
    const { linkType, ignoredOffset } = described;
    if (ignoredOffset !== null) this.problem("bad-time", `an interface has a time offset of ${ignoredOffset} seconds, which was ignored`);
    if (!knowsLinkType(linkType)) this.problem("unknown-link-type", `frames of link type ${linkType} cannot be decoded`);
    if (this.base !== null) setBase(described.clock, this.base);
    if (described.filter !== "" && this.filters.size < MAX_FILTERS) this.filters.add(described.filter);
    this.info.comments = (this.info.comments ?? 0) + described.comments;
    this.interfaces.push(described);
  }

  private secrets(bytes: Uint8Array, at: number, end: number): void {
    this.info.secrets = (this.info.secrets ?? 0) + 1;
    readSecrets(bytes, at, end, this.bigEndian, this.emit);
  }

  private statistics(bytes: Uint8Array, at: number, end: number): void {
    const from = end - at >= 12 ? this.interfaces[u32(bytes, at, this.bigEndian)] : undefined;
    if (!from) return;
    // Counters run on, so a later block replaces an earlier one.
    from.dropped = readDropped(bytes, at, end, this.bigEndian) ?? from.dropped;
    this.comments(bytes, at + 12, end);
  }

  private enhancedPacket(bytes: Uint8Array, at: number, end: number): void {
    const { bigEndian } = this;
    const from = end - at >= 28 ? this.interfaces[u32(bytes, at + 8, bigEndian)] : undefined;
    const captured = from ? u32(bytes, at + 20, bigEndian) : 0;
    if (!from || captured > end - at - 28) {
      this.unreadablePacket();
      return;
    }
    const time = this.time(from, u32(bytes, at + 12, bigEndian), u32(bytes, at + 16, bigEndian));
    const wire = u32(bytes, at + 24, bigEndian);
    this.stream.frame(bytes, at + 28, captured, Math.min(wire, MAX_WIRE), time, from.linkType, from.checkSequence);
    const options = at + 28 + ((captured + 3) & ~3);
    if (options < end) this.packetOptions(bytes, options, end);
  }

  private packetOptions(bytes: Uint8Array, at: number, end: number): void {
    eachOption(bytes, at, end, this.bigEndian, (code, start, length) => {
      if (code === PcapngOption.packetDrops && length === 8) this.dropped = (this.dropped ?? 0) + Number(u64(bytes, start, this.bigEndian));
      else this.comment(code);
    });
  }

  private obsoletePacket(bytes: Uint8Array, at: number, end: number): void {
    const { bigEndian } = this;
    const from = end - at >= 20 ? this.interfaces[u16(bytes, at, bigEndian)] : undefined;
    const captured = from ? u32(bytes, at + 12, bigEndian) : 0;
    if (!from || captured > end - at - 20) {
      this.unreadablePacket();
      return;
    }
    // 0xffff means that the number of drops is not known.
    const drops = u16(bytes, at + 2, bigEndian);
    if (drops !== 0xffff && drops > 0) this.dropped = (this.dropped ?? 0) + drops;
    const time = this.time(from, u32(bytes, at + 4, bigEndian), u32(bytes, at + 8, bigEndian));
    const wire = u32(bytes, at + 16, bigEndian);
    this.stream.frame(bytes, at + 20, captured, Math.min(wire, MAX_WIRE), time, from.linkType, from.checkSequence);
  }

  /** A packet of the first interface, without a time. */
  private simplePacket(bytes: Uint8Array, at: number, end: number): void {
    const from = this.interfaces[0];
    if (!from || end - at < 4) {
      this.unreadablePacket();
      return;
    }
    const wire = u32(bytes, at, this.bigEndian);
    const captured = Math.min(wire, end - at - 4, from.snaplen === 0 ? wire : from.snaplen);
    this.stream.timed = false;
    this.stream.frame(bytes, at + 4, captured, Math.min(wire, MAX_WIRE), this.lastTime, from.linkType, from.checkSequence);
    this.stream.timed = true;
  }

  private unreadablePacket(): void {
    this.stream.skip();
    this.problem("bad-packet", "a packet names an interface that was not described, or a length its block does not have");
  }

  private time(from: PcapngInterface, high: number, low: number): number {
    if (this.base === null) this.startAt(baseOf(from.clock, high, low));
    const time = this.base === null ? Number.NaN : sinceBase(from.clock, high, low);
    if (Number.isNaN(time)) this.problem("bad-time", "a packet's time is no date, or a century away from the first packet's");
    else this.lastTime = time;
    return this.lastTime;
  }

  /** The first time that is one becomes the base all others count from. */
  private startAt(base: bigint | null): void {
    if (base === null) return;
    this.base = this.info.base = base;
    for (const { clock: ticks } of this.interfaces) setBase(ticks, base);
  }
}
