import { BATCH_CAPACITY, type PacketBatch } from "../decoders/packet-batch.ts";
import { KNOWN_PORTS, MARK_FRAGMENT, PROTOCOL_TCP } from "../decoders/packet-bits.ts";
import {
  CONNECTION_ADDRESS0,
  CONNECTION_ADDRESS1,
  CONNECTION_FAMILY,
  CONNECTION_PORTS,
  CONNECTION_PROCESS,
  CONNECTION_STREAM,
  CONNECTION_TIME_REQUEST_ACK_DELAY,
  CONNECTION_TIME_RTT,
  CONNECTION_TIME_SHORTEST_TURN,
  CONNECTION_TIME_SYN,
  CONNECTION_TIME_SYN_ACK,
  END_MSS,
  END_RANGES,
  END_RUN,
  END_SHIFT,
  END_SIZE,
  END_TIME_DELIVERED,
  END_TIME_PURE_ACK,
  END_TIME_TRIMMED,
  END_TIME_WAIT_MAX,
  END_WINDOW,
  FIRST_END,
  SLOT_SIZE,
} from "./tcp-connection-state.ts";

const GROWTH_START = 1024;

/** The slots, and an open-addressing hash from the two ends to their slot. */
export class ConnectionSlots {
  ints = new Int32Array(GROWTH_START * SLOT_SIZE);
  doubles = new Float64Array(this.ints.buffer);
  /** Slot number plus one; 0 is empty. */
  table = new Int32Array(4 * GROWTH_START);
  mask = 4 * GROWTH_START - 1;
  /** Slots in use, and the highest number ever used plus one. */
  live = 0;
  top = 1;
  private readonly free: number[] = [];
  readonly guesses = new Int32Array(BATCH_CAPACITY);
  /** Keeps the reads ahead from being optimised away. */
  touched = 0;
  private capacity = GROWTH_START;

  /** Makes room for `count` more connections, so that a batch never moves the arrays under its reader. */
  reserve(count: number): void {
    const needed = this.top + Math.max(0, count - this.free.length);
    if (needed <= this.capacity) return;
    while (this.capacity < needed) this.capacity *= 2;
    const ints = new Int32Array(this.capacity * SLOT_SIZE);
    ints.set(this.ints);
    this.ints = ints;
    this.doubles = new Float64Array(ints.buffer);
    this.rehash(4 * this.capacity);
  }

  /** Finds the slot of two ends in canonical order (see `endOrder`), or -1. */
  find(address0: number, address1: number, ports: number, family: number): number {
    const { ints, table, mask } = this;
    let at = hashEnds(address0, address1, ports, family) & mask;
    for (;;) {
      const entry = table[at]!;
      if (entry === 0) return -1;
      const base = (entry - 1) * SLOT_SIZE;
      if (ints[base + 2] === ports && ints[base] === address0 && ints[base + 1] === address1 && ints[base + 3] === family) return entry - 1;
      at = (at + 1) & mask;
    }
  }

  /**
   * Looks a whole batch's connections up ahead, into `guesses`: twice the slot, plus the end that sends; 0 if there is none.
   * Packets of many connections come mixed, and look-ups that do not wait for each other, nor for the analysis, overlap their
   * waits for memory. `confirms` and `find` have the last word.
   */
  anticipate(batch: PacketBatch): void {
    const { ints, table, mask, guesses } = this;
    const { count, ipProtocol, source, destination, sourcePort, destinationPort, family, known, marks } = batch;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      guesses[i] = 0;
      if (ipProtocol[i] !== PROTOCOL_TCP || (known[i]! & KNOWN_PORTS) === 0 || (marks[i]! & MARK_FRAGMENT) !== 0) continue;
      const from = source[i]!;
      const to = destination[i]!;
      const fromPort = sourcePort[i]!;
      const toPort = destinationPort[i]!;
      const first = from < to || (from === to && fromPort <= toPort);
      const ports = first ? (fromPort << 16) | toPort : (toPort << 16) | fromPort;
      const entry = table[hashEnds((first ? from : to) | 0, (first ? to : from) | 0, ports, family[i]!) & mask]!;
      if (entry === 0) continue;
      guesses[i] = 2 * (entry - 1) + (first ? 0 : 1);
      const base = (entry - 1) * SLOT_SIZE;
      const end = base + FIRST_END;
      touched ^= ints[base]! ^ ints[base + 16]! ^ ints[end]! ^ ints[end + 16]! ^ ints[end + END_SIZE]! ^ ints[end + END_SIZE + 16]!;
    }
    this.touched = touched;
  }

  /** Whether a guess is right about packet `i`. */
  confirms(guess: number, batch: PacketBatch, i: number): boolean {
    const { ints } = this;
    const base = (guess >> 1) * SLOT_SIZE;
    const back = guess & 1;
    const from = batch.sourcePort[i]!;
    const to = batch.destinationPort[i]!;
    return (
      ints[base + 2] === (back === 0 ? (from << 16) | to : (to << 16) | from) &&
      ints[base + back] === (batch.source[i]! | 0) &&
      ints[base + 1 - back] === (batch.destination[i]! | 0) &&
      ints[base + 3] === batch.family[i]!
    );
  }

  /** Takes a slot for a connection that `find` did not find. */
  insert(address0: number, address1: number, ports: number, family: number): number {
    const slot = this.free.pop() ?? this.top++;
    this.live++;
    let at = hashEnds(address0, address1, ports, family) & this.mask;
    while (this.table[at] !== 0) at = (at + 1) & this.mask;
    this.table[at] = slot + 1;
    const base = slot * SLOT_SIZE;
    this.ints[base + CONNECTION_ADDRESS0] = address0;
    this.ints[base + CONNECTION_ADDRESS1] = address1;
    this.ints[base + CONNECTION_PORTS] = ports;
    this.ints[base + CONNECTION_FAMILY] = family;
    return slot;
  }

  /** Starts a slot's state anew for connection `stream` of the same two ends. */
  reset(slot: number, stream: number): void {
    const base = slot * SLOT_SIZE;
    const { ints, doubles } = this;
    ints.fill(0, base + CONNECTION_STREAM, base + SLOT_SIZE);
    ints[base + CONNECTION_STREAM] = stream;
    ints[base + CONNECTION_PROCESS] = -1;
    const half = base >> 1;
    doubles[half + CONNECTION_TIME_SYN] = Number.NaN;
    doubles[half + CONNECTION_TIME_SYN_ACK] = Number.NaN;
    doubles[half + CONNECTION_TIME_RTT] = Number.NaN;
    doubles[half + CONNECTION_TIME_REQUEST_ACK_DELAY] = Number.NaN;
    doubles[half + CONNECTION_TIME_SHORTEST_TURN] = Number.NaN;
    for (let end = base + FIRST_END; end < base + SLOT_SIZE; end += END_SIZE) {
      ints[end + END_WINDOW] = -1;
      ints[end + END_SHIFT] = -1;
      ints[end + END_RANGES] = -1;
      ints[end + END_RUN] = -1;
      ints[end + END_MSS] = -1;
      doubles[(end >> 1) + END_TIME_DELIVERED] = 1;
      doubles[(end >> 1) + END_TIME_TRIMMED] = 1;
      doubles[(end >> 1) + END_TIME_WAIT_MAX] = Number.NaN;
      doubles[(end >> 1) + END_TIME_PURE_ACK] = Number.NaN;
    }
  }

  /** Whether a slot number below `top` holds a connection. */
  holds(slot: number): boolean {
    return this.ints[slot * SLOT_SIZE + CONNECTION_FAMILY] !== 0;
  }

  /** Gives a slot back. */
  release(slot: number): void {
    const { ints, table, mask } = this;
    const base = slot * SLOT_SIZE;
    let at = this.home(slot);
    while (table[at] !== slot + 1) at = (at + 1) & mask;
    // Closes the gap in the probe sequence instead of leaving a tombstone (Knuth 6.4, algorithm R).
    for (let next = (at + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const home = this.home(table[next]! - 1);
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      table[at] = table[next]!;
      at = next;
    }
    table[at] = 0;
    ints[base + CONNECTION_FAMILY] = 0;
    this.free.push(slot);
    this.live--;
  }

  /** Forgets everything. */
  clear(): void {
    this.ints = new Int32Array(0);
    this.doubles = new Float64Array(0);
    this.table = new Int32Array(1);
    this.mask = 0;
    this.live = 0;
    this.top = 1;
    this.free.length = 0;
  }

  private home(slot: number): number {
    const base = slot * SLOT_SIZE;
    const { ints } = this;
    return hashEnds(ints[base]!, ints[base + 1]!, ints[base + 2]!, ints[base + 3]!) & this.mask;
  }

  private rehash(size: number): void {
    this.table = new Int32Array(size);
    this.mask = size - 1;
    for (let slot = 1; slot < this.top; slot++) {
      if (!this.holds(slot)) continue;
      let at = this.home(slot);
      while (this.table[at] !== 0) at = (at + 1) & this.mask;
      this.table[at] = slot + 1;
    }
  }
}

/** Mixes the key (the finaliser of MurmurHash3 over a multiplicative combination). */
function hashEnds(address0: number, address1: number, ports: number, family: number): number {
  let hash = Math.imul(address0, 0x9e3779b1) ^ Math.imul(address1 ^ family, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
