import type { Entry } from "./catalogue.ts";
import { type Reading, readNotation } from "./notation.ts";
import type { SearchData } from "./search-data.ts";
import type { KeyBucket, SearchManifest } from "./search-files.ts";

/** An entry that a notation leads to. */
export interface Match {
  readonly entry: Entry;
  /** What it is, in a few words: `Winsock error 10060 = 0x274C`. */
  readonly is: string;
  /** `itself`: it is what was asked for. `within`: a range that holds it, or a version that begins so. `related`: another face of it, as the HRESULT that wraps a Win32 code. */
  readonly relation: "itself" | "within" | "related";
}

const ORDER: readonly Match["relation"][] = ["itself", "within", "related"];
/** Versions that may begin alike. */
const MOST = 100;

/** A match with the number of its document. */
export interface NumberedMatch extends Match {
  readonly document: number;
}

/** Everything an exact notation leads to, best first; empty for text that is none or that nothing is filed under. */
export async function lookUp(data: SearchData, term: string): Promise<NumberedMatch[]> {
  const readings = readNotation(term);
  const ranges = readings.length === 0 ? [] : rangesAround(await data.manifest(), readings);
  const found = await Promise.all([...readings, ...ranges].map((reading) => matches(data, reading)));
  const best = new Map<string, NumberedMatch>();
  for (const match of found.flat()) {
    const known = best.get(match.entry.address);
    if (!known || ORDER.indexOf(match.relation) < ORDER.indexOf(known.relation)) best.set(match.entry.address, match);
  }
  return ORDER.flatMap((relation) => [...best.values()].filter((match) => match.relation === relation)).slice(0, MOST);
}

interface RangeReading extends Reading {
  readonly within?: boolean;
}

async function matches(data: SearchData, reading: RangeReading): Promise<NumberedMatch[]> {
  const exact = await data.keys(reading.key, "exact");
  const found = exact.flatMap((bucket) => inBucket(bucket, reading, (key) => key === reading.key));
  const own = reading.within ? found.map((match): NumberedMatch => ({ ...match, relation: "within" })) : found;
  if (!reading.prefix) return own;
  const beginning = `${reading.key}.`;
  const longer = await data.keys(beginning, "beginning");
  const within = longer.flatMap((bucket) => inBucket(bucket, reading, (key) => key.startsWith(beginning)));
  return [...own, ...within.map((match): NumberedMatch => ({ ...match, relation: "within" }))];
}

function inBucket(bucket: KeyBucket, reading: Reading, wanted: (key: string) => boolean): NumberedMatch[] {
  return bucket.keys
    .filter(([key]) => wanted(key))
    .flatMap(([, targets]) => targets)
    .filter(([number, space]) => {
      const { kind } = bucket.targets[number]!.entry;
      return (reading.kind === undefined || reading.kind === kind) && (reading.space === undefined || reading.space === space);
    })
    .map(([number, , relation]) => ({ ...bucket.targets[number]!, relation }));
}

/** Ranges of ports that hold a number which may be a port. */
function rangesAround({ ranges }: SearchManifest, readings: readonly Reading[]): RangeReading[] {
  return readings
    .filter(({ key, kind, space }) => /^\d{1,5}$/.test(key) && (kind ?? "port") === "port" && (space ?? "tcp").match(/^(tcp|udp)$/))
    .flatMap(({ key, space }) =>
      ranges
        .filter(([from, to, protocol]) => Number(key) >= from && Number(key) <= to && (space ?? protocol) === protocol)
        .map(([from, to, protocol]) => ({ key: `${from}-${to}`, prefix: false, kind: "port" as const, space: protocol, within: true })),
    );
}
