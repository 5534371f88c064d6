/** Spellings of a hardware address: `03-bf-0a-50-0e-3c`, `03:bf:…`, `03bf.0a50.0e3c`, `03bf-0a50-0e3c`, `03bf0a-500e3c`, `03bf0a500e3c`. */
const PAIRS = /^(?:[\da-f]{2}-){5}[\da-f]{2}$|^(?:[\da-f]{4}[.:-]){2}[\da-f]{4}$|^[\da-f]{6}-[\da-f]{6}$|^[\da-f]{12}$/i;
/** With colons BSD leaves out leading zeros: `3:bf:a:50:e:3c`. */
const BYTES = /^(?:[\da-f]{1,2}:){5}[\da-f]{1,2}$/i;

/** `03:bf:0a:50:0e:3c` of a hardware address in any spelling, or null. */
export function parseMac(text: string): string | null {
  const bytes = BYTES.test(text)
    ? text.split(":").map((byte) => byte.padStart(2, "0"))
    : PAIRS.test(text)
      ? text.replace(/[-:.]/g, "").match(/../g)!
      : null;
  return bytes === null ? null : bytes.join(":").toLowerCase();
}

/** Whether it addresses a group: the lowest bit of the first byte, IEEE 802 section 8.2.2. */
export function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}
