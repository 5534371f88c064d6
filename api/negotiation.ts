/** A range of `Accept` with its weight, RFC 9110 section 12.5.1. */
interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly weight: number;
}

/** Ranges looked at; nobody means more. */
const MOST = 64;

/**
 * Which of some media types, in order of our own liking, whoever asks likes best; null where none will do. Without `Accept`, and
 * where it cannot be read, the first.
 */
export function preferred<const T extends string>(accept: string | undefined, types: readonly T[]): T | null {
  const ranges = (accept ?? "").split(",").slice(0, MOST).flatMap(readRange);
  if (ranges.length === 0) return types[0] ?? null;
  let best: { type: T; weight: number } | null = null;
  for (const type of types) {
    const weight = weightOf(type, ranges);
    if (weight > 0 && (best === null || weight > best.weight)) best = { type, weight };
  }
  return best?.type ?? null;
}

function readRange(text: string): Range[] {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim());
  const [, type, subtype] = /^([\w!#$&^.+*-]+)\/([\w!#$&^.+*-]+)$/.exec(range.toLowerCase()) ?? [];
  if (type === undefined || subtype === undefined) return [];
  const quality = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
  const weight = quality === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(quality) ? Number(quality) : 0;
  return [{ type, subtype, weight }];
}

/** The weight of the most particular range that covers a type. */
function weightOf(mediaType: string, ranges: readonly Range[]): number {
  const [type, subtype] = mediaType.split("/");
  let [weight, rank] = [0, -1];
  for (const range of ranges) {
    const covered = (range.type === type || range.type === "*") && (range.subtype === subtype || range.subtype === "*");
    const particular = range.type === "*" ? 0 : range.subtype === "*" ? 1 : 2;
    if (covered && particular > rank) [weight, rank] = [range.weight, particular];
  }
  return weight;
}

/** Whether an entity tag is one of those of `If-None-Match`, compared weakly, RFC 9110 section 13.1.2. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return [...ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, opaque]) => opaque === tag);
}
