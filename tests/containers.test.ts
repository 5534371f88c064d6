import { constants, deflateRawSync, gunzipSync as nativeGunzip, gzipSync as nativeGzip } from "node:zlib";
import fc from "fast-check";
import { deflateSync, gzipSync, Zip, ZipDeflate, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { type BundleFile, type ByteSource, memorySource } from "../engine/bytes/byte-source.ts";
import { crc32 } from "../engine/containers/crc32.ts";
import {
  type ContainerReport,
  type ContainerWarning,
  type ExpandedFile,
  type ExpandOptions,
  expandContainers,
  expandedFile,
  randomAccess,
} from "../engine/containers/index.ts";
import { bytes, paxHeader, tarMember, tarOf, text, zipOf } from "./support/archive-writer.ts";

const MIB = 1 << 20;
const noise = (length: number, seed = 1) => {
  const data = new Uint8Array(length);
  for (let at = 0, state = seed; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[at] = state >>> 24;
  }
  return data;
};
const file = (path: string, content: Uint8Array): BundleFile => ({ path, size: content.length, open: async () => memorySource(content) });

async function contentOf(opened: BundleFile | ExpandedFile): Promise<Uint8Array> {
  const source = await opened.open();
  const parts: Uint8Array[] = [];
  for (let position = 0; ; ) {
    const part = new Uint8Array(100_000);
    const count = await source.read(part, position);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    position += count;
  }
  await source.close();
  await source.close();
  return bytes(...parts);
}

interface Opened {
  readonly texts: Record<string, string>;
  readonly files: readonly ExpandedFile[];
  readonly containers: readonly ContainerReport[];
  readonly warnings: readonly ContainerWarning[];
  readonly codes: readonly string[];
}

/** Opens one archive, reads everything in it twice, once by its steps alone, and gathers all warnings. */
async function opened(content: Uint8Array, options: ExpandOptions = {}, path = "b"): Promise<Opened> {
  const root = file(path, content);
  const { files, containers } = await expandContainers([root], options);
  const texts: Record<string, string> = {};
  for (const entry of files) {
    const data = await contentOf(entry);
    texts[entry.path] = data.length > 2000 ? `${data.length} bytes, CRC ${crc32(data)}` : new TextDecoder().decode(data);
    expect(Buffer.compare(await contentOf(expandedFile(root, entry.path, entry.size, entry.steps)), data)).toBe(0);
    expect(structuredClone(entry.steps)).toEqual(entry.steps);
    expect(entry.root).toBe(path);
  }
  const warnings = [...containers.flatMap((container) => container.warnings), ...files.flatMap((entry) => entry.warnings)];
  return { texts, files, containers, warnings, codes: warnings.map((warning) => warning.code).sort() };
}

describe("crc32", () => {
  // The check value of CRC-32 is that of the digits 1 to 9.
  it("has the check value of the standard", () => expect(crc32(text("123456789"))).toBe(0xcbf43926));
  it("goes on from where it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 50 }), (first, second) => {
        expect(crc32(second, crc32(first))).toBe(crc32(bytes(first, second)));
      }),
      { seed: 7 },
    );
  });
});

describe("zip", () => {
  it("gives its entries in order of their paths, stored and deflated, empty ones too", async () => {
    const { texts, containers, codes } = await opened(
      zipSync({ "z.txt": text("last"), "a/b.txt": [text("first"), { level: 0 }], "a/empty": text("") }),
    );
    expect(Object.entries(texts)).toEqual([
      ["b/a/b.txt", "first"],
      ["b/a/empty", ""],
      ["b/z.txt", "last"],
    ]);
    expect(containers).toMatchObject([{ path: "b", kind: "zip", entries: 3, warnings: [] }]);
    expect(codes).toEqual([]);
  });

  it("reads entries whose sizes stand behind them", async () => {
    const parts: Uint8Array[] = [];
    const zip = new Zip((_, part) => parts.push(part));
    for (const name of ["one", "two"]) {
      const entry = new ZipDeflate(name);
      zip.add(entry);
      entry.push(text(`${name} `.repeat(50)), true);
    }
    zip.end();
    expect((await opened(bytes(...parts))).texts).toEqual({ "b/one": "one ".repeat(50), "b/two": "two ".repeat(50) });
  });

  it.each([
    [
      "an archive behind a self-extracting program",
      zipOf([{ name: "x", data: text("x") }], { prefix: bytes(text("PK\x03\x04"), noise(500)) }),
    ],
    ["a comment", zipOf([{ name: "x", data: text("x") }], { comment: "PK\x05\x06 not the end" })],
    ["zip64", zipOf([{ name: "x", data: text("x"), zip64: true }], { zip64: true })],
    ["backslashes for slashes, and dots", zipOf([{ name: ".\\.\\x", data: text("x") }])],
    [
      "directories, passed over in silence",
      zipOf([
        { name: "d/", method: 0 },
        { name: "x", data: text("x") },
        { name: "e", mode: 0o40755, method: 0 },
      ]),
    ],
    ["what was archived from a pipe", zipOf([{ name: "x", data: text("x"), mode: 0o010600 }])],
    [
      "what macOS adds",
      zipOf([
        { name: "__MACOSX/._x", data: text("?") },
        { name: ".DS_Store", data: text("?") },
        { name: "x", data: text("x") },
      ]),
    ],
  ])("reads %s", async (_, archive) => {
    const { texts, codes } = await opened(archive);
    expect(texts).toEqual({ "b/x": "x" });
    expect(codes).toEqual([]);
  });

  it.each([
    ["UTF-8", text("größe.txt"), "b/größe.txt"],
    ["code page 437", new Uint8Array([0x67, 0x72, 0x94, 0xe1, 0x65]), "b/größe"],
  ])("reads names in %s", async (_, name, path) =>
    expect(Object.keys((await opened(zipOf([{ name, data: text("x") }]))).texts)).toEqual([path]),
  );

  it.each([
    ["../x", "zip.traversal-name"],
    ["a/../../x", "zip.traversal-name"],
    ["a\\..\\x", "zip.traversal-name"],
    ["..", "zip.traversal-name"],
    ["/etc/passwd", "zip.absolute-name"],
    ["\\\\server\\share\\x", "zip.absolute-name"],
    ["C:\\x", "zip.absolute-name"],
    ["c:x", "zip.absolute-name"],
    ["a\0b", "zip.unusable-name"],
    ["x".repeat(5000), "zip.unusable-name"],
    [".", "zip.unusable-name"],
  ])("refuses the name %j and reads the rest", async (name, code) => {
    const { texts, warnings } = await opened(
      zipOf([
        { name, data: text("evil") },
        { name, data: text("evil") },
        { name: "good", data: text("good") },
      ]),
    );
    expect(texts).toEqual({ "b/good": "good" });
    expect(warnings).toMatchObject([{ path: "b", code, at: 1, count: 2 }]);
    expect(warnings[0]!.text).not.toMatch(/[\0-\x1f]/);
  });

  it.each([
    ["a symbolic link", { mode: 0o120777 }, "zip.link", /link/],
    ["a device", { mode: 0o020666 }, "zip.device", /device/],
    ["an encrypted entry", { flags: 1 }, "zip.encrypted", /password/],
    ["Deflate64", { method: 9 }, "zip.method", /Deflate64/],
    ["bzip2", { method: 12 }, "zip.method", /bzip2/],
    ["LZMA", { method: 14 }, "zip.method", /LZMA/],
    ["Zstandard", { method: 93 }, "zip.method", /Zstandard/],
    ["AES", { method: 99, flags: 1 }, "zip.encrypted", /encrypted/],
    ["a method nobody knows", { method: 77 }, "zip.method", /method 77/],
  ])("refuses %s by name", async (_, wrong, code, words) => {
    const { texts, warnings } = await opened(
      zipOf([
        { name: "good", data: text("good") },
        { name: "other", data: text("?"), ...wrong },
      ]),
    );
    expect(texts).toEqual({ "b/good": "good" });
    expect(warnings).toMatchObject([{ path: "b", code, at: 2, count: 1 }]);
    expect(warnings[0]!.text).toMatch(words);
    expect(warnings[0]!.text).toContain('"other"');
  });

  it("numbers entries of one name and keeps them all", async () => {
    const { texts, codes } = await opened(
      zipOf(
        ["1", "2", "3"].map((data) => ({ name: "d/a.tar.txt", data: text(data) })).concat([{ name: "d/a (2).tar.txt", data: text("own") }]),
      ),
    );
    expect(texts).toEqual({ "b/d/a.tar.txt": "1", "b/d/a (2).tar.txt": "2", "b/d/a (3).tar.txt": "3", "b/d/a (2) (2).tar.txt": "own" });
    expect(codes).toEqual(["zip.duplicate-name"]);
  });

  it("shows no control characters in paths", async () => {
    expect(Object.keys((await opened(zipOf([{ name: "a\r\n\u202eb", data: text("x") }]))).texts)).toEqual(["b/a\ufffd\ufffd\ufffdb"]);
  });
});

describe("a damaged zip", () => {
  const members = [
    { name: "one", data: text("first ".repeat(40)) },
    { name: "two", data: text("second ".repeat(40)), descriptor: true },
    { name: "three", data: noise(3000), method: 0 },
  ];
  const all = { "b/one": "first ".repeat(40), "b/two": "second ".repeat(40), "b/three": `3000 bytes, CRC ${crc32(noise(3000))}` };

  it("without a directory is read by its local headers", async () => {
    const { texts, codes } = await opened(zipOf(members, { bare: true }));
    expect(texts).toEqual(all);
    expect(codes).toEqual(["zip.directory"]);
  });

  it("with a directory cut in the middle is read all the same", async () => {
    const { texts, codes } = await opened(zipOf(members).subarray(0, -80));
    expect(texts).toEqual(all);
    expect(codes).toEqual(["zip.directory"]);
  });

  it("cut in an entry gives the beginning of it", async () => {
    const data = noise(50_000);
    const archive = zipOf([
      { name: "whole", data: text("whole") },
      { name: "cut", data },
    ]);
    const { texts, files, codes } = await opened(archive.subarray(0, 20_000));
    expect(texts["b/whole"]).toBe("whole");
    const rest = await contentOf(files.find((entry) => entry.path === "b/cut")!);
    expect(rest.length).toBeGreaterThan(19_000);
    expect(Buffer.compare(rest, data.subarray(0, rest.length))).toBe(0);
    expect(codes).toEqual(["zip.directory", "zip.truncated"]);
  });

  it("whose directory claims to be empty is read", async () => {
    const bare = zipOf(members, { bare: true });
    const end = new Uint8Array(22);
    new DataView(end.buffer).setUint32(0, 0x06054b50, true);
    new DataView(end.buffer).setUint32(16, bare.length, true);
    expect((await opened(bytes(bare, end))).texts).toEqual(all);
  });

  it("with wrong offsets is read by its local headers", async () => {
    const { texts, codes } = await opened(zipOf(members.map((member) => ({ ...member, at: 77 }))));
    expect(texts).toEqual(all);
    expect(codes).toEqual(["zip.local-header"]);
  });

  it.each([
    ["deflated", 8],
    ["stored", 0],
  ])("tells of a wrong checksum once an entry was read: %s", async (_, method) => {
    const { files } = await expandContainers([file("b", zipOf([{ name: "x", data: text("content"), crc: 1, method }]))]);
    expect(files[0]!.warnings).toEqual([]);
    await contentOf(files[0]!);
    await contentOf(files[0]!);
    expect(files[0]!.warnings).toMatchObject([{ path: "b/x", code: "zip.checksum", count: 1 }]);
  });

  it("reads deflated data up to the very damage", async () => {
    const data = text(Array.from({ length: 3000 }, (_, i) => `line ${i} ${(i * 7919) % 1009}\n`).join(""));
    const packed = deflateSync(data);
    const broken = packed.slice();
    broken.fill(0xff, packed.length / 2);
    const { files, warnings } = await opened(zipOf([{ name: "x", data, packed: broken }]));
    const got = await contentOf(files[0]!);
    let same = 0;
    while (got[same] === data[same]) same++;
    expect(same).toBeGreaterThan(data.length * 0.4);
    expect(warnings).toMatchObject([
      { path: "b/x", code: expect.stringMatching(/^zip\.(corrupt|checksum|longer-than-stated|truncated|shorter-than-stated)$/) },
    ]);
  });

  it.each([
    ["a size of nothing", 0, "b/x", "content ".repeat(100), "zip.forged-size"],
    ["a size a little short", 790, "b/x", "content ".repeat(100).slice(0, 790), "zip.longer-than-stated"],
    ["a size a little long", 810, "b/x", "content ".repeat(100), "zip.shorter-than-stated"],
  ])("with %s yields what there is", async (_, size, path, expected, code) => {
    const { texts, codes } = await opened(zipOf([{ name: "x", data: text("content ".repeat(100)), size }]));
    expect(texts).toEqual({ [path]: expected });
    expect(codes).toEqual([code]);
  });

  it("with a long tail behind the last block is read without hoarding it", async () => {
    const packed = bytes(deflateSync(text("content")), noise(20 * MIB));
    const { texts, codes } = await opened(
      zipOf([
        { name: "x", data: text("content"), packed, size: 20 * MIB },
        { name: "y", data: text("y") },
      ]),
    );
    expect(texts).toEqual({ "b/x": "content", "b/y": "y" });
    expect(codes).toEqual(["zip.trailing-data"]);
  });

  it("cut in data that could not be compressed gives all there is of it", async () => {
    const data = noise(60_000);
    const packed = new Uint8Array(deflateRawSync(data, { level: 0 }));
    const { files } = await expandContainers([file("b", zipOf([{ name: "x", data, packed }]).subarray(0, 50_000))]);
    const rest = await contentOf(files[0]!);
    // Before the data stand 31 bytes of local header and name, and the headers of one or two stored blocks.
    expect(rest.length).toBeGreaterThan(50_000 - 31 - 20);
    expect(Buffer.compare(rest, data.subarray(0, rest.length))).toBe(0);
  });

  it("with a compressed size beyond everything leaves the others their data", async () => {
    const { texts, codes } = await opened(
      zipOf([
        { name: "x", data: text("x"), compressedSize: 0xfffffff0 },
        { name: "y", data: text("y") },
      ]),
    );
    expect(texts).toEqual({ "b/x": "x", "b/y": "y" });
    expect(codes).toContain("zip.overlapping-entry");
  });

  it("whose entries share their data inflates each byte once", async () => {
    const shared = zipOf([
      { name: "a", data: new Uint8Array(MIB) },
      ...Array.from({ length: 50 }, (_, i) => ({ name: `n${i}`, at: 0, packed: new Uint8Array(0), size: MIB })),
    ]);
    const { files, warnings } = await opened(shared);
    expect(files.reduce((sum, entry) => sum + entry.size!, 0)).toBeLessThanOrEqual(MIB);
    expect(warnings).toContainEqual(expect.objectContaining({ code: "zip.overlapping-entry", count: 50 }));
  });
});

describe("tar", () => {
  it("gives its members, and warns of what is no file", async () => {
    const archive = tarOf([
      { name: "./d/", type: "5" },
      { name: "./d/a.txt", data: text("a") },
      { name: "old", data: text("old"), type: "\0", magic: "" },
      { name: "short", prefix: "a/long/prefix", data: text("p") },
      { name: "big", data: text("base 256"), binarySize: true },
      { name: "empty" },
      { name: "soft", type: "2" },
      { name: "hard", type: "1" },
      { name: "null", type: "3" },
      { name: "pipe", type: "6" },
      { name: "holes", type: "S", data: text("?") },
      { name: "/root", data: text("?") },
      { name: "../up", data: text("?") },
    ]);
    const { texts, containers, warnings } = await opened(archive);
    expect(texts).toEqual({ "b/d/a.txt": "a", "b/old": "old", "b/a/long/prefix/short": "p", "b/big": "base 256", "b/empty": "" });
    expect(containers).toMatchObject([{ kind: "tar", entries: 5 }]);
    expect(warnings.map(({ code, at, count }) => `${code} ${at} ${count}`)).toEqual([
      "tar.link 7 2",
      "tar.device 9 2",
      "tar.sparse 11 1",
      "tar.absolute-name 12 1",
      "tar.traversal-name 13 1",
    ]);
  });

  it("reads long names of GNU and pax", async () => {
    const long = `${"folder/".repeat(40)}ä.txt`;
    const archive = tarOf([
      { name: "././@LongLink", type: "L", data: text(`${long}1\0`) },
      { name: "cut", data: text("gnu") },
      { name: "global", type: "g", data: text("20 comment=anything\n") },
      paxHeader({ path: `${long}2`, mtime: "1357635280.5" }),
      { name: "cut", data: text("pax") },
      paxHeader({ size: "3" }),
      { name: "sized", data: text("abc"), size: 0 },
      paxHeader({ "GNU.sparse.major": "1", "GNU.sparse.name": "holes" }),
      { name: "sparse", data: text("?") },
    ]);
    const { texts, codes } = await opened(archive);
    expect(texts).toEqual({ [`b/${long}1`]: "gnu", [`b/${long}2`]: "pax", "b/sized": "abc" });
    expect(codes).toEqual(["tar.sparse"]);
  });

  it("goes on behind a damaged header", async () => {
    const damaged = tarMember({ name: "lost", data: text("lost") });
    damaged[0] = 0x21;
    const { texts, codes } = await opened(
      bytes(tarMember({ name: "a", data: text("a") }), damaged, tarOf([{ name: "z", data: text("z") }])),
    );
    expect(texts).toEqual({ "b/a": "a", "b/z": "z" });
    expect(codes).toEqual(["tar.damaged-header"]);
  });

  it("reads several archives one after the other", async () => {
    expect((await opened(bytes(tarOf([{ name: "a", data: text("1") }]), tarOf([{ name: "a", data: text("2") }])))).texts).toEqual({
      "b/a": "1",
      "b/a (2)": "2",
    });
  });

  it.each([
    ["plain", (archive: Uint8Array) => archive],
    ["gzipped", (archive: Uint8Array) => gzipSync(archive)],
  ])("cut in a member gives the beginning of it: %s", async (_, wrap) => {
    const cut = tarOf([
      { name: "a", data: text("whole") },
      { name: "z", data: noise(9000) },
    ]).subarray(0, 5000);
    const { texts, codes } = await opened(wrap(cut));
    expect(texts["b/a"]).toBe("whole");
    expect(texts["b/z"]).toMatch(/^3464 bytes/);
    expect(codes).toEqual(["tar.truncated", "tar.truncated"]);
  });

  it("is not fooled by a size beyond everything", async () => {
    const { texts, codes } = await opened(
      tarOf([
        { name: "a", data: text("a") },
        { name: "z", data: text("z"), size: 2 ** 52, binarySize: true },
      ]),
    );
    expect(Object.keys(texts)).toEqual(["b/a", "b/z"]);
    expect(codes).toEqual(["tar.truncated", "tar.truncated"]);
  });
});

describe("gzip", () => {
  it.each([
    ["by the name it carries", gzipSync(text("x"), { filename: "trace.pcap" }), "t.gz", "t.gz/trace.pcap"],
    ["by its own name", gzipSync(text("x")), "d/trace.txt.gz", "d/trace.txt.gz/trace.txt"],
    ["by a name without the folders in it", gzipSync(text("x"), { filename: "../../evil" }), "t.gz", "t.gz/evil"],
    ["whatever its ending", gzipSync(text("x")), "capture", "capture/capture"],
  ])("calls its content %s", async (_, archive, path, expected) =>
    expect((await opened(archive, {}, path)).texts).toEqual({ [expected]: "x" }),
  );

  it("reads several members as one, however they are written", async () => {
    const { texts, codes } = await opened(
      bytes(gzipSync(text("one ")), new Uint8Array(nativeGzip("two ")), gzipSync(text("three"), { level: 0 })),
    );
    expect(texts).toEqual({ "b/b": "one two three" });
    expect(codes).toEqual([]);
  });

  it("equals the native one on any content", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 4 }), async (members) => {
        const packed = bytes(...members.map((member) => new Uint8Array(nativeGzip(member))));
        const { files, codes } = await opened(packed);
        expect(Buffer.compare(await contentOf(files[0]!), nativeGunzip(packed))).toBe(0);
        expect(codes).toEqual([]);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  const packed = gzipSync(noise(40_000));
  it.each([
    ["cut in the middle", packed.subarray(0, 20_000), "gz.truncated"],
    ["without its trailer", packed.subarray(0, -8), "gz.checksum"],
    ["with a wrong checksum", bytes(packed.subarray(0, -8), text("????????")), "gz.checksum"],
    ["followed by something else", bytes(packed, text("something else")), "gz.trailing-data"],
    ["followed by zeros", bytes(packed, new Uint8Array(5000)), "gz.trailing-data"],
  ])("warns of a file %s", async (_, archive, code) => {
    const { files, codes } = await opened(archive);
    expect(codes).toEqual([code]);
    const data = await contentOf(files[0]!);
    expect(Buffer.compare(data, noise(40_000).subarray(0, data.length))).toBe(0);
    expect(data.length).toBeGreaterThan(19_000);
  });

  it("finds the damage in an early member", async () => {
    const first = gzipSync(text("first"));
    first[first.length - 8]! ^= 1;
    expect((await opened(bytes(first, gzipSync(text("second"))))).codes).toEqual(["gz.checksum"]);
  });
});

describe("archives in archives", () => {
  const leaf = { "leaf.txt": text("leaf") };

  it("opens what lies in what", async () => {
    const tarball = gzipSync(
      tarOf([
        { name: "inner.zip", data: zipSync(leaf) },
        { name: "log.txt", data: text("log") },
        { name: "c.gz", data: gzipSync(text("c")) },
      ]),
    );
    const { texts, containers, codes } = await opened(
      zipSync({ "all.tgz": tarball, "stored.zip": [zipSync(leaf), { level: 0 }], "packed.zip": zipSync(leaf) }),
      {},
      "o.zip",
    );
    expect(texts).toEqual({
      "o.zip/all.tgz/c.gz/c": "c",
      "o.zip/all.tgz/inner.zip/leaf.txt": "leaf",
      "o.zip/all.tgz/log.txt": "log",
      "o.zip/packed.zip/leaf.txt": "leaf",
      "o.zip/stored.zip/leaf.txt": "leaf",
    });
    expect(containers.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      "o.zip zip",
      "o.zip/all.tgz tar.gz",
      "o.zip/all.tgz/c.gz gz",
      "o.zip/all.tgz/inner.zip zip",
      "o.zip/packed.zip zip",
      "o.zip/stored.zip zip",
    ]);
    expect(codes).toEqual([]);
  });

  it("stops at the depth it is told, and keeps the archive it did not open", async () => {
    let archive = zipSync(leaf);
    for (let depth = 2; depth <= 10; depth++) archive = zipSync({ "in.zip": archive });
    const { files, containers, warnings } = await opened(archive);
    expect(containers).toHaveLength(8);
    expect(files.map((entry) => entry.path)).toEqual([`b${"/in.zip".repeat(8)}`]);
    expect(warnings).toMatchObject([{ code: "container.depth", path: `b${"/in.zip".repeat(8)}` }]);
    expect((await opened(archive, { limits: { depth: 10 } })).texts).toEqual({ [`b${"/in.zip".repeat(9)}/leaf.txt`]: "leaf" });
  });

  it.each([
    ["7-Zip", "377abcaf271c0004", "7-Zip"],
    ["cabinet", "4d53434600000000", "cabinet"],
    ["xz", "fd377a585a000004", "xz"],
    ["bzip2", "425a6839314159265359", "bzip2"],
    ["Zstandard", "28b52ffd2400", "Zstandard"],
    ["RAR", "526172211a070100", "RAR"],
  ])("keeps what it cannot open and says what it is: %s", async (_, magic, name) => {
    const { files, containers, warnings } = await opened(new Uint8Array(Buffer.from(magic, "hex")));
    expect([files.length, containers.length]).toEqual([1, 0]);
    expect(warnings).toMatchObject([{ path: "b", code: "container.unread", text: expect.stringContaining(name) }]);
  });

  it("leaves plain files alone, in order of their paths", async () => {
    const { files, containers } = await expandContainers([
      file("b", text("b")),
      file("a/z", text("BZh and no more")),
      file("Z", new Uint8Array(600)),
      file("e", text("")),
    ]);
    expect(files.map(({ path, steps, warnings }) => [path, steps.length, warnings.length])).toEqual([
      ["Z", 0, 0],
      ["a/z", 0, 0],
      ["b", 0, 0],
      ["e", 0, 0],
    ]);
    expect(containers).toEqual([]);
  });
});

describe("limits", () => {
  it("leaves out entries beyond their number, over all archives", async () => {
    const three = zipSync({ a: text("1"), b: text("2"), c: text("3") });
    const { files, containers } = await expandContainers([file("1.zip", three), file("2.zip", three)], { limits: { entries: 4 } });
    expect(files.map((entry) => entry.path)).toEqual(["1.zip/a", "1.zip/b", "1.zip/c", "2.zip/a"]);
    expect(containers[1]!.warnings).toMatchObject([{ code: "container.entries" }]);
  });

  it("cuts an entry that is too large", async () => {
    const { texts, codes } = await opened(zipSync({ x: text("0123456789"), y: [text("0123456789"), { level: 0 }] }), {
      limits: { entryBytes: 4 },
    });
    expect(texts).toEqual({ "b/x": "0123", "b/y": "0123" });
    expect(codes).toEqual(["container.entry-size", "container.entry-size"]);
  });

  it("cuts where all together are too large", async () => {
    const { texts, codes } = await opened(tarOf(["a", "b", "c"].map((name) => ({ name, data: text("0123456789") }))), {
      limits: { totalBytes: 15 },
    });
    expect(texts).toEqual({ "b/a": "0123456789", "b/b": "01234", "b/c": "" });
    expect(codes).toEqual(["container.total-size", "container.total-size"]);
  });

  /** A gibibyte of zeros: the deflated blocks of one mebibyte, over and over. */
  function bomb(): Uint8Array {
    const blocks = new Uint8Array(deflateRawSync(new Uint8Array(MIB), { finishFlush: constants.Z_SYNC_FLUSH, level: 9 }));
    const packed = bytes(...Array.from({ length: 1024 }, () => blocks), new Uint8Array([3, 0]));
    return zipOf([{ name: "zeros", packed, size: 1024 * MIB }]);
  }

  it("stops a bomb of a gibibyte early, and reads the rest", async () => {
    const archive = bomb();
    expect(archive.length).toBeLessThan(2 * MIB);
    const { files } = await expandContainers([file("b", archive)], { limits: { ratio: 20 } });
    expect(files[0]!.size).toBeLessThan(archive.length * 20);
    expect(files[0]!.size).toBeGreaterThan(10 * MIB);
    expect((await contentOf(files[0]!)).length).toBe(files[0]!.size);
    expect(files[0]!.warnings).toMatchObject([{ code: "container.ratio", count: 1 }]);
  });

  it("stops a gzip bomb, which states no size", async () => {
    const zeros = new Uint8Array(nativeGzip(new Uint8Array(64 * MIB)));
    const { files, containers } = await expandContainers([file("b", zeros)], { limits: { ratio: 10 } });
    expect(files[0]!.size).toBe(16 * MIB);
    expect(containers[0]!.warnings).toMatchObject([{ code: "container.limit" }]);
  });

  it("keeps reading in place what is too large to hold", async () => {
    const members = Array.from({ length: 6 }, (_, i) => ({ name: `m${5 - i}`, data: noise(70_000, i + 1) }));
    const archive = gzipSync(tarOf(members));
    const { texts, codes } = await opened(archive, { limits: { bufferBytes: 100_000 } });
    for (const [i, { name, data }] of members.entries())
      expect([name, texts[`b/${name}`]]).toEqual([`m${5 - i}`, `70000 bytes, CRC ${crc32(data)}`]);
    expect(codes).toEqual([]);
    const refused = await opened(archive, { limits: { bufferBytes: 100_000, rereadBytes: 300_000 } });
    // The first two lie 70,512 and 141,168 bytes into the archive.
    expect(Object.keys(refused.texts)).toEqual(["b/m4", "b/m5"]);
    expect(refused.warnings).toMatchObject([{ code: "container.reread", at: 3, count: 4 }]);
  });

  it("reads the beginning of an archive in an archive that is too large to hold", async () => {
    const inner = zipOf([
      { name: "first", data: text("first") },
      { name: "second", data: noise(50_000) },
    ]);
    const { texts, codes } = await opened(zipSync({ "in.zip": inner }), { limits: { bufferBytes: 10_000 } });
    expect(texts["b/in.zip/first"]).toBe("first");
    expect(codes).toEqual(["container.buffer", "zip.directory", "zip.truncated"]);
  });

  it("stops listing when the time is over", async () => {
    let clock = 0;
    const { files, containers } = await expandContainers(
      [file("1.zip", zipSync({ a: text("1"), b: text("2") })), file("2.zip", zipSync({ a: text("1") }))],
      { now: () => clock++, limits: { milliseconds: 1 } },
    );
    expect(files.length).toBeLessThan(3);
    expect(containers.flatMap((container) => container.warnings.map((warning) => warning.code))).toContain("container.time");
  });

  it("can be cancelled", async () => {
    const cancelled = new Error("cancelled");
    await expect(expandContainers([file("b", gzipSync(noise(3 * MIB)))], { progress: () => Promise.reject(cancelled) })).rejects.toBe(
      cancelled,
    );
  });

  it("reports a medium that fails and goes on", async () => {
    const failing: BundleFile = { path: "a", size: 100, open: () => Promise.reject(new Error("gone")) };
    const half: BundleFile = {
      path: "h",
      size: 5000,
      open: async () => ({
        ...memorySource(zipSync({ x: noise(4000) })),
        read: (target, position) =>
          position > 0 ? Promise.reject(new Error("bad sector")) : memorySource(zipSync({ x: noise(4000) })).read(target, 0),
      }),
    };
    const { files, containers } = await expandContainers([failing, half, file("z", text("z"))]);
    expect(files.map((entry) => entry.path)).toEqual(["a", "z"]);
    expect(files[0]!.warnings).toMatchObject([{ code: "container.unreadable", text: expect.stringContaining("gone") }]);
    expect(containers[0]!.warnings).toMatchObject([{ code: "container.unreadable", text: expect.stringContaining("bad sector") }]);
  });
});

describe("randomAccess", () => {
  const sequential = (content: Uint8Array): ByteSource => {
    let last = 0;
    return {
      size: null,
      sequential: true,
      read: async (target, position) => {
        expect(position).toBeGreaterThanOrEqual(last);
        const count = await memorySource(content).read(target.subarray(0, 7000), position);
        last = position + count;
        return count;
      },
      close: async () => {},
    };
  };

  it("copies what reads forward only, up to the cap", async () => {
    const content = noise(2 * MIB + 77);
    const { source, complete } = await randomAccess(sequential(content), 3 * MIB);
    expect([complete, source.size, source.sequential]).toEqual([true, content.length, false]);
    const part = new Uint8Array(5000);
    expect(await source.read(part, MIB - 2500)).toBe(5000);
    expect(Buffer.compare(part, content.subarray(MIB - 2500, MIB + 2500))).toBe(0);
    expect(await source.read(part, content.length - 10)).toBe(10);
    expect(await source.read(part, content.length + 10)).toBe(0);
    const capped = await randomAccess(sequential(content), 1000);
    expect([capped.complete, capped.source.size]).toEqual([false, 1000]);
  });

  it("leaves alone what can be read anywhere", async () => {
    const source = memorySource(text("x"));
    expect((await randomAccess(source, 0)).source).toBe(source);
  });
});
