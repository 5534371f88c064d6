import { type AddressInfo, connect, createServer } from "node:net";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import type { AcceptedBody } from "../../api/schemas/job.ts";
import { StorageFull } from "../../api/storage-full.ts";
import { type ApiServer, filesForm, startApi } from "../support/api-server.ts";

let api: ApiServer;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A backend some of whose parts answer otherwise. */
function altered(changes: { store?: object; blobs?: object; queue?: object }): (backend: Backend) => Backend {
  const over = <T extends object>(part: T, change: object = {}): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(name in change ? change : target, name);
        return typeof value === "function" && !(name in change) ? value.bind(target) : value;
      },
    });
  return (backend) => ({
    ...backend,
    store: over(backend.store, changes.store),
    blobs: over(backend.blobs, changes.blobs),
    queue: over(backend.queue, changes.queue),
  });
}

async function serving<T>(options: Parameters<typeof startApi>[0], use: (server: ApiServer) => Promise<T>): Promise<T> {
  const server = await startApi(options);
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

describe("health", () => {
  it("is well where everything can be reached", async () => {
    expect((await api.call("GET", "/health/live")).body).toEqual({ status: "ok" });
    expect((await api.call("GET", "/health/ready")).body).toEqual({ status: "ready", store: "ok", blobs: "ok", queue: "ok" });
  });

  it("names what cannot be reached, and lives on", async () => {
    const broken = altered({ blobs: { ping: () => Promise.reject(new Error("the disk /secret/place is gone")) } });
    await serving({ backend: broken }, async (server) => {
      const { status, text, body } = await server.call("GET", "/health/ready");
      expect([status, body]).toEqual([503, { status: "not ready", store: "ok", blobs: "unreachable", queue: "ok" }]);
      expect(text).not.toContain("secret");
      expect((await server.call("GET", "/health/live")).status).toBe(200);
    });
  });

  it("is not ready for more when the server is about to end", async () => {
    await serving({ services: { draining: () => true } }, async (server) =>
      expect((await server.call("GET", "/health/ready")).status).toBe(503),
    );
  });
});

describe("metrics", () => {
  it("count requests by route, jobs by state, and bytes", async () => {
    await api.call("POST", "/v1/bundles?name=m", { body: "12345" });
    await api.call("GET", "/v1/cases");
    const { text, headers } = await api.call("GET", "/metrics");
    expect(headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(text).toMatch(/^casebook_http_request_duration_seconds_count\{method="GET",route="\/v1\/cases",status="200"\} [1-9]/m);
    expect(text).toMatch(/^casebook_jobs\{state="queued"\} [1-9]/m);
    expect(text).toMatch(/^casebook_queue_depth [1-9]/m);
    expect(text).toMatch(/^casebook_upload_bytes_total [5-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  });

  it.each([
    ["loopback", {}, 200],
    ["loopback", { "x-forwarded-for": "192.0.2.1" }, 403],
    ["key", {}, 403],
    ["open", { "x-forwarded-for": "192.0.2.1" }, 200],
    ["off", {}, 404],
  ] as const)("with --metrics %s and %o are answered with %i", async (metrics, headers, status) => {
    await serving({ settings: { metrics } }, async (server) =>
      expect((await server.call("GET", "/metrics", { headers })).status).toBe(status),
    );
  });

  it("leave out what cannot be read", async () => {
    await serving({ backend: altered({ store: { countJobs: () => Promise.reject(new Error("gone")) } }) }, async (server) => {
      const { status, text } = await server.call("GET", "/metrics");
      expect(status).toBe(200);
      expect(text).toContain("casebook_queue_depth 0");
      expect(text).not.toContain("casebook_jobs{");
    });
  });

  it("are shown to keys with the scope admin alone", async () => {
    await serving({ settings: { metrics: "key" } }, async (server) => {
      expect((await server.call("GET", "/metrics", { key: await server.key("a", "admin") })).status).toBe(200);
      expect((await server.call("GET", "/metrics", { key: await server.key("a", "read", "submit", "contribute") })).status).toBe(403);
    });
  });
});

describe("the log", () => {
  it("has one line for every request, with its id, and nothing that was submitted, named or searched", async () => {
    const start = api.log.length;
    const secret = "Winterfell";
    await api.call("POST", `/v1/bundles?name=${secret}.pcap`, { body: `content ${secret}` });
    await api.call("POST", "/v1/bundles", { body: filesForm({ [`${secret}/../x`]: secret }) });
    await api.call("GET", `/v1/search?q=${secret}`, { headers: { "x-request-id": "request-4711" } });
    await api.call("GET", `/v1/lookup/${secret}`);
    await api.call("GET", `/v1/jobs/${secret}`);
    await api.call("GET", `/${secret}`);
    await api.call("POST", "/v1/rules/check", { json: { rule: secret, nonsense: secret } });
    await expect.poll(() => api.log.length - start, { timeout: 10_000 }).toBe(7);
    const lines = api.log.slice(start).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(api.log.slice(start).join("")).not.toContain(secret);
    expect(lines.map(({ method, route, status }) => [method, route, status])).toEqual([
      ["POST", "/v1/bundles", 202],
      ["POST", "/v1/bundles", 400],
      ["GET", "/v1/search", 200],
      ["GET", "/v1/lookup/:term", 200],
      ["GET", "/v1/jobs/:id", 404],
      ["GET", "", 404],
      ["POST", "/v1/rules/check", 400],
    ]);
    expect(lines[2]).toMatchObject({ request_id: "request-4711", tenant: "local", actor: "local", seconds: expect.any(Number) });
  });

  it.each(["short", "x".repeat(200), "a b c d e f g", "id\u00e9with-accents", '{"a":1}12345'])(
    "takes no request id like %o from outside",
    async (given) => {
      const { headers } = await api.call("GET", "/health/live", { headers: { "x-request-id": given } });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-z]{26}$/);
    },
  );
});

describe("errors", () => {
  it("of the server are not told, but logged, with the request's id in both", async () => {
    const broken = altered({ store: { bundles: () => Promise.reject(new Error("table secret_things is broken")) } });
    await serving({ backend: broken }, async (server) => {
      const { status, body, text } = await server.call("GET", "/v1/bundles");
      expect([status, body.type]).toEqual([500, "urn:casebook:problem:internal"]);
      expect(text).not.toContain("secret_things");
      const logged = server.log.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ err }) => err !== undefined);
      expect(logged).toMatchObject({ request_id: body.request_id, err: { message: "table secret_things is broken" } });
    });
  });

  it.each([
    ["ECONNREFUSED", 503, "unavailable"],
    ["57P01", 503, "unavailable"],
    ["ENOENT", 500, "internal"],
  ])("%s of the storage is %i", async (code, expected, kind) => {
    const broken = altered({ store: { usage: () => Promise.reject(Object.assign(new Error("x"), { code })) } });
    await serving({ backend: broken }, async (server) => {
      const { status, body } = await server.call("POST", "/v1/bundles?name=x", { body: "x" });
      expect([status, body.type]).toEqual([expected, `urn:casebook:problem:${kind}`]);
    });
  });

  it("a full disk is 507, and nothing stays", async () => {
    const deleted: string[][] = [];
    let writes = 0;
    const full = altered({
      blobs: {
        write: async () => {
          if (++writes === 2) throw new StorageFull("no room");
          return 1;
        },
        delete: async (keys: string[]) => void deleted.push(keys),
      },
    });
    await serving({ backend: full }, async (server) => {
      const { status, body } = await server.call("POST", "/v1/bundles", { body: filesForm({ "a.txt": "a", "b.txt": "b" }) });
      expect([status, body.type]).toEqual([507, "urn:casebook:problem:storage-full"]);
      expect(deleted.flat()).toHaveLength(1);
      expect(await server.backend.store.usage("local")).toMatchObject({ bundles: 0 });
    });
  });

  it("a database that does not answer, or not to so many at once, is 503", async () => {
    // Takes connections, and says nothing.
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const pool = new Pool({ host: "127.0.0.1", port, max: 1, connectionTimeoutMillis: 300 });
    try {
      const said: string[] = [];
      const failing = () =>
        pool.query("SELECT 1").catch((error: Error) => {
          said.push(error.message);
          throw error;
        });
      await serving({ backend: altered({ store: { bundles: failing }, queue: { waiting: failing } }) }, async (server) => {
        // The second waits for the one connection there may be.
        const answers = [server.call("GET", "/v1/bundles"), server.call("POST", "/v1/bundles?name=x", { body: "x" })];
        for (const { status, body, headers } of await Promise.all(answers)) {
          expect([status, body.type]).toEqual([503, "urn:casebook:problem:unavailable"]);
          expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
        }
      });
      expect(new Set(said).size).toBe(2);
    } finally {
      await pool.end();
      silent.close();
    }
  });

  it("where nobody knows whether a bundle was accepted, its files are kept", async () => {
    const deleted: string[][] = [];
    const unsure = altered({
      store: { accept: () => Promise.reject(Object.assign(new Error("connection lost"), { code: "ECONNRESET" })) },
      blobs: { delete: async (keys: string[]) => void deleted.push(keys) },
    });
    await serving({ backend: unsure }, async (server) => {
      expect((await server.call("POST", "/v1/bundles?name=x", { body: "x" })).status).toBe(503);
      expect(deleted.flat()).toEqual([]);
    });
  });

  it.each([
    ["GET", "/v1/nothing", 404],
    ["GET", "/nothing", 404],
    ["POST", "/", 404],
    ["PUT", "/v1/bundles", 405],
    ["GET", "/v1/rules/check", 405],
    ["DELETE", "/v1/cases", 405],
    ["GET", "/v1/jobs/%zz", 400],
    ["GET", "/v1/jobs//", 404],
  ])("%s %s is %i, as a problem", async (method, path, status) => {
    const response = await fetch(`${api.address}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(await response.json()).toMatchObject({
      status,
      type: expect.stringMatching(/^urn:casebook:problem:/),
      request_id: response.headers.get("x-request-id"),
    });
    if (status === 405) expect(response.headers.get("allow")).toBeTruthy();
  });

  it("of a JSON body are told by field", async () => {
    const check = (body: string, type = "application/json") =>
      api.call("POST", "/v1/rules/check", { body, headers: { "content-type": type } });
    expect((await check("{")).body.detail).toContain("not valid JSON");
    expect((await check("")).status).toBe(400);
    expect((await check("{}")).body.errors).toEqual([{ field: "body/rule", problem: "is missing" }]);
    expect((await check('{"rule": 7, "x": 1}')).status).toBe(400);
    expect((await check('{"rule": "x"}', "text/plain")).status).toBe(415);
    expect((await check(`{"rule": "${"x".repeat(3 << 20)}"}`)).status).toBe(413);
    expect((await check('{"__proto__": {"x": 1}, "rule": "x"}')).status).toBe(400);
  });

  it("in HTTP itself are answered, and the server lives", async () => {
    const answerTo = async (text: string) => {
      const socket = connect(api.port, "127.0.0.1");
      socket.write(text);
      let answer = "";
      for await (const chunk of socket) answer += chunk;
      return answer;
    };
    expect(await answerTo("NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
    expect(await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 .*"what_to_do":"Send fewer/s,
    );
    expect(
      await answerTo(
        "POST /v1/bundles?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
    expect((await api.call("GET", "/health/live")).status).toBe(200);
  });
});

describe("limits", () => {
  it("turn away what comes too often, from a key or an address, and say when to come again", async () => {
    await serving({ settings: { requestRate: 3, uploadRate: 1 } }, async (server) => {
      const statuses = [];
      for (let times = 0; times < 4; times++) statuses.push((await server.call("GET", "/v1/cases")).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const { status, body, headers } = await server.call("GET", "/v1/cases");
      expect([status, body.type]).toEqual([429, "urn:casebook:problem:too-many-requests"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      const key = await server.key("a", "admin");
      expect((await server.call("GET", "/v1/cases", { key })).status).toBe(200);
      expect((await server.call("POST", "/v1/bundles?name=1", { key, body: "1" })).status).toBe(202);
      expect((await server.call("POST", "/v1/bundles?name=2", { key, body: "2" })).status).toBe(429);
      expect((await server.call("GET", "/health/live")).status).toBe(200);
      expect((await fetch(`${server.address}/docs/`)).status).toBe(200);
    });
  });

  it("cannot be slipped by naming another address, unless a proxy is trusted to", async () => {
    const ask = (server: ApiServer, from: number) => server.call("GET", "/v1/cases", { headers: { "x-forwarded-for": `192.0.2.${from}` } });
    await serving({ settings: { requestRate: 1 } }, async (server) => {
      expect([(await ask(server, 1)).status, (await ask(server, 2)).status]).toEqual([200, 429]);
    });
    await serving({ settings: { requestRate: 1, trustedProxies: ["127.0.0.1"] } }, async (server) => {
      expect([(await ask(server, 1)).status, (await ask(server, 2)).status, (await ask(server, 2)).status]).toEqual([200, 200, 429]);
    });
  });
});

it("every answer is told apart from a page: no sniffing, no framing, nothing loaded", async () => {
  for (const path of ["/v1/cases", "/v1/openapi.json", "/health/live", "/v1/nothing"]) {
    const { headers } = await fetch(`${api.address}${path}`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  }
});

it("submissions, deletions and the like are written to the audit log with the request's id", async () => {
  const key = await api.key("audit", "admin");
  const { body, headers } = await api.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key, body: "x" });
  await api.call("POST", `/v1/jobs/${body.id}/rerun`, { key });
  await api.call("DELETE", `/v1/jobs/${body.id}`, { key });
  await api.call("DELETE", `/v1/bundles/${body.bundle}`, { key });
  const log = await api.backend.store.auditLog("audit", { limit: 10 });
  expect(log.map(({ action }) => action).reverse()).toEqual(["bundle.submit", "job.rerun", "job.cancel", "bundle.delete"]);
  expect(log.at(-1)).toMatchObject({ actor: key.split("_")[1], subject: body.bundle, requestId: headers.get("x-request-id") });
});
