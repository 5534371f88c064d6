import { u32, u64 } from "../../bytes/endian.ts";
import { baseOf, type Clock, setBase, sinceBase } from "./interface-clock.ts";
import type { NetmonHeader } from "./netmon-header.ts";

const SECOND = 1_000_000_000n;
/** FILETIME: 100 ns since 1601-01-01 UTC (MS-DTYP section 2.3.3). */
const FILETIME_TICKS = 10_000_000n;
const FILETIME_EPOCH = -11_644_473_600n;
/** Position of the FILETIME in the trailer of version 2.3. */
const FILETIME_AT = 6;
/** Upper half from which microseconds times 1000 would not be exact, or are meant to be negative. */
const LARGE = 1 << 17;
const MAX_DISTANCE = 3.2e18;

/** Frame times: a UTC stamp of their own since version 2.3, before that the distance from the start of the capture. */
export class NetmonTime {
  /** Nanoseconds since the epoch that times count from; null if nothing tells. */
  base: bigint | null = null;
  /** Whether `base` is UTC and not the local time of an unknown zone. */
  readonly utc: boolean;
  /** The last time asked for was unreadable; the one before was answered in its place. */
  lost = false;
  private readonly header: NetmonHeader | null;
  private readonly fileTime: Clock = { ticksPerSecond: FILETIME_TICKS, nanoseconds: 100, offset: FILETIME_EPOCH, baseHigh: 0, baseLow: 0 };
  private readonly stamped: boolean;
  /** Nanoseconds from the base to the start of the capture. */
  private start = 0;
  private last = 0;

  /** `utcOffset`: minutes east of UTC of the capturing machine's clock, if stated. */
  constructor(header: NetmonHeader | null, utcOffset: number | undefined) {
    this.header = header;
    this.stamped = header !== null && header.recordTrailer > FILETIME_AT;
    this.utc = this.stamped || utcOffset !== undefined;
    if (this.stamped || !header || header.start === null) return;
    const start = header.start - BigInt(Math.round(utcOffset ?? 0)) * 60n * SECOND;
    this.base = start - (start % SECOND);
    this.start = Number(start - this.base);
  }

  /** Nanoseconds from the base of the record at `at`, whose trailer stands at `trailer`. */
  time(bytes: Uint8Array, at: number, trailer: number): number {
    const time = this.stamped ? this.stamp(bytes, trailer + FILETIME_AT) : this.start + this.distance(bytes, at);
    this.lost = !(time < MAX_DISTANCE && time > -MAX_DISTANCE);
    if (!this.lost) this.last = time;
    return this.last;
  }

  private stamp(bytes: Uint8Array, at: number): number {
    const [low, high] = [u32(bytes, at, false), u32(bytes, at + 4, false)];
    if (this.base === null) {
      this.base = baseOf(this.fileTime, high, low);
      if (this.base === null) return Number.NaN;
      setBase(this.fileTime, this.base);
    }
    return sinceBase(this.fileTime, high, low);
  }

  /** Version 1 counts milliseconds, version 2 microseconds. */
  private distance(bytes: Uint8Array, at: number): number {
    if (this.header?.major === 1) return u32(bytes, at, false) * 1e6;
    const high = u32(bytes, at + 4, false);
    if (high < LARGE) return (high * 4_294_967_296 + u32(bytes, at, false)) * 1000;
    // Times before the start of the capture: times ten, the number is a negative one of 100 ns.
    return Number(BigInt.asIntN(64, u64(bytes, at, false) * 10n)) * 100;
  }
}
