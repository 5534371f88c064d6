import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Blobs, s3Blobs } from "../../api/blobs/s3-blobs.ts";
import { openSpool } from "../../api/blobs/spool.ts";
import { newId } from "../../api/ids.ts";
import { chunked } from "../support/blob-bytes.ts";
import { startS3, type TestS3 } from "../support/s3.ts";
import { freshBlob } from "../support/submissions.ts";

const MIB = 1 << 20;
let s3: TestS3;
let folder: string;
let blobs: S3Blobs;

beforeAll(async () => {
  s3 = await startS3();
  folder = await mkdtemp(join(tmpdir(), "casebook-spool-"));
  blobs = await s3Blobs({ ...s3.options, prefix: "one/" }, folder);
});
afterAll(async () => {
  blobs.close();
  await s3.stop();
  await rm(folder, { recursive: true });
});

const listed = async (of: S3Blobs) => {
  const keys: string[] = [];
  for await (const key of of.list(Number.MAX_SAFE_INTEGER)) keys.push(key);
  return keys;
};

describe("blobs in S3", () => {
  it("have the parts aborted of an upload that broke off", async () => {
    const key = freshBlob();
    async function* broken() {
      for (let sent = 0; sent < 8; sent++) yield Buffer.alloc(MIB);
      throw new Error("the client went away");
    }
    await expect(blobs.write(key, broken())).rejects.toThrow("the client went away");
    const asked = s3.requests.filter((request) => request.includes(key));
    expect(asked.some((request) => /^PUT .*[?&]partNumber=1/.test(request))).toBe(true);
    expect(asked.filter((request) => /^DELETE .*[?&]uploadId=/.test(request))).toHaveLength(1);
    expect(asked.some((request) => /^POST .*[?&]uploadId=/.test(request))).toBe(false);
  });

  it("stop reading the content when the store fails", async () => {
    const nowhere = await s3Blobs({ ...s3.options, bucket: "no-such-bucket" }, folder);
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(MIB);
      } finally {
        closed = true;
      }
    }
    await expect(nowhere.write(freshBlob(), endless())).rejects.toThrow();
    expect(closed).toBe(true);
    await expect(nowhere.ping()).rejects.toThrow();
    nowhere.close();
  });

  it("are listed page by page, those of another prefix and foreign objects left out", async () => {
    const other = await s3Blobs({ ...s3.options, prefix: "two/" }, folder);
    await other.write("uploads/the-first", chunked(Buffer.from("x"), [1]));
    await blobs.write("uploads/of-another-prefix", chunked(Buffer.from("x"), [1]));
    const place = join(s3.folder, "two/uploads");
    const files = await readdir(place);
    // A page holds a thousand.
    const names = ["Foreign", ...Array.from({ length: 2_100 }, () => newId())];
    for (const name of names) for (const file of files) await copyFile(join(place, file), join(place, file.replace("the-first", name)));
    expect(await listed(other)).toEqual([...names.slice(1), "the-first"].map((name) => `uploads/${name}`).sort());
    expect(s3.requests.filter((request) => request.includes("continuation-token"))).toHaveLength(2);
    expect(await listed(blobs)).toEqual(["uploads/of-another-prefix"]);
    other.close();
  });
});

describe("the spool", () => {
  it("is cleared of what ended processes left, and of nothing else", async () => {
    const place = await mkdtemp(join(tmpdir(), "casebook-spool-"));
    const host = hostname().replace(/[^A-Za-z0-9-]/g, "-");
    // A process that has ended, and so will not be found.
    const ended = spawnSync(process.execPath, ["-e", "0"]).pid;
    const names = {
      dead: `casebook.${host}.${ended}.${newId().replace(/[^0-9a-f]/g, "0")}`,
      alive: `casebook.${host}.${process.ppid}.00`,
      own: `casebook.${host}.${process.pid}.00`,
      earlierContainer: `casebook.${host}.${process.pid}.11`,
      otherHost: "casebook.elsewhere.1.00",
      forgotten: "casebook.elsewhere.1.11",
      foreign: "notes.txt",
    };
    for (const name of Object.values(names)) await writeFile(join(place, name), "x");
    await utimes(join(place, names.earlierContainer), 0, Date.now() / 1000 - process.uptime() - 60);
    await utimes(join(place, names.forgotten), 0, Date.now() / 1000 - 90_000);
    await openSpool(place);
    expect((await readdir(place)).sort()).toEqual([names.alive, names.own, names.otherHost, names.foreign].sort());
    await rm(place, { recursive: true });
  });
});
