import { openAsBlob } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CasebookClient, Problem } from "../../api/client/client.ts";
import { projectRoot } from "../support/bundles.ts";
import { type ServerProcess, startCasebook, startServer } from "../support/server-process.ts";
import { casebook } from "../support/terminal.ts";

const bundle = join(projectRoot, "tests/cases/rdp-listener-gone/article/bundle");
const FILES = ["netstat.txt", "server-driver.txt", "server.txt", "system.txt"];

let folder: string;
let server: ServerProcess;
let key: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "casebook-client-"));
  server = await startServer(["--data", join(folder, "data"), "--anonymous", "off"]);
  const made = await startCasebook(["keys", "create", "client test", "--scopes", "submit,read", "--data", join(folder, "data")]).ended;
  key = made.out.trim();
});
afterAll(async () => {
  await server.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

async function uploads() {
  return Promise.all(FILES.map(async (path) => ({ path, content: await openAsBlob(join(bundle, path)) })));
}

/** What the command line says of the same bundle. */
async function ofCommandLine(...options: string[]): Promise<string> {
  return (await casebook(["match", bundle, ...options])).out;
}

describe("the client", () => {
  it("submits, follows and reads what the command line says of the same bundle, byte for byte", async () => {
    const client = new CasebookClient({ baseUrl: `${server.address}/`, key });
    const sent: number[] = [];
    const job = await client.submit(await uploads(), { name: "bundle", onSent: (bytes) => sent.push(bytes) });
    const sizes = await Promise.all(FILES.map(async (path) => (await readFile(join(bundle, path))).length));
    expect(sent.at(-1)).toBe(sizes.reduce((sum, size) => sum + size, 0));
    const states: string[] = [];
    for await (const { state } of client.follow(job.id)) states.push(state);
    expect(states.at(-1)).toBe("done");
    expect(await client.renderedReport(job.id, { format: "json" })).toBe(await ofCommandLine("--format", "json"));
    expect(await client.renderedReport(job.id, { format: "markdown", all: true })).toBe(
      await ofCommandLine("--format", "markdown", "--all"),
    );
    expect((await client.report(job.id)).findings.map(({ rule, verdict }) => `${rule} ${verdict}`)).toContain("rdp-listener-gone matched");
  });

  it("gets the same job for the same bundle, sent as a form", async () => {
    const client = new CasebookClient({ baseUrl: server.address, key });
    const first = await client.submit(await uploads(), { name: "twice" });
    const second = await client.submit(await uploads(), { name: "twice" });
    expect([second.id, second.existing]).toEqual([first.id, true]);
    expect((await client.ended(first.id)).state).toBe("done");
  });

  it("calls operations by id", async () => {
    const client = new CasebookClient({ baseUrl: server.address, key });
    expect(await client.call("readCase", { params: { id: "rdp-listener-gone" } })).toMatchObject({ area: "rds" });
    const { bundles } = await client.call("listBundles", { query: { limit: 1 } });
    const [newest] = bundles;
    await client.call("deleteBundle", { params: { id: newest!.id } });
    await expect(client.call("readBundle", { params: { id: newest!.id } })).rejects.toMatchObject({ status: 404 });
  });

  it("rejects with what the server says is wrong", async () => {
    const stranger = new CasebookClient({ baseUrl: server.address });
    const refused = await stranger.submit(await uploads()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused).toMatchObject({
      status: 401,
      whatToDo: expect.stringContaining("Authorization"),
      requestId: expect.stringMatching(/./),
    });
    const client = new CasebookClient({ baseUrl: server.address, key });
    await expect(client.report("01m83bc75tatte862k8avafvpm")).rejects.toMatchObject({ status: 404 });
    await expect(client.ended("01m83bc75tatte862k8avafvpm")).rejects.toMatchObject({ status: 404 });
  });
});

describe("following a job", () => {
  let proxy: Server;
  const answers: ((write: (text: string) => void, end: () => void) => void)[] = [];
  beforeAll(async () => {
    proxy = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      answers.shift()!(
        (text) => response.write(text),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => proxy.close());

  it("goes on after the connection broke in the middle of an event", async () => {
    answers.push(
      (write, end) => {
        write('data: {"id":"j","state":"running"}\n\ndata: {"id":"j","sta');
        setTimeout(end, 50);
      },
      (write) => write('data: {"id":"j","state":"done"}\n\n'),
    );
    const client = new CasebookClient({ baseUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    const states: string[] = [];
    for await (const { state } of client.follow("j")) states.push(state);
    expect(states).toEqual(["running", "done"]);
  });
});

describe("casebook submit", () => {
  const env = () => ({ CASEBOOK_URL: server.address, CASEBOOK_KEY: key });

  it("prints the report that casebook match prints", async () => {
    const submitted = await casebook(["submit", bundle], { env: env() });
    expect(submitted).toEqual({ code: 0, out: await ofCommandLine(), err: "" });
  });

  it("writes a file in the format its name asks for, with the key from a file", async () => {
    await writeFile(join(folder, "key"), `${key}\n`);
    const out = join(folder, "report.html");
    const done = await casebook(["submit", bundle, "--server", server.address, "--key-file", join(folder, "key"), "--out", out]);
    expect(done).toMatchObject({ code: 0, out: "", err: "" });
    expect(await readFile(out, "utf8")).toBe(await ofCommandLine("--format", "html"));
  });

  it("leaves at once with --no-wait and says the job's id", async () => {
    const { code, out } = await casebook(["submit", bundle, "--no-wait", "--name", "later"], { env: env() });
    expect([code, out]).toEqual([0, expect.stringMatching(/^[0-9a-z]{26}\n$/)]);
    const client = new CasebookClient({ baseUrl: server.address, key });
    expect(await client.ended(out.trim())).toMatchObject({ state: "done" });
  });

  it.each([
    ["a wrong key", ["submit", bundle], { CASEBOOK_KEY: "cbk_wrong" }, /refused: .*key/i],
    ["no key", ["submit", bundle], { CASEBOOK_KEY: "" }, /refused: /],
    ["a server that is not there", ["submit", bundle, "--server", "http://127.0.0.1:2"], {}, /cannot reach http:\/\/127\.0\.0\.1:2: /],
    ["an address that is none", ["submit", bundle, "--server", "casebook.example.org"], {}, /--server cannot be "casebook.example.org"/],
    ["a path that is not there", ["submit", join(bundle, "no-such-file")], {}, /cannot read .*no-such-file/],
    ["a key file that is not there", ["submit", bundle, "--key-file", "/no/such/key"], {}, /cannot read "\/no\/such\/key"/],
  ])("says what is wrong with %s", async (_name, args, changed, message) => {
    const { code, out, err } = await casebook(args, { env: { ...env(), ...changed } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });
});
