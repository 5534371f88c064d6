import { cutList } from "./cut-list.ts";
import type { Findable } from "./findable.ts";
import type { Key } from "./look-up-keys.ts";
import { rankOf } from "./look-up-keys.ts";
import type { KeyBucket, KeyTarget } from "./search-files.ts";

interface Filed {
  readonly findable: Findable;
  readonly key: Key;
}

/** Every key of every entry, sorted and cut; the meanings of one key best first. `findables` are in the order of documents. */
export function keyBuckets(findables: readonly Findable[], characters: number): KeyBucket[] {
  const documents = new Map(findables.map((findable, document) => [findable, document]));
  const filed = new Map<string, Filed[]>();
  for (const findable of findables) {
    const seen = new Set<string>();
    for (const key of findable.named?.keys ?? []) {
      const mark = `${key.space} ${key.key}`;
      if (seen.has(mark)) continue;
      seen.add(mark);
      filed.set(key.key, [...(filed.get(key.key) ?? []), { findable, key }]);
    }
  }
  const sorted = [...filed].sort(([a], [b]) => (a < b ? -1 : 1));
  const length = ([key, list]: [string, Filed[]]) => JSON.stringify([key, list.map(({ findable }) => findable.entry)]).length;
  return cutList(sorted, characters, length).map((part) => {
    const findablesHere = [...new Set(part.flatMap(([, list]) => list.map(({ findable }) => findable)))];
    const numbers = new Map(findablesHere.map((findable, number) => [findable, number]));
    return {
      keys: part.map(([key, list]) => [
        key,
        list.sort(byRank).map(({ findable, key: { space, relation } }): KeyTarget => [numbers.get(findable)!, space, relation]),
      ]),
      targets: findablesHere.map((findable) => ({ entry: findable.entry, is: findable.named!.is, document: documents.get(findable)! })),
    };
  });
}

function byRank(a: Filed, b: Filed): number {
  const related = Number(a.key.relation === "related") - Number(b.key.relation === "related");
  const rank = (one: Filed) => rankOf(one.findable.entry.kind, one.key.space, one.key.key);
  return related || rank(a) - rank(b) || (a.findable.entry.address < b.findable.entry.address ? -1 : 1);
}

/** Ranges of ports among the keys, for numbers inside them. */
export function portRanges(findables: readonly Findable[]): [number, number, string][] {
  const keys = findables.flatMap(({ entry, named }) => (entry.kind === "port" ? (named?.keys ?? []) : []));
  const ranges = keys.flatMap(({ key, space }): [number, number, string][] => {
    const [from, to] = key.split("-").map(Number);
    return space !== "name" && to !== undefined ? [[from!, to, space]] : [];
  });
  return ranges.sort(([a, b], [c, d]) => a - c || b - d);
}
