import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync as deflateMember } from "node:zlib";
import { describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { type ContainerLimits, expandContainers } from "../engine/containers/index.ts";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { bytes, tarOf, text, zipOf } from "./support/archive-writer.ts";

const gzip = (content: Uint8Array) => new Uint8Array(deflateMember(content));
/** The same gzip file with another checksum in its trailer. */
const mistaken = (packed: Uint8Array) => bytes(packed.subarray(0, -8), text("????"), packed.subarray(-4));

/** By path, what is wrong with each entry: of itself, and through the archives around it. */
async function damage(content: Uint8Array, limits: Partial<ContainerLimits> = {}) {
  const file = { path: "b", size: content.length, open: async () => memorySource(content) };
  const { files } = await expandContainers([file], { limits });
  const found: Record<string, { own: string[]; inherited: string[] }> = {};
  for (const entry of files) {
    const source = await entry.open();
    let size = 0;
    for (let count = -1; count !== 0; size += count) count = await source.read(new Uint8Array(65_536), size);
    await source.close();
    expect(entry.size).toBe(size);
    found[entry.path] = { own: entry.warnings.map(({ code }) => code), inherited: entry.inherited.map(({ code }) => code) };
  }
  return found;
}

describe("an entry suffers from the archives around it", () => {
  const members = tarOf([
    { name: "a", data: text("a".repeat(600)) },
    { name: "z", data: text("z".repeat(9000)) },
  ]);
  const sound = { own: [], inherited: [] };

  it.each([
    ["a gzip file cut off", gzip(text("content".repeat(99))).subarray(0, -12), "gz.truncated"],
    ["a gzip file with a wrong checksum", mistaken(gzip(text("content"))), "gz.checksum"],
    ["a gzip file followed by something", bytes(gzip(text("content")), text("something else")), "gz.trailing-data"],
  ])("%s", async (_, archive, code) => expect(await damage(archive)).toEqual({ "b/b": { own: [], inherited: [code] } }));

  it("not at all where they are sound", async () => {
    expect(await damage(gzip(text("content")))).toEqual({ "b/b": sound });
    expect(await damage(gzip(members))).toEqual({ "b/a": sound, "b/z": sound });
  });

  it("all of a tar archive from a wrong checksum, however deep they lie", async () => {
    const inherited = { own: [], inherited: ["gz.checksum"] };
    expect(await damage(mistaken(gzip(members)))).toEqual({ "b/a": inherited, "b/z": inherited });
    const nested = zipOf([{ name: "t", data: tarOf([{ name: "g", data: gzip(text("x")) }]), crc: 1 }]);
    expect(await damage(nested)).toEqual({ "b/t/g/g": { own: [], inherited: ["zip.checksum"] } });
  });

  it.each([{}, { bufferBytes: 1000 }])("of a tar archive cut off, only the member that lacks its end: %j", async (limits) =>
    expect(await damage(gzip(members.subarray(0, 5000)), limits)).toEqual({
      "b/a": sound,
      "b/z": { own: ["tar.truncated"], inherited: [] },
    }),
  );
});

describe("nothing is proved absent by an archive that was damaged", () => {
  const folder = join(import.meta.dirname, "cases/rdp-listener-gone/article/bundle");
  const netstat = gzip(new Uint8Array(readFileSync(join(folder, "netstat.txt"))));

  /** What becomes of a case that rests on netstat showing no listener. */
  async function verdict(packed: Uint8Array): Promise<string | undefined> {
    const at = mkdtempSync(join(tmpdir(), "damage-"));
    try {
      for (const name of ["server.txt", "system.txt"]) writeFileSync(join(at, name), readFileSync(join(folder, name)));
      writeFileSync(join(at, "netstat.txt.gz"), packed);
      const { report } = await diagnosePaths([at], { all: true });
      return report.findings.find(({ rule }) => rule === "rdp-listener-gone")?.verdict;
    } finally {
      rmSync(at, { recursive: true });
    }
  }

  it("while a sound one proves it", async () => expect(await verdict(netstat)).toBe("matched"));
  it.each([
    ["cut off", netstat.subarray(0, -9)],
    ["with a wrong checksum", mistaken(netstat)],
    // A further member whose header is damaged cannot be told from what never belonged to the file.
    ["followed by something", bytes(netstat, text("something else"))],
  ])("%s", async (_, packed) => expect(await verdict(packed)).toBe("inconclusive"));
});
