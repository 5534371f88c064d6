const HEXADECIMAL: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Order of the octets where the first three fields are little-endian, C706 appendix A with the data representation of Windows. */
const LITTLE = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const BIG = LITTLE.map((_, place) => place);
const DASH_BEFORE = new Set([4, 6, 8, 10]);

/** `e1af8308-5d1f-11c9-91a4-08002b14a0fa` of the 16 octets at `at`, which must be there. */
export function uuidText(bytes: Uint8Array, at: number, little = true): string {
  return (little ? LITTLE : BIG).map((from, place) => `${DASH_BEFORE.has(place) ? "-" : ""}${HEXADECIMAL[bytes[at + from]!]}`).join("");
}
