import { parseIpv4 } from "../../bytes/address.ts";

const GLUED = /^(\d{1,3}(?:\.\d{1,3}){2})\.(\d{2,6})((?:\.\d{1,3}){3})$/;

/** Whether the text is two IPv4 addresses without the blank between them: `192.168.1.1192.168.3.10`. */
export function isGlued(text: string): boolean {
  return splits(text).length > 0;
}

/**
 * The two addresses of a glued text. Digits in the middle can be shared out in several ways; the one whose addresses both occur
 * elsewhere is meant, or failing that the only one of which one occurs. Null where that does not decide.
 */
export function unglue(text: string, occurs: (address: string) => boolean): readonly [string, string] | null {
  const candidates = splits(text);
  if (candidates.length === 1) return candidates[0]!;
  const score = (pair: readonly [string, string]) => Number(occurs(pair[0])) + Number(occurs(pair[1]));
  const best = Math.max(0, ...candidates.map(score));
  const leading = candidates.filter((pair) => score(pair) === best);
  return best > 0 && leading.length === 1 ? leading[0]! : null;
}

/**
 * Addresses that glued texts have in common: one that could be the source of one and the destination of another is an end
 * of a conversation seen both ways.
 */
export function meetingAddresses(texts: Iterable<string>): Set<string> {
  const [sources, destinations] = [new Set<string>(), new Set<string>()];
  for (const text of new Set(texts)) {
    for (const [source, destination] of splits(text)) {
      sources.add(source);
      destinations.add(destination);
    }
  }
  return new Set([...sources].filter((address) => destinations.has(address)));
}

function splits(text: string): (readonly [string, string])[] {
  const parts = GLUED.exec(text);
  if (!parts) return [];
  const [, head, middle, tail] = parts as unknown as string[];
  const found: (readonly [string, string])[] = [];
  for (let at = 1; at < middle!.length; at++) {
    const [left, right] = [middle!.slice(0, at), middle!.slice(at)];
    // Nobody writes an octet with a leading zero, or an address that begins with 0.
    if ((left.length > 1 && left.startsWith("0")) || right.startsWith("0")) continue;
    const pair = [`${head}.${left}`, `${right}${tail}`] as const;
    if (parseIpv4(pair[0]) !== null && parseIpv4(pair[1]) !== null) found.push(pair);
  }
  return found;
}
