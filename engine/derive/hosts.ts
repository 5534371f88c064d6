import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { HostFact } from "../formats/format.ts";
import { hosts } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";

/** One machine the bundle speaks of. */
export interface Machine {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly product: string | null;
  readonly version: string | null;
}

/** What is known of the machine one source came from. */
export interface SourceIdentity {
  readonly source: number;
  readonly facts: readonly HostFact[];
}

/** Which machine each source speaks for. */
export interface HostResolution {
  readonly machines: readonly Machine[];
  /** Addresses and names of the source's machine, and the assumption that rests on, if any; null where nothing tells. */
  ofSource(source: number): { readonly host: readonly string[]; readonly assumes: string | null } | null;
  /** Everything else the machine is called, given some of it. */
  expand(host: readonly string[]): readonly string[];
  /** The machines as rows of `hosts`. */
  part(): TablePart;
}

/** Addresses many machines share: any, loopback, link-local of IPv4. */
const SHARED = /^(?:0\.0\.0\.0|::|127\.|::1$|169\.254\.)/;

interface Group {
  readonly names: Set<string>;
  readonly addresses: Set<string>;
  product: string | null;
  version: string | null;
}

/**
 * Tells machines apart: facts that share an address or a name are about one machine. A source of which nothing is known came
 * from the only machine the bundle shows, where there is only one; and a machine known by name alone is that one, too. Both are
 * assumptions and are noted as such. `stated` comes from `bundle.yaml` and merges first.
 */
export function resolveHosts(stated: readonly HostFact[], sources: readonly SourceIdentity[]): HostResolution {
  let groups: Group[] = [];
  const add = (fact: HostFact): Group | null => {
    const own = { ...fact, addresses: fact.addresses.filter((address) => !SHARED.test(address)) };
    if (own.names.length + own.addresses.length === 0) return null;
    const touching = groups.filter(
      (group) => own.addresses.some((address) => group.addresses.has(address)) || own.names.some((name) => hasName(group, name)),
    );
    const merged = touching[0] ?? { names: new Set<string>(), addresses: new Set<string>(), product: null, version: null };
    for (const other of touching.slice(1)) absorb(merged, [...other.names], [...other.addresses], other.product, other.version);
    absorb(merged, own.names, own.addresses, own.product ?? null, own.version ?? null);
    groups = [...groups.filter((group) => !touching.includes(group)), merged];
    return merged;
  };
  for (const fact of stated) add(fact);
  for (const { facts } of sources) for (const fact of facts) add(fact);
  const addressed = groups.filter((group) => group.addresses.size > 0);
  const nameOnly = groups.filter((group) => group.addresses.size === 0);
  const assumedNames = addressed.length === 1 && nameOnly.length === 1 ? nameOnly[0]! : null;
  if (assumedNames) {
    absorb(addressed[0]!, [...assumedNames.names], [], assumedNames.product, assumedNames.version);
    groups = addressed;
  }
  const find = (host: readonly string[]) => groups.find((group) => host.some((name) => group.addresses.has(name) || hasName(group, name)));
  const identities = new Map(
    sources.map(({ source, facts }) => [
      source,
      facts.flatMap((fact) => [...fact.addresses.filter((address) => !SHARED.test(address)), ...fact.names]),
    ]),
  );
  return {
    machines: groups.map(machineOf),
    ofSource(source) {
      const known = identities.get(source) ?? [];
      const own = known.length > 0 ? find(known) : undefined;
      if (own) {
        const byName = assumedNames !== null && !known.some((name) => own.addresses.has(name));
        return {
          host: callsOf(own),
          assumes: byName ? `${known[0]} is ${[...own.addresses][0]}, the only machine the bundle shows` : null,
        };
      }
      if (groups.length !== 1) return null;
      return { host: callsOf(groups[0]!), assumes: `taken on ${callsOf(groups[0]!)[0]}, the only machine the bundle shows` };
    },
    expand(host) {
      const group = find(host);
      return group ? [...new Set([...callsOf(group), ...host])] : host;
    },
    part() {
      const rows = new TableBuilder(hosts);
      for (const group of groups)
        rows.append({ host: callsOf(group), name: [...group.names][0] ?? null, product: group.product, version: group.version }, 0);
      return rows.build(-1, "record");
    },
  };
}

/** Whether a list of addresses and names holds an address. */
export function factOf(host: readonly string[]): HostFact {
  const isAddress = (text: string) => parseIpv4(text) !== null || parseIpv6(text) !== null;
  return { addresses: host.filter(isAddress), names: host.filter((name) => !isAddress(name)) };
}

/** Windows compares names without case, and a short name with the first label of a full one. */
function hasName(group: Group, name: string): boolean {
  const wanted = name.toLowerCase();
  return [...group.names].some((known) => {
    const own = known.toLowerCase();
    return own === wanted || (own.split(".")[0] === wanted.split(".")[0] && (!own.includes(".") || !wanted.includes(".")));
  });
}

function absorb(
  group: Group,
  names: readonly string[],
  addresses: readonly string[],
  product: string | null,
  version: string | null,
): void {
  for (const name of names) group.names.add(name);
  for (const address of addresses) group.addresses.add(address);
  group.product ??= product;
  group.version ??= version;
}

function callsOf(group: Group): string[] {
  return [...[...group.addresses].sort(), ...[...group.names].sort()];
}

function machineOf({ names, addresses, product, version }: Group): Machine {
  return { names: [...names].sort(), addresses: [...addresses].sort(), product, version };
}
