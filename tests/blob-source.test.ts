import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blobSource } from "../engine/bytes/blob-source.ts";

const MIB = 1 << 20;
const bytes = Uint8Array.from({ length: 4 * MIB + 17 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const blob = new Blob([bytes]);

async function part(source: ReturnType<typeof blobSource>, position: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  return target.subarray(0, await source.read(target, position));
}

/** Tells a difference in a word, without printing megabytes. */
function same(found: Uint8Array, position: number, length: number): boolean {
  return Buffer.compare(found, bytes.subarray(position, position + length)) === 0;
}

describe("a blob as a source", () => {
  it("gives the bytes asked for, in whatever order", async () => {
    const reading = fc.record({
      // Most reads go on where the last one ended.
      jump: fc.option(fc.integer({ min: 0, max: bytes.length + 10 }), { nil: null, freq: 4 }),
      length: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 * MIB })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { maxLength: 12 }), async (readings) => {
        const source = blobSource(blob);
        let position = 0;
        for (const { jump, length } of readings) {
          position = jump ?? position;
          const found = await part(source, position, length);
          expect(same(found, position, length)).toBe(true);
          position += found.length;
        }
        await source.close();
      }),
      { numRuns: 40 },
    );
  });

  it("serves reads that do not wait for each other", async () => {
    const source = blobSource(blob);
    await part(source, 0, 10);
    const found = await Promise.all([part(source, 10, MIB), part(source, 10, 50), part(source, 3 * MIB, 70)]);
    expect([same(found[0]!, 10, MIB), same(found[1]!, 10, 50), same(found[2]!, 3 * MIB, 70)]).toEqual([true, true, true]);
    await source.close();
  });

  it("answers 0 past the end, closes twice, and can be read once more", async () => {
    const source = blobSource(blob);
    await part(source, 0, MIB);
    await part(source, MIB, MIB);
    expect(await part(source, bytes.length, 10)).toHaveLength(0);
    await source.close();
    await source.close();
    expect(same(await part(source, 5, 10), 5, 10)).toBe(true);
  });
});
