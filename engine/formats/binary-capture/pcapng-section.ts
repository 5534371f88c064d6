import type { PcapngInterface } from "./pcapng-interface.ts";

/** Sections with more interfaces get no landmarks: a file may describe a thousand in every few kilobytes. */
const MAX_REMEMBERED = 32;

/** What a landmark remembers of the section so far: all that packets depend on. */
export interface SectionState {
  readonly bigEndian: boolean;
  readonly base: bigint | null;
  readonly lastTime: number;
  readonly interfaces: readonly PcapngInterface[];
}

/** Takes down the state of a section for its landmarks. Most of them share the list of interfaces. */
export class SectionMemory {
  private interfaces: readonly PcapngInterface[] = [];

  /** The state as it stands now; null if it is too large to be kept. */
  state(now: SectionState): SectionState | null {
    if (now.interfaces.length > MAX_REMEMBERED) return null;
    const { interfaces } = this;
    const same = interfaces.length === now.interfaces.length && interfaces.every((one, index) => one === now.interfaces[index]);
    if (!same) this.interfaces = [...now.interfaces];
    return { ...now, interfaces: this.interfaces };
  }
}
