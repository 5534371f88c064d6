/** Ranges above one hole that are remembered; a stream with more is given up on. */
const MAX_RANGES = 1024;

/** Byte ranges received beyond a hole, as sorted linked lists in shared columns; a list is named by its first node, -1 if empty. */
export class ContentRanges {
  private from = new Float64Array(64);
  private to = new Float64Array(64);
  private next = new Int32Array(64);
  private count = 0;
  private free = -1;
  /** Where the last `consume` ended. */
  reached = 0;
  /** Whether the last `insert` found more ranges than are remembered. */
  overflowed = false;

  /** Where the first range starts, but at most `limit`. */
  start(list: number, limit: number): number {
    return list === -1 ? limit : Math.min(limit, this.from[list]!);
  }

  /** Where the last range ends. */
  end(list: number): number {
    let node = list;
    while (this.next[node] !== -1) node = this.next[node]!;
    return this.to[node]!;
  }

  /** Adds a range, joined to those it touches; answers the list. */
  insert(list: number, from: number, to: number): number {
    let before = -1;
    let node = list;
    let steps = 0;
    while (node !== -1 && this.to[node]! < from) {
      before = node;
      node = this.next[node]!;
      steps++;
    }
    this.overflowed = steps >= MAX_RANGES;
    let [lower, upper] = [from, to];
    while (node !== -1 && this.from[node]! <= upper) {
      lower = Math.min(lower, this.from[node]!);
      upper = Math.max(upper, this.to[node]!);
      node = this.drop(node);
    }
    const added = this.take(lower, upper, node);
    if (before === -1) return added;
    this.next[before] = added;
    return list;
  }

  /** Drops what lies below `upTo`, and what touches it from above; `reached` is then where the stream has no hole up to. */
  consume(list: number, upTo: number): number {
    let node = list;
    this.reached = upTo;
    while (node !== -1 && this.from[node]! <= this.reached) {
      this.reached = Math.max(this.reached, this.to[node]!);
      node = this.drop(node);
    }
    return node;
  }

  release(list: number): void {
    for (let node = list; node !== -1; ) node = this.drop(node);
  }

  private drop(node: number): number {
    const following = this.next[node]!;
    this.next[node] = this.free;
    this.free = node;
    return following;
  }

  private take(from: number, to: number, following: number): number {
    let node = this.free;
    if (node !== -1) this.free = this.next[node]!;
    else {
      if (this.count === this.next.length) this.grow();
      node = this.count++;
    }
    this.from[node] = from;
    this.to[node] = to;
    this.next[node] = following;
    return node;
  }

  private grow(): void {
    const size = this.count * 2;
    const [from, to, next] = [new Float64Array(size), new Float64Array(size), new Int32Array(size)];
    from.set(this.from);
    to.set(this.to);
    next.set(this.next);
    [this.from, this.to, this.next] = [from, to, next];
  }
}
