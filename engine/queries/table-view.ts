import type { ColumnType, Table, Value } from "../tables/table.ts";
import { isAddress } from "./literals.ts";

/** Rows of a column by the value they hold. */
export interface ColumnIndex {
  readonly rows: ReadonlyMap<string | number | boolean, readonly number[]>;
  /** Rows whose cell may equal anything: not known, or a host name where addresses are asked for. */
  readonly maybe: readonly number[];
}

/** What an index can answer; other columns are read row by row. */
const INDEXED: readonly ColumnType[] = ["enum", "text", "ip", "port", "integer", "boolean"];

/** A column of a large table is read row by row so many times before an index of it is worth making. */
const WORTH_AFTER = 8;
const LARGE = 4096;

/** One table with what queries compute over it once: column readers and equality indexes. */
export class TableView {
  readonly table: Table;
  private readonly readers = new Map<string, (row: number) => Value>();
  private readonly asked = new Map<string, number>();
  private readonly indexes = new Map<string, ColumnIndex | null>();

  constructor(table: Table) {
    this.table = table;
  }

  get length(): number {
    return this.table.length;
  }

  reader(column: string): (row: number) => Value {
    let reader = this.readers.get(column);
    if (!reader) {
      reader = this.table.length === 0 ? () => null : this.table.reader(column);
      this.readers.set(column, reader);
    }
    return reader;
  }

  /** Source of the part a row belongs to; -1 for rows derived from several. */
  sourceOf(row: number): number {
    let start = 0;
    for (const part of this.table.parts) {
      start += part.length;
      if (row < start) return part.source;
    }
    return -1;
  }

  /** The index of a column, made on first use; null for a column no index fits. */
  index(column: string): ColumnIndex | null {
    const known = this.indexes.get(column);
    if (known !== undefined) return known;
    const type = this.table.declaration.columns[column]?.type;
    const made = type && INDEXED.includes(type) ? this.makeIndex(column, type) : null;
    this.indexes.set(column, made);
    return made;
  }

  private makeIndex(column: string, type: ColumnType): ColumnIndex {
    const read = this.reader(column);
    const rows = new Map<string | number | boolean, number[]>();
    const maybe: number[] = [];
    for (let row = 0; row < this.table.length; row++) {
      const cell = read(row);
      if (cell === null || (type === "ip" && !isAddress(cell as string))) {
        maybe.push(row);
        continue;
      }
      const key = indexKey(cell as string | number | boolean);
      const list = rows.get(key);
      if (list) list.push(row);
      else rows.set(key, [row]);
    }
    return { rows, maybe };
  }

  /** Whether any row may equal one of the values; true if that is not worth finding out. */
  mayHold(column: string, values: readonly (string | number | boolean | bigint)[]): boolean {
    if (this.table.declaration.columns[column]?.type === "ip" && !values.every((value) => isAddress(String(value)))) return true;
    const index = this.worthwhileIndex(column);
    if (!index || index.maybe.length > 0) return true;
    for (const value of values) if (index.rows.has(indexKey(value as string | number | boolean))) return true;
    return false;
  }

  private worthwhileIndex(column: string): ColumnIndex | null {
    const asked = (this.asked.get(column) ?? 0) + 1;
    this.asked.set(column, asked);
    return this.length > LARGE && asked <= WORTH_AFTER ? null : this.index(column);
  }

  /** Rows that may equal one of the values, ascending; null if reading all rows is the only or the quicker way. */
  candidates(column: string, values: readonly (string | number | boolean | bigint)[]): readonly number[] | null {
    if (this.table.declaration.columns[column]?.type === "ip" && !values.every((value) => isAddress(String(value)))) return null;
    const index = this.worthwhileIndex(column);
    if (!index) return null;
    const lists = [index.maybe, ...new Set(values.map((value) => indexKey(value as string | number | boolean)))].map((key) =>
      Array.isArray(key) ? key : (index.rows.get(key as string) ?? []),
    );
    const filled = lists.filter((list) => list.length > 0);
    return filled.length <= 1 ? (filled[0] ?? []) : filled.flat().sort((a, b) => a - b);
  }
}

function indexKey(value: string | number | boolean): string | number | boolean {
  return typeof value === "string" ? value.toLowerCase() : value;
}
