import type { Value } from "../tables/table.ts";
import type { Items } from "./select.ts";
import type { Having } from "./selection.ts";
import { both, FALSE, not, TRUE, type Truth, UNKNOWN } from "./truth.ts";

type Bound = number | bigint;

/** What an aggregate lies between: items that only perhaps belong may or may not count. */
interface Range {
  readonly low: Bound;
  readonly high: Bound;
}

interface Counter {
  add(item: number, certain: boolean): void;
  /** Takes out the item that was added first. */
  remove(item: number, certain: boolean): void;
  /** `open`: there may be items that were not seen. */
  range(open: boolean): Range;
}

/** Aggregates of a run of items that grows at its end and shrinks at its start, each step in constant time. */
export class Tally {
  private readonly counters: readonly { readonly having: Having; readonly counter: Counter }[];
  private readonly truth: ArrayLike<Truth>;

  constructor(items: Items, having: readonly Having[]) {
    this.truth = items.truth;
    this.counters = having.map((one) => ({ having: one, counter: makeCounter(one, items) }));
  }

  add(item: number): void {
    for (const { counter } of this.counters) counter.add(item, this.truth[item] === TRUE);
  }

  remove(item: number): void {
    for (const { counter } of this.counters) counter.remove(item, this.truth[item] === TRUE);
  }

  /** Rows that were not seen could undo what holds, so they leave it open; what does not hold among the seen is false. */
  holds(open: boolean): Truth {
    let result: Truth = TRUE;
    for (const { having, counter } of this.counters) {
      const seen = compare(counter.range(false), having.compare, having.bound);
      result = both(result, seen === FALSE || !open ? seen : compare(counter.range(true), having.compare, having.bound));
    }
    return result;
  }
}

function compare({ low, high }: Range, how: Having["compare"], bound: Bound): Truth {
  switch (how) {
    case "gte":
      return low >= bound ? TRUE : high < bound ? FALSE : UNKNOWN;
    case "gt":
      return low > bound ? TRUE : high <= bound ? FALSE : UNKNOWN;
    case "lte":
      return high <= bound ? TRUE : low > bound ? FALSE : UNKNOWN;
    case "lt":
      return high < bound ? TRUE : low >= bound ? FALSE : UNKNOWN;
    case "eq":
      return bound < low || bound > high ? FALSE : low === high ? TRUE : UNKNOWN;
    case "neq":
      return not(compare({ low, high }, "eq", bound));
  }
}

function makeCounter({ aggregate, column }: Having, items: Items): Counter {
  if (aggregate === "count") return new Count();
  const read = items.view.reader(column!);
  const cell = (item: number) => read(items.first[item]!);
  if (aggregate === "distinct") return new Distinct(cell);
  return aggregate === "sum"
    ? new Sum(cell as (item: number) => number | null)
    : new Extreme(cell as (item: number) => Bound | null, aggregate === "max");
}

class Count implements Counter {
  private certain = 0;
  private all = 0;

  add(_item: number, certain: boolean): void {
    this.all++;
    if (certain) this.certain++;
  }

  remove(_item: number, certain: boolean): void {
    this.all--;
    if (certain) this.certain--;
  }

  range(open: boolean): Range {
    return { low: this.certain, high: open ? Number.POSITIVE_INFINITY : this.all };
  }
}

class Distinct implements Counter {
  private readonly cell: (item: number) => Value;
  private readonly certain = new Map<string, number>();
  private readonly all = new Map<string, number>();
  private empty = 0;

  constructor(cell: (item: number) => Value) {
    this.cell = cell;
  }

  add(item: number, certain: boolean): void {
    this.change(item, certain, 1);
  }

  remove(item: number, certain: boolean): void {
    this.change(item, certain, -1);
  }

  private change(item: number, certain: boolean, by: number): void {
    const cell = this.cell(item);
    if (cell === null) this.empty += by;
    else
      for (const counts of certain ? [this.certain, this.all] : [this.all]) {
        const key = String(cell).toLowerCase();
        const count = (counts.get(key) ?? 0) + by;
        if (count === 0) counts.delete(key);
        else counts.set(key, count);
      }
  }

  range(open: boolean): Range {
    return { low: this.certain.size, high: open ? Number.POSITIVE_INFINITY : this.all.size + this.empty };
  }
}

/** Columns that are summed (bytes, counts, durations) are never negative. */
class Sum implements Counter {
  private readonly cell: (item: number) => number | null;
  private certain = 0;
  private all = 0;
  private empty = 0;

  constructor(cell: (item: number) => number | null) {
    this.cell = cell;
  }

  add(item: number, certain: boolean): void {
    this.change(item, certain, 1);
  }

  remove(item: number, certain: boolean): void {
    this.change(item, certain, -1);
  }

  private change(item: number, certain: boolean, by: number): void {
    const cell = this.cell(item);
    if (cell === null) {
      this.empty += by;
      return;
    }
    this.all += by * cell;
    if (certain) this.certain += by * cell;
  }

  range(open: boolean): Range {
    return { low: this.certain, high: open || this.empty > 0 ? Number.POSITIVE_INFINITY : this.all };
  }
}

/** Smallest or largest of a moving run: a queue in which each entry is beaten by none after it. */
class Extreme implements Counter {
  private readonly cell: (item: number) => Bound | null;
  private readonly largest: boolean;
  private readonly certain = new BestQueue();
  private readonly all = new BestQueue();
  private empty = 0;

  constructor(cell: (item: number) => Bound | null, largest: boolean) {
    this.cell = cell;
    this.largest = largest;
  }

  add(item: number, certain: boolean): void {
    const cell = this.cell(item);
    if (cell === null) this.empty++;
    else for (const queue of certain ? [this.certain, this.all] : [this.all]) queue.push(item, cell, this.largest);
  }

  remove(item: number): void {
    if (this.cell(item) === null) this.empty--;
    this.certain.drop(item);
    this.all.drop(item);
  }

  range(open: boolean): Range {
    const [none, beyond] = this.largest
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const sure = this.certain.best ?? none;
    const perhaps = open || this.empty > 0 ? beyond : (this.all.best ?? none);
    return this.largest ? { low: sure, high: perhaps } : { low: perhaps, high: sure };
  }
}

class BestQueue {
  private readonly entries: { readonly item: number; readonly value: Bound }[] = [];
  private head = 0;

  get best(): Bound | undefined {
    return this.entries[this.head]?.value;
  }

  push(item: number, value: Bound, largest: boolean): void {
    while (this.entries.length > this.head && (largest ? this.entries.at(-1)!.value <= value : this.entries.at(-1)!.value >= value))
      this.entries.pop();
    this.entries.push({ item, value });
  }

  drop(item: number): void {
    if (this.entries[this.head]?.item === item) this.head++;
  }
}
