/** A dot, counted from the digit 0. */
const DOT = -2;

/** `10.0.0.1` of an IPv4 address held as a 32-bit number. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The 32-bit number of dotted-decimal text, or null. Leading zeros are decimal, never octal (tracerpt pads with them). */
export function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let value = 0;
  for (let part = 1; part <= 4; part++) {
    const octet = Number(match[part]);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value >>> 0;
}

/** The 32-bit number of exactly the text that `ipv4Text` writes, or null; without a regular expression, for millions of cells. */
export function parsePlainIpv4(text: string): number | null {
  const { length } = text;
  let [value, octet, digits, dots] = [0, 0, 0, 0];
  for (let k = 0; k < length; k++) {
    const digit = text.charCodeAt(k) - 48;
    if (digit === DOT && digits > 0 && dots < 3) {
      value = value * 256 + octet;
      [octet, digits] = [0, 0];
      dots++;
    } else if (digit >= 0 && digit <= 9 && !(digits > 0 && octet === 0)) {
      octet = octet * 10 + digit;
      digits++;
      if (octet > 255) return null;
    } else return null;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : null;
}

/** RFC 5952 text of the 16 bytes at `offset`. */
export function ipv6Text(bytes: Uint8Array, offset = 0): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[offset + i]! << 8) | bytes[offset + i + 1]!);
  let [start, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
    i += run;
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The 16 bytes of IPv6 text (a scope id after `%` is dropped, an IPv4 tail allowed), or null. RFC 4291 section 2.2. */
export function parseIpv6(text: string): Uint8Array | null {
  const bare = text.split("%", 1)[0]!;
  if (!/^[\da-f:.]{2,45}$/i.test(bare) || !bare.includes(":")) return null;
  const halves = bare.split("::");
  if (halves.length > 2) return null;
  const read = (half: string): number[] | null => {
    if (half === "") return [];
    const groups: number[] = [];
    const parts = half.split(":");
    for (const [index, part] of parts.entries()) {
      if (part.includes(".")) {
        const v4 = index === parts.length - 1 ? parseIpv4(part) : null;
        if (v4 === null) return null;
        groups.push(v4 >>> 16, v4 & 0xffff);
      } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
      else return null;
    }
    return groups;
  };
  const [left, right] = [read(halves[0]!), halves.length === 2 ? read(halves[1]!) : []];
  if (!left || !right) return null;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const bytes = new Uint8Array(16);
  for (const [index, group] of [...left, ...new Array<number>(Math.max(0, missing)).fill(0), ...right].entries()) {
    bytes[2 * index] = group >>> 8;
    bytes[2 * index + 1] = group & 255;
  }
  return bytes;
}
