import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Blobs, NoSuchBlob } from "../../api/blobs/blobs.ts";
import { blobBytes, chunked } from "../support/blob-bytes.ts";
import { freshBlob } from "../support/submissions.ts";

const MIB = 1 << 20;
const LATER = Number.MAX_SAFE_INTEGER;

/** What every place for blobs does. `leftovers` names files that are there beside blobs. */
export function blobsContract(blobs: () => Blobs, leftovers: () => Promise<readonly string[]>): void {
  it.each([
    ["nothing", 0, [1]],
    ["one byte", 1, [1]],
    ["many small pieces", 70_000, [1, 1_000, 65_536]],
    ["one part and a byte", 5 * MIB + 1, [65_536]],
    ["several parts", 11 * MIB, [MIB + 3, 17]],
  ])("gives back %s", async (_, size, pieces) => {
    const [key, content] = [freshBlob(), randomBytes(size)];
    expect(await blobs().write(key, chunked(content, pieces))).toBe(size);
    expect(Buffer.compare(await blobBytes(blobs(), key), content)).toBe(0);
    const { path, release } = await blobs().local(key);
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    await release();
    await release();
    expect(await leftovers()).toEqual([]);
  });

  it("keeps twenty that are written at once apart", async () => {
    const written = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const [key, content] = [freshBlob(), Buffer.alloc(100_000, index)];
        await blobs().write(key, chunked(content, [9_999]));
        return { key, content };
      }),
    );
    for (const { key, content } of written) expect(await blobBytes(blobs(), key)).toEqual(content);
  });

  it.each([
    ["at once", 0],
    ["after some bytes", 1_000],
    ["after parts were sent", 12 * MIB],
  ])("leaves nothing where the content fails %s, and lets go of it", async (_, bytes) => {
    const key = freshBlob();
    let closed = false;
    async function* broken() {
      try {
        for (let sent = 0; sent < bytes; sent += MIB) yield randomBytes(Math.min(MIB, bytes));
        throw new Error("the client went away");
      } finally {
        closed = true;
      }
    }
    await expect(blobs().write(key, broken())).rejects.toThrow("the client went away");
    expect(closed).toBe(true);
    await expect(blobBytes(blobs(), key)).rejects.toThrow(NoSuchBlob);
    expect(await listed(blobs())).not.toContain(key);
    expect(await leftovers()).toEqual([]);
  });

  it("shows nothing of a blob before it is whole", async () => {
    const key = freshBlob();
    let seen: unknown;
    async function* slow() {
      yield Buffer.from("first ");
      seen = await blobBytes(blobs(), key).catch((error: unknown) => error);
      yield Buffer.from("second");
    }
    await blobs().write(key, slow());
    expect(seen).toBeInstanceOf(NoSuchBlob);
    expect(Buffer.from(await blobBytes(blobs(), key)).toString()).toBe("first second");
  });

  it("says which blob is not there", async () => {
    const key = freshBlob();
    await expect(blobBytes(blobs(), key)).rejects.toThrow(NoSuchBlob);
    await expect(blobs().local(key)).rejects.toThrow(key);
    await expect(blobs().local(key)).rejects.toThrow(NoSuchBlob);
    await blobs().delete([key]);
  });

  it("deletes what is there of many, while a local copy stays until it is released", async () => {
    const keys = Array.from({ length: 40 }, () => freshBlob());
    for (const key of keys.slice(0, 20)) await blobs().write(key, chunked(Buffer.from(key), [100]));
    const { path, release } = await blobs().local(keys[0]!);
    await blobs().delete(keys);
    for (const key of keys.slice(0, 2)) await expect(blobBytes(blobs(), key)).rejects.toThrow(NoSuchBlob);
    expect((await listed(blobs())).filter((key) => keys.includes(key))).toEqual([]);
    expect(await readFile(path, "utf8")).toBe(keys[0]);
    await release();
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });

  it("lists blobs written before a time", async () => {
    const key = freshBlob("reports");
    const started = Date.now();
    await blobs().write(key, chunked(Buffer.from("x"), [1]));
    expect(await listed(blobs())).toContain(key);
    expect(await listed(blobs(), started - 60_000)).not.toContain(key);
  });

  it("can be read in part and by several at once", async () => {
    const [key, content] = [freshBlob(), randomBytes(3 * MIB)];
    await blobs().write(key, chunked(content, [MIB]));
    for (let reader = 0; reader < 30; reader++) {
      for await (const part of blobs().read(key)) {
        expect(Buffer.compare(part, content.subarray(0, part.length))).toBe(0);
        break;
      }
    }
    const copies = await Promise.all(Array.from({ length: 5 }, () => blobBytes(blobs(), key)));
    for (const copy of copies) expect(Buffer.compare(copy, content)).toBe(0);
  });

  it.each([
    "../secret",
    "uploads/../../secret",
    "/etc/passwd",
    "uploads/..",
    "uploads/",
    "uploads",
    "a/b/c",
    "Uploads/abc",
    "uploads/a\0c",
    "uploads/a%2fc",
    "uploads\\abc",
    ".tmp/abc",
    "",
  ])("refuses %j as a key wherever it is given", async (key) => {
    await expect(blobs().write(key, chunked(Buffer.from("x"), [1]))).rejects.toThrow(TypeError);
    await expect(blobBytes(blobs(), key)).rejects.toThrow(TypeError);
    await expect(blobs().local(key)).rejects.toThrow(TypeError);
    await expect(blobs().delete([key])).rejects.toThrow(TypeError);
  });

  it("answers whether it can be written, and leaves nothing of trying", async () => {
    const before = await listed(blobs());
    await blobs().ping();
    // A delete that was answered may take its time in the store.
    while ((await listed(blobs())).length !== before.length) await pause(20);
    expect(await leftovers()).toEqual([]);
  });
}

async function listed(blobs: Blobs, before = LATER): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list(before)) keys.push(key);
  return keys;
}
