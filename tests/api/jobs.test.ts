import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../api/backend/backend.ts";
import { mintKey } from "../../api/keys.ts";
import type { AcceptedBody, JobBody } from "../../api/schemas/job.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";

let polls = 0;
let api: ApiServer;

beforeAll(async () => {
  const counted = (backend: Backend): Backend => ({
    ...backend,
    store: new Proxy(backend.store, {
      get(store, name) {
        if (name === "jobsById") polls++;
        const value: unknown = Reflect.get(store, name);
        return typeof value === "function" ? value.bind(store) : value;
      },
    }),
  });
  api = await startApi({ settings: { followers: 20 }, backend: counted });
});
afterAll(() => api.close());

let submissions = 0;
async function submitted(server = api): Promise<AcceptedBody> {
  return (await server.call<AcceptedBody>("POST", `/v1/bundles?name=${++submissions}`, { body: "evidence" })).body;
}

interface Event {
  readonly id: string;
  readonly name: string;
  readonly job: JobBody;
}

function readEvents(text: string): Event[] {
  return text
    .split("\n\n")
    .filter((block) => /^data:/m.test(block))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      return { id: field("id"), name: field("event"), job: JSON.parse(field("data")) as JobBody };
    });
}

describe("a job", () => {
  it("says how far it has come", async () => {
    const { id, bundle } = await submitted();
    const read = async () => (await api.call<JobBody>("GET", `/v1/jobs/${id}`)).body;
    expect(await read()).toMatchObject({ id, bundle, state: "queued", started_at: null, links: { report: null } });
    await api.backend.store.begin(id, Date.now());
    await api.backend.store.note(id, 1, { stage: "reading", bytes: 4, totalBytes: 8, packets: 2, rules: 0 });
    expect(await read()).toMatchObject({
      state: "running",
      attempts: 1,
      progress: { stage: "reading", bytes: 4, total_bytes: 8, packets: 2, rules: 0 },
    });
    await api.backend.store.finish(id, 1, { state: "done", results: { report: `report/${id}` } }, Date.now());
    expect(await read()).toMatchObject({ state: "done", links: { report: `/v1/reports/${id}`, events: `/v1/jobs/${id}/events` } });
  });

  it("is cancelled at once while it waits, and told to stop while it runs", async () => {
    const waiting = await submitted();
    expect((await api.call<JobBody>("DELETE", `/v1/jobs/${waiting.id}`)).body).toMatchObject({ state: "cancelled" });
    const running = await submitted();
    await api.backend.store.begin(running.id, Date.now());
    expect((await api.call<JobBody>("DELETE", `/v1/jobs/${running.id}`)).body).toMatchObject({ state: "running", cancel_requested: true });
    await api.backend.store.finish(running.id, 1, { state: "cancelled" }, Date.now());
    expect((await api.call<JobBody>("DELETE", `/v1/jobs/${running.id}`)).body).toMatchObject({ state: "cancelled" });
  });

  it("can be run again as a job of its own", async () => {
    const first = await submitted();
    const { status, body, headers } = await api.call<AcceptedBody>("POST", `/v1/jobs/${first.id}/rerun`);
    expect(status).toBe(202);
    expect(body).toMatchObject({ bundle: first.bundle, state: "queued", existing: false });
    expect(body.id).not.toBe(first.id);
    expect(headers.get("location")).toBe(`/v1/jobs/${body.id}`);
    const bundle = await api.call<{ jobs: JobBody[] }>("GET", `/v1/bundles/${first.bundle}`);
    expect(bundle.body.jobs.map(({ id }) => id)).toEqual([body.id, first.id]);
  });

  it("is run again once where the request is repeated under its idempotency key", async () => {
    const [first, other] = [await submitted(), await submitted()];
    const again = (id: string) =>
      api.call<AcceptedBody>("POST", `/v1/jobs/${id}/rerun`, { headers: { "idempotency-key": `again-${first.id}` } });
    const [one, two] = await Promise.all([again(first.id), again(first.id)]);
    expect([one.status, two.status, one.body.id === two.body.id]).toEqual([202, 202, true]);
    expect([one.body.existing, two.body.existing].sort()).toEqual([false, true]);
    expect((await again(other.id)).status).toBe(422);
  });
});

describe("following a job", () => {
  const follow = (id: string, headers: Record<string, string> = {}) => api.call("GET", `/v1/jobs/${id}/events`, { headers });

  it("tells every change in order, and ends when the job has ended", async () => {
    const { store } = api.backend;
    const { id } = await submitted();
    const response = await fetch(`${api.address}/v1/jobs/${id}/events`);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    let text = "";
    const changes = [
      () => store.begin(id, Date.now()),
      () => store.note(id, 1, { stage: "reading", bytes: 4, totalBytes: 8, packets: 2, rules: 0 }),
      () => store.finish(id, 1, { state: "done", results: { report: `report/${id}` } }, Date.now()),
    ];
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString("utf8");
      if (readEvents(text).length > 3 - changes.length) await changes.shift()?.();
    }
    const events = readEvents(text);
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(["job"]));
    expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
    expect(events.map(({ job }) => [job.state, job.progress?.bytes ?? null])).toEqual([
      ["queued", null],
      ["running", null],
      ["running", 4],
      ["done", expect.anything()],
    ]);
  });

  it("tells what there is at once, and comes to an end at once, where the job has ended", async () => {
    const { id } = await submitted();
    await api.call("DELETE", `/v1/jobs/${id}`);
    const [event, ...more] = readEvents((await follow(id)).text);
    expect(event?.job.state).toBe("cancelled");
    expect(more).toEqual([]);
    expect((await follow(id, { "last-event-id": event!.id })).status).toBe(204);
    for (const odd of ["0", "99999999", "x".repeat(1000), "'; DROP TABLE jobs"])
      expect(readEvents((await follow(id, { "last-event-id": odd })).text)).toHaveLength(1);
  });

  it("ends when the job is deleted", async () => {
    const { id, bundle } = await submitted();
    const following = follow(id);
    await pause(200);
    await api.call("DELETE", `/v1/bundles/${bundle}`);
    expect(readEvents((await following).text).map(({ job }) => job.state)).toEqual(["queued"]);
  });

  it.each(["revoked", "past its time"])("ends once the key is %s, though the job goes on", async (end) => {
    const minted = mintKey({ tenant: "acme", label: "x", scopes: ["submit"], expiresAt: Date.now() + 3_600_000 }, Date.now());
    let [later, away] = [0, false];
    const server = await startApi({
      services: { now: () => Date.now() + later },
      backend: (backend) => ({
        ...backend,
        store: {
          ...backend.store,
          keyByHash: (hash) => (away ? Promise.reject(new Error("connect ECONNREFUSED")) : backend.store.keyByHash(hash)),
        },
      }),
    });
    try {
      await server.backend.store.addKey(minted.key);
      const { body } = await server.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key: minted.text, body: "x" });
      const path = `/v1/jobs/${body.id}/events`;
      let over = false;
      const following = server.call("GET", path, { key: minted.text }).finally(() => {
        over = true;
      });
      await pause(300);
      // That nobody can tell ends nothing.
      away = true;
      await pause(300);
      away = false;
      expect(over).toBe(false);
      if (end === "revoked") await server.backend.store.revokeKey(minted.key.id, Date.now());
      else later = 3_600_000;
      expect(readEvents((await following).text).map(({ job }) => job.state)).toEqual(["queued"]);
      expect((await server.call("GET", path, { key: minted.text })).status).toBe(401);
    } finally {
      await server.close();
    }
  });

  const opened = async (id: string, port = api.port): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    return socket;
  };

  it("asks the store once for all who follow, is bounded, and frees the place of who has gone", async () => {
    const jobs = [await submitted(), await submitted()];
    const sockets = await Promise.all(Array.from({ length: 20 }, (_, index) => opened(jobs[index % 2]!.id)));
    const before = polls;
    await pause(1_000);
    expect(polls - before).toBeLessThan(8);
    const { status, headers } = await follow(jobs[0]!.id);
    expect(status).toBe(503);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => api.services.metrics.followers.get().then(({ values }) => values[0]?.value), { timeout: 20_000 }).toBe(0);
    const quiet = polls;
    await pause(700);
    expect(polls - quiet).toBeLessThan(2);
  });

  it("takes no place for who has gone before the job was found", async () => {
    let asked = 0;
    const gone = Promise.withResolvers<void>();
    const server = await startApi({
      settings: { followers: 1 },
      backend: (backend) => ({
        ...backend,
        store: {
          ...backend.store,
          job: async (tenant, id) => {
            if (++asked === 1) await gone.promise;
            return backend.store.job(tenant, id);
          },
        },
      }),
    });
    try {
      const { id } = await submitted(server);
      const socket = connect(server.port, "127.0.0.1");
      socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      await expect.poll(() => asked).toBe(1);
      const lines = server.log.length;
      socket.destroy();
      await expect.poll(() => server.log.slice(lines).join("")).toContain("the client went away");
      gone.resolve();
      await pause(100);
      (await opened(id, server.port)).destroy();
      await expect.poll(() => server.services.metrics.followers.get().then(({ values }) => values[0]?.value)).toBe(0);
    } finally {
      await server.close();
    }
  });

  it("of one tenant leave places to others", async () => {
    const server = await startApi({ settings: { followers: 4, tenantFollowers: 2, uploads: 2, tenantUploads: 1 } });
    try {
      const [one, other] = [await server.key("one", "submit"), await server.key("other", "submit")];
      const ids = await Promise.all(
        [one, other].map(async (key) => (await server.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key, body: "x" })).body.id),
      );
      const stop = new AbortController();
      const follows = (key: string, id: string) =>
        fetch(`${server.address}/v1/jobs/${id}/events`, { headers: { authorization: `Bearer ${key}` }, signal: stop.signal });
      expect([(await follows(one, ids[0]!)).status, (await follows(one, ids[0]!)).status]).toEqual([200, 200]);
      const more = await server.call("GET", `/v1/jobs/${ids[0]}/events`, { key: one });
      expect([more.status, more.body.type]).toEqual([429, "urn:casebook:problem:quota-exceeded"]);
      expect(Number(more.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await follows(other, ids[1]!)).status).toBe(200);

      const slow = connect(server.port, "127.0.0.1");
      slow.write(`POST /v1/bundles?name=x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${one}\r\nContent-Length: 2\r\n\r\na`);
      await expect.poll(() => server.services.metrics.uploads.get().then(({ values }) => values[0]?.value)).toBe(1);
      expect((await server.call("POST", "/v1/bundles?name=y", { key: one, body: "y" })).status).toBe(429);
      expect((await server.call("POST", "/v1/bundles?name=y", { key: other, body: "y" })).status).toBe(202);
      slow.destroy();
      stop.abort();
    } finally {
      await server.close();
    }
  });

  it("does not keep the server from closing", async () => {
    const server = await startApi();
    const { id } = await submitted(server);
    const socket = await opened(id, server.port);
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await server.close();
    await ended;
  });
});

describe("too much", () => {
  it("is answered with what to do: jobs of a tenant, its bytes, jobs of all", async () => {
    const server = await startApi({ settings: { tenantJobs: 2, tenantBytes: 100, queuedJobs: 3 } });
    try {
      const [one, other] = [await server.key("one", "admin"), await server.key("other", "admin")];
      const send = (key: string, body: string) =>
        server.call<AcceptedBody & { type: string; what_to_do: string }>("POST", `/v1/bundles?name=${++submissions}`, { key, body });
      expect((await send(one, "x".repeat(60))).status).toBe(202);
      const full = await send(one, "x".repeat(60));
      expect([full.status, full.body.type]).toEqual([507, "urn:casebook:problem:quota-exceeded"]);
      expect(full.body.what_to_do).toContain("DELETE /v1/bundles/");
      const second = await send(one, "y");
      expect(second.status).toBe(202);
      const third = await send(one, "z");
      expect([third.status, third.body.type]).toEqual([429, "urn:casebook:problem:quota-exceeded"]);
      expect((await server.call("POST", `/v1/jobs/${second.body.id}/rerun`, { key: one })).status).toBe(429);
      expect((await send(other, "a")).status).toBe(202);
      const turnedAway = await send(other, "b");
      expect([turnedAway.status, turnedAway.body.type]).toEqual([503, "urn:casebook:problem:overloaded"]);
      expect(Number(turnedAway.headers.get("retry-after"))).toBeGreaterThan(0);
      const { files } = (await server.backend.store.bundle(
        "other",
        (
          await server.backend.store.bundles("other", { limit: 1, before: null })
        )[0]!.id,
      ))!;
      expect(files).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  it("uploads at once are turned away, and the next is taken when one has ended", async () => {
    const server = await startApi({ settings: { uploads: 1 } });
    try {
      const socket = connect(server.port, "127.0.0.1");
      socket.write("POST /v1/bundles?name=x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\na");
      await expect.poll(() => server.services.metrics.uploads.get().then(({ values }) => values[0]?.value), { timeout: 20_000 }).toBe(1);
      expect((await server.call("POST", "/v1/bundles?name=y", { body: "y" })).status).toBe(503);
      socket.write("b");
      await new Promise((resolve) => socket.once("data", resolve));
      socket.destroy();
      expect((await server.call("POST", "/v1/bundles?name=y", { body: "y" })).status).toBe(202);
    } finally {
      await server.close();
    }
  });
});

describe("a list of bundles", () => {
  it("comes in pages, newest first, each bundle once", async () => {
    const key = await api.key("pages", "admin");
    const ids: string[] = [];
    for (let number = 0; number < 7; number++)
      ids.unshift((await api.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key, body: `${number}` })).body.bundle);
    const seen: string[] = [];
    for (let next: string | null = "", pages = 0; next !== null && pages < 9; pages++) {
      const query: string = next === "" ? "?limit=3" : `?limit=3&cursor=${next}`;
      const { body } = await api.call<{ bundles: { id: string }[]; next: string | null }>("GET", `/v1/bundles${query}`, { key });
      seen.push(...body.bundles.map(({ id }) => id));
      next = body.next;
    }
    expect(seen).toEqual(ids);
  });

  it.each(["limit=0", "limit=101", "limit=x", "limit=1.5", "page=2"])("cannot be had with ?%s", async (query) => {
    expect((await api.call("GET", `/v1/bundles?${query}`)).status).toBe(400);
  });
});
