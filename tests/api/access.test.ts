import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../api/ids.ts";
import { mintKey } from "../../api/keys.ts";
import type { AcceptedBody } from "../../api/schemas/job.ts";
import { SCOPES, type Scope } from "../../api/store/store.ts";
import { type ApiServer, type CallOptions, finishByHand, startApi } from "../support/api-server.ts";
import { ask, type RawAnswer } from "../support/raw-request.ts";

/** What each route asks of a key; `any` is satisfied by every key. */
const ROUTES: readonly (readonly [method: string, path: string, scopes: readonly Scope[] | "any"])[] = [
  ["POST", "/v1/bundles?name=x", ["submit"]],
  ["GET", "/v1/bundles", ["read"]],
  ["GET", "/v1/bundles/{bundle}", ["read", "submit"]],
  ["DELETE", "/v1/bundles/{bundle}", ["submit"]],
  ["GET", "/v1/jobs/{job}", ["submit", "read"]],
  ["GET", "/v1/jobs/{job}/events", ["submit", "read"]],
  ["DELETE", "/v1/jobs/{job}", ["submit"]],
  ["POST", "/v1/jobs/{job}/rerun", ["submit"]],
  ["GET", "/v1/reports/{job}", ["read"]],
  ["GET", "/v1/reports/{job}/explain/rdp-listener-gone", ["read"]],
  ["POST", "/v1/rules/check", ["contribute"]],
  ["GET", "/v1/cases", "any"],
  ["GET", "/v1/cases/rdp-listener-gone", "any"],
  ["GET", "/v1/recipes", "any"],
  ["GET", "/v1/reference/ports", "any"],
  ["GET", "/v1/search?q=rdp", "any"],
  ["GET", "/v1/lookup/3389", "any"],
];

/** As a key looks that nobody was given. */
const unknownKey = () => mintKey({ tenant: "nobody", label: "unknown", scopes: SCOPES, expiresAt: null }, Date.now()).text;

let api: ApiServer;
let closed: ApiServer;

beforeAll(async () => {
  [api, closed] = await Promise.all([startApi(), startApi({ services: { loopback: false } })]);
});
afterAll(() => Promise.all([api.close(), closed.close()]));

/** A bundle of a tenant whose job is done. */
async function submitted(server: ApiServer, key: string): Promise<{ bundle: string; job: string }> {
  const { body } = await server.call<AcceptedBody>("POST", `/v1/bundles?name=${newId()}`, { key, body: "evidence" });
  await finishByHand(server, body.id, { report: Buffer.from("{}"), explanations: Buffer.from("") });
  return { bundle: body.bundle, job: body.id };
}

const filled = (path: string, ids: { bundle: string; job: string }) => path.replace("{bundle}", ids.bundle).replace("{job}", ids.job);
const bodyFor = (path: string) => (path.includes("rules") ? { json: { rule: "id: x" } } : path.includes("name=") ? { body: "x" } : {});

describe("scopes", () => {
  it.each(ROUTES)("%s %s asks for %s", async (method, path, needed) => {
    const nobody = { bundle: newId(), job: newId() };
    for (const scope of SCOPES) {
      const key = await closed.key("acme", scope);
      const { status, body } = await closed.call(method, filled(path, nobody), { key, ...bodyFor(path) });
      const may = needed === "any" || scope === "admin" || needed.includes(scope);
      expect(status === 403, `${scope}: ${status}`).toBe(!may);
      if (!may) expect(body).toMatchObject({ type: "urn:casebook:problem:missing-scope" });
    }
  });

  it.each(ROUTES)("%s %s asks for a key where anonymous requests are not let in", async (method, path) => {
    const { status, body, headers } = await closed.call(method, filled(path, { bundle: newId(), job: newId() }), bodyFor(path));
    expect(status).toBe(401);
    expect(body.type).toBe("urn:casebook:problem:unauthenticated");
    expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it("are written to the audit log where they are refused", async () => {
    const key = await closed.key("audited", "read");
    await closed.call("POST", "/v1/bundles?name=x", { key, body: "x" });
    const [entry] = await closed.backend.store.auditLog("audited", { limit: 1 });
    expect(entry).toMatchObject({ action: "scope.refused", actor: key.split("_")[1] });
  });
});

describe("keys", () => {
  const ask401 = async (authorization: string) => (await closed.call("GET", "/v1/cases", { headers: { authorization } })).status;

  it("open until they are revoked, at once", async () => {
    const key = await closed.key("acme", "read");
    expect((await closed.call("GET", "/v1/cases", { key })).status).toBe(200);
    await closed.backend.store.revokeKey(key.split("_")[1]!, Date.now());
    expect((await closed.call("GET", "/v1/cases", { key })).status).toBe(401);
  });

  it("open until their time is over", async () => {
    const minted = mintKey({ tenant: "acme", label: "", scopes: ["read"], expiresAt: Date.now() - 1 }, Date.now() - 10);
    await closed.backend.store.addKey(minted.key);
    expect((await closed.call("GET", "/v1/cases", { key: minted.text })).status).toBe(401);
  });

  it("that are none open nothing, nor do parts of one", async () => {
    const key = await closed.key("acme", "admin");
    const [, id, secret] = key.split("_") as [string, string, string];
    const other = await closed.key("acme", "admin");
    const attempts = [
      "Bearer",
      "Bearer x",
      `Basic ${btoa(`${id}:${secret}`)}`,
      `Bearer cbk_${id}_`,
      `Bearer cbk_${id}_${"0".repeat(52)}`,
      `Bearer cbk_${id}_${other.split("_")[2]}`,
      `Bearer cbk_${id.toUpperCase()}_${secret}`,
      `Bearer ${key} ${key}`,
      `Bearer ${"x".repeat(4000)}`,
    ];
    for (const attempt of attempts) expect(await ask401(attempt), attempt.slice(0, 60)).toBe(401);
    expect(await ask401(`bearer ${key}`)).toBe(200);
  });

  it("that are wrong are refused where no key is needed, too", async () => {
    expect((await api.call("GET", "/v1/cases", { key: "cbk_wrong" })).status).toBe(401);
  });

  it("cannot be tried one after the other, nor done without, and good ones of the same address are let in meanwhile", async () => {
    const server = await startApi({ settings: { requestRate: 70, anonymous: "off" } });
    try {
      const good = await server.key("acme", "read");
      const statuses: number[] = [];
      const refusedWith = async (options: CallOptions) => {
        const { status, body, headers } = await server.call("GET", "/v1/bundles", options);
        statuses.push(status);
        return { type: body.type, after: Number(headers.get("retry-after")) };
      };
      for (let tries = 0; tries < 30; tries++) await refusedWith({ key: unknownKey() });
      for (let tries = 0; tries < 30; tries++) await refusedWith({});
      expect(statuses).toEqual(Array(60).fill(401));
      const { length } = await server.backend.store.auditLog("", { limit: 100 });
      expect(await refusedWith({ key: unknownKey() })).toMatchObject({ type: "urn:casebook:problem:too-many-requests" });
      const { after } = await refusedWith({});
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThanOrEqual(60);
      expect(statuses.slice(60)).toEqual([429, 429]);
      expect(await server.backend.store.auditLog("", { limit: 100 })).toHaveLength(length);
      expect((await server.call("GET", "/v1/bundles", { key: good })).status).toBe(200);
      // More than an address without a key may ask at all: now nobody's key is looked up.
      for (let tries = 0; tries < 10; tries++) await refusedWith({});
      expect((await server.call("GET", "/v1/bundles", { key: good })).status).toBe(429);
      expect((await server.call("GET", "/health/live")).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it("cannot be tried at /metrics either", async () => {
    const server = await startApi({ settings: { requestRate: 100, metrics: "key" } });
    try {
      const ask = async (key?: string) => (await server.call("GET", "/metrics", key === undefined ? {} : { key })).status;
      for (let tries = 0; tries < 60; tries++) expect(await ask(tries % 2 ? unknownKey() : undefined)).toBe(403);
      expect([await ask(unknownKey()), await ask()]).toEqual([429, 429]);
      expect(await ask(await server.key("acme", "admin"))).toBe(200);
    } finally {
      await server.close();
    }
  });

  it("are counted for each address that a trusted proxy names", async () => {
    const server = await startApi({ settings: { requestRate: 1, anonymous: "off", trustedProxies: ["127.0.0.1"] } });
    try {
      const from = async (address: string) => (await server.call("GET", "/v1/cases", { headers: { "x-forwarded-for": address } })).status;
      expect([await from("192.0.2.1"), await from("192.0.2.1"), await from("192.0.2.2")]).toEqual([401, 429, 401]);
      // One household, whichever of its addresses it takes.
      expect([await from("2001:db8::1"), await from("2001:db8::2")]).toEqual([401, 429]);
    } finally {
      await server.close();
    }
  });

  it("that are wrong keep nobody on this machine from asking without one", async () => {
    const server = await startApi({ settings: { requestRate: 100 } });
    try {
      for (let tries = 0; tries < 61; tries++) await server.call("GET", "/v1/cases", { key: unknownKey() });
      expect((await server.call("GET", "/v1/cases", { key: unknownKey() })).status).toBe(429);
      expect((await server.call("GET", "/v1/cases")).status).toBe(200);
    } finally {
      await server.close();
    }
  });

  it("and their secrets are in neither store nor log", async () => {
    const key = await closed.key("acme", "admin");
    await closed.call("GET", "/v1/bundles", { key });
    await closed.call("GET", "/v1/bundles", { key: `${key}0` });
    const secret = key.split("_")[2]!;
    expect(JSON.stringify(await closed.backend.store.keys(null))).not.toContain(secret);
    expect(closed.log.join("")).not.toContain(secret);
  });
});

describe("tenants", () => {
  const own: readonly (readonly [string, string])[] = ROUTES.filter(([, path]) => path.includes("{")).map(([method, path]) => [
    method,
    path,
  ]);

  it.each(own)("%s %s answers for another tenant's thing as for none, byte for byte", async (method, path) => {
    const [ours, theirs] = [await api.key("ours", "admin"), await api.key("theirs", "admin")];
    const ids = await submitted(api, theirs);
    const headers = { "x-request-id": "the-same-for-both" };
    const foreign = await api.call(method, filled(path, ids), { key: ours, headers });
    const none = await api.call(method, filled(path, { bundle: newId(), job: newId() }), { key: ours, headers });
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(none.text);
    const telling = ({ headers: all }: { headers: Headers }) => [...all].filter(([name]) => name !== "date");
    expect(telling(foreign)).toEqual(telling(none));
    expect((await api.call("GET", `/v1/bundles/${ids.bundle}`, { key: theirs })).status).toBe(200);
  });

  it("see their own bundles alone, in the list and when they try a rule", async () => {
    const [ours, theirs] = [await api.key("list-ours", "admin"), await api.key("list-theirs", "admin")];
    const mine = await submitted(api, ours);
    const foreign = await submitted(api, theirs);
    const { body } = await api.call<{ bundles: { id: string }[] }>("GET", "/v1/bundles", { key: ours });
    expect(body.bundles.map(({ id }) => id)).toEqual([mine.bundle]);
    expect((await api.call("POST", "/v1/rules/check", { key: ours, json: { rule: "id: x", bundle: foreign.bundle } })).status).toBe(404);
  });

  it("do not share idempotency keys", async () => {
    const [ours, theirs] = [await api.key("idem-a", "submit"), await api.key("idem-b", "submit")];
    const send = (key: string, body: string) =>
      api.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key, body, headers: { "idempotency-key": "shared" } });
    expect((await send(ours, "a")).status).toBe(202);
    expect((await send(theirs, "b")).status).toBe(202);
  });

  it.each(["' OR 1=1 --", "%00", "..%2f..%2fbundles", "%F0%9F%92%A9", "{id}", "constructor", "x".repeat(2500)])(
    "an id %o is no thing's",
    async (id) => {
      const encoded = id.includes("%") ? id : encodeURIComponent(id);
      for (const path of ["bundles", "jobs", "reports"])
        expect([400, 404, 414]).toContain((await api.call("GET", `/v1/${path}/${encoded}`)).status);
    },
  );
});

describe("requests without a key", () => {
  const from = (headers: Record<string, string>, path = "/v1/cases", method = "GET"): Promise<RawAnswer> =>
    ask(api.port, { method, path, headers });

  it.each(["127.0.0.1", "localhost", "LOCALHOST:8080", "casebook.localhost", "[::1]:80", "192.0.2.7", "[2001:db8::1]"])(
    "are answered under the host %s",
    async (host) => {
      expect((await from({ host })).status).toBe(200);
    },
  );

  it.each([
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.1",
    "[::1",
    "a b",
    "localhost, evil.example",
    "0x7f.1",
  ])("are refused under the host %o: DNS rebinding", async (host) => {
    const { status, body } = await from({ host });
    expect(status, body).toBeGreaterThanOrEqual(400);
    if (status === 403) expect(body).toContain("urn:casebook:problem:foreign-request");
  });

  it.each([
    "http://evil.example",
    "null",
    "http://127.0.0.1.evil.example",
    "http://localhost",
    "https://evil.example:8080",
    "file://",
    "x",
  ])("are refused to pages of the origin %s", async (origin) => {
    expect((await from({ host: `127.0.0.1:${api.port}`, origin })).status).toBe(403);
    expect((await from({ host: `127.0.0.1:${api.port}`, origin }, "/v1/bundles?name=x", "POST")).status).toBe(403);
  });

  it("are answered to the server's own pages", async () => {
    const host = `127.0.0.1:${api.port}`;
    expect((await from({ host, origin: `http://${host}`, "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it("are refused to images and scripts of other pages, and not to links", async () => {
    const host = "localhost";
    expect((await from({ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect((await from({ host, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect((await from({ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status).toBe(200);
    expect((await from({ host, "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).status).toBe(200);
    const form = await from({ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "/v1/bundles?name=x", "POST");
    expect(form.status).toBe(403);
  });

  it("with a key are answered under any host and to any origin, which cannot read the answer", async () => {
    const authorization = `Bearer ${await api.key("acme", "read")}`;
    const { status, headers } = await from({ host: "casebook.example", origin: "https://evil.example", authorization });
    expect(status).toBe(200);
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it.each([
    ["off", true, 401],
    ["loopback", false, 401],
    ["loopback", true, 200],
    ["on", false, 200],
  ] as const)("with --anonymous %s on loopback %s are answered %i", async (anonymous, loopback, status) => {
    const server = await startApi({ settings: { anonymous }, services: { loopback } });
    expect((await server.call("GET", "/v1/bundles")).status).toBe(status);
    await server.close();
  });

  it("heed the hosts and origins that are configured", async () => {
    const server = await startApi({ settings: { allowedHosts: ["kb.example"], allowedOrigins: ["https://pages.example"] } });
    const at = (headers: Record<string, string>, method = "GET") => ask(server.port, { method, path: "/v1/cases", headers });
    expect((await at({ host: "kb.example:8080" })).status).toBe(200);
    expect((await at({ host: "other.example" })).status).toBe(403);
    const shared = await at({ host: "kb.example", origin: "https://pages.example", "sec-fetch-site": "cross-site" });
    expect(shared).toMatchObject({ status: 200, headers: { "access-control-allow-origin": "https://pages.example" } });
    const preflight = await at({ host: "kb.example", origin: "https://pages.example", "access-control-request-method": "POST" }, "OPTIONS");
    expect(preflight).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "https://pages.example" } });
    const foreign = await at({ host: "kb.example", origin: "https://evil.example", "access-control-request-method": "POST" }, "OPTIONS");
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    await server.close();
  });
});
