import { columnWords, durationWords, listWords, predicateWords } from "../queries/predicate-words.ts";
import { isMap } from "../queries/problem.ts";
import type { Query } from "../queries/selection.ts";
import type { YamlSource } from "../rules/yaml-source.ts";
import { tableDeclaration } from "../tables/index.ts";
import type { TableDeclaration } from "../tables/table.ts";
import type { EvidenceDocument } from "./catalogue.ts";

type Block = Readonly<Record<string, unknown>>;

/** Every evidence block of a rule that compiles, in the order of the file. */
export function evidenceDocuments(source: YamlSource, queries: ReadonlyMap<string, Query>): EvidenceDocument[] {
  const written = source.asWritten();
  const blocks = isMap(written) && isMap(written.evidence) ? written.evidence : {};
  const tables = new Map([...queries].map(([name, query]) => [name, tableDeclaration(query.selection.table) ?? null]));
  return [...queries].map(([name, query]) => {
    const block = isMap(blocks[name]) ? blocks[name] : {};
    const table = tables.get(name) ?? null;
    return {
      name,
      about: query.about,
      table: table?.name ?? null,
      where: table ? alternativesOf(block.where).map((alternative) => predicates(alternative, table)) : [],
      belongs: table ? belongs(block, query, tables) : [sequenceWords(block)],
      counted: table ? countedWords(block) : [],
      expect:
        query.expect.kind === "none"
          ? query.expect.earned
            ? "none"
            : "unseen"
          : query.expect.atLeast > 1
            ? `at least ${query.expect.atLeast}`
            : "some",
      source: source.textOf("evidence", name),
    };
  });
}

function alternativesOf(where: unknown): Block[] {
  return (Array.isArray(where) ? where : [where]).filter(isMap);
}

function predicates(alternative: Block, table: TableDeclaration): string[] {
  return Object.entries(alternative).map(([key, value]) => predicateWords(key, value, table));
}

function belongs(block: Block, { of, joins, near }: Query, tables: ReadonlyMap<string, TableDeclaration | null>): string[] {
  const joined = joins.map((terms) => terms.map(joinWords));
  const nearness = near.map(({ column, to, order }, index) => {
    const raw = Object.values(isMap(block.near) ? block.near : {})[index];
    const within = durationWords(isMap(raw) ? raw.within : raw);
    const distance = order === "any" ? `within ${within} of` : `at most ${within} ${order}`;
    return `${columnWords(column)} is ${distance} the ${columnWords(to.column)} of ${to.evidence}`;
  });
  return [
    ...(of === null ? [] : [`it is one of the rows of ${of}${tables.get(of) ? "" : " itself"}`]),
    ...(joined.length > 1 ? [joined.map((terms) => terms.join(" and ")).join("; or ")] : joined.flat()),
    ...nearness,
  ];
}

/** `local IP is the server IP of refused`; columns of one name are told in one go. */
function joinWords({ column, equals }: Query["joins"][number][number]): string {
  const name = columnWords(column);
  if (equals.length === 0) return `${name} is not known`;
  const same = equals.every((reference) => reference.column === column);
  const targets = equals.map((reference) => (same ? reference.evidence : `the ${columnWords(reference.column)} of ${reference.evidence}`));
  return `${name} is ${same ? "that of " : ""}${listWords(targets, "or")}`;
}

function sequenceWords({ sequence, within }: Block): string {
  const members = (Array.isArray(sequence) ? sequence : []).map(String);
  return `${members.join(", then ")}, in this order within ${durationWords(within)}`;
}

const COMPARED: Readonly<Record<string, string>> = {
  eq: "",
  neq: "anything but ",
  gt: "more than ",
  gte: "at least ",
  lt: "less than ",
  lte: "at most ",
};

/** `rows of the same server IP and server port are taken together`, `at least 1000 rows`, `within 10 s`. */
function countedWords({ group, having, within }: Block): string[] {
  const columns = (Array.isArray(group) ? group : group === undefined ? [] : [group]).map((name) => columnWords(String(name)));
  return [
    ...(columns.length > 0 ? [`rows of the same ${listWords(columns, "and")} are taken together`] : []),
    ...Object.entries(isMap(having) ? having : {}).map(([key, bound]) => havingWords(key, bound)),
    ...(within === undefined ? [] : [`all within ${durationWords(within)}`]),
  ];
}

function havingWords(key: string, bound: unknown): string {
  const [, aggregate = "count", name = "", compare = "eq"] = /^(\w+)(?:\(([^)]*)\))?(?:\|(\w+))?$/.exec(key) ?? [];
  const value = `${COMPARED[compare] ?? ""}${String(bound)}`;
  const column = columnWords(name);
  switch (aggregate) {
    case "distinct":
      return `${value} different values of ${column}`;
    case "min":
      return `the least ${column} is ${value}`;
    case "max":
      return `the greatest ${column} is ${value}`;
    case "sum":
      return `${column} adds up to ${value}`;
    default:
      return `${value} ${bound === 1 && compare === "eq" ? "row" : "rows"}`;
  }
}
