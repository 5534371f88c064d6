import { EtherType, type Layers } from "./layers.ts";

const DATA = 2;
const PROTECTED = 0x40;
const ORDER = 0x80;
/** Radiotap flags (radiotap.org, field `Flags`). */
const RADIOTAP_PADDED = 0x20;

/**
 * IEEE 802.11 data frame in clear; what is encrypted, and what carries no data, has no known content.
 * `padded` says that the header was padded to a multiple of four bytes.
 */
function decodeDataFrame(layers: Layers, bytes: Uint8Array, padded: boolean): void {
  const at = layers.at;
  if (layers.end - at < 24) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const [control, flags] = [bytes[at]!, bytes[at + 1]!];
  const [type, subtype] = [(control >>> 2) & 3, control >>> 4];
  const carriesData = type === DATA && (subtype & 4) === 0 && (flags & PROTECTED) === 0;
  let header = (flags & 3) === 3 ? 30 : 24;
  if (subtype & 8) {
    // An aggregate (A-MSDU) holds several packets, a record only one.
    const aggregate = layers.end - at > header && (bytes[at + header]! & 0x80) !== 0;
    if (aggregate) {
      layers.etherType = EtherType.unknown;
      return;
    }
    header += flags & ORDER ? 6 : 2;
  }
  if (padded) header = (header + 3) & ~3;
  layers.step(header, carriesData ? EtherType.llc : EtherType.unknown);
}

/** LINKTYPE_IEEE802_11, 105. */
export function decodeIeee80211(layers: Layers, bytes: Uint8Array): void {
  decodeDataFrame(layers, bytes, false);
}

/** LINKTYPE_IEEE802_11_RADIOTAP, 127: little-endian header of its own length before the frame. */
export function decodeRadiotap(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const length = layers.end - at >= 8 ? bytes[at + 2]! | (bytes[at + 3]! << 8) : 0;
  if (length < 8 || layers.end - at < length) {
    layers.etherType = EtherType.unknown;
    return;
  }
  const flags = radiotapFlags(bytes, at, at + length);
  layers.step(length, EtherType.unknown);
  decodeDataFrame(layers, bytes, (flags & RADIOTAP_PADDED) !== 0);
}

/** The `Flags` field, which stands first but for the eight aligned bytes of `TSFT`; 0 if absent. */
function radiotapFlags(bytes: Uint8Array, start: number, end: number): number {
  const present = bytes[start + 4]!;
  if ((present & 2) === 0) return 0;
  let at = start + 8;
  // Bit 31 of each word announces another presence word.
  for (let word = start + 4; word + 4 <= end && (bytes[word + 3]! & 0x80) !== 0; word += 4) at = word + 8;
  if (present & 1) at = start + ((at - start + 7) & ~7) + 8;
  return at < end ? bytes[at]! : 0;
}

/** LINKTYPE_IEEE802_11_AVS, 163, and LINKTYPE_IEEE802_11_PRISM, 119, whose files may hold either header. */
export function decodePrismOrAvs(layers: Layers, bytes: Uint8Array): void {
  const at = layers.at;
  const room = layers.end - at;
  // AVS headers start with the magic 0x8021100x and say their length; Prism headers are 144 bytes long.
  const avs = room >= 8 && bytes[at] === 0x80 && bytes[at + 1] === 0x21 && bytes[at + 2] === 0x10;
  const length = avs ? (bytes[at + 6]! << 8) | bytes[at + 7]! : 144;
  if (room < length) {
    layers.etherType = EtherType.unknown;
    return;
  }
  layers.step(length, EtherType.unknown);
  decodeDataFrame(layers, bytes, false);
}
