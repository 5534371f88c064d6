import { parsePlainIpv4 } from "../bytes/address.ts";
import type { Column, ColumnData, Value } from "./table.ts";

/** Cells of one column while its rows are read, kept as compactly as its type allows. */
export interface ColumnCells {
  /** Adds a cell; false, and nothing added, for a value this kind of column cannot hold. */
  push(value: Value): boolean;
  build(): ColumnData;
}

const FIRST_ROWS = 16;

/** Cells for a declared column. Columns of one table share `texts`: an event's message is often all of its text. */
export function cellsFor({ type, distinct }: Column, texts: TextDictionary): ColumnCells {
  switch (type) {
    case "text":
    case "enum":
      return distinct ? new DistinctTextCells(texts) : new TextCells(texts);
    case "ip":
      return new AddressCells(texts);
    case "integer":
    case "number":
    case "duration":
    case "port":
    case "frame":
      return new NumberCells();
    case "boolean":
      return new FlagCells();
    case "time":
      return new TimeCells();
    default:
      return new AnyCells();
  }
}

/** Each different text once. */
export class TextDictionary {
  private readonly known = new Map<string, number>();
  readonly texts: string[] = [""];
  private readonly lasting: boolean;

  /** `lasting`: no text is cut out of a larger one, so that none has to be copied. */
  constructor(lasting = false) {
    this.lasting = lasting;
  }

  /** Never 0, which stands for no text. */
  id(text: string): number {
    return this.known.get(text) ?? this.learn(text);
  }

  /** A copy: what was cut out of a line would keep the whole piece of the file that it was read with. */
  own(text: string): string {
    return this.lasting ? text : (JSON.parse(JSON.stringify(text)) as string);
  }

  private learn(text: string): number {
    const own = this.own(text);
    const id = this.texts.push(own) - 1;
    this.known.set(own, id);
    return id;
  }
}

class TextCells implements ColumnCells {
  private readonly ids = new Grown(Uint32Array);
  private readonly dictionary: TextDictionary;

  constructor(dictionary: TextDictionary) {
    this.dictionary = dictionary;
  }

  push(value: Value): boolean {
    if (value !== null && typeof value !== "string") return false;
    this.ids.push(value === null ? 0 : this.dictionary.id(value));
    return true;
  }

  build(): ColumnData {
    return { kind: "texts", ids: this.ids.exactly(), dictionary: this.dictionary.texts };
  }
}

/** Texts of which nearly every one is different, so that looking for each among the others would be in vain. */
class DistinctTextCells implements ColumnCells {
  private readonly values: (string | null)[] = [];
  private readonly texts: TextDictionary;

  constructor(texts: TextDictionary) {
    this.texts = texts;
  }

  push(value: Value): boolean {
    if (value !== null && typeof value !== "string") return false;
    this.values.push(value === null ? null : this.texts.own(value));
    return true;
  }

  build(): ColumnData {
    return { kind: "values", values: this.values };
  }
}

/** IPv4 addresses as numbers: listings hold a different one in every row. */
class AddressCells implements ColumnCells {
  private readonly values = new Grown(Uint32Array);
  private readonly numeric = new Grown(Uint8Array);
  private readonly dictionary: TextDictionary;

  constructor(dictionary: TextDictionary) {
    this.dictionary = dictionary;
  }

  push(value: Value): boolean {
    if (value !== null && typeof value !== "string") return false;
    // Another spelling of the same address stays as it is.
    const address = value === null ? null : parsePlainIpv4(value);
    this.numeric.push(address === null ? 0 : 1);
    this.values.push(address ?? (value === null ? 0 : this.dictionary.id(value)));
    return true;
  }

  build(): ColumnData {
    return { kind: "addresses", values: this.values.exactly(), numeric: this.numeric.exactly(), dictionary: this.dictionary.texts };
  }
}

/** Whole numbers from 0 on in four bytes, until another comes. */
class NumberCells implements ColumnCells {
  private whole: Grown<Int32Array> | null = new Grown(Int32Array);
  private any: Grown<Float64Array> | null = null;

  push(value: Value): boolean {
    if (value !== null && typeof value !== "number") return false;
    if (this.whole && value !== null && ((value | 0) !== value || value < 0)) this.widen(this.whole);
    if (this.whole) this.whole.push(value ?? -1);
    else this.any!.push(value ?? Number.NaN);
    return true;
  }

  private widen(whole: Grown<Int32Array>): void {
    this.any = new Grown(Float64Array);
    for (const value of whole.exactly()) this.any.push(value === -1 ? Number.NaN : value);
    this.whole = null;
  }

  build(): ColumnData {
    if (this.whole) return { kind: "numbers", values: this.whole.exactly(), empty: -1 };
    return { kind: "numbers", values: this.any!.exactly(), empty: Number.NaN };
  }
}

class FlagCells implements ColumnCells {
  private readonly values = new Grown(Uint8Array);

  push(value: Value): boolean {
    if (value !== null && typeof value !== "boolean") return false;
    this.values.push(value === null ? 2 : Number(value));
    return true;
  }

  build(): ColumnData {
    return { kind: "flags", values: this.values.exactly() };
  }
}

/** Times as exact distances from the first; those of more than a hundred days apart are not for this kind. */
class TimeCells implements ColumnCells {
  private base: bigint | null = null;
  private readonly values = new Grown(Float64Array);

  push(value: Value): boolean {
    if (value !== null && typeof value !== "bigint") return false;
    if (value !== null) this.base ??= value;
    const distance = value === null ? Number.NaN : Number(value - this.base!);
    if (value !== null && !Number.isSafeInteger(distance)) return false;
    this.values.push(distance);
    return true;
  }

  build(): ColumnData {
    return { kind: "times", base: this.base ?? 0n, values: this.values.exactly() };
  }
}

/** Cells as they come: lists, citations, and what does not fit its column's type. */
export class AnyCells implements ColumnCells {
  private readonly values: Value[] = [];

  push(value: Value): boolean {
    this.values.push(value);
    return true;
  }

  build(): ColumnData {
    return { kind: "values", values: this.values };
  }
}

/** A typed array that grows in place. */
export class Grown<T extends Uint32Array | Int32Array | Uint8Array | Float64Array> {
  private readonly kind: new (
    buffer: ArrayBuffer,
  ) => T;
  private readonly width: number;
  private values: T;
  length = 0;

  constructor(kind: (new (buffer: ArrayBuffer) => T) & { readonly BYTES_PER_ELEMENT: number }) {
    this.kind = kind;
    this.width = kind.BYTES_PER_ELEMENT;
    this.values = new kind(new ArrayBuffer(FIRST_ROWS * this.width));
  }

  push(value: number): void {
    if (this.length === this.values.length) this.resize(Math.max(FIRST_ROWS, 2 * this.length));
    this.values[this.length++] = value;
  }

  /** All values and no room for more. They are the caller's: nothing is to be pushed afterwards. */
  exactly(): T {
    if (this.values.length !== this.length) this.resize(this.length);
    return this.values;
  }

  private resize(length: number): void {
    this.values = new this.kind((this.values.buffer as ArrayBuffer).transfer(length * this.width));
  }
}
