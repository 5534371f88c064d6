import type { Column, TableDeclaration, Value } from "../tables/table.ts";
import { parseLiteral } from "./literals.ts";
import { type CellTest, type Modifier, modifiers, otherModifiers } from "./modifiers.ts";
import { isMap, type Path, type Report, suggestion } from "./problem.ts";
import { comparable } from "./same-value.ts";
import type { Predicate } from "./selection.ts";
import { hasWildcards, unescaped } from "./text-match.ts";
import { FALSE, TRUE, type Truth, UNKNOWN } from "./truth.ts";

/** Compiles `where`: a map of predicates that must all hold, or a list of such maps of which any must. */
export function compileWhere(raw: unknown, table: TableDeclaration, path: Path, report: Report): Predicate[][] {
  if (raw === undefined) return [[]];
  const alternatives = Array.isArray(raw) ? raw : [raw];
  if (alternatives.length === 0) report(path, "empty-group", "an empty list of alternatives matches nothing");
  return alternatives.map((alternative, index) => {
    const at = Array.isArray(raw) ? [...path, index] : path;
    if (!isMap(alternative)) {
      report(at, "schema", "where must be a map of column: value, or a list of such maps");
      return [];
    }
    if (Object.keys(alternative).length === 0) report(at, "empty-group", "an empty map matches every row; leave it out");
    return Object.entries(alternative).flatMap(([key, value]) => compilePredicate(key, value, table, [...at, key], report) ?? []);
  });
}

interface Key {
  readonly name: string;
  readonly column: Column;
  readonly modifier: Modifier;
  readonly word: string;
  readonly flags: ReadonlySet<string>;
}

function compilePredicate(key: string, raw: unknown, table: TableDeclaration, path: Path, report: Report): Predicate | null {
  const parsed = parseKey(key, table, path, report);
  if (!parsed) return null;
  const text = `${key}: ${shown(raw)}`;
  if (parsed.flags.has("exists") || raw === null) return existence(parsed, raw, text, path, report);
  if (parsed.flags.has("fieldref")) return reference(parsed, raw, table, text, path, report);
  return comparison(parsed, raw, text, path, report);
}

function parseKey(key: string, table: TableDeclaration, path: Path, report: Report): Key | null {
  const [name = "", ...words] = key.split("|");
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (!column) {
    report(
      path,
      "unknown-column",
      `table ${table.name} has no column ${JSON.stringify(name)}${suggestion(name, Object.keys(table.columns))}`,
      { key: true },
    );
    return null;
  }
  const flags = new Set<string>();
  let word = "eq";
  for (const modifier of words) {
    if (Object.hasOwn(otherModifiers, modifier)) flags.add(modifier);
    else if (!Object.hasOwn(modifiers, modifier)) {
      report(
        path,
        "unknown-modifier",
        `unknown modifier |${modifier}${suggestion(modifier, [...Object.keys(modifiers), ...Object.keys(otherModifiers)])}`,
        { key: true },
      );
      return null;
    } else if (word !== "eq") {
      report(path, "unknown-modifier", `|${word} and |${modifier} cannot be combined`, { key: true });
      return null;
    } else word = modifier;
  }
  if (flags.has("i") && word !== "re")
    report(path, "unknown-modifier", "|i belongs to |re; other text already ignores case", { key: true });
  return { name, column, modifier: modifiers[word]!, word, flags };
}

function existence(key: Key, raw: unknown, text: string, path: Path, report: Report): Predicate | null {
  if (key.flags.size > (key.flags.has("exists") ? 1 : 0) || key.word !== "eq") {
    report(path, "unknown-modifier", raw === null ? "null stands without modifiers" : "|exists stands alone", { key: true });
    return null;
  }
  if (raw !== null && typeof raw !== "boolean") {
    report(path, "impossible-comparison", "|exists takes true or false");
    return null;
  }
  const wanted = raw === true;
  return { text, column: key.name, other: null, equals: null, test: (cell) => (isEmpty(cell) === wanted ? FALSE : TRUE) };
}

function isEmpty(cell: Value): boolean {
  return cell === null || (Array.isArray(cell) && cell.length === 0);
}

function reference(key: Key, raw: unknown, table: TableDeclaration, text: string, path: Path, report: Report): Predicate | null {
  const { modifier, word, column } = key;
  const other = typeof raw === "string" && Object.hasOwn(table.columns, raw) ? table.columns[raw]! : null;
  if (!other) {
    report(
      path,
      "unknown-column",
      `|fieldref needs a column of ${table.name}, not ${shown(raw)}${suggestion(String(raw), Object.keys(table.columns))}`,
    );
    return null;
  }
  if (!modifier.pair || !modifier.columns.includes(column.type) || !comparable(column.type, other.type)) {
    report(path, "impossible-comparison", `|${word} cannot compare ${key.name} (${column.type}) with ${raw} (${other.type})`);
    return null;
  }
  const test = modifier.pair(column, other);
  return {
    text,
    column: key.name,
    other: raw as string,
    equals: null,
    test: (cell, value) => (cell === null || value === null ? UNKNOWN : test(cell, value)),
  };
}

function comparison(key: Key, raw: unknown, text: string, path: Path, report: Report): Predicate | null {
  const { modifier, word, column, flags } = key;
  if (!modifier.columns.includes(column.type)) {
    report(path, "impossible-comparison", `|${word} does not fit ${key.name}, which is ${column.type}`, { key: true });
    return null;
  }
  const values = Array.isArray(raw) ? raw : [raw];
  if (values.length === 0) {
    report(path, "empty-group", "an empty list of values matches nothing");
    return null;
  }
  const literals: (string | number | boolean | bigint)[] = [];
  const tests: CellTest[] = [];
  let orEmpty = false;
  for (const [index, value] of values.entries()) {
    const at = Array.isArray(raw) ? [...path, index] : path;
    if (value === null && word === "eq") orEmpty = true;
    else if (!addTest(key, value, literals, tests, at, report)) return null;
  }
  const everyValue = flags.has("all") || word === "neq";
  const indexable =
    (word === "eq" || word === "in") &&
    !everyValue &&
    !orEmpty &&
    !(column.type === "text" && (flags.has("cased") || literals.some((literal) => hasWildcards(String(literal)))));
  const equals = column.type === "text" ? literals.map((literal) => unescaped(String(literal))) : literals;
  return { text, column: key.name, other: null, equals: indexable ? equals : null, test: combine(tests, everyValue, orEmpty) };
}

function addTest(
  key: Key,
  raw: unknown,
  literals: (string | number | boolean | bigint)[],
  tests: CellTest[],
  path: Path,
  report: Report,
): boolean {
  const { modifier, column, word, flags } = key;
  const literal =
    modifier.literal === "column"
      ? parseLiteral(column, raw)
      : typeof raw === "string"
        ? { value: raw }
        : { problem: `${shown(raw)} is not a text; put it in quotes` };
  if ("problem" in literal) {
    report(path, "impossible-comparison", `${key.name}: ${literal.problem}`);
    return false;
  }
  try {
    const make = () => modifier.test(literal.value, column, { cased: flags.has("cased"), ignoreCase: flags.has("i") });
    tests.push(word === "re" && report.compiledBefore ? whenNeeded(make) : make());
  } catch (error) {
    report(path, word === "re" ? "bad-regex" : "impossible-comparison", error instanceof Error ? error.message : String(error));
    return false;
  }
  literals.push(literal.value);
  return true;
}

function whenNeeded(make: () => CellTest): CellTest {
  let test: CellTest | null = null;
  return (cell) => {
    test ??= make();
    return test(cell);
  };
}

function combine(tests: readonly CellTest[], every: boolean, orEmpty: boolean): (cell: Value) => Truth {
  const whenEmpty: Truth = orEmpty ? TRUE : UNKNOWN;
  if (tests.length === 1) {
    const test = tests[0]!;
    return (cell) => (cell === null ? whenEmpty : test(cell));
  }
  const [start, stop] = (every ? [TRUE, FALSE] : [FALSE, TRUE]) as [Truth, Truth];
  return (cell) => {
    if (cell === null) return whenEmpty;
    let result = start;
    for (const test of tests) {
      const here = test(cell);
      if (here === stop) return here;
      if (here === UNKNOWN) result = here;
    }
    return result;
  };
}

export function shown(raw: unknown): string {
  if (typeof raw === "string") return raw;
  return Array.isArray(raw) ? `[${raw.map(shown).join(", ")}]` : (JSON.stringify(raw) ?? String(raw));
}
