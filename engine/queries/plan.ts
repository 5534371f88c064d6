import type { Query } from "./selection.ts";

/** Queries that are bound to each other, in the order in which they can be bound. */
export interface Component {
  /** Evidence that other evidence is joined to: bound to one item at a time. */
  readonly levels: readonly string[];
  /** The rest, by the last level each depends on; entry 0 depends on none. */
  readonly leaves: readonly (readonly string[])[];
}

/** Why a rule's queries cannot be put in order. */
export class CycleError extends Error {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    super(`${names.join(", ")} refer to each other in a circle`);
    this.names = names;
  }
}

/** Puts queries in an order in which each comes after what it refers to; throws `CycleError`. */
export function ordered(queries: ReadonlyMap<string, Query>): string[] {
  const order: string[] = [];
  const placed = new Set<string>();
  let waiting = [...queries.keys()];
  while (waiting.length > 0) {
    const ready = waiting.filter((name) => queries.get(name)!.parents.every((parent) => placed.has(parent) || !queries.has(parent)));
    if (ready.length === 0) throw new CycleError(waiting);
    for (const name of ready) {
      placed.add(name);
      order.push(name);
    }
    waiting = waiting.filter((name) => !placed.has(name));
  }
  return order;
}

/** Splits the queries of a rule into components that can be decided one without the other. */
export function components(queries: ReadonlyMap<string, Query>): Component[] {
  const order = ordered(queries);
  const inner = new Set<string>();
  for (const query of queries.values()) if (!query.sequence) for (const parent of query.parents) inner.add(parent);
  const root = new Map<string, string>(order.map((name) => [name, name]));
  const rootOf = (name: string): string => (root.get(name) === name ? name : rootOf(root.get(name)!));
  for (const name of order) for (const parent of queries.get(name)!.parents) root.set(rootOf(name), rootOf(parent));
  const groups = new Map<string, string[]>();
  for (const name of order) groups.set(rootOf(name), [...(groups.get(rootOf(name)) ?? []), name]);
  return [...groups.values()].map((names) => layered(names, queries, inner));
}

function layered(names: readonly string[], queries: ReadonlyMap<string, Query>, inner: ReadonlySet<string>): Component {
  const levels = names.filter((name) => inner.has(name));
  const depth = new Map<string, number>(levels.map((name, index) => [name, index + 1]));
  const leaves: string[][] = Array.from({ length: levels.length + 1 }, () => []);
  for (const name of names) {
    if (inner.has(name)) continue;
    const at = Math.max(0, ...queries.get(name)!.parents.map((parent) => depth.get(parent) ?? 0));
    depth.set(name, at);
    leaves[at]!.push(name);
  }
  return { levels, leaves };
}
