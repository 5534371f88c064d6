type Growable = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** A copy of `column` with room for `size` values; new ones are 0. */
export function grown<T extends Growable>(column: T, size: number): T {
  const bigger = new (column.constructor as new (size: number) => T)(size);
  bigger.set(column as never);
  return bigger;
}

/** Grows every column of a record in place. */
export function growAll(columns: Record<string, Growable>, size: number): void {
  for (const [name, column] of Object.entries(columns)) columns[name] = grown(column, size);
}

/** The first `size` values of a column, in a buffer of their own and no longer. */
export function exactly<T extends Growable>(column: T, size: number): T {
  return column.length === size ? column : (column.slice(0, size) as T);
}

/** Cuts every column of a record in place. */
export function cutAll(columns: Record<string, Growable>, size: number): void {
  for (const [name, column] of Object.entries(columns)) columns[name] = exactly(column, size);
}

/** Exchanges two columns' values in the rows that `which` marks. */
export function exchange<T extends Growable>(one: T, other: T, which: Uint8Array, length: number): void {
  for (let row = 0; row < length; row++) {
    if (which[row] !== 1) continue;
    const value = one[row]!;
    one[row] = other[row]!;
    other[row] = value;
  }
}

/** Counts that are mostly small: one byte each until one does not fit, then two, then four. */
export class CountColumn {
  values: Uint8Array | Uint16Array | Uint32Array;

  constructor(size: number) {
    this.values = new Uint8Array(size);
  }

  add(row: number): void {
    this.set(row, this.values[row]! + 1);
  }

  set(row: number, value: number): void {
    if (value > 0xff && this.values.BYTES_PER_ELEMENT < 4) {
      if (value > 0xffff) this.values = Uint32Array.from(this.values);
      else if (this.values.BYTES_PER_ELEMENT === 1) this.values = Uint16Array.from(this.values);
    }
    this.values[row] = value;
  }

  grow(size: number): void {
    this.values = grown(this.values, size);
  }

  cut(size: number): void {
    this.values = exactly(this.values, size);
  }

  /** Exchanges its counts with another's in the rows that `which` marks. */
  exchange(other: CountColumn, which: Uint8Array, length: number): void {
    const width = Math.max(this.values.BYTES_PER_ELEMENT, other.values.BYTES_PER_ELEMENT);
    for (const column of [this, other]) {
      if (column.values.BYTES_PER_ELEMENT < width)
        column.values = width === 4 ? Uint32Array.from(column.values) : Uint16Array.from(column.values);
    }
    exchange(this.values, other.values, which, length);
  }
}

/** Lists of frame numbers, each a chain of nodes in shared columns; a list is named by its newest node, -1 if empty. */
export class FrameLists {
  private frames = new Uint32Array(256);
  private before = new Int32Array(256);
  private count = 0;

  /** Adds a frame; answers the list's new name. */
  append(list: number, frame: number): number {
    if (this.count === this.frames.length) {
      this.frames = grown(this.frames, this.count * 2);
      this.before = grown(this.before, this.count * 2);
    }
    this.frames[this.count] = frame;
    this.before[this.count] = list;
    return this.count++;
  }

  /** How many frames a list has. */
  size(list: number): number {
    let size = 0;
    for (let node = list; node !== -1; node = this.before[node]!) size++;
    return size;
  }

  /** Writes the frames of a list in the order they were added, so that they end before `end`. */
  write(list: number, target: Uint32Array, end: number): void {
    for (let node = list, at = end - 1; node !== -1; node = this.before[node]!, at--) target[at] = this.frames[node]!;
  }

  /** The frame that was added first; 0 if there is none. */
  first(list: number): number {
    let frame = 0;
    for (let node = list; node !== -1; node = this.before[node]!) frame = this.frames[node]!;
    return frame;
  }
}
