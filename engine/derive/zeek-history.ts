import type { ConnectionSlots } from "./connection-slots.ts";
import type { HistoryBook } from "./history-book.ts";
import { CONNECTION_HISTORY as HISTORY, CONNECTION_LETTERS_SEEN as SEEN } from "./tcp-connection-state.ts";

/** Appends letters to the histories of connections. */
export class ZeekHistory {
  private readonly slots: ConnectionSlots;
  private readonly histories: HistoryBook;

  constructor(slots: ConnectionSlots, histories: HistoryBook) {
    this.slots = slots;
    this.histories = histories;
  }

  letter(base: number, isOrig: boolean, letter: number): void {
    const { ints } = this.slots;
    ints[base + HISTORY] = this.histories.append(ints[base + HISTORY]!, letter, isOrig);
  }

  /** Answers whether the letter was new. */
  once(base: number, isOrig: boolean, seen: number, letter: number): boolean {
    const { ints } = this.slots;
    const mask = isOrig ? seen : seen << 8;
    if ((ints[base + SEEN]! & mask) !== 0) return false;
    ints[base + SEEN]! |= mask;
    this.letter(base, isOrig, letter);
    return true;
  }

  /** A letter for the first, tenth, hundredth … time. */
  scaled(base: number, counter: number, isOrig: boolean, letter: number): void {
    const { ints } = this.slots;
    let times = ++ints[counter]!;
    while (times % 10 === 0) times /= 10;
    if (times === 1) this.letter(base, isOrig, letter);
  }
}
