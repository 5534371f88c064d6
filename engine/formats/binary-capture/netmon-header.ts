import { u16, u32 } from "../../bytes/endian.ts";

/** The file header is padded to this; the first record usually follows. */
export const NETMON_HEADER = 128;

/** Header of a Network Monitor capture file, as the help of Network Monitor 3.4 documents it ("Capture File Format"). */
export interface NetmonHeader {
  /** 1 or 2. */
  readonly major: number;
  readonly minor: number;
  /** Media type of every frame before version 2.1. */
  readonly network: number;
  /** Start of the capture by the clock of the machine, nanoseconds as if that were UTC; null if it is no date. */
  readonly start: bigint | null;
  readonly frameTable: { readonly offset: number; readonly length: number };
  /** From version 2.2 on; a count of 0 means there is none. */
  readonly processTable: { readonly offset: number; readonly count: number };
  /** Bytes before and behind the captured bytes of each record. */
  readonly recordHeader: number;
  readonly recordTrailer: number;
}

/** Whether these are the first bytes of a Network Monitor 1.x (`RTSS`) or 2.x (`GMBU`) file. */
export function isNetmon(head: Uint8Array): boolean {
  const magic = head.length >= 6 ? u32(head, 0, true) : 0;
  return magic === 0x52545353 || magic === 0x474d4255;
}

/** The header, or null if its major version is neither 1 nor 2. */
export function readNetmonHeader(bytes: Uint8Array): NetmonHeader | null {
  const [minor, major] = [bytes[4]!, bytes[5]!];
  if (major !== 1 && major !== 2) return null;
  const tables = major === 2 && minor >= 2;
  return {
    major,
    minor,
    network: u16(bytes, 6, false),
    start: systemTime(bytes, 8),
    frameTable: { offset: u32(bytes, 24, false), length: u32(bytes, 28, false) },
    processTable: tables ? { offset: u32(bytes, 48, false), count: u32(bytes, 52, false) } : { offset: 0, count: 0 },
    recordHeader: major === 1 ? 8 : 16,
    recordTrailer: major === 1 || minor === 0 ? 0 : ([0, 2, 6][minor] ?? 15),
  };
}

/** A SYSTEMTIME: year, month, day of week, day, hour, minute, second, millisecond. */
function systemTime(bytes: Uint8Array, at: number): bigint | null {
  const [year, month, , day, hour, minute, second, millisecond] = Array.from({ length: 8 }, (_, i) => u16(bytes, at + 2 * i, false));
  const valid = month! >= 1 && month! <= 12 && day! >= 1 && day! <= 31 && hour! < 24 && minute! < 60 && second! < 62 && millisecond! < 1000;
  if (!valid || year! < 1980 || year! > 9999) return null;
  return BigInt(Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, millisecond!)) * 1_000_000n;
}

/** What stands in a record, by its media type. `event`, `filter` and `note` are numbered as frames by Wireshark, `unnumbered_note` is not. */
export type NetmonContent =
  | { readonly kind: "frame"; readonly linkType: number }
  /** An 802.11 frame behind Network Monitor's own header. */
  | { readonly kind: "wlan" }
  /** An event of Event Tracing for Windows. */
  | { readonly kind: "event" }
  /** A capture or display filter. */
  | { readonly kind: "filter" }
  /** Something else the capturing program noted. */
  | { readonly kind: "note" | "unnumbered_note" }
  | { readonly kind: "unknown" };

/** Media types of NDIS, with the meaning version 2 gave some of them. 0 is Ethernet in captures of VPN adapters. */
const NDIS_MEDIA: readonly (number | null)[] = [1, 1, 6, 10, null, null, null, 101, 101, 101];
const WLAN_MEDIUM = 6;
/** Captures converted from libpcap carry its link type in the lower 12 bits. */
const PCAP_BASE = 0xe000;
/** 802.11 frames of Message Analyzer. */
const MESSAGE_ANALYZER_WLAN = 0xe080;

const NOTES: ReadonlyMap<number, NetmonContent> = new Map<number, NetmonContent>([
  [0xffe0, { kind: "event" }],
  // The adapters the capture was made on.
  [0xfffb, { kind: "note" }],
  // Header of a reassembled payload, adapters (old form), resolved names.
  [0xfffc, { kind: "unnumbered_note" }],
  [0xfffd, { kind: "unnumbered_note" }],
  [0xfffe, { kind: "unnumbered_note" }],
  [0xffff, { kind: "filter" }],
]);

export function netmonContent(medium: number): NetmonContent {
  const note = NOTES.get(medium);
  if (note) return note;
  if (medium === WLAN_MEDIUM) return { kind: "wlan" };
  if (medium === MESSAGE_ANALYZER_WLAN) return { kind: "frame", linkType: 105 };
  if (medium > MESSAGE_ANALYZER_WLAN && medium <= 0xe08a) return { kind: "unknown" };
  if ((medium & 0xf000) === PCAP_BASE) return { kind: "frame", linkType: medium & 0x0fff };
  const linkType = NDIS_MEDIA[medium] ?? null;
  return linkType === null ? { kind: "unknown" } : { kind: "frame", linkType };
}

/** The filter text of a filter record: version, type, program version, then program and filter as UTF-16 ending in zero. */
export function netmonFilter(bytes: Uint8Array, at: number, end: number): string {
  const texts = new TextDecoder("utf-16le").decode(bytes.subarray(at + 14, Math.min(end, at + 14 + 8192))).split("\0");
  return texts[1]?.trim() ?? "";
}
