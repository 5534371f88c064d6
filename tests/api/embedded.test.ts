import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataFolderInUse, openEmbedded } from "../../api/backend/embedded.ts";
import { blobBytes, chunked } from "../support/blob-bytes.ts";
import { freshBlob, submit } from "../support/submissions.ts";

const SUPPORT = join(import.meta.dirname, "../support");
let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "casebook-embedded-"));
});
afterEach(() => rm(data, { recursive: true, force: true }));

describe("the embedded backend", () => {
  it("lets one process work on a data folder, and others in beside it", async () => {
    const owner = await openEmbedded({ data, own: true });
    await expect(openEmbedded({ data, own: true })).rejects.toThrow(DataFolderInUse);
    const guest = await openEmbedded({ data });
    await guest.store.audit({ at: 0, tenant: "local", actor: "local", action: "key.create", subject: "k", requestId: null });
    await guest.close();
    await owner.close();
    await (await openEmbedded({ data, own: true })).close();
  });

  it("hands out at once what an owner that was killed was working on, and keeps all that was accepted", async () => {
    const killed = spawn(process.execPath, [join(SUPPORT, "killed-owner.ts"), data], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(killed.stdout, "data")) as [Buffer];
    const { taken, waiting, blob } = JSON.parse(line.toString()) as Record<"taken" | "waiting" | "blob", string>;
    await expect(openEmbedded({ data, own: true })).rejects.toThrow(DataFolderInUse);
    expect(await readdir(join(data, "blobs/.tmp"))).toHaveLength(1);
    killed.kill("SIGKILL");
    await once(killed, "exit");

    const owner = await openEmbedded({ data, own: true });
    expect((await owner.queue.take(10)).map(({ job }) => job)).toEqual([taken, waiting]);
    expect(await owner.store.begin(taken, 0)).toMatchObject({ job: { attempts: 2 } });
    expect(Buffer.from(await blobBytes(owner.blobs, blob)).toString()).toBe("whole");
    expect(await readdir(join(data, "blobs/.tmp"))).toEqual([]);
    await owner.close();
  });

  it("seals blobs with a key and opens them with no other", async () => {
    const key = Buffer.alloc(32, 7);
    const sealing = await openEmbedded({ data, key });
    const blob = freshBlob();
    await sealing.blobs.write(blob, chunked(Buffer.from("evidence"), [3]));
    expect(Buffer.from(await blobBytes(sealing.blobs, blob)).toString()).toBe("evidence");
    await sealing.close();
    const other = await openEmbedded({ data, key: Buffer.alloc(32, 8) });
    await expect(blobBytes(other.blobs, blob)).rejects.toThrow(/another key/);
    await other.close();
  });

  it("keeps everything to its own user, also in a folder that others may read", async () => {
    await chmod(data, 0o755);
    const backend = await openEmbedded({ data });
    const blob = freshBlob();
    await backend.blobs.write(blob, chunked(Buffer.from("evidence"), [3]));
    const [kind, id] = blob.split("/");
    const others = async (path: string) => [path, (await stat(join(data, path))).mode & 0o077];
    for (const path of ["casebook.db", "casebook.db-wal", "blobs", `blobs/${kind}`, `blobs/${kind}/${id!.slice(-2)}/${id}`]) {
      expect(await others(path)).toEqual([path, 0]);
    }
    await backend.close();
  });

  it("says that a data folder is a file", async () => {
    await writeFile(join(data, "file"), "");
    await expect(openEmbedded({ data: join(data, "file") })).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});

/** Mounting a small file system needs a name space of one's own, which containers often forbid. */
const unshare = [
  ["unshare", "-m"],
  ["unshare", "-rm"],
].find(([program, flag]) => spawnSync(program!, [flag!, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0);
if (!unshare) console.warn("a full disk: skipped, no file system can be mounted here");

describe.skipIf(!unshare)("on a full disk", () => {
  it("says so by its type, loses nothing that was accepted and goes on when there is room", async () => {
    const script = `mount -t tmpfs -o size=3m none "$0" && exec "$1" "$2" "$0"`;
    const args = [...unshare!.slice(1), "sh", "-c", script, data, process.execPath, join(SUPPORT, "full-disk.ts")];
    const { stdout } = await promisify(execFile)(unshare![0]!, args);
    const outcome = JSON.parse(stdout) as Record<string, unknown>;
    expect(outcome).toEqual({
      blob: "StorageFull",
      draftsLeft: 0,
      ping: "StorageFull",
      accept: "StorageFull",
      acceptedBefore: outcome.acceptedAmong,
      acceptedAmong: expect.any(Number),
      afterRoomWasMade: "accepted",
    });
    expect(outcome.acceptedAmong).toBeGreaterThan(0);
  });
});

it("opens a fresh submission from a data folder with a name that needs care", async () => {
  const odd = join(data, "Daten ü #1?mode=ro&x%20");
  const backend = await openEmbedded({ data: odd, own: true });
  const { job } = await submit(backend.store, "local");
  await backend.close();
  expect((await readdir(odd)).sort()).toEqual(["blobs", "casebook.db", "owner.lock"]);
  const again = await openEmbedded({ data: odd });
  expect(await again.store.job("local", job.id)).toEqual(job);
  await again.close();
});
