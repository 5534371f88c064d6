import type { ByteSource } from "../bytes/byte-source.ts";
import { ChunkReader } from "../bytes/chunk-reader.ts";
import { u16, u32 } from "../bytes/endian.ts";
import { filetimeToNanoseconds } from "../bytes/time.ts";
import { crc32 } from "../containers/crc32.ts";
import { EventDecoder } from "../decoders/binxml-event.ts";
import { eventLevelOf } from "../tables/event-words.ts";
import { eventCells } from "./event-rows.ts";
import { EventSpan } from "./event-span.ts";
import { CHUNK_BYTES, type EvtxRecord, findChunk, isChunk, walkChunk } from "./evtx-chunk.ts";
import type { BinaryFormat, Emit } from "./format.ts";

const FILE_MAGIC = [0x45, 0x6c, 0x66, 0x46, 0x69, 0x6c, 0x65, 0x00];
/** Bytes before the first chunk, of which 128 are used. */
const FILE_HEADER = 0x1000;
const DIRTY = 1;
/** Highest number a citation can have. */
const MAX_CITED = 0xffffffff;
/** Characters of messages and insertion strings kept of one log; what comes behind them is kept without its text. */
const MAX_TEXT = 256 * 1024 * 1024;
/** How often progress is told, in chunks: about a mebibyte. */
const PROGRESS = 16;

/**
 * Windows event log (.evtx, since Vista), read chunk by chunk. It holds insertion strings and no messages; times are UTC. A record is cited by its
 * number in the log (EventRecordID), as the Event Viewer shows it. Copies of logs in use, cut files and damaged chunks are read as far as
 * they go. No records means an empty log.
 */
export const evtx: BinaryFormat = {
  kind: "binary",
  id: "evtx",
  title: "Windows event log",
  unit: "record",
  tables: ["events"],
  detect: (head) => isLog(head) || isChunk(head) || (head.length > FILE_HEADER && isChunk(head, FILE_HEADER)),
  async parse(source: ByteSource, emit: Emit): Promise<void> {
    await new EventLog(source, emit).read();
  },
};

function isLog(head: Uint8Array): boolean {
  return head.length >= FILE_MAGIC.length && FILE_MAGIC.every((byte, k) => head[k] === byte);
}

class EventLog {
  private readonly reader: ChunkReader;
  private readonly emit: Emit;
  private readonly span = new EventSpan();
  /** Why events may be missing that the log had; null if nothing says so. */
  private damage: string | null = null;
  /** Characters kept so far. */
  private text = 0;
  /** Events read so far, as a number for one that has none. */
  private events = 0;

  constructor(source: ByteSource, emit: Emit) {
    this.reader = new ChunkReader(source);
    this.emit = emit;
  }

  async read(): Promise<void> {
    const { reader, emit } = this;
    await this.header();
    for (let chunks = 1; await this.chunk(); chunks++) if (chunks % PROGRESS === 0) await emit.progress(reader.offset);
    emit.utc();
    if (this.span.count > 0) this.span.end(emit, this.damage);
  }

  private async header(): Promise<void> {
    const { reader } = this;
    const whole = await reader.fill(FILE_HEADER);
    const { bytes, at, end } = reader;
    if (isChunk(bytes)) return this.odd("bad-header", 0, "the log begins with a chunk: its header is missing");
    if (end - at < 128) {
      reader.at = end;
      return this.odd("truncated", 0, "the file ends inside its header");
    }
    if (!isLog(bytes)) this.odd("bad-header", 0, "the header of the log is overwritten");
    else if (u32(bytes, 120, false) & DIRTY) this.emit.anomaly("evtx.dirty", 0, "the log was copied while in use, or not closed");
    else if (crc32(bytes.subarray(0, 120)) !== u32(bytes, 124, false))
      this.odd("bad-checksum", 0, "the checksum of the log's header does not fit");
    const size = u16(bytes, 40, false);
    reader.at = Math.min(end, isLog(bytes) && size >= 128 && isChunk(bytes, size) ? size : FILE_HEADER);
    if (!whole) this.odd("truncated", 0, "the file ends inside its header");
  }

  /** Reads the next chunk; false at the end of the file. */
  private async chunk(): Promise<boolean> {
    const { reader } = this;
    await reader.fill(CHUNK_BYTES);
    const { bytes, at, end } = reader;
    const chunk = bytes.subarray(at, Math.min(end, at + CHUNK_BYTES));
    if (chunk.length === 0) return false;
    reader.at = at + chunk.length;
    if (isChunk(chunk)) this.records(chunk);
    else if (chunk.some((byte) => byte !== 0)) {
      const next = findChunk(chunk);
      this.odd("bad-chunk", this.events + 1, "what should be a chunk of records does not begin as one");
      this.records(next < 0 ? chunk : chunk.subarray(0, next));
      if (next >= 0) reader.at = at + next;
    }
    return true;
  }

  private records(chunk: Uint8Array): void {
    const decoder = new EventDecoder(chunk);
    walkChunk(chunk, {
      record: (record) => this.record(decoder, record),
      anomaly: (what, number, why) => this.odd(what, number, why),
    });
  }

  private record(decoder: EventDecoder, { number, written, from, to }: EvtxRecord): void {
    const event = decoder.decode(from, to);
    this.events++;
    const at = [event.recordId ?? 0, number].find((candidate) => candidate > 0 && candidate <= MAX_CITED) ?? this.events;
    if (event.damage !== null) this.odd(event.eventId === null ? "unreadable-event" : "damaged-event", at, event.damage);
    else if (event.eventId === null) this.odd("unreadable-event", at, "an event without an event id");
    if (event.eventId === null) return;
    const ticks = event.time ?? written;
    const time = ticks > 0n ? filetimeToNanoseconds(ticks) : null;
    const kept = this.text <= MAX_TEXT;
    if (!kept) this.emit.anomaly("evtx.too-much-text", at, `more than ${MAX_TEXT} characters: these events are kept without their text`);
    const row = {
      host: event.computer,
      channel: event.channel,
      provider: event.provider,
      eventId: event.eventId,
      level: eventLevelOf(event.keywords, event.level),
      recordId: event.recordId ?? number,
      message: kept ? event.message : null,
      data: kept && event.data !== null && event.data.length > 0 ? event.data : null,
    };
    const cells = eventCells(row, time);
    this.text += typeof cells.text === "string" ? cells.text.length : 0;
    this.span.add(row, time);
    this.emit.row("events", cells, at);
  }

  private odd(what: string, at: number, why: string): void {
    if (what !== "unflushed-record") this.damage ??= why;
    this.emit.anomaly(`evtx.${what}`, at, why);
  }
}
