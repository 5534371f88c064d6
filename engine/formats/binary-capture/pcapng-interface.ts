import { u16, u32, u64 } from "../../bytes/endian.ts";
import { type Clock, clock } from "./interface-clock.ts";
import { eachOption, optionText, PcapngOption } from "./pcapng-options.ts";

/** Offsets beyond this many seconds, in either direction, are not believed. */
const MAX_OFFSET = 100_000_000_000n;
/** Resolution where an interface does not state one: a power of ten. */
const MICROSECONDS = 6;

/** An interface of a pcapng section. */
export interface PcapngInterface {
  readonly linkType: number;
  /** 0 is no limit. */
  readonly snaplen: number;
  /** Bytes of frame check sequence at the end of each frame. */
  readonly checkSequence: number;
  readonly clock: Clock;
  /** Capture filter, empty if none is stated. */
  readonly filter: string;
  readonly comments: number;
  /** A time offset that was ignored because it is absurd. */
  readonly ignoredOffset: bigint | null;
  /** Packets its last statistics block says were dropped; null before one does. */
  dropped: number | null;
}

/** The body of an interface description block, section 4.2; null if it is too short. */
export function readInterface(bytes: Uint8Array, at: number, end: number, bigEndian: boolean): PcapngInterface | null {
  if (end - at < 8) return null;
  let [resolution, checkSequence, comments, filter] = [MICROSECONDS, 0, 0, ""];
  let offset = 0n;
  eachOption(bytes, at + 8, end, bigEndian, (code, start, length) => {
    if (code === PcapngOption.resolution && length >= 1) resolution = bytes[start]!;
    else if (code === PcapngOption.fcsLength && length >= 1) checkSequence = bytes[start]!;
    else if (code === PcapngOption.offset && length === 8) offset = BigInt.asIntN(64, u64(bytes, start, bigEndian));
    // The first byte says whether the filter is text or a compiled program.
    else if (code === PcapngOption.filter && length >= 1) {
      filter = bytes[start] === 0 ? optionText(bytes, start + 1, length - 1) : "a filter program";
    } else if (code === PcapngOption.comment) comments++;
  });
  const believed = offset <= MAX_OFFSET && offset >= -MAX_OFFSET;
  return {
    linkType: u16(bytes, at, bigEndian),
    snaplen: u32(bytes, at + 4, bigEndian),
    // The option is documented in bits and usually written in bytes; no link has a check sequence of more than eight bytes.
    checkSequence: checkSequence > 8 ? checkSequence >>> 3 : checkSequence,
    clock: clock(resolution, believed ? offset : 0n),
    filter,
    comments,
    ignoredOffset: believed ? null : offset,
    dropped: null,
  };
}

/** Packets an interface statistics block, section 4.6, says were dropped: by the interface and by the system; null if it does not say. */
export function readDropped(bytes: Uint8Array, at: number, end: number, bigEndian: boolean): number | null {
  let dropped: number | null = null;
  eachOption(bytes, at + 12, end, bigEndian, (code, start, length) => {
    if ((code === PcapngOption.dropped || code === PcapngOption.droppedBySystem) && length === 8) {
      dropped = (dropped ?? 0) + Number(u64(bytes, start, bigEndian));
    }
  });
  return dropped;
}
