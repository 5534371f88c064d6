import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { JobBody } from "../../api/schemas/job.ts";
import { accepted, ask, hasEnded, job, jobOnce, report, upload } from "../support/api-client.ts";
import { zipOf } from "../support/archive-writer.ts";
import { filesBelow } from "../support/bundles.ts";
import { synFlood } from "../support/flood.ts";
import { killAll, type ServerProcess, startServer } from "../support/server-process.ts";
import { casebook } from "../support/terminal.ts";

const CASE = "tests/cases/rdp-listener-gone/article/bundle";
const evidence = filesBelow(CASE);
const expected: unknown = JSON.parse((await casebook(["match", CASE, "--format", "json", "--all"])).out);
/** Takes some seconds to analyse. */
const long = new Map([["flood.pcap", synFlood(120_000)]]);
const MIB = 1 << 20;
const encoder = new TextEncoder();
const UNLIMITED = ["--request-rate", "0", "--upload-rate", "0"];

// Real processes: on a machine that has much else to do their starts alone take long.
vi.setConfig({ testTimeout: 180_000 });

const folders: string[] = [];
const mounted: string[] = [];
afterAll(() => {
  killAll();
  for (const folder of mounted) execFileSync("umount", ["-l", folder]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "casebook-serve-"));
  folders.push(folder);
  return folder;
}

/** A small bundle like no other. */
const small = (number: number) => new Map([["netstat.txt", encoder.encode(`  TCP    0.0.0.0:${number}    0.0.0.0:0    LISTENING    4\n`)]]);

/** How many blobs a data folder holds, and how many files that are being written or read. */
function filesIn(data: string): { readonly blobs: number; readonly temporary: number } {
  const all = readdirSync(join(data, "blobs"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const temporary = all.filter(({ parentPath }) => parentPath.endsWith(".tmp")).length;
  return { blobs: all.length - temporary, temporary };
}

/** An upload of which half is sent, and that then waits; `end` breaks it off. */
function halfAnUpload(address: string): { readonly sent: Promise<void>; readonly failed: Promise<unknown>; end(): void } {
  const content = Buffer.alloc(2 * MIB, "half of it ");
  const upload = httpRequest(`${address}/v1/bundles?name=half.txt`, { method: "POST", headers: { "content-length": 2 * content.length } });
  const failed = new Promise<unknown>((resolve) => {
    upload.on("error", resolve);
    upload.on("response", (response) => resolve(response.resume().statusCode));
  });
  const sent = new Promise<void>((resolve) => upload.write(content, () => resolve()));
  return { sent, failed, end: () => upload.destroy() };
}

/** Submits files until they are analysed: with limits as narrow as here, a machine that has much else to do may need another go. */
async function analysed(address: string, files: ReadonlyMap<string, Uint8Array>, name?: string): Promise<string> {
  for (const end = Date.now() + 60_000; ; ) {
    const { id } = await accepted(address, files, name);
    const { state, error } = await jobOnce(address, id, hasEnded);
    if (state === "done") return id;
    if (Date.now() > end) throw new Error(`the bundle is ${state}: ${error}`);
  }
}

describe("casebook serve", () => {
  it("says where to click, what it keeps where and who may do what, and logs lines of JSON", async () => {
    const data = join(freshFolder(), "new", "data");
    const server = await startServer(["--data", data]);
    const { out } = server.written();
    expect(out).toContain(`API docs  ${server.address}/docs`);
    const clickable = out.match(/http:\S+/g)!;
    expect(clickable.length).toBeGreaterThan(1);
    for (const link of clickable) expect((await fetch(link, { headers: { accept: "text/html" } })).status, link).toBe(200);
    expect(out).toContain(data);
    expect(out).toMatch(/access +anonymous/);
    expect((await ask(`${server.address}/health/ready`)).status).toBe(200);
    expect((await fetch(`${server.address}/docs`)).status).toBe(200);
    await accepted(server.address, evidence);
    const { code, err } = await server.kill("SIGINT");
    expect(code).toBe(0);
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ route: "/v1/bundles", status: 202, request_id: expect.any(String) }));
    expect(err).not.toContain("netstat");
  });

  it("says in one sentence why it cannot start", async () => {
    const data = freshFolder();
    const server = await startServer(["--data", data]);
    const port = server.address.split(":").at(-1)!;
    const file = join(freshFolder(), "file");
    writeFileSync(file, "");
    const foreign = freshFolder();
    writeFileSync(join(foreign, "casebook.db"), "this is no database ".repeat(100));
    const cases: readonly (readonly [args: readonly string[], says: RegExp, env?: Record<string, string>])[] = [
      [["--data", data, "--port", "0"], /another casebook serve uses .*: stop it, or give this one another folder with --data/],
      [["--data", freshFolder(), "--port", port], new RegExp(`port ${port} of 127.0.0.1 is in use`)],
      [["--data", file], /the data folder .*file cannot be used: it is not a folder/],
      [["--data", foreign], /the data folder .* cannot be used: casebook.db in it is no database/],
      [["--data", freshFolder(), "--host", "192.0.2.1"], /192.0.2.1 is no address of this machine/],
      [["--data", freshFolder(), "--rules", "/nowhere"], /no such folder of rules: \/nowhere/],
      [["--port", "80000"], /--port cannot be above 65535/],
      [["--retention", "soon"], /--retention cannot be "soon": expected a time such as/],
      [[], /does not hold 32 bytes in base64/, { CASEBOOK_DATA_KEY: "secret" }],
    ];
    for (const [args, says, env = {}] of cases) {
      const { code, err, out } = await casebook(["serve", ...args], { env });
      expect(err).toMatch(says);
      expect(err.trimEnd().split("\n").length, err).toBeLessThanOrEqual(2);
      expect([code, out]).toEqual([2, ""]);
    }
    await server.kill("SIGKILL");
  });

  it("asks for keys where it is told to; they are made, listed and revoked while it runs", async () => {
    const data = freshFolder();
    const server = await startServer(["--data", data, "--anonymous", "off"]);
    expect(server.written().out).toMatch(/access +with a key only/);
    expect((await upload(server.address, evidence)).status).toBe(401);
    const made = await casebook(["keys", "create", "a test", "--scopes", "submit", "--expires", "1h", "--data", data]);
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^cbk_\w+\n$/) });
    const headers = { authorization: `Bearer ${made.out.trim()}` };
    expect((await ask(`${server.address}/v1/bundles?name=a.txt`, { method: "POST", headers, body: "TCP" })).status).toBe(202);
    expect((await ask(`${server.address}/v1/bundles`, { headers })).status).toBe(403);
    const listed = JSON.parse((await casebook(["keys", "list", "--json", "--data", data])).out);
    expect(listed).toMatchObject([{ label: "a test", tenant: "main", scopes: ["submit"], revoked_at: null }]);
    expect((await casebook(["keys", "revoke", listed[0].id, "--data", data])).code).toBe(0);
    expect((await ask(`${server.address}/v1/bundles?name=a.txt`, { method: "POST", headers, body: "TCP" })).status).toBe(401);
    expect(await casebook(["keys", "revoke", listed[0].id, "--data", data])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/revoked already/),
    });
    expect(await casebook(["keys", "list", "--data", join(data, "nothing")])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no data of a server/),
    });
    expect(JSON.stringify(listed)).not.toContain(made.out.trim().split("_")[2]);
    await server.kill("SIGKILL");
  });
});

describe("a server that is killed", () => {
  it("loses nothing that it accepted, keeps nothing that it did not, and analyses everything once", async () => {
    const data = freshFolder();
    const first = await startServer(["--data", data, "--jobs", "1"]);
    const running = await accepted(first.address, long);
    const queued = await Promise.all([
      accepted(first.address, evidence, "bundle"),
      accepted(first.address, small(1)),
      accepted(first.address, small(2)),
    ]);
    const broken = halfAnUpload(first.address);
    await broken.sent;
    await jobOnce(first.address, running.id, ({ progress }) => (progress?.packets ?? 0) > 0);
    await first.kill("SIGKILL");
    expect(await broken.failed).toBeInstanceOf(Error);
    // The file that was read and the one that came in; neither is a blob.
    expect(filesIn(data)).toEqual({ blobs: evidence.size + 3, temporary: 2 });

    const second = await startServer(["--data", data, "--jobs", "1"]);
    expect(await jobOnce(second.address, running.id, hasEnded)).toMatchObject({ state: "done", attempts: 2 });
    for (const { id } of queued) expect(await jobOnce(second.address, id, hasEnded)).toMatchObject({ state: "done", attempts: 1 });
    expect(await report(second.address, queued[0]!.id)).toEqual(expected);
    const { body } = await ask<{ bundles: { jobs: JobBody[] }[] }>(`${second.address}/v1/bundles`);
    expect(body.bundles.flatMap(({ jobs }) => jobs.map(({ id, state }) => [id, state])).sort()).toEqual(
      [running, ...queued].map(({ id }) => [id, "done"]).sort(),
    );
    // Each file, and for each job a report and its explanations; nothing of the upload that broke off.
    expect(filesIn(data)).toEqual({ blobs: evidence.size + 3 + 4 * 2, temporary: 0 });
    await second.kill("SIGKILL");
  });
});

describe("a server that is told to stop", () => {
  it("lets what runs end, refuses what is new, keeps what waits, and deletes in the next start what is too old", async () => {
    const data = freshFolder();
    const first = await startServer(["--data", data, "--jobs", "1", "--shutdown-time", "150s"]);
    const running = await accepted(first.address, new Map([["flood.pcap", synFlood(250_000)]]));
    const queued = await accepted(first.address, evidence);
    await jobOnce(first.address, running.id, ({ progress }) => (progress?.packets ?? 0) > 0);
    const stopped = first.kill("SIGTERM");
    await expect.poll(async () => (await ask<{ status: string }>(`${first.address}/health/ready`)).body.status).toBe("ending");
    const refused = await upload(first.address, small(1));
    expect(refused).toMatchObject({ status: 503, body: { type: expect.stringContaining("unavailable") } });
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(await stopped).toMatchObject({ code: 0, signal: null });

    const second = await startServer(["--data", data, "--jobs", "1", "--retention", "1s"]);
    expect(await job(second.address, running.id)).toMatchObject({ state: "done", attempts: 1 });
    expect(await jobOnce(second.address, queued.id, hasEnded)).toMatchObject({ state: "done", attempts: 1 });
    const passing = await accepted(second.address, small(3));
    await jobOnce(second.address, passing.id, hasEnded);
    expect(filesIn(data)).toEqual({ blobs: 1 + evidence.size + 1 + 3 * 2, temporary: 0 });
    await pause(1_000);
    await second.kill("SIGTERM");

    const third = await startServer(["--data", data]);
    await expect.poll(async () => (await ask(`${third.address}/v1/jobs/${passing.id}`)).status).toBe(404);
    await expect.poll(() => filesIn(data)).toEqual({ blobs: 1 + evidence.size + 2 * 2, temporary: 0 });
    expect((await ask(`${third.address}/v1/reports/${passing.id}`)).status).toBe(404);
    expect((await ask(`${third.address}/v1/reports/${running.id}`)).status).toBe(200);
    await third.kill("SIGKILL");
  });
});

describe("a server in trouble", () => {
  let server: ServerProcess;
  const data = freshFolder();
  const start = async () => {
    server ??= await startServer(["--data", data, "--jobs", "1", "--job-time", "1s", "--idle-timeout", "2s", ...UNLIMITED]);
    return server.address;
  };

  it("fails what takes too long with a reason, reads hostile archives for what they are, and goes on", async () => {
    const address = await start();
    const bomb = zipOf([{ name: "zeros.txt", data: new Uint8Array(300 * MIB) }]);
    let nested = zipOf([{ name: "netstat.txt", data: evidence.get("netstat.txt")! }]);
    for (let depth = 0; depth < 30; depth++) nested = zipOf([{ name: "inner.zip", data: nested }]);
    const slow = await accepted(address, new Map([["flood.pcap", synFlood(600_000)]]));
    const burst = await accepted(address, new Map([["bomb.zip", bomb]]));
    expect(await jobOnce(address, slow.id, hasEnded)).toMatchObject({
      state: "failed",
      error: expect.stringMatching(/longer than the 1 s/),
    });
    expect(["done", "failed"]).toContain((await jobOnce(address, burst.id, hasEnded)).state);
    expect(JSON.stringify((await report(address, await analysed(address, new Map([["deep.zip", nested]])))).bundle.sources)).toContain(
      "container.depth",
    );
    expect(await report(address, await analysed(address, evidence, "bundle"))).toEqual(expected);
  });

  it("keeps nothing of an upload that breaks off, or that hardly comes in", async () => {
    const address = await start();
    await expect.poll(() => filesIn(data).temporary).toBe(0);
    const before = filesIn(data);
    const broken = halfAnUpload(address);
    await broken.sent;
    broken.end();
    const slow = halfAnUpload(address);
    const silent = connect(Number(address.split(":").at(-1)), "127.0.0.1");
    silent.write("POST /v1/bundles?name=a.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\na");
    await new Promise((resolve) =>
      silent
        .once("close", resolve)
        .resume()
        .on("error", () => {}),
    );
    expect([408, expect.any(Error)]).toContainEqual(await slow.failed);
    await expect.poll(() => filesIn(data)).toEqual(before);
    expect((await ask(`${address}/health/ready`)).status).toBe(200);
  });

  it("takes two thousand bundles faster than it can analyse them, in bounded memory, and lets them be cancelled", async () => {
    const address = await start();
    const ids: string[] = [];
    const memory = server.memory();
    let number = 10;
    const submitter = async () => {
      while (number < 2_010) ids.push((await accepted(address, small(number++))).id);
    };
    await Promise.all(Array.from({ length: 20 }, submitter));
    expect(new Set(ids).size).toBe(2_000);
    const { body } = await ask<JobBody>(`${address}/v1/jobs/${ids.at(-1)}`, { method: "DELETE" });
    expect(body).toMatchObject({ state: "cancelled" });
    expect(await jobOnce(address, ids[0]!, hasEnded)).toMatchObject({ state: "done" });
    if (memory !== null) expect(server.memory()! - memory).toBeLessThan(400 * MIB);
    expect((await ask(`${address}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const states = [...metrics.matchAll(/^casebook_jobs\{state="(\w+)"\} (\d+)$/gm)].map(
      ([, state, count]) => [state!, Number(count)] as const,
    );
    const counts = Object.fromEntries(states);
    expect(counts.cancelled).toBe(1);
    expect(counts.done! + counts.queued! + counts.running!).toBeGreaterThanOrEqual(2_000);
    expect(counts.queued!).toBeGreaterThan(0);
    await server.kill("SIGKILL");
  });
});

describe("a disk that is full", () => {
  const folder = freshFolder();
  const why = mountSmallDisk(folder, 12);

  it.skipIf(why !== null)("is told to whoever uploads; reading goes on, and so does everything once there is room", async () => {
    const filler = join(folder, "filler");
    const server = await startServer(["--data", join(folder, "data")]);
    const { address } = server;
    const before = await accepted(address, evidence, "bundle");
    await jobOnce(address, before.id, hasEnded);
    const tooMuch = new Map([["large.bin", new Uint8Array(16 * MIB).fill(7)]]);
    expect(await upload(address, tooMuch)).toMatchObject({ status: 507, body: { type: expect.stringContaining("storage-full") } });
    expect(readdirSync(join(folder, "data", "blobs"), { recursive: true }).filter((name) => String(name).includes("large"))).toEqual([]);
    writeFileSync(filler, new Uint8Array(5 * MIB));
    expect((await upload(address, new Map([["large.bin", new Uint8Array(8 * MIB).fill(8)]]))).status).toBe(507);
    expect(await report(address, before.id)).toEqual(expected);
    expect((await ask(`${address}/health/live`)).status).toBe(200);
    rmSync(filler);
    const after = await accepted(address, small(1));
    expect(await jobOnce(address, after.id, hasEnded)).toMatchObject({ state: "done" });
    await server.kill("SIGKILL");
  });
  if (why !== null) console.warn(`full disk: skipped, ${why}`);
});

/** Null, or why no disk of some MiB can be mounted there. */
function mountSmallDisk(folder: string, size: number): string | null {
  if (process.getuid?.() !== 0) return "only root can mount a small disk";
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}m`, "tmpfs", folder], { stdio: "pipe" });
    mounted.push(folder);
    return null;
  } catch (error) {
    return `a small disk cannot be mounted: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}
