import { ipv6Text } from "../bytes/address.ts";
import type { AddressBook } from "./packet-batch.ts";

/** Distinct IPv6 addresses kept of one capture point; packets of further ones carry no addresses. */
export const MAX_IPV6_ADDRESSES = 1 << 18;
/** Slots looked at before the address book itself is asked, so that crafted addresses cannot make a lookup long. */
const MAX_PROBES = 32;

/** Finds the address-book id of an IPv6 address by its bytes: an open-addressing table in front of the book's texts. */
export class Ipv6Addresses {
  private readonly book: AddressBook;
  private readonly limit: number;
  private capacity = 1024;
  private keys = new Uint32Array(4 * this.capacity);
  private ids = new Uint32Array(this.capacity);
  private used = 0;
  /** There were more addresses than are kept. */
  full = false;

  constructor(book: AddressBook, limit = MAX_IPV6_ADDRESSES) {
    this.book = book;
    this.limit = limit;
  }

  /** Id of the 16 bytes at `at`; 0 once there are too many. */
  id(bytes: Uint8Array, at: number): number {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = word(bytes, at + 8);
    const d = word(bytes, at + 12);
    let slot = this.slot(a, b, c, d);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const id = this.ids[slot]!;
      const k = 4 * slot;
      if (id === 0) return this.insert(slot, a, b, c, d, bytes, at);
      if (this.keys[k] === a && this.keys[k + 1] === b && this.keys[k + 2] === c && this.keys[k + 3] === d) return id;
      slot = (slot + 1) & (this.capacity - 1);
    }
    return this.bookId(bytes, at);
  }

  private slot(a: number, b: number, c: number, d: number): number {
    const mixed = Math.imul(Math.imul(Math.imul(a ^ 0x9e3779b1, 0x85ebca6b) ^ b, 0xc2b2ae35) ^ c, 0x27d4eb2f) ^ d;
    const spread = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
    return (spread ^ (spread >>> 13)) & (this.capacity - 1);
  }

  private bookId(bytes: Uint8Array, at: number): number {
    if (this.book.texts.length <= this.limit) return this.book.id(ipv6Text(bytes, at));
    this.full = true;
    return 0;
  }

  private insert(slot: number, a: number, b: number, c: number, d: number, bytes: Uint8Array, at: number): number {
    const id = this.bookId(bytes, at);
    if (id === 0) return 0;
    this.store(slot, a, b, c, d, id);
    if (++this.used > this.capacity / 2) this.grow();
    return id;
  }

  private store(slot: number, a: number, b: number, c: number, d: number, id: number): void {
    const k = 4 * slot;
    this.keys[k] = a;
    this.keys[k + 1] = b;
    this.keys[k + 2] = c;
    this.keys[k + 3] = d;
    this.ids[slot] = id;
  }

  private grow(): void {
    const [keys, ids] = [this.keys, this.ids];
    this.capacity *= 2;
    this.keys = new Uint32Array(4 * this.capacity);
    this.ids = new Uint32Array(this.capacity);
    this.used = 0;
    for (const [old, id] of ids.entries()) if (id !== 0) this.move(keys, 4 * old, id);
  }

  private move(keys: Uint32Array, k: number, id: number): void {
    const [a, b, c, d] = [keys[k]!, keys[k + 1]!, keys[k + 2]!, keys[k + 3]!];
    let slot = this.slot(a, b, c, d);
    // One that finds no place within reach is asked of the address book from now on.
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      if (this.ids[slot] === 0) {
        this.store(slot, a, b, c, d, id);
        this.used++;
        return;
      }
      slot = (slot + 1) & (this.capacity - 1);
    }
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
