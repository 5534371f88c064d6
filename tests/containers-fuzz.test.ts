import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { expandContainers, expandedFile } from "../engine/containers/index.ts";
import { bytes, paxHeader, tarOf, text, zipOf } from "./support/archive-writer.ts";

/** Limits so low that running past one of them shows. */
const LIMITS = { entries: 50, entryBytes: 100_000, totalBytes: 300_000, bufferBytes: 50_000, rereadBytes: 500_000, depth: 4 };

/** A sequence that is the same in every run: Park and Miller's minimal standard generator. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

/** Opens and reads whatever the bytes hold; what must be true of any bytes at all is checked. */
async function survive(content: Uint8Array): Promise<void> {
  const root = { path: "b", size: content.length, open: async () => memorySource(content) };
  const { files, containers } = await expandContainers([root], { limits: LIMITS });
  expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
  const buffer = new Uint8Array(65536);
  let total = 0;
  for (const file of files) {
    expect(file.path).not.toMatch(/(^|\/)\.\.(\/|$)|[\0-\x1f\\]|^\//);
    for (const opened of [file, expandedFile(root, file.path, file.size, file.steps)]) {
      const source = await opened.open();
      let size = 0;
      for (let count = -1; count !== 0; size += count) count = await source.read(buffer, size);
      await source.close();
      total += size;
      if (file.steps.length > 0) expect(size).toBeLessThanOrEqual(Math.min(LIMITS.entryBytes, file.size ?? LIMITS.entryBytes));
    }
  }
  if (containers.length > 0) expect(total).toBeLessThanOrEqual(2 * LIMITS.totalBytes);
  for (const warning of [...containers, ...files].flatMap((entry) => entry.warnings)) {
    expect(warning.code).toMatch(/^(zip|tar|gz|container)\.[a-z-]+$/);
    expect(warning.text).not.toMatch(/[\0-\x1f]/);
  }
}

const words = text("Proto  Local Address  Foreign Address  State\r\n".repeat(8));
const tar = tarOf([
  { name: "a", data: words },
  paxHeader({ path: "long/name" }),
  { name: "x", data: text("x") },
  { name: "././@LongLink", type: "L", data: text("gnu/name\0") },
  { name: "y", data: text("y") },
]);
const samples = {
  zip: zipSync({ "netstat.txt": words, stored: [text("stored"), { level: 0 }], "d/empty": text("") }),
  "zip with descriptors": zipOf(
    [
      { name: "a", data: words, descriptor: true },
      { name: "b", data: text("b"), descriptor: true, method: 0 },
    ],
    { comment: "done" },
  ),
  zip64: zipOf(
    [
      { name: "a", data: words, zip64: true },
      { name: "b", data: text("b"), zip64: true },
    ],
    { zip64: true },
  ),
  tar: tar.subarray(0, 4200),
  gz: bytes(gzipSync(words, { filename: "netstat.txt" }), gzipSync(text("more"))),
  "tar.gz": gzipSync(tar),
  "zip in tar.gz in zip": zipSync({ "in.tgz": gzipSync(tarOf([{ name: "in.zip", data: zipSync({ w: words }) }])) }),
};

describe.each(Object.entries(samples))("%s", (_, sample) => {
  it("survives being cut at every byte", async () => {
    for (let length = 0; length <= sample.length; length++) await survive(sample.subarray(0, length));
  });

  it("survives flipped bits", async () => {
    const next = sequence(20130108);
    for (let round = 0; round < 200; round++) {
      const damaged = sample.slice();
      for (let flips = 1 + next(3); flips > 0; flips--) damaged[next(damaged.length)]! ^= 1 << next(8);
      await survive(damaged);
    }
  });

  it("survives fields of extreme values", async () => {
    const next = sequence(5357);
    const values = [0, 1, 0x7f, 0x80, 0xff];
    for (let round = 0; round < 200; round++) {
      const damaged = sample.slice();
      const at = next(damaged.length);
      damaged.fill(values[next(values.length)]!, at, at + [1, 2, 4, 8][next(4)]!);
      await survive(damaged);
    }
  });

  it("survives parts of it in the wrong place", async () => {
    const next = sequence(3389);
    for (let round = 0; round < 100; round++) {
      const [from, to, length] = [next(sample.length), next(sample.length), next(80)];
      const damaged = sample.slice();
      damaged.set(sample.subarray(from, from + length).subarray(0, sample.length - to), to);
      await survive(damaged);
    }
  });
});

it("survives random bytes behind every magic", async () => {
  const next = sequence(42);
  for (const magic of ["504b0304", "504b0506", "504b0102", "1f8b0800", "1f8b081c", "504b070850 4b0304"]) {
    for (let round = 0; round < 60; round++) {
      const noise = Uint8Array.from({ length: next(700) }, () => next(256));
      await survive(bytes(new Uint8Array(Buffer.from(magic.replace(" ", ""), "hex")), noise));
    }
  }
});
