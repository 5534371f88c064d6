/** Different groups of captures told apart; more are made up only by somebody who wants to use up memory. */
const MOST_GROUPS = 1 << 20;
const FIRST_SLOTS = 1 << 12;
/** Slots looked at for a key; in a table at most half full only keys chosen for it are as crowded. */
const MOST_PROBES = 256;

/**
 * Tells which captures have a key in common, each key read once per capture: an open-addressing table from keys to the group of captures
 * seen with it so far. A group is a node of a tree, its captures are on the way to the root, so that keys of the same captures share one
 * and a pair is met when its group is made, not once per key.
 */
export class CommonKeys {
  private readonly captures: number;
  private readonly met: (one: number, other: number) => void;
  private readonly mostGroups: number;
  private keys = new Float64Array(FIRST_SLOTS);
  /** Group of the key in the same slot; 0 is empty. */
  private groups = new Int32Array(FIRST_SLOTS);
  private count = 0;
  /** Too many groups, or keys that crowd in one place: any two captures were met, and nothing is looked up any more. */
  private givenUp = false;
  /** By group: the capture that joined last, and the group it joined. */
  private readonly newest: number[] = [-1];
  private readonly before: number[] = [0];
  private readonly joined = new Map<number, number>();

  /** `met` hears of every pair at least once. Beyond `mostGroups`, as for keys made to collide, any two captures count as a pair. */
  constructor(captures: number, met: (one: number, other: number) => void, mostGroups = MOST_GROUPS) {
    this.captures = captures;
    this.met = met;
    this.mostGroups = mostGroups;
  }

  /** Captures come in ascending order; a key is any finite number. */
  add(capture: number, key: number): void {
    if (this.givenUp) return;
    if (2 * this.count >= this.keys.length) this.grow();
    const slot = this.slotOf(key);
    if (slot === -1) {
      this.giveUp();
      return;
    }
    const group = this.groups[slot]!;
    if (group === 0) {
      this.keys[slot] = key;
      this.count++;
    } else if (this.newest[group] === capture) return;
    this.groups[slot] = this.join(group, capture);
  }

  /** Meets the captures seen with a key so far without being counted among them. */
  look(capture: number, key: number): void {
    if (this.givenUp) return;
    const slot = this.slotOf(key);
    for (let member = slot === -1 ? 0 : this.groups[slot]!; member !== 0; member = this.before[member]!)
      this.met(this.newest[member]!, capture);
  }

  /** Different keys. */
  get size(): number {
    return this.count;
  }

  private join(group: number, capture: number): number {
    const name = group * this.captures + capture;
    const known = this.joined.get(name);
    if (known !== undefined) return known;
    for (let member = group; member !== 0; member = this.before[member]!) this.met(this.newest[member]!, capture);
    this.joined.set(name, this.newest.length);
    this.before.push(group);
    const fresh = this.newest.push(capture) - 1;
    if (this.newest.length > this.mostGroups) this.giveUp();
    return fresh;
  }

  private giveUp(): void {
    if (this.givenUp) return;
    this.givenUp = true;
    for (let one = 0; one < this.captures; one++) for (let other = one + 1; other < this.captures; other++) this.met(one, other);
  }

  /** Where a key is or belongs; -1 where that is too far from its place. */
  private slotOf(key: number): number {
    const mask = this.keys.length - 1;
    let hash = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key / 0x1_0000_0000) | 0, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const slot = (hash + probe) & mask;
      if (this.groups[slot] === 0 || this.keys[slot] === key) return slot;
    }
    return -1;
  }

  private grow(): void {
    const { keys, groups } = this;
    this.keys = new Float64Array(2 * keys.length);
    this.groups = new Int32Array(2 * keys.length);
    for (let slot = 0; slot < keys.length; slot++) {
      if (groups[slot] === 0) continue;
      const fresh = this.slotOf(keys[slot]!);
      if (fresh === -1) {
        this.giveUp();
        return;
      }
      this.keys[fresh] = keys[slot]!;
      this.groups[fresh] = groups[slot]!;
    }
  }
}
