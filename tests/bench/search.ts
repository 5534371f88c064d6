#!/usr/bin/env node
/**
 * Search at ten thousand cases: what building the index takes, what a reader's first question fetches, how long questions take, and
 * that the answers are right.
 *
 *     node tests/bench/search.ts [--cases 10000] [--queries 400]
 */
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { caseAddress, referenceAddress } from "../../engine/catalogue/addresses.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { createSearch } from "../../engine/catalogue/search.ts";
import { buildSearchIndex } from "../../engine/catalogue/search-index.ts";
import { type GeneratedCase, generateCases, generatedCatalogue } from "../support/generated-cases.ts";
import { Random } from "./captures/random.ts";

const { values } = parseArgs({ options: { cases: { type: "string", default: "10000" }, queries: { type: "string", default: "400" } } });
const cases = generateCases({ cases: Number(values.cases) });
const catalogue = generatedCatalogue(cases);
const entries = entriesOf(catalogue);
const random = new Random(7);

interface Question {
  readonly text: string;
  /** What has to be the first hit; null where several fit alike. */
  readonly first: string | null;
}

type Ask = (one: GeneratedCase) => Question;
/** Words that tell something: neither short nor among the commonest of English. */
const telling = (text: string) =>
  text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 4 && !/^(every|from|after|when|while|since|once|with|their|other)$/i.test(word));

/** Kinds of questions; what is expected follows from the case a question is made from, not from an earlier answer. */
const QUESTIONS: Readonly<Record<string, Ask>> = {
  "error code, hexadecimal": ({ code }) => ({
    text: `0x${code.toString(16).toUpperCase()}`,
    first: referenceAddress("errors", `0x${code.toString(16)}`),
  }),
  "error code, signed": ({ code }) => ({ text: String(code | 0), first: referenceAddress("errors", `0x${code.toString(16)}`) }),
  "KB number": ({ kb }) => ({ text: kb.slice(2), first: referenceAddress("updates", kb) }),
  "case id": ({ document }) => ({ text: document.id, first: caseAddress(document.id) }),
  "words of a title": ({ document }) => ({ text: document.title, first: null }),
  "two words": ({ document }) => ({ text: telling(document.symptoms[0]!).slice(-2).join(" "), first: null }),
  "one common word": () => ({ text: random.pick(["reset", "timeout", "certificate", "proxy"]), first: null }),
  "begun word": ({ document }) => ({ text: telling(document.title).at(-1)!.slice(0, 5), first: null }),
  "misspelt word": ({ document }) => {
    const [word] = telling(document.title);
    return { text: word!.slice(0, 2) + word!.slice(3), first: null };
  },
};

const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const [started, cpuBefore] = [performance.now(), cpuSeconds()];
const files = buildSearchIndex(catalogue, entries);
const [built, cpu] = [performance.now() - started, cpuSeconds() - cpuBefore];
const zipped = new Map([...files].map(([name, text]) => [name, gzipSync(text).length]));
const sum = (sizes: Iterable<number>) => [...sizes].reduce((total, size) => total + size, 0);
const kib = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`;
const percentile = (list: readonly number[], share: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]!;

console.log(`${cases.length.toLocaleString("en")} cases, ${entries.length.toLocaleString("en")} entries`);
console.log(
  `built in ${cpu.toFixed(1)} s of CPU, ${(built / 1000).toFixed(1)} s by the clock: ${files.size} files, ${kib(sum([...files.values()].map((text) => text.length)))}, ${kib(sum(zipped.values()))} compressed; largest ${kib(Math.max(...zipped.values()))}`,
);

/** A reader with nothing in the cache. */
function fresh() {
  const fetched: string[] = [];
  const search = createSearch(async (file) => {
    const text = files.get(file);
    if (text === undefined) throw new Error(`no such file: ${file}`);
    fetched.push(file);
    return JSON.parse(text);
  });
  return { search, fetched, bytes: () => sum(fetched.map((file) => zipped.get(file)!)) };
}

function check(kind: string, question: Question, found: readonly string[], total: number): void {
  if (question.first !== null && found[0] !== question.first)
    throw new Error(`${kind}: “${question.text}” should lead to ${question.first}, not ${found[0]}`);
  if (total === 0) throw new Error(`${kind}: “${question.text}” finds nothing`);
}

const row = (cells: readonly string[]) => console.log(cells.map((cell, index) => cell.padEnd([26, 26, 26, 10][index]!)).join(""));
row(["", "first query, files", "compressed, median (most)", "warm ms, p50 / p95"]);
const warm = fresh();
for (const [kind, ask] of Object.entries(QUESTIONS)) {
  const [filesRead, bytes, times]: number[][] = [[], [], []];
  for (let round = 0; round < Number(values.queries) / 10; round++) {
    const question = ask(random.pick(cases));
    const reader = fresh();
    const { hits, total } = await reader.search.search(question.text, { limit: 8, count: "best" });
    check(
      kind,
      question,
      hits.map(({ entry }) => entry.address),
      total,
    );
    filesRead!.push(reader.fetched.length);
    bytes!.push(reader.bytes());
  }
  for (let round = 0; round < Number(values.queries); round++) {
    const question = ask(random.pick(cases));
    const before = performance.now();
    const { hits, total } = await warm.search.search(question.text, { limit: 8, count: "best" });
    times!.push(performance.now() - before);
    check(
      kind,
      question,
      hits.map(({ entry }) => entry.address),
      total,
    );
  }
  row([
    kind,
    `${percentile(filesRead!, 0.5)} (${Math.max(...filesRead!)})`,
    `${kib(percentile(bytes!, 0.5))} (${kib(Math.max(...bytes!))})`,
    `${percentile(times!, 0.5).toFixed(1)} / ${percentile(times!, 0.95).toFixed(1)}`,
  ]);
}

// Typed letter by letter, as if nothing ever waited for a pause.
const typed = random.pick(cases).document.title.split(" ").slice(-2).join(" ");
const typing = fresh();
for (let length = 1; length <= typed.length; length++) await typing.search.search(typed.slice(0, length), { limit: 8, count: "best" });
console.log(`“${typed}” letter by letter: ${typing.fetched.length} files, ${kib(typing.bytes())}`);

// What the page of results asks for: every hit counted, with facets.
const every = fresh();
const before = performance.now();
const all = await every.search.search("timeout", { count: "all" });
const cold = performance.now() - before;
console.log(
  `“timeout” with facets over ${all.total.toLocaleString("en")} hits: ${every.fetched.length} files, ${kib(every.bytes())}, ${cold.toFixed(0)} ms cold`,
);
const best = await every.search.search("timeout", { count: "best" });
if (all.total !== best.total || all.hits.map(({ entry }) => entry.address).join() !== best.hits.map(({ entry }) => entry.address).join())
  throw new Error("the best hits depend on whether facets are counted");
