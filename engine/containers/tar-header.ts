import { decodeName } from "./entry-name.ts";

export const TAR_BLOCK = 512;

/** A tar header block, POSIX.1-2017 "pax" section "ustar Interchange Format", with GNU's base-256 numbers. */
export interface TarHeader {
  readonly name: string;
  /** Bytes of data that follow, before padding to a block; null if the field cannot be read. */
  readonly size: number | null;
  readonly type: string;
}

/** Whether the block's checksum is that of its bytes: the sum of all with the checksum itself taken as blanks. Some old tools summed signed bytes. */
export function tarChecksumHolds(block: Uint8Array): boolean {
  const stated = octal(block.subarray(148, 156));
  if (stated === null) return false;
  let [unsigned, signed] = [0, 0];
  for (let at = 0; at < TAR_BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : block[at]!;
    unsigned += byte;
    signed += byte < 128 ? byte : byte - 256;
  }
  // A block of zeros has the checksum of eight blanks and no digits, so `stated` was null.
  return stated === unsigned || stated === signed;
}

/** Reads a block whose checksum holds. */
export function decodeTarHeader(block: Uint8Array): TarHeader {
  const posix = decodeName(block.subarray(257, 263)) === "ustar\0";
  const prefix = posix ? field(block.subarray(345, 500)) : "";
  const name = field(block.subarray(0, 100));
  const type = String.fromCharCode(block[156]!);
  return { name: prefix === "" ? name : `${prefix}/${name}`, size: tarNumber(block.subarray(124, 136)), type: type === "\0" ? "0" : type };
}

function field(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(bytes: Uint8Array): number | null {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(String.fromCharCode(...bytes))?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 8);
}

/** Octal text, or big-endian binary with the top bit set; a size beyond exact numbers or below zero is null. */
function tarNumber(bytes: Uint8Array): number | null {
  if (bytes[0]! < 0x80) return octal(bytes) ?? (bytes.every((byte) => byte === 0 || byte === 0x20) ? 0 : null);
  if (bytes[0] !== 0x80) return null;
  let value = 0;
  for (const byte of bytes.subarray(1)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : null;
}

/** Records of a pax extended header, `<length> <keyword>=<value>\n`; what does not have that form ends the reading. */
export function decodePaxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at);
    if (blank < 0 || blank - at > 10) break;
    const length = Number(decodeName(bytes.subarray(at, blank)));
    if (!Number.isInteger(length) || length < blank - at + 3 || at + length > bytes.length) break;
    const [keyword, ...value] = decodeName(bytes.subarray(blank + 1, at + length - 1)).split("=");
    records.set(keyword!, value.join("="));
    at += length;
  }
  return records;
}
