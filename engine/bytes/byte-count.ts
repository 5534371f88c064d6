const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes of a size as people write it: `2000000`, `2MB`, `1.5GiB`; null where it is none, or less than one byte. */
export function parseByteCount(text: string): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(|[kmgt]i?)b?$/i.exec(text) ?? [];
  const bytes = digits === undefined ? Number.NaN : Math.round(Number(digits) * UNITS[unit!.toLowerCase()]!);
  return Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : null;
}
