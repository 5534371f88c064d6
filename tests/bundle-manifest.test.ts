import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BundleFile, memorySource } from "../engine/bytes/byte-source.ts";
import { hintsFor, parseManifest, readManifest } from "../engine/formats/bundle-manifest.ts";
import { compilePattern, matchesPattern } from "../engine/formats/source-pattern.ts";

const file = (path: string, content: string | Uint8Array = ""): BundleFile => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { path, size: bytes.length, open: async () => memorySource(bytes) };
};
const hints = (yaml: string, path: string) => hintsFor(parseManifest(yaml, "bundle.yaml"), path);
const problems = (yaml: string) =>
  parseManifest(yaml, "bundle.yaml").warnings.map(({ code, text, at }) => `${code.replace("bundle-manifest.", "")} ${at} ${text}`);

const EXAMPLE = `
sources:
  "client/*":
    host: pc-17
    side: client
    time_zone: "+02:00"
  client/list.txt:
    time: since_previous
    date: 2013-01-08
    filter: tcp.port == 3389
    time_zone: -0930
  server.zip:
    host: [10.7.3.187, other]
    side: server
    time_zone: UTC
    date_order: dmy
hosts:
  - name: pc-17
    addresses: 10.0.107.58
  - names: [rds01, rds01.corp.example]
    addresses: [10.7.3.187, "fd00::7:187"]
    product: windows-server-2008-r2
    version: 6.1.7601
`;

describe("parseManifest", () => {
  const manifest = parseManifest(EXAMPLE, "bundle.yaml");

  it("reads what is stated of sources", () => {
    expect(manifest.warnings).toEqual([]);
    expect(hintsFor(manifest, "client/other.txt")).toEqual({ host: ["pc-17", "10.0.107.58"], side: "client", utcOffset: 120 });
    expect(hintsFor(manifest, "client/list.txt")).toEqual({
      host: ["pc-17", "10.0.107.58"],
      side: "client",
      utcOffset: -570,
      time: "since_previous",
      date: "2013-01-08",
      filter: "tcp.port == 3389",
    });
    expect(hintsFor(manifest, "server.zip/logs/system.txt")).toEqual({
      host: ["10.7.3.187", "other", "rds01", "rds01.corp.example", "fd00::7:187"],
      side: "server",
      utcOffset: 0,
      dateOrder: "dmy",
    });
    expect(hintsFor(manifest, "elsewhere.txt")).toEqual({});
  });

  it("reads what is stated of machines", () =>
    expect(manifest.hosts).toEqual([
      { names: ["pc-17"], addresses: ["10.0.107.58"] },
      {
        names: ["rds01", "rds01.corp.example"],
        addresses: ["10.7.3.187", "fd00::7:187"],
        product: "windows-server-2008-r2",
        version: "6.1.7601",
      },
    ]));

  it("lets a later pattern win, key by key", () => {
    const yaml = "sources:\n  '**': {side: client, date_order: mdy}\n  b.txt: {side: server}\n";
    expect(hints(yaml, "b.txt")).toEqual({ side: "server", dateOrder: "mdy" });
    expect(hints(yaml, "x/b.txt")).toEqual({ side: "client", dateOrder: "mdy" });
  });

  it("resolves anchors", () => expect(hints("sources:\n  a: &c {side: client}\n  b: *c\n", "b")).toEqual({ side: "client" }));

  it.each([
    [
      "sources:\n  a:\n    sidee: client\n",
      'unknown-key 3 3:5 source "a" has no key "sidee"; there are host, side, time_zone, time, date, date_order, filter',
    ],
    ["source: {}\n", 'unknown-key 1 1:1 bundle.yaml has no key "source"; there are sources, hosts'],
    ["sources:\n  a: {side: left}\n", 'invalid-value 2 2:13 side must be one of client, server, middle, not "left"'],
    ["sources:\n  a: {time: relative}\n", 'invalid-value 2 2:13 time must be one of absolute, since_start, since_previous, not "relative"'],
    [
      "sources:\n  a: {date: 2013-02-30}\n",
      'invalid-value 2 2:13 date must be a day such as 2013-01-08, or a day and a time of day such as 2013-01-08 09:18:53, not "2013-02-30"',
    ],
    [
      "sources:\n  a: {date: 2013-02-03 25:00}\n",
      'invalid-value 2 2:13 date must be a day such as 2013-01-08, or a day and a time of day such as 2013-01-08 09:18:53, not "2013-02-03 25:00"',
    ],
    ["sources:\n  a: {time_zone: 2}\n", 'invalid-value 2 2:18 time_zone must be UTC or the offset that held then, such as +02:00, not "2"'],
    [
      "sources:\n  a: {time_zone: +15:00}\n",
      'invalid-value 2 2:18 time_zone must be UTC or the offset that held then, such as +02:00, not "+15:00"',
    ],
    ["sources:\n  a: {side: client}\n  a: {side: server}\n", 'duplicate-key 3 3:3 "a" stands twice in sources; the first is taken'],
    ["sources: [a, b]\n", "invalid-value 1 1:10 sources must be a map of keys and values"],
    ["sources:\n  a: client\n", 'invalid-value 2 2:6 source "a" must be a map of keys and values'],
    ["sources:\n  a: {side: }\n", "invalid-value 2 2:13 side must be text"],
    ["sources:\n  /: {side: client}\n", 'invalid-value 2 2:3 "/" names no file'],
    ["hosts: {name: a}\n", "invalid-value 1 1:8 hosts must be a list"],
    ["hosts:\n  - product: windows-10\n", "invalid-value 2 2:5 a host must have a name or an address"],
    ["hosts:\n  - {name: a, addresses: [10.0.0.1, 10.0.0.256]}\n", 'invalid-value 2 2:37 "10.0.0.256" is not an IP address'],
    [
      "hosts:\n  - {name: a, product: Windows 10}\n",
      'invalid-value 2 2:24 product "Windows 10" must be written as rules name it, such as windows-server-2008-r2',
    ],
    ["just text\n", "invalid-value 1 1:1 bundle.yaml must be a map of keys and values"],
  ])("warns with line and column: %j", (yaml, warning) => expect(problems(yaml)).toEqual([warning]));

  it("says why names of zones are refused", () =>
    expect(problems("sources:\n  a: {time_zone: Europe/Berlin}\n")[0]).toMatch(/not "Europe\/Berlin"; names of zones are not known/));

  it("keeps what is right beside what is wrong", () => {
    const yaml = "sources:\n  a: {side: left, date_order: dmy}\nhosts:\n  - {}\n  - {name: x}\n";
    expect(hints(yaml, "a")).toEqual({ dateOrder: "dmy" });
    expect(parseManifest(yaml, "bundle.yaml").hosts).toEqual([{ names: ["x"], addresses: [] }]);
  });

  it("says what is wrong with the YAML and reads the rest", () => {
    const yaml = "sources:\n  a: {side: client}\n  b: {side: client\nhosts: []\n";
    expect(problems(yaml)[0]).toMatch(/^syntax [34] /);
    expect(hints(yaml, "a")).toEqual({ side: "client" });
  });

  it("takes a time of day with the date as the moment a list counts from", () => {
    const start = "2013-01-08 09:18:53.832";
    expect(hints(`sources:\n  a: {date: ${start}}\n`, "a")).toEqual({ date: "2013-01-08", start });
  });

  it("gives no meaning to tags", () => {
    expect(problems("sources:\n  a: {filter: !!js/function 'x'}\n")[0]).toMatch(/^syntax 2 /);
    expect(hints("sources:\n  a: {date: !!timestamp 2013-01-08}\n", "a")).toEqual({ date: "2013-01-08" });
  });

  it("an empty file says nothing", () => expect(parseManifest("", "bundle.yaml")).toMatchObject({ sources: [], hosts: [], warnings: [] }));

  it.each([
    ["nesting thousands deep", "[".repeat(60_000)],
    ["maps thousands deep", `sources:\n${"{a: ".repeat(15_000)}`],
    [
      "aliases of aliases",
      `a: &a [x,x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? "a" : `b${i - 1}`},*${i === 0 ? "a" : `b${i - 1}`}]`).join("\n")}\nhosts: *b29\n`,
    ],
    ["a map within itself", "sources: &s\n  a: *s\n"],
    ["an alias of nothing", "sources: *nothing\n"],
    ["a thousand aliases", `hosts:\n  - &h {name: x}\n${"  - *h\n".repeat(1000)}`],
    ["thousands of keys", `sources:\n${Array.from({ length: 3000 }, (_, i) => `  k${i}: {side: x}\n`).join("")}`],
  ])("survives %s", (_, yaml) => {
    const manifest = parseManifest(yaml, "bundle.yaml");
    expect(manifest.warnings.length).toBeGreaterThan(0);
    expect(manifest.warnings.length).toBeLessThanOrEqual(100);
  });

  it("survives any change to a manifest", () => {
    const noise = fc.constantFrom(
      "",
      "\t",
      ":",
      "- ",
      "&a ",
      "*a",
      "{",
      "}",
      "[",
      "]",
      "!x ",
      "|",
      ">",
      "'",
      '"',
      "\n",
      "? ",
      "#",
      "%YAML 9\n",
      "---\n",
      "\0",
      "\u2028",
      "<<: ",
    );
    fc.assert(
      fc.property(fc.nat(EXAMPLE.length), fc.nat(30), noise, (at, length, insert) => {
        const { warnings } = parseManifest(EXAMPLE.slice(0, at) + insert + EXAMPLE.slice(at + length), "bundle.yaml");
        for (const warning of warnings) expect(warning.code).toMatch(/^bundle-manifest\.[a-z-]+$/);
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it("survives being cut at every byte", () => {
    for (let length = 0; length < EXAMPLE.length; length++) parseManifest(EXAMPLE.slice(0, length), "bundle.yaml");
  });
});

describe("readManifest", () => {
  it("finds none where there is none", async () =>
    expect(await readManifest([file("a.txt")])).toEqual({ path: null, sources: [], hosts: [], warnings: [] }));

  it("reads paths from where the manifest lies", async () => {
    const manifest = await readManifest([
      file("b.zip/case/bundle.yaml", "sources: {a.txt: {side: client}}"),
      file("b.zip/case/a.txt"),
      file("a.txt"),
    ]);
    expect(manifest.path).toBe("b.zip/case/bundle.yaml");
    expect(manifest.warnings).toEqual([]);
    expect(hintsFor(manifest, "b.zip/case/a.txt")).toEqual({ side: "client" });
    expect(hintsFor(manifest, "a.txt")).toEqual({});
  });

  it("takes the one least deep and says so of the others", async () => {
    const manifest = await readManifest([
      file("z/bundle.yml", "hosts: [{name: deep}]"),
      file("bundle.yaml", "hosts: [{name: top}]"),
      file("a/b/c/bundle.yaml", "not ours"),
    ]);
    expect(manifest.hosts).toEqual([{ names: ["top"], addresses: [] }]);
    expect(manifest.warnings).toMatchObject([{ path: "z/bundle.yml", code: "bundle-manifest.not-used" }]);
  });

  it("warns of a pattern that matches nothing", async () => {
    const manifest = await readManifest([
      file("bundle.yaml", "sources: {clent/*: {side: client}, a.*: {side: server}}"),
      file("client/a.txt"),
      file("a.txt"),
    ]);
    expect(manifest.warnings).toMatchObject([{ code: "bundle-manifest.no-such-source", text: expect.stringContaining('"clent/*"') }]);
  });

  it("reads it in the encodings people save files in", async () => {
    const yaml = "hosts: [{name: büro}]";
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${yaml}`, "utf16le"));
    const ansi = new Uint8Array(Buffer.from(yaml, "latin1"));
    for (const bytes of [utf16, ansi])
      expect((await readManifest([file("bundle.yaml", bytes)])).hosts).toEqual([{ names: ["büro"], addresses: [] }]);
  });

  it.each([
    ["too large", file("bundle.yaml", "#".repeat(70_000)), /more than 65536 bytes/],
    ["not text", file("bundle.yaml", new Uint8Array(100).fill(2)), /not text/],
    ["not readable", { ...file("bundle.yaml"), open: () => Promise.reject(new Error("gone")) }, /gone/],
  ])("warns of one that is %s", async (_, manifest, text) => {
    expect((await readManifest([manifest])).warnings).toMatchObject([
      { path: "bundle.yaml", code: "bundle-manifest.unreadable", text: expect.stringMatching(text) },
    ]);
  });
});

describe("patterns", () => {
  it.each([
    ["a.txt", "a.txt", true],
    ["a.txt", "b/a.txt", false],
    ["./a.txt", "a.txt", true],
    ["b\\a.txt", "b/a.txt", true],
    ["*.txt", "a.txt", true],
    ["*.txt", "b/a.txt", false],
    ["**/*.txt", "a.txt", true],
    ["**/*.txt", "b/c/a.txt", true],
    ["b", "b/c/a.txt", true],
    ["b", "bc/a.txt", false],
    ["b/*", "b/c/a.txt", true],
    ["b/**", "b", true],
    ["b/**/d", "b/d", true],
    ["b/**/d", "b/x/y/d/e", true],
    ["?.txt", "a.txt", true],
    ["?.txt", "ab.txt", false],
    ["a.txt", "aXtxt", false],
    ["*", "a/b", true],
    ["**", "a/b", true],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxbyy", false],
    ["*a", "aaaa", true],
    ["[ab]", "a", false],
    ["(a|b)+", "(a|b)+", true],
    ["A.txt", "a.txt", false],
  ])("%s against %s", (pattern, path, expected) => expect(matchesPattern(compilePattern(pattern), path)).toBe(expected));

  it("matches as the regular expression that says the same", () => {
    const part = fc.constantFrom("a", "b", "*", "?", "**", "ab", "a*", "*b*");
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.constantFrom("a", "b", "ab", "ba"), { minLength: 1, maxLength: 4 }),
        (parts, names) => {
          const source = parts
            .map((name) => (name === "**" ? "(?:[^/]+/)*" : `${name.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`))
            .join("");
          expect(matchesPattern(compilePattern(parts.join("/")), names.join("/"))).toBe(
            new RegExp(`^${source}`).test(`${names.join("/")}/`) && (parts.some((name) => name !== "**") || names.length > 0),
          );
        },
      ),
      { seed: 11, numRuns: 2000 },
    );
  });

  it("is not slowed down by stars", () => expect(matchesPattern(compilePattern(`${"*a".repeat(300)}b`), "a".repeat(1000))).toBe(false));
});
