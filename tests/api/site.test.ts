import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, startApi } from "../support/api-server.ts";
import { ask } from "../support/raw-request.ts";

const PAGE = `<!doctype html><title>Casebook</title>${"<p>evidence in, verdicts out</p>".repeat(100)}`;
let api: ApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "casebook-site-"));
  await mkdir(join(folder, "site/cases/x y"), { recursive: true });
  await mkdir(join(folder, "site/v1"), { recursive: true });
  const files = {
    "index.html": PAGE,
    "404.html": "<!doctype html><title>Lost</title>",
    "cases/x y/index.html": PAGE,
    "assets-3F2A91BC.js": "let a = 1;\n".repeat(50),
    "documents-0-40495a957f91.json": "{}",
    "tcp-handshakes.json": "{}",
    "config.json": '{"api":null}',
    "v1/cases": "shadow",
    "pixel.png": "\x89PNG",
    ".secret": "s",
  };
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, "site", path), content);
  await writeFile(join(folder, "outside.txt"), "outside");
  api = await startApi({ services: { site: join(folder, "site") } });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${api.address}${path}`, { redirect: "manual", headers });

describe("the site", () => {
  it("is served at the root, its folders with their slash", async () => {
    const page = await get("/");
    expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([200, "text/html; charset=utf-8", PAGE]);
    expect((await get("/cases/x%20y/")).status).toBe(200);
    const moved = await get("/cases/x%20y");
    expect(moved.status).toBe(301);
    expect(new URL(moved.headers.get("location")!, moved.url).pathname).toBe("/cases/x%20y/");
    const head = await fetch(`${api.address}/`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("may be kept for ever where names change with content, else is asked for again", async () => {
    for (const path of ["/assets-3F2A91BC.js", "/documents-0-40495a957f91.json"])
      expect((await get(path)).headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await get("/tcp-handshakes.json")).headers.get("cache-control")).toBe("no-cache");
    const page = await get("/");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expect((await get("/", { "if-none-match": page.headers.get("etag")! })).status).toBe(304);
  });

  it("is compressed for who can read that", async () => {
    const at = (headers: Record<string, string>) => ask(api.port, { method: "GET", path: "/", headers });
    const zipped = await at({ "accept-encoding": "br, gzip" });
    expect(zipped.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
    expect(Number(zipped.headers["content-length"])).toBeLessThan(PAGE.length / 4);
    for (const accepted of ["", "br", "gzip;q=0", "identity"]) {
      const plain = await at({ "accept-encoding": accepted });
      expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, PAGE]);
      expect(plain.headers.etag).not.toBe(zipped.headers.etag);
    }
    expect(
      (await ask(api.port, { method: "GET", path: "/pixel.png", headers: { "accept-encoding": "gzip" } })).headers["content-encoding"],
    ).toBeUndefined();
  });

  it("is told where the API is, and never stands before it", async () => {
    expect(await (await get("/config.json")).json()).toEqual({ api: "/v1" });
    expect(await (await get("/v1/cases")).text()).not.toBe("shadow");
  });

  it("shows its own page where it has none, and the API a problem", async () => {
    const lost = await get("/no/such/page", { accept: "text/html" });
    expect([lost.status, await lost.text()]).toEqual([404, "<!doctype html><title>Lost</title>"]);
    for (const [path, accept] of [
      ["/no/such", "application/json"],
      ["/v1/no/such", "text/html"],
      ["/docs/no", "text/html"],
    ] as const) {
      const problem = await get(path, { accept });
      expect([problem.status, problem.headers.get("content-type")]).toEqual([404, "application/problem+json; charset=utf-8"]);
    }
  });

  it.each([
    "/../outside.txt",
    "/..%2foutside.txt",
    "/%2e%2e/outside.txt",
    "/cases/..%2f..%2foutside.txt",
    "/..%5coutside.txt",
    "/.secret",
    "//outside.txt",
    "/index.html%00.txt",
    "//evil.example/%2e%2e",
    "/index.html/",
  ])("gives nothing for %s", async (path) => {
    const { status, headers, body } = await ask(api.port, { method: "GET", path, headers: {} });
    expect(status).toBe(404);
    expect(headers.location).toBeUndefined();
    expect(body).not.toContain("outside");
  });

  it("lets nothing in from elsewhere, and is framed by nobody", async () => {
    const policy = (await get("/")).headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:|\*/);
  });
});
