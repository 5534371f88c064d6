import type { ByteSource } from "../../bytes/byte-source.ts";
import { ChunkReader } from "../../bytes/chunk-reader.ts";
import { u32 } from "../../bytes/endian.ts";
import { NETMON_HEADER, type NetmonHeader } from "./netmon-header.ts";

const CHUNK = 64 << 10;
const ENTRY = 4;

/**
 * Positions of the frames of a Network Monitor file: by its frame table, which is how it numbers them, or in the order they are
 * stored where the table is damaged or cannot be reached.
 */
export class FrameOrder {
  readonly byTable: boolean;
  /** There should be a table, but it cannot be used. */
  readonly damaged: boolean;
  private readonly table: ChunkReader;
  private left: number;
  /** Where stored frames end. */
  private readonly end: number;

  constructor(file: ByteSource, header: NetmonHeader) {
    const { offset, length } = header.frameTable;
    const size = file.size ?? Number.MAX_SAFE_INTEGER;
    const sound = offset >= NETMON_HEADER && length >= ENTRY && length % ENTRY === 0 && offset + length <= size;
    this.damaged = !sound && size > NETMON_HEADER;
    this.byTable = sound && !file.sequential;
    this.table = new ChunkReader(file, offset, CHUNK);
    this.left = length / ENTRY;
    this.end = offset >= NETMON_HEADER && offset <= size ? offset : size;
  }

  /** Whether `next` may be called; otherwise `load`. */
  get buffered(): boolean {
    return !this.byTable || this.left === 0 || this.table.end - this.table.at >= ENTRY;
  }

  /** Position of the next frame, or null behind the last one. `follow` is where the last frame ended. */
  next(follow: number): number | null {
    if (!this.byTable) return follow < this.end ? follow : null;
    if (this.left === 0) return null;
    this.left--;
    const { table } = this;
    table.at += ENTRY;
    return u32(table.bytes, table.at - ENTRY, false);
  }

  /** Like `next`, after reading more of the table. */
  async load(follow: number): Promise<number | null> {
    return (await this.table.fill(ENTRY)) ? this.next(follow) : null;
  }
}
