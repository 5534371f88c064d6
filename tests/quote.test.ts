import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { createSha256 } from "../engine/bytes/sha256.ts";
import { analyseSource } from "../engine/derive/analyse-source.ts";
import { FrameSearch, type Landmark, Landmarks } from "../engine/formats/frame-search.ts";
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

describe.each(["pcap", "pcapng"] as const)("going to frames of %s by landmarks", (format) => {
  const packets = 12_000;
  let bytes = new Uint8Array();
  let landmarks: readonly Landmark[] = [];
  let read = 0;
  const file = () => {
    const source = memorySource(bytes);
    const counting = async (target: Uint8Array, position: number) => {
      const count = await source.read(target, position);
      read += count;
      return count;
    };
    return { path: `long.${format}`, size: bytes.length, open: async () => ({ ...source, read: counting }) };
  };

  beforeAll(async () => {
    const parts = [5, 6].map((seed) => {
      const { files } = generateCaptures({ out: join(folder, `long-${seed}.${format}`), packets, format, seed });
      return readFileSync(files[0]!);
    });
    // A pcapng file may hold several sections, each with interfaces of its own.
    bytes = new Uint8Array(format === "pcapng" ? Buffer.concat(parts) : parts[0]!);
    const job = { files: [{ source: 0, file: file(), hints: {} }], segments: false, hash: false };
    const [result] = await analyseSource(job, { createHasher: createSha256, progress: async () => {} });
    landmarks = structuredClone(result!.landmarks);
  });

  it("gives what reading from the start gives, and reads only near the frames", async () => {
    const frames = new Set(format === "pcapng" ? [3, 9_000, 9_001, 12_001, packets + 11_500] : [3, 9_000, 9_001, 11_500]);
    const request = { file: file(), hints: {}, frames, ...none };
    const walked = await quoteSource(request, breathe);
    read = 0;
    const led = await quoteSource({ ...request, landmarks }, breathe);
    expect(landmarks.length).toBeGreaterThan(3);
    expect([...led.frames]).toEqual([...walked.frames]);
    expect(led.frames.size).toBe(frames.size);
    expect(read).toBeLessThan(frames.size * 2.2 * 2 ** 20);
    expect(read).toBeLessThan(0.9 * bytes.length);
  });

  it("draws the same sessions", async () => {
    const frames = new Set(Array.from({ length: 100 }, (_, i) => 8_000 + i));
    const near = await quoteSource({ file: file(), hints: {}, frames, landmarks, ...none }, breathe);
    const texts = [...near.frames.values()].map((text) => /^(\S+) → (\S+) TCP (\d+) → (\d+) /.exec(text));
    const flows = texts.flatMap((found) => {
      const [, clientIp = "", serverIp = "", clientPort, serverPort] = found ?? [];
      const key = { clientIp, clientPort: Number(clientPort), serverIp, serverPort: Number(serverPort) };
      return found ? [{ ...key, frames: { first: 8_000, last: 8_400 } }] : [];
    });
    const request = { file: file(), hints: {}, frames: new Set([11_000]), lines: new Set<number>(), flows };
    const [walked, led] = [await quoteSource(request, breathe), await quoteSource({ ...request, landmarks }, breathe)];
    expect([[...led.frames], led.flows]).toEqual([[...walked.frames], walked.flows]);
    expect(led.flows.length).toBeGreaterThan(20);
    expect(led.flows.every((packets) => packets.length > 0)).toBe(true);
  });
});

describe("landmarks", () => {
  it("stay few, at even distances, however long the file", () => {
    const landmarks = new Landmarks();
    for (let n = 1; n <= 20_000; n++) landmarks.add({ frames: n * 10, offset: n * 2 ** 20 });
    expect(landmarks.list.length).toBeLessThan(4096);
    const steps = landmarks.list.slice(1).map(({ offset }, i) => offset - landmarks.list[i]!.offset);
    expect(Math.max(...steps)).toBeLessThanOrEqual(2 * Math.min(...steps));
  });

  it("lead to the last place before the next wanted frame, never back", () => {
    const landmarks = [10, 20, 30].map((frames) => ({ frames, offset: frames * 1000 }));
    const search = new FrameSearch(
      [
        { first: 25, last: 26 },
        { first: 21, last: 21 },
        { first: 31, last: 40 },
      ],
      landmarks,
    );
    expect(search.ahead(0, 0)).toBe(landmarks[1]);
    expect([21, 22, 25, 26].map((frame) => search.next(frame))).toEqual([21, 25, 25, 26]);
    expect(search.ahead(21, 21_000)).toBeNull();
    expect(search.ahead(26, 26_000)).toBe(landmarks[2]);
    expect(search.next(41)).toBe(Number.POSITIVE_INFINITY);
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
