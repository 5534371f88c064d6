/** Where in a rule file: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** Takes one problem of a rule file. `key` points at the last key of the path itself, not at its value. */
export interface Report {
  (path: Path, code: string, message: string, point?: { readonly key?: boolean; readonly offset?: number }): void;
  /** The file compiled without a problem before: what is costly to make, and cannot fail, is made when it is first needed. */
  readonly compiledBefore?: boolean;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** ` (did you mean x?)` where a known word is close to what was written, else nothing. */
export function suggestion(written: string, known: Iterable<string>): string {
  let best = "";
  let least = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const word of known) {
    const distance = editDistance(written.toLowerCase(), word.toLowerCase(), least);
    if (distance < least) [best, least] = [word, distance];
  }
  return best === "" ? "" : ` (did you mean ${best}?)`;
}

/** Levenshtein distance, given up at `limit`; words of rule files are short. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > 64) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    previous = row;
  }
  return previous[b.length]!;
}
