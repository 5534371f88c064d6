import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Catalogue } from "../../engine/catalogue/catalogue.ts";
import { entriesOf } from "../../engine/catalogue/entries.ts";
import { isOneSlip } from "../../engine/catalogue/one-slip.ts";
import { createSearch, type Search, type SearchResult } from "../../engine/catalogue/search.ts";
import { buildSearchIndex } from "../../engine/catalogue/search-index.ts";
import { readQuery } from "../../engine/catalogue/search-query.ts";
import { marked, snippet } from "../../engine/catalogue/search-snippet.ts";
import { createTermReader, fold, indexedWordsOf, wordsOf } from "../../engine/catalogue/words.ts";
import { loadCatalogue } from "../../engine/node/catalogue.ts";

let catalogue: Catalogue;
let files: Map<string, string>;
let engine: Search;
const addresses = ({ hits }: SearchResult) => hits.map(({ entry }) => entry.address);
const search = async (query: string, options = {}) => engine.search(query, options);

beforeAll(async () => {
  catalogue = await loadCatalogue();
  files = buildSearchIndex(catalogue, entriesOf(catalogue));
  engine = createSearch(async (file) => JSON.parse(files.get(file)!));
});

describe("words", () => {
  it("are cut the same way however they are written", () => {
    const terms = (text: string) => wordsOf(text).map(({ term }) => term);
    expect(terms("MSS<536")).toEqual(["mss", "536"]);
    expect(terms("RDP-Listener")).toEqual(["rdp", "listener"]);
    expect(terms("Überlänge, Straße; ÜBERLÄNGE")).toEqual(["uberlange", "strasse", "uberlange"]);
    expect(terms("svchost.exe 0x274C")).toEqual(["svchost", "exe", "0x274c"]);
    expect(terms("Службы удаленных")).toEqual(["службы", "удаленных"]);
  });

  it("are indexed with compounds in one, the parts of camel case and the numbers of codes", () => {
    const terms = (text: string) => indexedWordsOf(text).map(({ term }) => term);
    expect(terms("IP-HTTPS")).toEqual(["ip", "https", "iphttps"]);
    expect(terms("TcpAckFrequency")).toEqual(["tcpackfrequency", "tcp", "ack", "frequency"]);
    expect(terms("WSAETIMEDOUT")).toEqual(["wsaetimedout"]);
    expect(terms("0x274C")).toEqual(["0x274c", "10060"]);
    expect(terms("KB823764")).toEqual(["kb823764", "823764"]);
    expect(terms("10.7.3.187")).toEqual(["10", "7", "3", "187"]);
  });

  it("are the same to whoever wants their terms alone, in any text", () => {
    const read = createTermReader((term) => term !== "unwanted");
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc
        .array(fc.constantFrom(..."tcp Ack IP-HTTPS 0x274C KB823764 4.0 - . _ a-b.c/d -5 Ü ß ﬁ µs unwanted".split(" "), " "), {
          maxLength: 12,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const terms = indexedWordsOf(text).map(({ term }) => term);
        expect(read(text).sort()).toEqual(terms.filter((term) => term !== "unwanted").sort());
      }),
    );
  });

  it("lie where they say, folded, in any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const { term, from, to } of wordsOf(text)) {
          expect(fold(text.slice(from, to))).toBe(term);
          expect(fold(term)).toBe(term);
          expect(term).not.toMatch(/[\s*]/);
        }
      }),
    );
  });
});

describe("one slip", () => {
  it.each([
    ["remte", "remote"],
    ["remotee", "remote"],
    ["remite", "remote"],
    ["remtoe", "remote"],
    ["emote", "remote"],
  ])("leads from %s to %s", (typed, known) => expect(isOneSlip(typed, known)).toBe(true));

  it.each([
    ["remote", "remote"],
    ["rmte", "remote"],
    ["reset", "remote"],
  ])("does not lead from %s to %s", (typed, known) => expect(isOneSlip(typed, known)).toBe(false));

  it("is found wherever it is made", () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.stringMatching(/^[a-z]$/), (known, place, letter) => {
        const at = place % known.length;
        expect(isOneSlip(known.slice(0, at) + known.slice(at + 1), known)).toBe(true);
        expect(isOneSlip(known.slice(0, at) + letter + known.slice(at), known)).toBe(true);
        if (known[at] !== letter) expect(isOneSlip(known.slice(0, at) + letter + known.slice(at + 1), known)).toBe(true);
      }),
    );
  });
});

describe("search over the shipped cases", () => {
  it.each([
    ["rdp refused", "cases/rdp-listener-gone/"],
    ["remote desktop crash", "cases/rdp-listener-gone/"],
    ["remte desktop", "cases/rdp-listener-gone/"],
    ["rdp-listener-gone", "cases/rdp-listener-gone/"],
    ["mss 536", "cases/tcp-peer-mss-below-536/"],
    ["MSS<536", "cases/tcp-peer-mss-below-536/"],
    ["nagle", "cases/tcp-delayed-ack-nagle-stall/"],
    ["delayed acknowledgements", "cases/tcp-delayed-ack-nagle-stall/"],
    ["iphttps unreachable", "cases/iphttps-server-unreachable/"],
    ["DirectAccess IP-HTTPS", "cases/iphttps-server-unreachable/"],
    ["front end 5061", "cases/lync-edge-front-end-5061-reset-in-path/"],
    ["segments lost", "cases/tcp-segments-lost-in-transit/"],
    ["10060", "reference/errors/#0x274c"],
    ["0x274C", "reference/errors/#0x274c"],
    ["823764", "reference/updates/#kb823764"],
    ["KB823764", "reference/updates/#kb823764"],
    ["4.0.7577.4356", "reference/updates/"],
    ["tcp 3389", "reference/ports/#tcp-3389"],
    ["event 7034", "reference/events/#service-control-manager-7034"],
    ["TcpAckFrequency", "reference/registry/#tcp-ack-frequency"],
  ])("%j leads to %s first", async (query, address) => {
    expect(addresses(await search(query))[0]).toContain(address);
  });

  it("follows an exact hit with the cases that name it", async () => {
    expect(addresses(await search("10060"))).toEqual(
      expect.arrayContaining(["cases/iphttps-server-unreachable/", "cases/lync-edge-front-end-5061-reset-in-path/"]),
    );
    for (const notation of ["0x274c", "10060"])
      expect(addresses(await search(`directaccess ${notation}`))).toContain("cases/iphttps-server-unreachable/");
    expect(addresses(await search("lync -2147014836"))).toContain("cases/lync-edge-front-end-5061-reset-in-path/");
  });

  it("finds a port by the protocol that is spoken there", async () => {
    const { hits } = await search("rdp");
    expect(hits.map(({ entry }) => entry.address)).toContain("reference/ports/#tcp-3389");
  });

  it("requires every word", async () => {
    expect((await search("remote")).total).toBeGreaterThan(0);
    expect((await search("nagle")).total).toBeGreaterThan(0);
    expect((await search("remote nagle")).total).toBe(0);
    expect((await search("remote xylophone")).total).toBe(0);
  });

  it("takes the last word as unfinished, and only that", async () => {
    expect(addresses(await search("remote desk"))).toContain("cases/rdp-listener-gone/");
    expect(addresses(await search("remote desk "))).toContain("cases/rdp-listener-gone/");
    const [unfinished, finished] = [await search("acknowledg"), await search("acknowledg ")];
    expect(unfinished.total).toBeGreaterThan(0);
    expect(finished.total).toBe(unfinished.total);
  });

  it("finds inflected forms without cutting codes", async () => {
    for (const form of ["crash", "crashes", "crashed", "crashing"])
      expect(addresses(await search(`${form} `))).toContain("cases/rdp-listener-gone/");
    expect((await search("0x274 ")).hits.every(({ is }) => is === undefined)).toBe(true);
  });

  it("tells which spelling it looked for", async () => {
    expect((await search("remte desktop")).corrected).toEqual([{ word: "remte", as: ["remote"] }]);
    expect((await search("remote desktop")).corrected).toEqual([]);
    // No slip is thought of in numbers: another code is another thing.
    expect((await search("10069")).total).toBe(0);
  });

  it("leaves out words that are in every text, and says so", async () => {
    const result = await search("the listener is gone");
    expect(result.ignored).toEqual(["the", "is"]);
    expect(addresses(result)[0]).toBe("cases/rdp-listener-gone/");
  });

  it("puts a quoted phrase first", async () => {
    expect(addresses(await search('"delayed acknowledgement"'))[0]).toBe("cases/tcp-delayed-ack-nagle-stall/");
    expect((await search('"acknowledgement delayed"')).loosened).toBe(true);
  });

  it("marks what it found", async () => {
    const [hit] = (await search("desktop listening")).hits;
    const marks = hit!.title.marks.map(([from, to]) => hit!.title.text.slice(from, to));
    expect(marks).toEqual(["Desktop", "listening"]);
    const { text, marks: inSnippet } = (await search("milliseconds refused")).hits[0]!.snippet;
    expect(inSnippet.map(([from, to]) => text.slice(from, to))).toEqual(["refused", "milliseconds"]);
  });

  it("counts facets with the choices in the others held", async () => {
    const all = await search("connection");
    const value = (result: SearchResult, facet: "kind" | "area" | "level", name: string) =>
      result.facets[facet].find((one) => one.value === name)?.count;
    const cases = await search("connection", { filters: { kind: ["case"] } });
    expect(cases.total).toBe(value(all, "kind", "case"));
    expect(value(cases, "kind", "error")).toBe(value(all, "kind", "error"));
    expect(cases.hits.every(({ entry }) => entry.kind === "case")).toBe(true);
    const two = await search("connection", { filters: { area: ["tcp", "lync"], level: ["high"] } });
    expect(two.hits.length).toBeGreaterThan(0);
    for (const { entry } of two.hits)
      expect([entry.facets.area, entry.facets.level]).toEqual([expect.stringMatching(/^(tcp|lync)$/), "high"]);
    expect((await search("connection", { filters: { area: ["nowhere"] } })).facets.area).toContainEqual({ value: "nowhere", count: 0 });
  });

  it("lists everything for no query, and a part of it by filters", async () => {
    expect((await search("", { limit: 0 })).total).toBe(entriesOf(catalogue).length);
    const rds = await search("", { filters: { area: ["rds"], kind: ["case"] } });
    expect(addresses(rds)).toEqual(["cases/rdp-listener-gone/"]);
  });

  it("gives pages that follow each other", async () => {
    const whole = addresses(await search("tcp", { limit: 100 }));
    const parts = [];
    for (let offset = 0; offset < whole.length; offset += 3)
      parts.push(...addresses(await search("tcp", { offset, limit: 3, count: "best" })));
    expect(parts).toEqual(whole);
    expect(new Set(whole).size).toBe(whole.length);
  });
});

describe("search is safe from what is typed", () => {
  it.each([
    "+remote -desktop",
    "title:remote",
    "nofield:remote",
    "remote~2",
    "remote^10",
    "rem*te",
    "*",
    "**********",
    "~1",
    "^",
    ":",
    '"',
    '""',
    '"remote',
    "(((((",
    "\\",
    "a".repeat(10_000),
    "remote ".repeat(2_000),
    "\u0000\uffff\ud800",
    "🙂 emoji",
    "__proto__ constructor toString",
    "_index title",
  ])("%j", async (query) => {
    const result = await search(query);
    expect(result.total).toBeGreaterThanOrEqual(result.hits.length);
  });

  it("takes signs that mean something to lunr for what they are: nothing", async () => {
    const plain = await search("remote desktop");
    for (const query of ["+remote +desktop", "remote~ ^desktop", "remote:desktop", "*remote* desktop*"])
      expect(addresses(await search(query))).toEqual(addresses(plain));
  });

  it("never throws and never marks outside the text", async () => {
    const word = fc.constantFrom("remote", "tcp", "0x274c", "KB", '"', "+", "-", "~1", "^9", "*", ":", "ü", "10060", "\t");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 60 }),
          fc.array(word, { maxLength: 8 }).map((list) => list.join(" ")),
        ),
        async (query) => {
          for (const { title, snippet } of (await search(query, { limit: 3 })).hits)
            for (const { text, marks } of [title, snippet]) {
              let last = -1;
              for (const [from, to] of marks) {
                expect(from).toBeGreaterThan(last);
                expect(to).toBeGreaterThan(from);
                expect(to).toBeLessThanOrEqual(text.length);
                last = to;
              }
            }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("asks for a bounded number of words", () => {
    const { words, ignored } = readQuery(Array.from({ length: 100 }, (_, index) => `w${index}`).join(" "));
    expect(words).toHaveLength(16);
    expect(ignored).toContain("w99");
  });
});

describe("a snippet", () => {
  it("is the sentence that shows most, cut around what was found", () => {
    const terms = new Set(["needle", "thread"]);
    const long = `${"hay ".repeat(200)}a needle with its thread ${"hay ".repeat(200)}`;
    const { text, marks } = snippet(["nothing here", "a needle", long], terms);
    expect(text.length).toBeLessThan(300);
    expect(marks.map(([from, to]) => text.slice(from, to))).toEqual(["needle", "thread"]);
    expect(text.startsWith("…") && text.endsWith("…")).toBe(true);
  });

  it("marks a compound once", () => {
    expect(marked("over IP-HTTPS today", new Set(["iphttps", "https"])).marks).toEqual([[5, 13]]);
  });
});
