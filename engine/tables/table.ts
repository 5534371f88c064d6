/** Declarations of tables and the columnar data that fills them. One declaration gives types, documentation, linter, editor schema and query compiler. */

import { ipv4Text } from "../bytes/address.ts";
import { AnyCells, type ColumnCells, cellsFor, Grown, TextDictionary } from "./column-cells.ts";

/**
 * What a column holds.
 * `integer`, `number`: plain numbers in `unit`. `duration`: seconds. `time`: nanoseconds since the Unix epoch, bigint.
 * `ip`: canonical text (dotted decimal, RFC 5952) or a host name where the export had only that. `port`: 0 to 65535.
 * `enum`: one of `values`. `texts`: a list of texts. `host`: addresses and names that all mean one machine; equals any of them.
 * `frame`: one frame, line or record number of the row's own source. `frames`: several. `citations`: in any source.
 */
export type ColumnType =
  | "integer"
  | "number"
  | "boolean"
  | "text"
  | "enum"
  | "texts"
  | "ip"
  | "port"
  | "host"
  | "time"
  | "duration"
  | "frame"
  | "frames"
  | "citations";

/** What a cell can hold; null is "not known", which makes a predicate on it unknown rather than false. */
export type Value = null | string | number | boolean | bigint | readonly string[] | readonly number[] | readonly Citation[];

/** What the reader opens: a frame of a capture, a line of a text, a record of a log; numbered from 1 as their tool shows it. */
export type CitationUnit = "frame" | "line" | "record";

/** Where a row comes from. `source` indexes the bundle's sources. */
export interface Citation {
  readonly source: number;
  readonly unit: CitationUnit;
  readonly at: number;
}

export interface Column {
  readonly type: ColumnType;
  /** Meaning, in a sentence, with what null means where that is not plain "not known". */
  readonly about: string;
  /** Unit of numbers that are not seconds: `bytes`, `packets`, `segments` … */
  readonly unit?: string;
  /** The spelling of each value of an `enum`. */
  readonly values?: readonly string[];
  /** How a sentence names each value of an `enum`, where its spelling is no word. */
  readonly words?: Readonly<Record<string, string>>;
  /** What a sentence calls the column, where its name alone reads badly. */
  readonly called?: string;
  /** Nearly every row holds another text, as with identifiers. */
  readonly distinct?: boolean;
  /** The table in which two captures are compared that tells this column: without a capture of the other end it is null. */
  readonly comparison?: string;
  /** The table whose rows tell this column: without any that speak for the row's machine it is null. */
  readonly toldBy?: string;
}

export interface TableDeclaration {
  readonly name: string;
  /** What one row is, in a sentence. */
  readonly about: string;
  /** What shows such rows, as one would ask somebody for it; without an article. */
  readonly shownBy: string;
  /** Protocol its rows are about, for search: `tcp`, `sip`. */
  readonly protocol?: string;
  /** The column that says which machine a row belongs to, for earned absence. */
  readonly host?: string;
  /** The other end's machine, where a source taken there shows such rows as well. */
  readonly peer?: string;
  /** The table whose rows at the client side and at the server side are compared to get these: both captures are needed. */
  readonly comparesSidesOf?: string;
  /** The column `near` compares. */
  readonly time?: string;
  /** The column that says at which side the row was seen, for earned absence and for naming the missing side. */
  readonly side?: string;
  readonly columns: Readonly<Record<string, Column>>;
}

export function declareTable<const D extends TableDeclaration>(declaration: D): D {
  return declaration;
}

type TypedArray = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** One column of a part. `empty` marks null in `numbers` (NaN always does); id 0 in `texts`, and in `addresses` where `numeric` is 0 (1 marks an IPv4 address itself); 2 in `flags`; NaN in `times`; an empty list in `lists` (row n holds `items` from `starts[n]` to `starts[n + 1]`). */
export type ColumnData =
  | { readonly kind: "numbers"; readonly values: TypedArray; readonly empty: number }
  | { readonly kind: "times"; readonly base: bigint; readonly values: Float64Array }
  | { readonly kind: "flags"; readonly values: Uint8Array }
  | { readonly kind: "texts"; readonly ids: Uint32Array; readonly dictionary: readonly string[] }
  | { readonly kind: "addresses"; readonly values: Uint32Array; readonly numeric: Uint8Array; readonly dictionary: readonly string[] }
  | { readonly kind: "lists"; readonly starts: Uint32Array; readonly items: Uint32Array }
  | { readonly kind: "values"; readonly values: readonly Value[] };

/** The rows one source (or one derivation, `source` -1) gave to one table. Structured-cloneable; typed arrays may be transferred. */
export interface TablePart {
  readonly table: string;
  readonly source: number;
  readonly unit: CitationUnit;
  readonly length: number;
  /** Frame, line or record each row starts at; 0 where only its citation columns say. */
  readonly at: Uint32Array;
  readonly columns: Readonly<Record<string, ColumnData>>;
  /** Only for a capture point of several files: the source and number of each numbered frame, by first frame, ascending. */
  readonly spans?: readonly { readonly source: number; readonly first: number }[];
}

/** All rows of one table in a bundle. */
export class Table {
  readonly declaration: TableDeclaration;
  readonly parts: readonly TablePart[];
  readonly length: number;
  private readonly starts: number[] = [];

  constructor(declaration: TableDeclaration, parts: readonly TablePart[]) {
    this.declaration = declaration;
    this.parts = parts.filter((part) => part.length > 0);
    let length = 0;
    for (const part of this.parts) {
      this.starts.push(length);
      length += part.length;
    }
    this.length = length;
  }

  private partOf(row: number): number {
    let part = this.starts.length - 1;
    while (part > 0 && this.starts[part]! > row) part--;
    return part;
  }

  /** Reads one column; a column the part lacks is null. */
  reader(column: string): (row: number) => Value {
    const readers = this.parts.map((part) => columnReader(part.columns[column]));
    if (readers.length === 1) return readers[0]!;
    return (row) => {
      const part = this.partOf(row);
      return readers[part]!(row - this.starts[part]!);
    };
  }

  value(row: number, column: string): Value {
    return this.reader(column)(row);
  }

  /** Where the row itself comes from; null for a derived row that only its citation columns place. */
  citation(row: number): Citation | null {
    const part = this.parts[this.partOf(row)]!;
    const at = part.at[row - this.starts[this.partOf(row)]!]!;
    return at === 0 ? null : locate(part, at);
  }

  /** The citations a `frame`, `frames` or `citations` column holds. */
  cited(row: number, column: string): Citation[] {
    const value = this.value(row, column);
    if (value === null) return [];
    const part = this.parts[this.partOf(row)]!;
    if (typeof value === "number") return value > 0 ? [locate(part, value)] : [];
    if (!Array.isArray(value)) return [];
    return value.map((entry) => (typeof entry === "number" ? locate(part, entry) : (entry as Citation)));
  }
}

/** The citation of a numbered frame, line or record of a part, in the file of the capture point that holds it. */
export function locate(part: Pick<TablePart, "source" | "unit" | "spans">, at: number): Citation {
  if (!part.spans) return { source: part.source, unit: part.unit, at };
  const span = part.spans.findLast((candidate) => candidate.first <= at) ?? part.spans[0]!;
  return { source: span.source, unit: part.unit, at: at - span.first + 1 };
}

function columnReader(data: ColumnData | undefined): (row: number) => Value {
  if (!data) return () => null;
  if (data.kind === "numbers") {
    const { values, empty } = data;
    return (row) => {
      const value = values[row]!;
      return value === empty || Number.isNaN(value) ? null : value;
    };
  }
  if (data.kind === "times") return (row) => (Number.isNaN(data.values[row]!) ? null : data.base + BigInt(Math.round(data.values[row]!)));
  if (data.kind === "flags") return (row) => (data.values[row] === 2 ? null : data.values[row] === 1);
  if (data.kind === "texts") return (row) => (data.ids[row] === 0 ? null : data.dictionary[data.ids[row]!]!);
  if (data.kind === "addresses") {
    const { values, numeric, dictionary } = data;
    return (row) => (numeric[row] === 1 ? ipv4Text(values[row]!) : values[row] === 0 ? null : dictionary[values[row]!]!);
  }
  if (data.kind === "lists") {
    const { starts, items } = data;
    return (row) => (starts[row] === starts[row + 1] ? null : Array.from(items.subarray(starts[row], starts[row + 1])));
  }
  return (row) => data.values[row] ?? null;
}

/** Collects rows and turns them into a part; for tables that grow with what people write, not with packets. */
export class TableBuilder {
  private readonly declaration: TableDeclaration;
  private readonly columns: readonly string[];
  private readonly cells: ColumnCells[];
  private readonly at = new Grown(Uint32Array);

  /** `lasting`: the texts it is given are not cut out of larger ones, which they would keep. */
  constructor(declaration: TableDeclaration, { lasting = false }: { readonly lasting?: boolean } = {}) {
    this.declaration = declaration;
    this.columns = Object.keys(declaration.columns);
    const texts = new TextDictionary(lasting);
    this.cells = Object.values(declaration.columns).map((column) => cellsFor(column, texts));
  }

  get length(): number {
    return this.at.length;
  }

  /** A column left out of `values` is null; one the table does not have is a programming error. */
  append(values: Readonly<Record<string, Value | undefined>>, at: number): void {
    let taken = 0;
    for (let k = 0; k < this.columns.length; k++) {
      const value = values[this.columns[k]!];
      if (value !== undefined) taken++;
      this.put(k, value ?? null);
    }
    this.at.push(at);
    if (Object.keys(values).length !== taken) this.check(values);
  }

  private check(values: Readonly<Record<string, Value | undefined>>): void {
    for (const column in values) {
      if (!Object.hasOwn(this.declaration.columns, column)) throw new Error(`${this.declaration.name} has no column ${column}`);
    }
  }

  private put(column: number, value: Value): void {
    const cells = this.cells[column]!;
    if (cells.push(value)) return;
    // A value the column's kind has no room for: it goes on with plain values.
    const read = columnReader(cells.build());
    const any = new AnyCells();
    for (let row = 0; row < this.at.length; row++) any.push(read(row));
    any.push(value);
    this.cells[column] = any;
  }

  build(source: number, unit: CitationUnit): TablePart {
    const columns: Record<string, ColumnData> = {};
    for (const [k, name] of this.columns.entries()) columns[name] = this.cells[k]!.build();
    return { table: this.declaration.name, source, unit, length: this.at.length, at: this.at.exactly(), columns };
  }
}
