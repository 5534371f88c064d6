import lunr from "lunr";
import { beforeAll, describe, expect, it } from "vitest";
import { caseAddress, referenceAddress } from "../../engine/catalogue/addresses.ts";
import type { Catalogue } from "../../engine/catalogue/catalogue.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { FIELD_BOOSTS, type Field, type Findable, findablesOf } from "../../engine/catalogue/findable.ts";
import { keyWords } from "../../engine/catalogue/key-words.ts";
import { createSearch } from "../../engine/catalogue/search.ts";
import { buildSearchIndex } from "../../engine/catalogue/search-index.ts";
import { indexedWordsOf, wordsOf } from "../../engine/catalogue/words.ts";
import { Random } from "../bench/captures/random.ts";
import { type GeneratedCase, generateCases, generatedCatalogue } from "../support/generated-cases.ts";

const FIELDS = Object.keys(FIELD_BOOSTS) as Field[];
const random = new Random(3);
let cases: GeneratedCase[];
let catalogue: Catalogue;
let files: Map<string, string>;
let findables: Findable[];

function reader() {
  const read: string[] = [];
  const { search } = createSearch(async (file) => {
    read.push(file);
    return JSON.parse(files.get(file)!);
  });
  return { search, read };
}

const termsOf = ({ fields }: Findable, field: Field) =>
  (fields[field] ?? []).flatMap((text) => indexedWordsOf(text).map(({ term }) => term));
const stem = (term: string) => (/^[a-z]{3,24}$/.test(term) ? lunr.stemmer(new lunr.Token(term, {})).toString() : term);
const isCommon = (term: string) => lunr.stopWordFilter(new lunr.Token(term, {})) === undefined;

beforeAll(() => {
  cases = generateCases({ cases: 300 });
  catalogue = generatedCatalogue(cases);
  const entries = entriesOf(catalogue);
  files = buildSearchIndex(catalogue, entries);
  findables = findablesOf(catalogue, entries);
});

describe("search over some hundred generated cases", () => {
  it("finds what a look through all of them finds", async () => {
    const { search } = reader();
    const stems = findables.map(
      (findable) =>
        new Set(
          FIELDS.flatMap((field) => termsOf(findable, field))
            .filter((term) => !isCommon(term))
            .map(stem),
        ),
    );
    for (let round = 0; round < 60; round++) {
      const { document } = random.pick(cases);
      const all = wordsOf(`${document.title} ${document.symptoms[0]}`).map(({ term }) => term);
      const telling = [...new Set(all)].filter((term) => !isCommon(term));
      const words = telling.filter(() => random.next() < 0.3).slice(0, 3);
      if (words.length === 0) continue;
      const expected = findables.filter((_, at) => words.every((word) => stems[at]!.has(stem(word)))).map(({ entry }) => entry.address);
      // A space at the end: the last word is finished.
      const result = await search(`${words.join(" ")} `, { limit: 2000 });
      expect(result.hits.map(({ entry }) => entry.address).sort(), words.join(" ")).toEqual(expected.sort());
      expect(result.total).toBe(expected.length);
    }
  });

  it("ranks as lunr does", async () => {
    const articles = keyWords(findables.map((findable) => termsOf(findable, "article")));
    const index = lunr(function () {
      this.pipeline.reset();
      this.searchPipeline.reset();
      for (const field of FIELDS) this.field(field, { boost: FIELD_BOOSTS[field] });
      for (const [id, findable] of findables.entries()) {
        const terms = Object.fromEntries(FIELDS.map((field) => [field, termsOf(findable, field).filter((term) => !isCommon(term))]));
        this.add(
          { id, ...terms, article: articles[id]!.filter((term) => !isCommon(term)) },
          { boost: findable.entry.kind === "case" ? 1.4 : 1 },
        );
      }
    });
    const { search } = reader();
    const addresses = new Map(findables.map(({ entry }, id) => [entry.address, id]));
    for (const { code } of cases.slice(0, 5)) {
      // A code has no inflected forms, so that lunr and the search look for the same term.
      const term = String(code);
      const scores = new Map(index.query((query) => query.term(term, {})).map(({ ref, score }) => [Number(ref), score]));
      const { hits } = await search(`${term} `, { limit: 2000 });
      expect(hits.map(({ entry }) => addresses.get(entry.address)).sort()).toEqual([...scores.keys()].sort());
    }
    for (const word of ["timeout", "certificate", "proxy", "listener", "vpn"]) {
      const terms = [...new Set(findables.flatMap((one) => FIELDS.flatMap((field) => termsOf(one, field))))].filter(
        (term) => stem(term) === stem(word),
      );
      const results = index.query((query) => {
        for (const term of terms) query.term(term, { boost: term === word ? 1 : 0.8 });
      });
      const scores = new Map(results.map(({ ref, score }) => [Number(ref), score]));
      const { hits } = await search(`${word} `, { limit: 2000 });
      expect(hits.length, word).toBe(scores.size);
      // Weights are kept in tenths: what lunr puts closer than that may stand either way.
      const order = hits.map(({ entry }) => scores.get(addresses.get(entry.address)!)!);
      const wrong = order.filter((score, at) => at > 0 && score > order[at - 1]! + 0.3);
      expect(wrong, word).toEqual([]);
    }
  });

  it("leads each code, KB number and id to the one that has it", async () => {
    const { search } = reader();
    for (const { code, kb, document } of cases.slice(0, 40)) {
      const first = async (query: string) => (await search(query, { limit: 1, count: "best" })).hits[0]?.entry.address;
      expect(await first(`0x${code.toString(16).toUpperCase()}`)).toBe(referenceAddress("errors", `0x${code.toString(16)}`));
      expect(await first(String(code | 0))).toBe(referenceAddress("errors", `0x${code.toString(16)}`));
      expect(await first(kb.slice(2))).toBe(referenceAddress("updates", kb));
      expect(await first(document.id)).toBe(caseAddress(document.id));
    }
  });

  it("reads what a question asks for, once", async () => {
    const { search, read } = reader();
    const { kb } = cases[7]!;
    await search(kb, { limit: 8, count: "best" });
    expect(read[0]).toBe("manifest.json");
    expect(read.filter((file) => file.startsWith("facets"))).toEqual([]);
    expect(read.length).toBeLessThan(files.size / 5);
    const before = read.length;
    await search(kb, { limit: 8, count: "best" });
    expect(read.length).toBe(before);
    expect(new Set(read).size).toBe(read.length);
  });

  it("tries again to read what could not be read", async () => {
    let offline = true;
    const { search } = createSearch(async (file) => {
      if (offline) throw new Error("no network");
      return JSON.parse(files.get(file)!);
    });
    await expect(search("timeout")).rejects.toThrow("no network");
    offline = false;
    expect((await search("timeout")).total).toBeGreaterThan(0);
  });

  it("is built the same from the same catalogue, whatever the order of its entries", () => {
    expect(buildSearchIndex(catalogue, entriesOf(catalogue).reverse())).toEqual(files);
  });
});

describe("key words", () => {
  it("are all words of the articles of a small base, and of a large one those that set an article apart", () => {
    const article = (number: number) => [...Array.from({ length: 80 }, (_, at) => `common${at}`), `rare${number}`];
    const small = Array.from({ length: 10 }, (_, number) => article(number));
    expect(keyWords(small)).toEqual(small);
    const large = keyWords(Array.from({ length: 600 }, (_, number) => article(number)));
    expect(large.every((words, number) => words.length <= 60 && words.includes(`rare${number}`))).toBe(true);
  });
});
