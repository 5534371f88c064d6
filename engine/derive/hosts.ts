import type { HostFact, SourceHints } from "../formats/format.ts";
import { hosts as declaration } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";
import { isAddress, type Side } from "./capture-side.ts";

/** What one source says of the machine it was taken on, or of machines in general. */
export interface HostClaims {
  /** Indexed by source: what bundle.yaml states of it. */
  readonly hints: readonly SourceHints[];
  /** Machines bundle.yaml describes. */
  readonly declared: readonly HostFact[];
  /** What sources state of the machine they were taken on. */
  readonly facts: readonly { readonly source: number; readonly fact: HostFact }[];
  /** Where captures were taken. */
  readonly captures: readonly {
    readonly sources: readonly number[];
    readonly host: readonly string[] | null;
    readonly side: Side | null;
  }[];
}

/** The machine a source speaks for. */
export interface SourceHost {
  /** Its addresses and names; null if nothing tells. */
  readonly host: readonly string[] | null;
  /** Why it was assumed rather than stated, in words; null where it was stated. */
  readonly assumed: string | null;
}

/** The machines of a bundle. */
export interface Machines {
  /** Rows of `hosts`. */
  readonly part: TablePart;
  readonly of: (source: number) => SourceHost;
}

interface Machine {
  readonly names: Set<string>;
  readonly addresses: Set<string>;
  readonly sources: Set<number>;
  readonly sides: Set<Side>;
  product: string | null;
  version: string | null;
}

/** Addresses many machines have; they identify none. */
const SHARED_ADDRESSES = /^(?:0\.0\.0\.0|255\.255\.255\.255|127\..*|169\.254\..*|::1?|fe80:.*)$/i;

/**
 * Merges everything sources say about machines: what shares an address or a name is one machine. A source that names none
 * is given the only machine of its stated side, or the only one of the bundle, and says that this is an assumption.
 */
export function identifyMachines(claims: HostClaims): Machines {
  const machines: Machine[] = [];
  for (const fact of claims.declared) claim(machines, fact, null, null);
  for (const [source, { host, side }] of claims.hints.entries()) if (host) claim(machines, textFact(host), source, side ?? null);
  for (const { source, fact } of claims.facts) claim(machines, fact, source, claims.hints[source]?.side ?? null);
  for (const { sources, host, side } of claims.captures)
    if (host) for (const source of sources) claim(machines, textFact(host), source, side);
  return { part: rows(machines), of: (source) => machineOf(machines, source, claims.hints[source]?.side ?? null) };
}

function textFact(texts: readonly string[]): HostFact {
  return { names: texts.filter((text) => !isAddress(text)), addresses: texts.filter(isAddress) };
}

function claim(machines: Machine[], fact: HostFact, source: number | null, side: Side | null): void {
  const same = machines.filter((machine) => isSame(machine, fact) || (source !== null && machine.sources.has(source)));
  const machine = same[0] ?? { names: new Set(), addresses: new Set(), sources: new Set(), sides: new Set(), product: null, version: null };
  if (same.length === 0) machines.push(machine);
  for (const other of same.slice(1)) {
    absorb(machine, other);
    machines.splice(machines.indexOf(other), 1);
  }
  for (const name of fact.names) if (name !== "") machine.names.add(name);
  for (const address of fact.addresses) if (!SHARED_ADDRESSES.test(address)) machine.addresses.add(address);
  if (source !== null) machine.sources.add(source);
  if (side !== null) machine.sides.add(side);
  machine.product ??= fact.product ?? null;
  machine.version ??= fact.version ?? null;
}

function absorb(machine: Machine, other: Machine): void {
  for (const set of ["names", "addresses", "sources", "sides"] as const)
    for (const value of other[set]) (machine[set] as Set<unknown>).add(value);
  machine.product ??= other.product;
  machine.version ??= other.version;
}

function isSame(machine: Machine, { names, addresses }: HostFact): boolean {
  return (
    addresses.some((address) => machine.addresses.has(address)) ||
    names.some((name) => [...machine.names].some((known) => isSameName(known, name)))
  );
}

/** Equal but for case, or one is the short form of the other: `EDGE01` and `edge01.contoso.com`. */
function isSameName(one: string, other: string): boolean {
  const [x, y] = [one.toLowerCase(), other.toLowerCase()];
  if (x === "" || y === "") return false;
  return x === y || (!x.includes(".") && y.startsWith(`${x}.`)) || (!y.includes(".") && x.startsWith(`${y}.`));
}

function identity({ names, addresses }: Machine): string[] {
  return [...[...addresses].sort(), ...[...names].sort()];
}

function machineOf(machines: readonly Machine[], source: number, side: Side | null): SourceHost {
  const known = (machine: Machine) => machine.names.size + machine.addresses.size > 0;
  const own = machines.find((machine) => machine.sources.has(source));
  if (own && known(own)) return { host: identity(own), assumed: null };
  const candidates = machines.filter((machine) => machine.sources.size > 0 && known(machine));
  const there = side === null ? candidates : candidates.filter(({ sides }) => sides.has(side));
  if (there.length !== 1) return { host: null, assumed: null };
  const host = identity(there[0]!);
  const reason = side === null ? "the only machine the bundle has evidence of" : `the only machine on the ${side} side`;
  return { host, assumed: `taken on ${host[0]}, ${reason}` };
}

function rows(machines: readonly Machine[]): TablePart {
  const builder = new TableBuilder(declaration);
  const known = machines.filter(
    ({ names, addresses, product, version }) => names.size + addresses.size > 0 || product !== null || version !== null,
  );
  for (const machine of known) {
    const [name] = [...machine.names].sort((x, y) => x.length - y.length || (x < y ? -1 : 1));
    builder.append({ host: identity(machine), name: name ?? null, product: machine.product, version: machine.version }, 0);
  }
  return builder.build(-1, "line");
}
