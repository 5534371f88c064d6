import type { Coverage } from "../tables/coverage.ts";
import type { Emit } from "./format.ts";
import type { RegistryKey } from "./registry-value.ts";

/** Keys of one source whose completeness is kept; of further ones nothing is claimed. */
const MAX_KEYS = 20_000;
/** Keys of which only some values are shown, and such values of one key. */
const MAX_PARTS = 200;

interface Part {
  readonly key: RegistryKey;
  readonly values: readonly string[];
  /** Why the others are missing; null where those named were asked for, and are proven to be there or not. */
  readonly why: string | null;
}

/**
 * What a source shows of each key. All its values: then what is not there is proven. Only some: then that holds of none but those.
 * Of a control set with a number nobody knows whether it is the current one, so it proves nothing.
 */
export class RegistryCoverage {
  private readonly emit: Emit;
  private readonly wholes = new Map<string, { readonly key: RegistryKey; readonly names: Set<string> }>();
  private readonly parts: Part[] = [];
  private count = 0;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  /** All values of the key were shown. */
  whole(key: RegistryKey): void {
    if (this.count++ >= MAX_KEYS) return;
    const machine = `${key.host ?? ""} ${key.controlSet ?? ""}`;
    const known = this.wholes.get(machine);
    if (known) known.names.add(key.name);
    else this.wholes.set(machine, { key, names: new Set([key.name]) });
  }

  /** Only these values of the key were shown. */
  part(key: RegistryKey, values: readonly string[], why: string | null): void {
    if (this.parts.length < MAX_PARTS) this.parts.push({ key, values: values.slice(0, MAX_PARTS), why });
  }

  /** Emits it; `doubt` says why no key of the source is whole, however it looks. */
  end(doubt: string | null = null): void {
    for (const { key, names } of this.wholes.values())
      this.cover(key, { key: [...names], ...(doubt === null ? {} : { value: [] }) }, doubt);
    for (const { key, values, why } of this.parts) this.cover(key, { key: [key.name], value: values }, why ?? doubt);
  }

  private cover({ host, controlSet }: RegistryKey, only: NonNullable<Coverage["only"]>, why: string | null): void {
    const doubt = why ?? (controlSet === null ? null : `control set ${controlSet} may not be the current one`);
    const point = { table: "registry_values", host: host === null ? null : [host], side: null, from: null, to: null, only } as const;
    this.emit.coverage(doubt === null ? { ...point, complete: true } : { ...point, complete: false, why: doubt });
  }
}
