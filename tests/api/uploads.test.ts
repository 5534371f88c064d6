import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BundleBody } from "../../api/schemas/bundle.ts";
import type { AcceptedBody } from "../../api/schemas/job.ts";
import { type ApiServer, filesForm, startApi } from "../support/api-server.ts";

const LIMIT = 1 << 20;
let api: ApiServer;

beforeAll(async () => {
  api = await startApi({ settings: { bundleBytes: LIMIT, bundleFiles: 5, idleTimeout: 300 } });
});
afterAll(() => api.close());

async function blobsOnDisk(server = api): Promise<string[]> {
  const entries = await readdir(join(server.folder, "blobs"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const submit = (form: FormData, headers: Record<string, string> = {}, query = "") =>
  api.call<AcceptedBody>("POST", `/v1/bundles${query}`, { body: form, headers });
const refused = (form: FormData, query = "") => api.call("POST", `/v1/bundles${query}`, { body: form });

describe("a submission", () => {
  it("is queued, and says where to follow it", async () => {
    const { status, body, headers } = await submit(filesForm({ "server.pcap": "some bytes", "logs/system.txt": "more" }, "fault 7"));
    expect(status).toBe(202);
    expect(body).toMatchObject({ state: "queued", existing: false, attempts: 0, progress: null, error: null });
    expect(headers.get("location")).toBe(`/v1/jobs/${body.id}`);
    const bundle = await api.call<BundleBody>("GET", `/v1/bundles/${body.bundle}`);
    expect(bundle.body).toMatchObject({
      name: "fault 7",
      bytes: 14,
      // As sha256sum gives them.
      files: [
        { path: "server.pcap", bytes: 10, sha256: "0d22cdcc10e6d049dbe1af5123d50873fdfc1a4f58306e58cb6241be9472014d" },
        { path: "logs/system.txt", bytes: 4, sha256: "187897ce0afcf20b50ba2b37dca84a951b7046f29ed5ab94f010619f69d6e189" },
      ],
      jobs: [{ id: body.id, state: "queued" }],
    });
  });

  it("takes one file as the body, whatever its content type", async () => {
    for (const type of ["application/vnd.tcpdump.pcap", "application/json", "text/plain; charset=utf-16", "x-own/thing"]) {
      const { status, body } = await api.call<AcceptedBody>("POST", "/v1/bundles?name=one.json", {
        body: `[] ${type}`,
        headers: { "content-type": type },
      });
      expect(status).toBe(202);
      const bundle = await api.call<BundleBody>("GET", `/v1/bundles/${body.bundle}`);
      expect(bundle.body).toMatchObject({ name: "one.json", files: [{ path: "one.json", bytes: 3 + type.length }] });
    }
  });

  it("is not accepted where its key is revoked while it comes in, and leaves nothing", async () => {
    const server = await startApi();
    try {
      const key = await server.key("acme", "submit");
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(Buffer.from("the first half"));
          await expect.poll(async () => (await blobsOnDisk(server)).length).toBe(1);
          await server.backend.store.revokeKey(key.split("_")[1]!, Date.now());
          controller.enqueue(Buffer.from("the second"));
          controller.close();
        },
      });
      expect((await server.call("POST", "/v1/bundles?name=x", { key, body })).status).toBe(401);
      expect(await blobsOnDisk(server)).toEqual([]);
      expect(await server.backend.store.bundles("acme", { limit: 1, before: null })).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it("is the same bytes that were sent, hashed on their way", async () => {
    const content = new Uint8Array(700_000).map((_, index) => (index * 7919) % 251);
    const { body } = await submit(filesForm({ "a.bin": content }));
    const [file] = (await api.backend.store.bundle("local", body.bundle))!.files;
    const stored: Uint8Array[] = [];
    for await (const chunk of api.backend.blobs.read(file!.blob)) stored.push(chunk);
    expect(Buffer.concat(stored).equals(content)).toBe(true);
    const digest = await crypto.subtle.digest("SHA-256", content);
    expect(file).toMatchObject({ bytes: content.length, sha256: Buffer.from(digest).toString("hex") });
  });

  it.each([
    [{ "one.pcap": "x1" }, "one.pcap"],
    [{ "rdp/a.txt": "x2", "rdp/logs/b.txt": "y" }, "rdp"],
    [{ "b.txt": "x3", "a.txt": "y", "c.txt": "z" }, "a.txt and 2 more"],
  ])("is called after its files where nobody names it: %o", async (files, name) => {
    const { body } = await submit(filesForm(files));
    expect((await api.call<BundleBody>("GET", `/v1/bundles/${body.bundle}`)).body.name).toBe(name);
  });
});

describe("the same again", () => {
  const files = { "b.txt": "same", "a.txt": "again" };

  it("is the same job, in whatever order its files come, and its second copy is not kept", async () => {
    const first = await submit(filesForm(files));
    const before = await blobsOnDisk();
    const second = await submit(filesForm({ "a.txt": "again", "b.txt": "same" }));
    expect(second.status).toBe(202);
    expect(second.body).toMatchObject({ id: first.body.id, bundle: first.body.bundle, existing: true });
    expect(await blobsOnDisk()).toEqual(before);
  });

  it.each([
    ["another name", filesForm({ "b.txt": "same", "a.txt": "again" }, "other")],
    ["another path", filesForm({ "c.txt": "same", "a.txt": "again" })],
    ["another byte", filesForm({ "b.txt": "same", "a.txt": "Again" })],
  ])("is not the same with %s", async (_, form) => {
    const first = await submit(filesForm(files));
    const second = await submit(form);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it("is analysed anew once its job was cancelled", async () => {
    const form = () => filesForm({ "cancelled.txt": "x" });
    const first = await submit(form());
    await api.call("DELETE", `/v1/jobs/${first.body.id}`);
    expect((await submit(form())).body.existing).toBe(false);
  });

  it("is another tenant's own", async () => {
    const [ours, theirs] = [await api.key("acme", "submit"), await api.key("umbrella", "submit")];
    const send = (key: string) => api.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key, body: "the very same" });
    const [first, second] = [await send(ours), await send(theirs)];
    expect(second.body.existing).toBe(false);
    expect(second.body.bundle).not.toBe(first.body.bundle);
  });

  it("has no further effect under one Idempotency-Key, and the key serves no other request", async () => {
    const headers = { "idempotency-key": "retry-1" };
    const first = await submit(filesForm({ "i.txt": "1" }), headers);
    expect((await submit(filesForm({ "i.txt": "1" }), headers)).body.id).toBe(first.body.id);
    const before = await blobsOnDisk();
    const other = await api.call("POST", "/v1/bundles", { body: filesForm({ "i.txt": "2" }), headers });
    expect(other.status).toBe(422);
    expect(other.body.type).toBe("urn:casebook:problem:idempotency-conflict");
    expect(await blobsOnDisk()).toEqual(before);
  });

  it.each(["", "a b", "ä", "x".repeat(256)])("an Idempotency-Key %o is refused", async (key) => {
    const headers = { "idempotency-key": encodeURI(key) === key ? key : Buffer.from(key).toString("latin1") };
    expect((await api.call("POST", "/v1/bundles", { body: filesForm({ "i.txt": "3" }), headers })).status).toBe(400);
  });
});

it("what a form has left empty is no file", async () => {
  const form = filesForm({ "chosen.txt": "a form's" });
  form.append("file", new Blob([]), "");
  form.append("file", "");
  const { status, body } = await submit(form);
  expect(status).toBe(202);
  expect(await api.backend.store.bundle("local", body.bundle)).toMatchObject({ name: "chosen.txt", files: [{ path: "chosen.txt" }] });
});

describe("what may not be submitted", () => {
  it.each(['name="file"; filename=""', 'name="file"'])("is bytes without a name: %s", async (disposition) => {
    const part = `Content-Disposition: form-data; ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\nbytes`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const { status, body } = await api.call("POST", "/v1/bundles", { headers, body: `--b\r\n${part}\r\n--b--\r\n` });
    expect(status).toBe(400);
    expect(body.detail).toMatch(/path may not be empty/);
  });

  it("is a body that was compressed on its way, which would not be stored as the file that is meant", async () => {
    const headers = { "content-encoding": "gzip" };
    const { status, body } = await api.call("POST", "/v1/bundles?name=x.txt", { body: "gzip, says its header", headers });
    expect(status).toBe(415);
    expect(body.what_to_do).toMatch(/as they are/);
  });

  it.each([
    ["no files", new FormData()],
    ["only a name", filesForm({}, "x")],
    ["only empty files", filesForm({ "a.txt": "", "b.txt": "" })],
    ["two files of one path", filesForm({ "a/b.txt": "1", "a\\b.txt": "2" })],
    ["a way out", filesForm({ "../x": "1" })],
    ["a hidden way out", filesForm({ "a/../../x": "1" })],
    ["a way out with backslashes", filesForm({ "a\\..\\..\\x": "1" })],
    ["an absolute path", filesForm({ "/etc/passwd": "1" })],
    ["an absolute path of Windows", filesForm({ "C:\\temp\\x": "1" })],
    ["a path that begins with a backslash", filesForm({ "\\\\server\\share\\x": "1" })],
    ["a path of 10,000 characters", filesForm({ ["x".repeat(10_000)]: "1" })],
    ["a path of nothing but dots", filesForm({ "././.": "1" })],
    ["an empty name", filesForm({ "a.txt": "1" }, " ")],
    ["a name that is too long", filesForm({ "a.txt": "1" }, "n".repeat(201))],
  ])("%s", async (_, form) => {
    const before = await blobsOnDisk();
    const { status, body } = await refused(form);
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: "urn:casebook:problem:bad-upload", status: 400 });
    expect(await blobsOnDisk()).toEqual(before);
  });

  it("a path with NUL, however it is sent", async () => {
    const boundary = "b0undary";
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a\0.txt"\r\n\r\nx\r\n--${boundary}--\r\n`;
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    expect((await api.call("POST", "/v1/bundles", { body, headers })).status).toBe(400);
    expect((await api.call("POST", "/v1/bundles?name=a%00b", { body: "x" })).status).toBe(400);
  });

  it("characters that could forge a line of a report are replaced", async () => {
    const { body } = await api.call<AcceptedBody>("POST", `/v1/bundles?name=${encodeURIComponent("a\nmatched\u202etxt.log")}`, {
      body: "forged",
    });
    const bundle = await api.call<BundleBody>("GET", `/v1/bundles/${body.bundle}`);
    expect(bundle.body.files[0]!.path).toBe("a\ufffdmatched\ufffdtxt.log");
  });

  it("a body without a name", async () => {
    const { status, body } = await api.call("POST", "/v1/bundles", { body: "x", headers: { "content-type": "application/octet-stream" } });
    expect(status).toBe(400);
    expect(body.what_to_do).toContain("?name=");
  });

  it("a content type that is none", async () => {
    expect((await api.call("POST", "/v1/bundles?name=x", { body: "x", headers: { "content-type": "nonsense" } })).status).toBe(415);
  });

  it("no body at all", async () => {
    expect((await api.call("POST", "/v1/bundles?name=x")).status).toBe(400);
    expect((await api.call("POST", "/v1/bundles")).status).toBe(400);
  });

  it("a field or parameter nobody knows", async () => {
    const form = filesForm({ "a.txt": "1" });
    form.set("nmae", "x");
    expect((await refused(form)).status).toBe(400);
    const { status, body } = await refused(filesForm({ "a.txt": "1" }), "?nmae=x");
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ field: "query/nmae", problem: "is not known" }]);
  });

  it.each(["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"])(
    "a body that is no multipart, as %s",
    async (type) => {
      const { status } = await api.call("POST", "/v1/bundles", { body: "--real\r\nnothing\r\n", headers: { "content-type": type } });
      expect(status).toBe(400);
    },
  );

  it("more files than may be", async () => {
    const before = await blobsOnDisk();
    const { status, body } = await refused(filesForm(Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`${index}.txt`, "x"]))));
    expect(status).toBe(413);
    expect(body.detail).toContain("5 files");
    expect(await blobsOnDisk()).toEqual(before);
  });

  it("more bytes than may be: in one file, in several, and where the length is not told", async () => {
    const before = await blobsOnDisk();
    const half = new Uint8Array(LIMIT / 2 + 1);
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(65_536));
        },
      });
    const answers = [
      await refused(filesForm({ "a.bin": new Uint8Array(LIMIT + 1) })),
      await refused(filesForm({ "a.bin": half, "b.bin": half })),
      await api.call("POST", "/v1/bundles?name=x", { body: new Uint8Array(3 * LIMIT) }),
      await api.call("POST", "/v1/bundles?name=x", { body: endless() }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413, 413]);
    expect(await blobsOnDisk()).toEqual(before);
    expect((await api.call("GET", "/health/live")).status).toBe(200);
  });
});

describe("an upload that goes wrong", () => {
  const head = (length: number, boundary = "b") =>
    `POST /v1/bundles HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${length}\r\n\r\n--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nwhole\r\n--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="b.txt"\r\n\r\nhalf`;

  it("leaves nothing where the client goes away in the middle", async () => {
    const before = await blobsOnDisk();
    const socket = connect(api.port, "127.0.0.1");
    socket.write(head(100_000));
    await pause(100);
    expect((await blobsOnDisk()).length).toBeGreaterThan(before.length);
    socket.destroy();
    for (let tries = 0; tries < 50 && (await blobsOnDisk()).length > before.length; tries++) await pause(20);
    expect(await blobsOnDisk()).toEqual(before);
  });

  it("leaves nothing where the client stops sending, and tells it", async () => {
    const before = await blobsOnDisk();
    const socket = connect(api.port, "127.0.0.1");
    socket.write(head(100_000));
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("urn:casebook:problem:too-slow");
    for (let tries = 0; tries < 50 && (await blobsOnDisk()).length > before.length; tries++) await pause(20);
    expect(await blobsOnDisk()).toEqual(before);
  });

  it("leaves nothing where the multipart ends too early", async () => {
    const before = await blobsOnDisk();
    const body = head(0).split("\r\n\r\n").slice(1).join("\r\n\r\n");
    const { status } = await api.call("POST", "/v1/bundles", { body, headers: { "content-type": "multipart/form-data; boundary=b" } });
    expect(status).toBe(400);
    expect(await blobsOnDisk()).toEqual(before);
  });
});
