import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BundleError, openPaths } from "../engine/node/bundle.ts";
import { createNativeSha256 } from "../engine/node/hash.ts";

let at = "";
beforeAll(() => {
  at = mkdtempSync(join(tmpdir(), "bundle-"));
  for (const folder of ["b/client", "b/server/deep", "b/.git", "other"]) mkdirSync(join(at, folder), { recursive: true });
  for (const path of ["b/z.txt", "b/client/a.txt", "b/server/a.txt", "b/server/deep/x.bin", "b/.git/config", "b/.hidden", "other/o.txt"])
    writeFileSync(join(at, path), path);
});
afterAll(() => rmSync(at, { recursive: true, force: true }));

const paths = async (...named: string[]) => {
  const { name, files } = await openPaths(named.map((path) => join(at, path)));
  return [name, ...files.map((file) => file.path)];
};

describe("openPaths", () => {
  it("opens a folder with all in it, hidden files excepted, in order", async () =>
    expect(await paths("b")).toEqual(["b", "client/a.txt", "server/a.txt", "server/deep/x.bin", "z.txt"]));
  it("opens a single file under its own name", async () => expect(await paths("b/z.txt")).toEqual(["z.txt", "z.txt"]));
  it("tells several paths apart by the folder they share", async () =>
    expect(await paths("b/client/a.txt", "b/server/a.txt")).toEqual(["a.txt and 1 more", "client/a.txt", "server/a.txt"]));
  it("opens folders and files together, each file once", async () =>
    expect(await paths("b/server", "other/o.txt", "b/server/a.txt")).toEqual([
      "server and 2 more",
      "b/server/a.txt",
      "b/server/deep/x.bin",
      "other/o.txt",
    ]));

  it("reads what was asked for, as often as asked", async () => {
    const { files } = await openPaths([join(at, "b/z.txt")]);
    for (let round = 0; round < 2; round++) {
      const source = await files[0]!.open();
      const target = new Uint8Array(10);
      expect(await source.read(target, 2)).toBe(5);
      expect(new TextDecoder().decode(target.subarray(0, 5))).toBe("z.txt");
      expect(await source.read(target, 7)).toBe(0);
      expect(await source.read(target, 1000)).toBe(0);
      await source.close();
      await source.close();
    }
  });

  it.each([["nothing/there"], ["b/z.txt/below"]])("rejects a named path that is not there: %s", async (path) => {
    await expect(openPaths([join(at, "b"), join(at, path)])).rejects.toThrow(BundleError);
  });

  it("never opens a link, a pipe or a socket, and says so", async () => {
    symlinkSync("/etc/passwd", join(at, "b/out"));
    symlinkSync("z.txt", join(at, "b/in"));
    symlinkSync("..", join(at, "b/up"));
    symlinkSync("gone", join(at, "b/dangling"));
    execFileSync("mkfifo", [join(at, "b/pipe")]);
    const server = createServer().listen(join(at, "b/socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const { files, warnings } = await openPaths([join(at, "b")]);
      expect(files).toHaveLength(4);
      expect(warnings.map(({ path, code, text }) => `${path} ${code} ${text}`)).toEqual([
        "dangling source.unreadable cannot be read: there is no such file or folder",
        "in source.symlink is a link to a file of the bundle, which is read in its own place",
        "out source.symlink is a link that leads out of the folder and is not followed",
        "pipe source.special-file is a pipe and is not opened",
        "socket source.special-file is a socket and is not opened",
        "up source.symlink is a link that leads out of the folder and is not followed",
      ]);
      await expect(openPaths([join(at, "b/pipe")])).rejects.toThrow(/neither a file nor a folder/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      for (const name of ["out", "in", "up", "dangling", "pipe"]) unlinkSync(join(at, "b", name));
    }
  });

  it("does not hang when a pipe has taken a file's place", async () => {
    writeFileSync(join(at, "other/swap"), "x");
    const { files } = await openPaths([join(at, "other/swap")]);
    unlinkSync(join(at, "other/swap"));
    execFileSync("mkfifo", [join(at, "other/swap")]);
    await expect(files[0]!.open()).rejects.toThrow(/no longer a file/);
    unlinkSync(join(at, "other/swap"));
  });

  it.skipIf(process.getuid?.() === 0)("warns of a folder it may not list", async () => {
    mkdirSync(join(at, "b/locked"));
    chmodSync(join(at, "b/locked"), 0);
    const { files, warnings } = await openPaths([join(at, "b")]);
    chmodSync(join(at, "b/locked"), 0o700);
    expect(files).toHaveLength(4);
    expect(warnings).toMatchObject([{ path: "locked", code: "source.unreadable" }]);
  });
});

// FIPS 180-4 example value.
it("createNativeSha256 hashes as the standard says", () => {
  const hasher = createNativeSha256();
  hasher.update(new TextEncoder().encode("a"));
  hasher.update(new TextEncoder().encode("bc"));
  expect(hasher.digestHex()).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
