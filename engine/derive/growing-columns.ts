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

  /** The frames of a list in the order they were added. */
  read(list: number): number[] {
    const frames: number[] = [];
    for (let node = list; node !== -1; node = this.before[node]!) frames.push(this.frames[node]!);
    return frames.reverse();
  }
}
