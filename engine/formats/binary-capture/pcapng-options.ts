import { u16 } from "../../bytes/endian.ts";

/** Option codes; what a code above 1 means depends on the block it stands in. */
export const PcapngOption = {
  comment: 1,
  packetDrops: 4,
  dropped: 5,
  droppedBySystem: 7,
  resolution: 9,
  filter: 11,
  fcsLength: 13,
  offset: 14,
} as const;

/** Options read of one block; more is an attack. */
const MAX_OPTIONS = 1024;

/** Calls `found` with code, start and length of each option between `at` and `end` (draft-ietf-opsawg-pcapng, section 3.5). */
export function eachOption(
  bytes: Uint8Array,
  at: number,
  end: number,
  bigEndian: boolean,
  found: (code: number, start: number, length: number) => void,
): void {
  let next = at;
  for (let count = 0; count < MAX_OPTIONS && end - next >= 4; count++) {
    const code = u16(bytes, next, bigEndian);
    const length = u16(bytes, next + 2, bigEndian);
    if (code === 0 || next + 4 + length > end) return;
    found(code, next + 4, length);
    next += 4 + ((length + 3) & ~3);
  }
}

/** UTF-8 text of an option; some writers count a terminating zero. */
export function optionText(bytes: Uint8Array, start: number, length: number): string {
  return new TextDecoder().decode(bytes.subarray(start, start + length)).replace(/\0+$/, "");
}
