import type { HostFact } from "../formats/format.ts";

/** Everything known to be about one machine. */
export interface MachineGroup {
  /** The name learnt of first. */
  name: string | null;
  readonly names: Set<string>;
  readonly addresses: Set<string>;
  product: string | null;
  version: string | null;
  /** Number of the service pack; 0 for none. */
  servicePack: number | null;
}

/** Machines by address and name. A bundle may speak of as many as it has files, so nothing here goes through all of them. */
export class MachineBook {
  /** In order of what was last learnt of them. */
  private readonly order = new Map<MachineGroup, number>();
  private readonly byAddress = new Map<string, MachineGroup>();
  /** By name in lower case. */
  private readonly byName = new Map<string, MachineGroup>();
  /** By first label of a name, in lower case. */
  private readonly byLabel = new Map<string, Set<MachineGroup>>();
  private serial = 0;

  groups(): MachineGroup[] {
    return [...this.order].sort((a, b) => a[1] - b[1]).map(([group]) => group);
  }

  /** Machines that go by any of these addresses and names, the one learnt of first before the others. */
  find(calls: readonly string[]): MachineGroup[] {
    const found = new Set<MachineGroup>();
    for (const call of calls) {
      const byAddress = this.byAddress.get(call);
      if (byAddress) found.add(byAddress);
      for (const group of this.named(call)) found.add(group);
    }
    return found.size < 2 ? [...found] : [...found].sort((a, b) => this.order.get(a)! - this.order.get(b)!);
  }

  /** Windows compares names without case, and a short name with the first label of a full one. */
  private named(name: string): Iterable<MachineGroup> {
    const wanted = name.toLowerCase();
    const label = labelOf(wanted);
    if (label === wanted) return this.byLabel.get(label) ?? [];
    return [this.byName.get(wanted), this.byName.get(label)].filter((group) => group !== undefined);
  }

  /** What a fact states goes to the machine it is about; machines it shows to be one become one. */
  add(fact: HostFact): void {
    if (fact.names.length + fact.addresses.length === 0) return;
    const stated = {
      name: fact.names[0] ?? null,
      names: new Set(fact.names),
      addresses: new Set(fact.addresses),
      product: fact.product ?? null,
      version: fact.version ?? null,
      servicePack: fact.servicePack ?? null,
    };
    this.merge([...this.find([...fact.addresses, ...fact.names]), stated]);
  }

  /** Makes one machine of several; of two products or versions the first holds. */
  merge(groups: readonly MachineGroup[]): void {
    const name = groups.find((group) => group.name !== null)?.name ?? null;
    const product = groups.find((group) => group.product !== null)?.product ?? null;
    const version = groups.find((group) => group.version !== null)?.version ?? null;
    const servicePack = groups.find((group) => group.servicePack !== null)?.servicePack ?? null;
    // The largest takes in the others, so that no name is moved often.
    const merged = groups.reduce((most, group) => (sizeOf(group) > sizeOf(most) ? group : most));
    Object.assign(merged, { name, product, version, servicePack });
    for (const group of groups) {
      if (group !== merged) this.order.delete(group);
      for (const address of group === merged && this.order.has(merged) ? [] : group.addresses) {
        merged.addresses.add(address);
        this.byAddress.set(address, merged);
      }
      for (const name of group === merged && this.order.has(merged) ? [] : group.names) this.call(merged, name, group);
    }
    this.order.set(merged, this.serial++);
  }

  private call(merged: MachineGroup, name: string, before: MachineGroup): void {
    merged.names.add(name);
    const lower = name.toLowerCase();
    this.byName.set(lower, merged);
    const label = labelOf(lower);
    const same = this.byLabel.get(label) ?? new Set();
    same.delete(before);
    this.byLabel.set(label, same.add(merged));
  }
}

function labelOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

function sizeOf(group: MachineGroup): number {
  return group.names.size + group.addresses.size;
}
