import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { quoteSource } from "../engine/report/quote.ts";
import { generateCaptures } from "./bench/gen-captures.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-quote-"));
afterAll(() => rmSync(folder, { recursive: true }));

const memoryFile = (path: string, bytes: Uint8Array) => ({ path, size: bytes.length, open: async () => memorySource(bytes) });
const breathe = async () => {};
const none = { lines: new Set<number>(), flows: [] };

describe.each(["pcap", "pcapng"] as const)("quoting frames of %s", (format) => {
  let bytes = new Uint8Array();
  beforeAll(() => {
    const { files } = generateCaptures({ out: join(folder, `quote.${format}`), packets: 3000, format, seed: 5 });
    bytes = new Uint8Array(readFileSync(files[0]!));
  });

  it("describes just the wanted frames, the same as when every frame is decoded", async () => {
    const wanted = new Set([1, 2, 700, 2999]);
    const file = memoryFile(`quote.${format}`, bytes);
    const some = await quoteSource({ file, hints: {}, frames: wanted, ...none }, breathe);
    const all = await quoteSource({ file, hints: {}, frames: new Set(Array.from({ length: 3000 }, (_, i) => i + 1)), ...none }, breathe);
    expect([...some.frames.keys()]).toEqual([...wanted]);
    expect(all.frames.size).toBe(3000);
    for (const frame of wanted) expect(some.frames.get(frame)).toBe(all.frames.get(frame));
  });

  it("leaves out frames the capture does not have", async () => {
    const found = await quoteSource({ file: memoryFile("x", bytes), hints: {}, frames: new Set([5000]), ...none }, breathe);
    expect(found.frames.size).toBe(0);
  });
});

describe("quoting a text", () => {
  const text = "one\r\n  two\tthree  \nfour\n";
  const file = memoryFile("x.txt", new TextEncoder().encode(text));

  it("gives the lines by number, blanks folded", async () => {
    const found = await quoteSource({ file, hints: {}, frames: new Set(), lines: new Set([2, 3, 9]), flows: [] }, breathe);
    expect([...found.lines]).toEqual([
      [2, "two three"],
      [3, "four"],
    ]);
  });

  it("cuts a line nobody wants to read to its end", async () => {
    const long = memoryFile("x.txt", new TextEncoder().encode("a".repeat(10_000)));
    const found = await quoteSource({ file: long, hints: {}, frames: new Set(), lines: new Set([1]), flows: [] }, breathe);
    expect(found.lines.get(1)).toBe(`${"a".repeat(239)}…`);
  });
});
