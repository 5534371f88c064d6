import { parseIpv4, parseIpv6, parsePlainIpv4 } from "../bytes/address.ts";
import type { Column, ColumnType, Value } from "../tables/table.ts";
import { isAddress } from "./literals.ts";
import { asNames, sameMachine, sameValue } from "./same-value.ts";
import { textContains, textEnds, textEquals, textMatches, textStarts } from "./text-match.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** Tests one known cell against one literal. */
export type CellTest = (cell: NonNullable<Value>) => Truth;
/** Tests one known cell against another known cell of the same row. */
export type PairTest = (cell: NonNullable<Value>, other: NonNullable<Value>) => Truth;

export interface TestOptions {
  /** Text is compared with regard to case. */
  readonly cased: boolean;
  /** `re|i`. */
  readonly ignoreCase: boolean;
}

/** How a sentence puts a modifier between a column and one value (`is not`, `at least`) or several of which one is enough (`contains any of`). */
export interface Phrase {
  readonly one: string;
  readonly several: string;
  /** Where a value has wildcards, if that reads otherwise. */
  readonly like?: { readonly one: string; readonly several: string };
}

export interface Modifier {
  readonly about: string;
  readonly says: Phrase;
  readonly columns: readonly ColumnType[];
  /** How the literal is read: as the column's own type, or as text whatever the column. */
  readonly literal: "column" | "text";
  readonly test: (literal: string | number | boolean | bigint, column: Column, options: TestOptions) => CellTest;
  /** The same between two columns, for `|fieldref`. */
  readonly pair?: (column: Column, other: Column) => PairTest;
}

const TEXT: readonly ColumnType[] = ["text", "texts", "enum", "ip", "host"];
const ORDERED: readonly ColumnType[] = ["integer", "number", "port", "duration", "time"];
const EQUAL: readonly ColumnType[] = [...TEXT, ...ORDERED, "boolean"];

const IS: Phrase = { one: "is", several: "is", like: { one: "is like", several: "is like" } };
const phrase = (one: string): Phrase => ({ one, several: `${one} any of` });

const truth = (value: boolean): Truth => (value ? TRUE : FALSE);

/** Any text of the cell; an address is one text. */
function onTexts(test: (text: string) => boolean): CellTest {
  return (cell) => truth(Array.isArray(cell) ? cell.some((entry) => test(String(entry))) : test(String(cell)));
}

function equals(literal: string | number | boolean | bigint, column: Column, { cased }: TestOptions): CellTest {
  if (column.type === "host") return (cell) => sameMachine(asNames(cell), [String(literal)]);
  if (column.type === "ip") {
    const wanted = String(literal);
    return isAddress(wanted)
      ? (cell) => (cell === wanted ? TRUE : isAddress(cell as string) ? FALSE : UNKNOWN)
      : (cell) => sameMachine([cell as string], [wanted]);
  }
  if (column.type === "enum") return (cell) => truth(cell === literal);
  if (typeof literal === "string") return onTexts(textEquals(literal, cased));
  return (cell) => truth(cell === literal);
}

function ordered(holds: (cell: number | bigint, bound: number | bigint) => boolean): Omit<Modifier, "about" | "says"> {
  return {
    columns: ORDERED,
    literal: "column",
    test: (literal) => (cell) => truth(holds(cell as number | bigint, literal as number | bigint)),
    pair: () => (cell, other) => truth(holds(cell as number | bigint, other as number | bigint)),
  };
}

function textual(make: (wanted: string, cased: boolean) => (text: string) => boolean): Omit<Modifier, "about" | "says"> {
  return {
    columns: TEXT,
    literal: "text",
    test: (literal, _column, { cased }) => onTexts(make(String(literal), cased)),
    pair: () => (cell, other) => truth(asNames(other).some((wanted) => asNames(cell).some(make(wanted, false)))),
  };
}

/** Addresses of a network in CIDR notation, RFC 4632 and RFC 4291 section 2.3; throws if it is not one. */
export function networkTest(cidr: string): (address: string) => Truth {
  const [base = "", bits = "", ...rest] = cidr.split("/");
  const network = addressBytes(base);
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (!network || rest.length > 0 || length < 0 || length > network.length * 8)
    throw new Error(`${JSON.stringify(cidr)} is not a network (10.0.0.0/8, 2001:db8::/32)`);
  return (text) => {
    if (!isAddress(text)) return UNKNOWN;
    const address = addressBytes(text);
    if (!address || address.length !== network.length) return FALSE;
    for (let bit = 0; bit < length; bit += 8) {
      const mask = length - bit >= 8 ? 255 : (255 << (8 - (length - bit))) & 255;
      if ((address[bit >> 3]! & mask) !== (network[bit >> 3]! & mask)) return FALSE;
    }
    return TRUE;
  };
}

function addressBytes(text: string): Uint8Array | null {
  const v4 = parsePlainIpv4(text) ?? parseIpv4(text);
  return v4 === null ? parseIpv6(text) : Uint8Array.of(v4 >>> 24, v4 >>> 16, v4 >>> 8, v4);
}

/** Several addresses of one machine: in the network if any is; a name alone tells nothing. */
function inNetwork(literal: string | number | boolean | bigint): CellTest {
  const test = networkTest(String(literal));
  return (cell) => {
    let result: Truth = FALSE;
    let addresses = 0;
    for (const name of asNames(cell)) {
      const here = test(name);
      if (here === TRUE) return TRUE;
      if (here === FALSE) addresses++;
      else result = UNKNOWN;
    }
    return addresses > 0 ? FALSE : result;
  };
}

/** Sigma's field modifiers, as far as tables have a use for them. Without one a value means equality. */
export const modifiers: Readonly<Record<string, Modifier>> = {
  eq: {
    about: "Equal; what a column without a modifier means. Text ignores case and knows the wildcards * and ?",
    says: IS,
    columns: EQUAL,
    literal: "column",
    test: equals,
    pair: (column, other) => (cell, value) => sameValue(cell, column.type, value, other.type),
  },
  neq: {
    about: "Not equal to any of the values",
    says: { one: "is not", several: "is none of", like: { one: "is not like", several: "is like none of" } },
    columns: EQUAL,
    literal: "column",
    test: (literal, column, options) => {
      const test = equals(literal, column, options);
      return (cell) => (2 - test(cell)) as Truth;
    },
    pair: (column, other) => (cell, value) => (2 - sameValue(cell, column.type, value, other.type)) as Truth,
  },
  in: {
    about: "Equal to one of a list; the same as a list without a modifier",
    says: IS,
    columns: EQUAL,
    literal: "column",
    test: equals,
  },
  contains: { about: "Has the text somewhere in it", says: phrase("contains"), ...textual(textContains) },
  startswith: { about: "Starts with the text", says: phrase("starts with"), ...textual(textStarts) },
  endswith: { about: "Ends with the text", says: phrase("ends with"), ...textual(textEnds) },
  re: {
    about: "Matches the regular expression somewhere (RE2 syntax, linear time); regards case unless |i follows",
    says: phrase("matches"),
    columns: TEXT,
    literal: "text",
    test: (literal, _column, { ignoreCase }) => onTexts(textMatches(String(literal), ignoreCase)),
  },
  cidr: {
    about: "An address within the network",
    says: phrase("is in the network"),
    columns: ["ip", "host"],
    literal: "text",
    test: inNetwork,
  },
  gt: { about: "Greater than", says: phrase("more than"), ...ordered((cell, bound) => cell > bound) },
  gte: { about: "Greater than or equal", says: phrase("at least"), ...ordered((cell, bound) => cell >= bound) },
  lt: { about: "Less than", says: phrase("less than"), ...ordered((cell, bound) => cell < bound) },
  lte: { about: "Less than or equal", says: phrase("at most"), ...ordered((cell, bound) => cell <= bound) },
};

/** Modifiers that change another one, or stand for themselves. */
export const otherModifiers: Readonly<Record<string, string>> = {
  exists: "true: the cell holds something; false: it is empty or not known",
  fieldref: "The value names another column of the same row",
  all: "All values of the list must hold, not any",
  cased: "Regard case",
  i: "After |re: ignore case",
};
