/** Zeek's history letters as the originator sends them; the responder's are lower case, `^` has no case. */
const LETTERS = "SHADFRCGTWIQX^";
const RESPONDER = 14;
const BRANCHES = 28;
/** A history longer than this says nothing more; Zeek has no limit. */
const MAX_LENGTH = 64;
/** Different beginnings kept: connections are much alike, only an adversary needs more. */
const MAX_NODES = 1 << 16;

// Letters by their place in `LETTERS`.
export const LETTER_SYN = 0;
export const LETTER_SYN_ACK = 1;
export const LETTER_ACK = 2;
export const LETTER_DATA = 3;
export const LETTER_FIN = 4;
export const LETTER_RST = 5;
export const LETTER_GAP = 7;
export const LETTER_REPEAT = 8;
export const LETTER_ZERO_WINDOW = 9;
export const LETTER_INCONSISTENT = 10;
export const LETTER_MULTI_FLAG = 11;
export const LETTER_FLIP = 13;

/** Histories as nodes of a tree, so that appending a letter is one table look-up and equal histories are one text. */
export class HistoryBook {
  private next = new Int32Array(64 * BRANCHES);
  private parents = new Int32Array(64);
  private last = new Uint8Array(64);
  private lengths = new Uint8Array(64);
  private count = 1;

  /** The node of `history` with a letter appended; node 0 is the empty history. */
  append(history: number, letter: number, fromOrig: boolean): number {
    const branch = letter + (fromOrig ? 0 : RESPONDER);
    return this.next[history * BRANCHES + branch] || this.branchOff(history, branch);
  }

  private branchOff(history: number, branch: number): number {
    if (this.lengths[history]! >= MAX_LENGTH || this.count === MAX_NODES) return history;
    if (this.count === this.last.length) this.grow();
    const node = this.count++;
    this.next[history * BRANCHES + branch] = node;
    this.parents[node] = history;
    this.last[node] = branch;
    this.lengths[node] = this.lengths[history]! + 1;
    return node;
  }

  private grow(): void {
    const size = this.last.length * 2;
    const [next, parents, last, lengths] = [
      new Int32Array(size * BRANCHES),
      new Int32Array(size),
      new Uint8Array(size),
      new Uint8Array(size),
    ];
    next.set(this.next);
    parents.set(this.parents);
    last.set(this.last);
    lengths.set(this.lengths);
    [this.next, this.parents, this.last, this.lengths] = [next, parents, last, lengths];
  }

  /** The history a node stands for. */
  text(history: number): string {
    let text = "";
    for (let node = history; node !== 0; node = this.parents[node]!) {
      const branch = this.last[node]!;
      const letter = LETTERS[branch % RESPONDER]!;
      text = (branch >= RESPONDER ? letter.toLowerCase() : letter) + text;
    }
    return text;
  }

  /** The text of every node, by number. */
  texts(): string[] {
    return Array.from({ length: this.count }, (_, node) => this.text(node));
  }
}
