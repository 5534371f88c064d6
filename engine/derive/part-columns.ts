import { ipv4Text } from "../bytes/address.ts";
import { Family } from "../decoders/packet-batch.ts";
import type { CaptureInfo } from "../formats/format.ts";
import type { ColumnData } from "../tables/table.ts";
import { exactly, type FrameLists } from "./growing-columns.ts";

type Numbers = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** Nanoseconds as a `duration` column in seconds, turned in place where the column has no more rows; NaN stays null. */
export function durations(nanoseconds: Float64Array, length: number): ColumnData {
  const values = exactly(nanoseconds, length);
  for (let row = 0; row < length; row++) values[row]! /= 1e9;
  return { kind: "numbers", values, empty: Number.NaN };
}

/** Nanoseconds from the capture's base as a `time` column; no rows have one where the capture has only relative times. */
export function times(nanoseconds: Float64Array, length: number, base: bigint | null): ColumnData {
  const values = base === null ? new Float64Array(length).fill(Number.NaN) : exactly(nanoseconds, length);
  return { kind: "times", base: base ?? 0n, values };
}

/** Numbers that are all known; `empty` if given marks null. */
export function numbers(values: Numbers, length: number, empty = Number.NaN): ColumnData {
  return { kind: "numbers", values: exactly(values, length), empty };
}

/** 0, 1, or 2 for null. */
export function flags(values: Uint8Array, length: number): ColumnData {
  return { kind: "flags", values: exactly(values, length) };
}

/** Texts by number; number 0 of `dictionary` is null. */
export function enumerated(ids: ArrayLike<number>, length: number, dictionary: readonly string[]): ColumnData {
  return { kind: "texts", ids: firstOf(ids, length), dictionary };
}

function firstOf(ids: ArrayLike<number>, length: number): Uint32Array {
  const first = new Uint32Array(length);
  for (let row = 0; row < length; row++) first[row] = ids[row]!;
  return first;
}

export function frameLists(heads: Int32Array, length: number, lists: FrameLists): ColumnData {
  const starts = new Uint32Array(length + 1);
  for (let row = 0; row < length; row++) starts[row + 1] = starts[row]! + lists.size(heads[row]!);
  const items = new Uint32Array(starts[length]!);
  for (let row = 0; row < length; row++) lists.write(heads[row]!, items, starts[row + 1]!);
  return { kind: "lists", starts, items };
}

/** The first frame of each row's list, 0 where it is empty. */
export function firstFrames(heads: Int32Array, length: number, lists: FrameLists): Uint32Array {
  return Uint32Array.from({ length }, (_, row) => lists.first(heads[row]!));
}

/** The process of each row by its id, -1 for none, with the name the capture gives it. */
export function processColumns(ids: Int32Array, length: number, names: CaptureInfo["processes"] = {}): Record<string, ColumnData> {
  const dictionary = [""];
  const known = new Map<number, number>([[-1, 0]]);
  const texts = new Uint32Array(length);
  for (let row = 0; row < length; row++) {
    const id = ids[row]!;
    let text = known.get(id);
    if (text === undefined) {
      text = names[id] === undefined ? 0 : dictionary.push(names[id]) - 1;
      known.set(id, text);
    }
    texts[row] = text;
  }
  return { process: { kind: "texts", ids: texts, dictionary }, process_id: numbers(ids, length, -1) };
}

/** Turns addresses of a batch into `ip` columns that share one dictionary. */
export class AddressTexts {
  private readonly texts: readonly string[];
  private readonly dictionary: string[] = [""];
  private readonly ipv4 = new Map<number, number>();
  private readonly others = new Map<number, number>();

  /** `texts` are those of the capture point's `AddressBook`. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  id(address: number, family: number): number {
    const known = family === Family.ipv4 ? this.ipv4 : this.others;
    let id = known.get(address);
    if (id === undefined) {
      id = this.dictionary.length;
      this.dictionary.push(family === Family.ipv4 ? ipv4Text(address) : (this.texts[address] ?? ""));
      known.set(address, id);
    }
    return id;
  }

  column(ids: Uint32Array): ColumnData {
    return { kind: "texts", ids, dictionary: this.dictionary };
  }
}
