import { asNames } from "./same-value.ts";
import type { Items } from "./select.ts";
import type { Grouping } from "./selection.ts";
import { Tally } from "./tally.ts";
import { both, FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

interface Group {
  /** Item numbers, ascending. */
  readonly members: number[];
  /** Unknown where a cell of the group's columns is not known. */
  readonly certain: Truth;
}

/**
 * Groups items and keeps the groups, or the windows of time within them, for which `having` holds or may hold. `proven`
 * tells, for a machine or for all, whether no row can be missing: else a count has no upper bound.
 */
export function aggregate(items: Items, grouping: Grouping, proven: (host: readonly string[] | null) => boolean): Items {
  const { view } = items;
  const hostColumn = view.table.declaration.host;
  const hostOf = hostColumn && grouping.columns.includes(hostColumn) ? view.reader(hostColumn) : null;
  const [first, truth, groups]: [number[], Truth[], number[][]] = [[], [], []];
  for (const group of groupItems(items, grouping.columns)) {
    const host = hostOf && group.members.length > 0 ? hostOf(items.first[group.members[0]!]!) : null;
    const open = !proven(host === null ? null : asNames(host));
    const found =
      grouping.within === null
        ? [whole(group.members, items, grouping, open)]
        : windows(group.members, items, grouping, grouping.within, open);
    for (const [members, holds] of found) {
      const result = both(group.certain, holds);
      if (result === FALSE || members.length === 0) continue;
      first.push(items.first[members[0]!]!);
      truth.push(result);
      groups.push(members.map((item) => items.first[item]!));
    }
  }
  return { view, count: first.length, first, truth, groups };
}

function groupItems(items: Items, columns: readonly string[]): Group[] {
  const readers = columns.map((column) => items.view.reader(column));
  const groups = new Map<string, Group>();
  for (let item = 0; item < items.count; item++) {
    const cells = readers.map((read) => read(items.first[item]!));
    const key = JSON.stringify(
      cells.map((cell) => (typeof cell === "bigint" ? String(cell) : typeof cell === "string" ? cell.toLowerCase() : cell)),
    );
    const group = groups.get(key);
    if (group) group.members.push(item);
    else groups.set(key, { members: [item], certain: cells.includes(null) ? UNKNOWN : TRUE });
  }
  return [...groups.values()];
}

type Found = readonly [members: readonly number[], holds: Truth];

function whole(members: readonly number[], items: Items, grouping: Grouping, open: boolean): Found {
  const tally = new Tally(items, grouping.having);
  for (const item of members) tally.add(item);
  return [members, tally.holds(open)];
}

/** Windows of one group, each source by its own clock; rows without a time may belong to any of them. */
function windows(members: readonly number[], items: Items, grouping: Grouping, within: number, open: boolean): Found[] {
  const read = items.view.reader(items.view.table.declaration.time!);
  const bySource = new Map<number, { item: number; time: bigint }[]>();
  let timed = 0;
  for (const item of members) {
    const time = read(items.first[item]!);
    if (typeof time !== "bigint") continue;
    timed++;
    const source = items.view.sourceOf(items.first[item]!);
    const list = bySource.get(source);
    if (list) list.push({ item, time });
    else bySource.set(source, [{ item, time }]);
  }
  const found = [...bySource.values()].flatMap((list) => sourceWindows(list, items, grouping, within, open));
  if (timed === members.length || found.some(([, holds]) => holds === TRUE)) return found;
  const [all, holds] = whole(members, items, grouping, open);
  return holds === FALSE ? found : [...found, [all, UNKNOWN]];
}

/** The earliest windows that hold, none overlapping the one before; if none does, the first that perhaps does. */
function sourceWindows(timed: { item: number; time: bigint }[], items: Items, grouping: Grouping, within: number, open: boolean): Found[] {
  timed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.item - b.item));
  const reach = BigInt(Math.round(within * 1e9));
  const found: Found[] = [];
  let perhaps: Found | null = null;
  let tally = new Tally(items, grouping.having);
  let end = 0;
  for (let start = 0; start < timed.length; start++) {
    for (; end < timed.length && timed[end]!.time - timed[start]!.time <= reach; end++) tally.add(timed[end]!.item);
    // A window that starts among rows of one moment takes all of them.
    const begins = start === 0 || timed[start - 1]!.time < timed[start]!.time;
    const holds = begins ? tally.holds(open) : FALSE;
    const rows = () => timed.slice(start, end).map((entry) => entry.item);
    if (holds === TRUE) {
      found.push([rows(), TRUE]);
      tally = new Tally(items, grouping.having);
      start = end - 1;
    } else {
      if (holds === UNKNOWN) perhaps ??= [rows(), UNKNOWN];
      tally.remove(timed[start]!.item);
    }
  }
  return found.length > 0 || perhaps === null ? found : [perhaps];
}
