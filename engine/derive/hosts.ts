import { parseIpv4, parseIpv6 } from "../bytes/address.ts";
import type { HostFact } from "../formats/format.ts";
import type { Coverage } from "../tables/coverage.ts";
import { hosts } from "../tables/host-tables.ts";
import { TableBuilder, type TablePart } from "../tables/table.ts";
import { MachineBook, type MachineGroup } from "./machine-book.ts";

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
  /** The machines as rows of `hosts`; one that only its version is known of has no `host`. */
  part(): TablePart;
  /** Machines of which it is known what they are: of them `hosts` says all there is. */
  coverage(): Coverage[];
}

/** Addresses many machines share: any, loopback, link-local of IPv4. */
const SHARED = /^(?:0\.0\.0\.0|::|127\.|::1$|169\.254\.)/;

/**
 * Tells machines apart: facts that share an address or a name are about one machine. A source of which nothing is known came
 * from the only machine the bundle shows, where there is only one; and a machine known by name alone is that one, too. Both are
 * assumptions and are noted as such. `stated` comes from `bundle.yaml` and merges first.
 */
export function resolveHosts(stated: readonly HostFact[], sources: readonly SourceIdentity[]): HostResolution {
  const book = new MachineBook();
  const add = (fact: HostFact) => book.add({ ...fact, addresses: fact.addresses.filter((address) => !SHARED.test(address)) });
  for (const fact of stated) add(fact);
  const nameless: HostFact[] = [];
  for (const { facts } of sources) {
    const own = facts.filter(isNamed);
    for (const fact of own) add(fact);
    // A version without a name is that of the machine the rest of the source speaks of.
    for (const fact of facts.filter((one) => !isNamed(one))) {
      if (own[0]) add({ ...fact, names: own[0].names, addresses: own[0].addresses });
      else nameless.push(fact);
    }
  }
  const addressed = book.groups().filter((group) => group.addresses.size > 0);
  const nameOnly = book.groups().filter((group) => group.addresses.size === 0);
  const assumedNames = addressed.length === 1 && nameOnly.length === 1 ? nameOnly[0]! : null;
  if (assumedNames) book.merge([addressed[0]!, assumedNames]);
  const groups = book.groups();
  const unplaced = groups.length === 1 ? nameless.filter((fact) => !completes(groups[0]!, fact)) : nameless;
  const calls = new Map(groups.map((group) => [group, callsOf(group)]));
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
      const own = book.find(known)[0];
      if (own) {
        const byName = assumedNames !== null && !known.some((name) => own.addresses.has(name));
        return {
          host: calls.get(own)!,
          assumes: byName ? `${known[0]} is ${calls.get(own)![0]}, the only machine the bundle shows` : null,
        };
      }
      if (groups.length !== 1) return null;
      const host = calls.get(groups[0]!)!;
      return { host, assumes: `taken on ${host[0]}, the only machine the bundle shows` };
    },
    expand(host) {
      const group = book.find(host)[0];
      return group ? [...new Set([...calls.get(group)!, ...host])] : host;
    },
    part() {
      const rows = new TableBuilder(hosts);
      for (const group of groups)
        rows.append(
          { host: calls.get(group)!, name: group.name, product: group.product, version: group.version, service_pack: group.servicePack },
          0,
        );
      for (const { product = null, version = null, servicePack = null } of distinct(unplaced))
        rows.append({ host: null, name: null, product, version, service_pack: servicePack }, 0);
      return rows.build(-1, "record");
    },
    coverage: () =>
      groups
        .filter(({ product, version }) => product !== null || version !== null)
        .map((group) => ({ table: "hosts", source: -1, host: calls.get(group)!, side: null, from: null, to: null, complete: true })),
  };
}

/** Whether a list of addresses and names holds an address. */
export function factOf(host: readonly string[]): HostFact {
  const isAddress = (text: string) => parseIpv4(text) !== null || parseIpv6(text) !== null;
  return { addresses: host.filter(isAddress), names: host.filter((name) => !isAddress(name)) };
}

function isNamed(fact: HostFact): boolean {
  return fact.names.length + fact.addresses.length > 0;
}

/** Tells the only machine's version by a source that does not name it; false if it is known to have another. */
function completes(group: MachineGroup, fact: HostFact): boolean {
  const differs = (known: string | null, told: string | undefined) => known !== null && told !== undefined && known !== told;
  if (differs(group.version, fact.version) || differs(group.product, fact.product)) return false;
  group.version ??= fact.version ?? null;
  group.product ??= fact.product ?? null;
  group.servicePack ??= fact.servicePack ?? null;
  return true;
}

function distinct(facts: readonly HostFact[]): HostFact[] {
  return [...new Map(facts.map((fact) => [[fact.product, fact.version, fact.servicePack].join(" "), fact])).values()];
}

function callsOf(group: MachineGroup): string[] {
  return [...[...group.addresses].sort(), ...[...group.names].sort()];
}

function machineOf({ names, addresses, product, version }: MachineGroup): Machine {
  return { names: [...names].sort(), addresses: [...addresses].sort(), product, version };
}
