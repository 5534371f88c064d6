import { randomBytes } from "node:crypto";

// Crockford's alphabet, lower case: no i, l, o, u. https://www.crockford.com/base32.html
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** What ids look like, for schemas. */
export const ID_PATTERN = "^[0-9a-hjkmnp-tv-z]{26}$";

/** A fresh id of 26 characters that sort by time: 48 bits of milliseconds, then 80 random bits. */
export function newId(now: number = Date.now()): string {
  return base32(BigInt(now), 10) + base32(BigInt(`0x${randomBytes(10).toString("hex")}`), 16);
}

/** The lowest bits of a number in base 32, most significant first. */
export function base32(value: bigint, characters: number): string {
  return Array.from({ length: characters }, (_, index) => ALPHABET[Number((value >> BigInt(5 * (characters - 1 - index))) & 31n)]).join("");
}
