import type { Value } from "../tables/table.ts";
import { asNames, nameKeys, nameKinds } from "./same-value.ts";
import type { Items } from "./select.ts";

/** The items of a selection by the value of one column, to join them without comparing each with each. */
export class ItemIndex {
  private readonly byKey = new Map<string, number[]>();
  /** Items whose cell may be any value. */
  private readonly empty: number[] = [];
  /** By kinds of names a machine's cell holds: a list of names only may still be the machine with a given address. */
  private readonly byKinds = new Map<number, number[]>();
  private readonly names: boolean;

  constructor(items: Items, column: string) {
    const type = items.view.table.declaration.columns[column]!.type;
    // Text may hold a machine's name and be joined to an address column.
    this.names = type === "ip" || type === "host" || type === "text" || type === "texts" || type === "enum";
    const read = items.view.reader(column);
    for (let item = 0; item < items.count; item++) {
      const cell = read(items.first[item]!);
      if (cell === null) this.empty.push(item);
      else {
        for (const key of keysOf(cell, this.names)) push(this.byKey, key, item);
        if (this.names) push(this.byKinds, nameKinds(asNames(cell)), item);
      }
    }
  }

  /** Items that may equal the value, a superset in ascending order, each once; null if any item may. */
  candidates(value: Value): readonly number[] | null {
    if (value === null) return null;
    const lists: (readonly number[])[] = [this.empty];
    for (const key of keysOf(value, this.names)) lists.push(this.byKey.get(key) ?? []);
    if (this.names) {
      const kinds = nameKinds(asNames(value));
      for (const [other, list] of this.byKinds) if ((kinds & other) === 0) lists.push(list);
    }
    const filled = lists.filter((list) => list.length > 0);
    return filled.length <= 1 ? (filled[0] ?? []) : [...new Set(filled.flat())].sort((a, b) => a - b);
  }
}

function keysOf(value: Value, names: boolean): readonly string[] {
  if (names) return [...new Set(asNames(value).flatMap(nameKeys))];
  return [String(value)];
}

function push<K>(map: Map<K, number[]>, key: K, item: number): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}
