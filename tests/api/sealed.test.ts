import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Blobs } from "../../api/blobs/blobs.ts";
import { folderBlobs } from "../../api/blobs/folder-blobs.ts";
import { openPlain, openSealed } from "../../api/blobs/open-blob.ts";
import { checkSeal, SEAL_CHECK } from "../../api/blobs/seal-check.ts";
import { CHUNK, HEADER, SEALED_CHUNK, SealBroken, TAG } from "../../api/blobs/seal-format.ts";
import { sealedBlobs } from "../../api/blobs/sealed.ts";
import { newId } from "../../api/ids.ts";
import { blobBytes, chunked } from "../support/blob-bytes.ts";

const key = randomBytes(32);
/** Sizes around the borders of chunks, where mistakes live. */
const SIZES = [0, 1, TAG, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + TAG, 2 * CHUNK, 2 * CHUNK + 7, 5 * CHUNK];
let folder: string;
let plain: Blobs;
let sealed: Blobs;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "casebook-sealed-"));
  plain = await folderBlobs(folder);
  sealed = sealedBlobs(plain, key);
});
afterAll(() => rm(folder, { recursive: true }));

const freshKey = () => `uploads/${newId()}`;

async function stored(content: Uint8Array): Promise<string> {
  const name = freshKey();
  await sealed.write(name, chunked(content, [content.length || 1]));
  return name;
}

/** A local file of these bytes, read whole as a sealed blob. */
async function readSealed(bytes: Uint8Array, name: string, withKey: Uint8Array = key): Promise<Uint8Array> {
  const path = join(folder, newId());
  await writeFile(path, bytes);
  const source = await openSealed(path, withKey, name);
  try {
    const content = new Uint8Array(source.size!);
    expect(await source.read(content, 0)).toBe(content.length);
    return content;
  } finally {
    await source.close();
    await rm(path);
  }
}

describe("a sealed blob", () => {
  it.each(SIZES)("of %i bytes gives back what was written, and nothing of it lies on the disk", async (size) => {
    const content = randomBytes(size);
    const name = await stored(content);
    expect(await blobBytes(sealed, name)).toEqual(content);
    const onDisk = Buffer.from(await blobBytes(plain, name));
    expect(onDisk.length).toBe(HEADER + size + TAG * Math.max(1, Math.ceil(size / CHUNK)));
    if (size >= TAG) expect(onDisk.includes(content.subarray(0, TAG))).toBe(false);
  });

  it("tells the size of the content, not of what lies on the disk", async () => {
    expect(await sealed.write(freshKey(), chunked(randomBytes(70_000), [1, 65_535, 3]))).toBe(70_000);
  });

  it("is another one each time the same is written", async () => {
    const content = randomBytes(1000);
    const [one, other] = [await blobBytes(plain, await stored(content)), await blobBytes(plain, await stored(content))];
    expect(Buffer.from(one).subarray(HEADER)).not.toEqual(Buffer.from(other).subarray(HEADER));
  });

  it("takes any content in any cuts and reads any part of it", async () => {
    const content = fc.oneof(fc.constantFrom(...SIZES), fc.nat({ max: 3 * CHUNK })).map((size) => randomBytes(size));
    const cuts = fc.array(fc.integer({ min: 1, max: CHUNK + 100 }), { minLength: 1, maxLength: 5 });
    const parts = fc.array(fc.tuple(fc.nat({ max: 3 * CHUNK + 10 }), fc.nat({ max: 2 * CHUNK + 10 })), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(content, cuts, parts, async (bytes, sizes, reads) => {
        const name = freshKey();
        await sealed.write(name, chunked(bytes, sizes));
        expect(await blobBytes(sealed, name)).toEqual(bytes);
        const { path, release } = await sealed.local(name);
        const source = await openSealed(path, key, name);
        expect(source.size).toBe(bytes.length);
        for (const [position, length] of reads) {
          const target = new Uint8Array(length);
          const read = await source.read(target, position);
          expect(Buffer.from(target.subarray(0, read))).toEqual(bytes.subarray(position, position + length));
        }
        await source.close();
        await source.close();
        await release();
      }),
      { numRuns: 60, seed: 20_260_101 },
    );
  });
});

describe("tampering", () => {
  it("is noticed at every single bit of a small blob", async () => {
    const name = await stored(Buffer.from("evidence"));
    const bytes = await blobBytes(plain, name);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await expect(readSealed(changed, name), `bit ${bit}`).rejects.toThrow(SealBroken);
    }
  });

  it("is noticed wherever a bit of a large blob is flipped or it is cut", async () => {
    const whole = await stored(randomBytes(2 * CHUNK + 50));
    const bytes = Buffer.from(await blobBytes(plain, whole));
    const place = fc.oneof(
      fc.nat({ max: bytes.length - 1 }),
      fc.constantFrom(HEADER + SEALED_CHUNK - 1, HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK),
    );
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 7 }), async (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        await expect(readSealed(changed, whole)).rejects.toThrow(SealBroken);
        await expect(readSealed(bytes.subarray(0, at), whole)).rejects.toThrow(SealBroken);
        const name = freshKey();
        await plain.write(name, chunked(bytes.subarray(0, at), [CHUNK]));
        await expect(blobBytes(sealed, name)).rejects.toThrow(SealBroken);
      }),
      { numRuns: 60, seed: 20_260_102 },
    );
  });

  it("is noticed where chunks are left out, exchanged or added", async () => {
    const name = await stored(randomBytes(3 * CHUNK));
    const bytes = Buffer.from(await blobBytes(plain, name));
    const [header, ...chunks] = [
      bytes.subarray(0, HEADER),
      ...[0, 1, 2].map((index) => bytes.subarray(HEADER + index * SEALED_CHUNK).subarray(0, SEALED_CHUNK)),
    ];
    const [a, b, c] = chunks as [Buffer, Buffer, Buffer];
    expect(await readSealed(Buffer.concat([header, a, b, c]), name)).toHaveLength(3 * CHUNK);
    for (const order of [[b, c], [a, c], [b, a, c], [a, b, c, c], [a, a, b, c], [a, b], [c], []]) {
      await expect(readSealed(Buffer.concat([header, ...order]), name)).rejects.toThrow(SealBroken);
    }
  });

  it("is noticed where one blob lies in the place of another of the same key", async () => {
    const [one, other] = [await stored(Buffer.from("what acme sent")), freshKey()];
    const bytes = await blobBytes(plain, one);
    await plain.write(other, chunked(bytes, [bytes.length]));
    await expect(blobBytes(sealed, other)).rejects.toThrow(/as another blob/);
    await expect(readSealed(bytes, other)).rejects.toThrow(/as another blob/);
    expect(await readSealed(bytes, one)).toEqual(new Uint8Array(Buffer.from("what acme sent")));
  });
});

describe("keys", () => {
  it("are held against what is there before anything is done with it", async () => {
    const place = await mkdtemp(join(tmpdir(), "casebook-sealed-"));
    const blobs = await folderBlobs(place);
    await checkSeal(blobs, false);
    await checkSeal(sealedBlobs(blobs, key), true);
    await checkSeal(sealedBlobs(blobs, key), true);
    await expect(checkSeal(sealedBlobs(blobs, randomBytes(32)), true)).rejects.toThrow(/sealed with another key/);
    await expect(checkSeal(blobs, false)).rejects.toThrow(/start with the key/);
    await blobs.delete([SEAL_CHECK]);
    await blobs.write(`upload/${newId()}`, chunked(Buffer.from("plain"), [5]));
    await checkSeal(blobs, false);
    await expect(checkSeal(sealedBlobs(blobs, key), true)).rejects.toThrow(/stored without a key/);
    await rm(place, { recursive: true });
  });

  it("are known although another process is just writing the mark anew", async () => {
    const place = await mkdtemp(join(tmpdir(), "casebook-sealed-"));
    const blobs = sealedBlobs(await folderBlobs(place), key);
    await checkSeal(blobs, true);
    let looks = 0;
    const halfWritten: Blobs = {
      ...blobs,
      read: (name, ...rest) => {
        if (++looks < 3) throw new SealBroken("half of it is of the one before");
        return blobs.read(name, ...rest);
      },
    };
    await checkSeal(halfWritten, true);
    expect(looks).toBe(3);
    await rm(place, { recursive: true });
  });

  it("are marked by the first process, though others try at the same moment whether anything can be written", async () => {
    const place = await mkdtemp(join(tmpdir(), "casebook-sealed-"));
    const blobs = await folderBlobs(place);
    await blobs.write(`ping/${randomUUID()}`, chunked(Buffer.from("ping"), [4]));
    await checkSeal(sealedBlobs(blobs, key), true);
    await expect(checkSeal(blobs, false)).rejects.toThrow(/start with the key/);
    await rm(place, { recursive: true });
  });

  it("open only what they sealed", async () => {
    const name = await stored(randomBytes(100));
    const bytes = await blobBytes(plain, name);
    await expect(readSealed(bytes, name, randomBytes(32))).rejects.toThrow(/sealed with another key/);
    await expect(readSealed(bytes, name, randomBytes(16))).rejects.toThrow(/32 bytes, this one 16/);
  });

  it("refuse what is not sealed, and say so", async () => {
    const name = freshKey();
    await plain.write(name, chunked(Buffer.from("stored before there was a key"), [7]));
    await expect(blobBytes(sealed, name)).rejects.toThrow(/is not sealed: it was stored without a key/);
    await expect(readSealed(Buffer.from("short"), name)).rejects.toThrow(/is not sealed/);
    await expect(readSealed(new Uint8Array(0), name)).rejects.toThrow(/is not sealed/);
  });

  it("are asked for where a sealed blob is opened without", async () => {
    const { path, release } = await sealed.local(await stored(Buffer.from("sealed")));
    await expect(openPlain(path)).rejects.toThrow(/start with the key/);
    await release();
    const plainPath = join(folder, newId());
    await writeFile(plainPath, "plain");
    const source = await openPlain(plainPath);
    const target = new Uint8Array(10);
    expect(await source.read(target, 1)).toBe(4);
    expect(Buffer.from(target.subarray(0, 4)).toString()).toBe("lain");
    await source.close();
    expect(await readFile(plainPath, "utf8")).toBe("plain");
  });
});
