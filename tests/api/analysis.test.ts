import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AcceptedBody } from "../../api/schemas/job.ts";
import type { ProblemBody } from "../../api/schemas/problem.ts";
import { openRunner, type Runner } from "../../api/work/runner.ts";
import type { RuleCheck } from "../../api/work/task.ts";
import type { Worker } from "../../api/work/worker.ts";
import { diagnosePaths } from "../../engine/node/diagnose.ts";
import { loadKnowledge } from "../../engine/node/knowledge.ts";
import type { Report } from "../../engine/report/report.ts";
import { type ApiServer, filesForm, startApi } from "../support/api-server.ts";
import { workOn } from "../support/jobs.ts";

const CASES = join(import.meta.dirname, "..", "cases");
const BUNDLE = join(CASES, "rdp-listener-gone", "article", "bundle");
const RULE = join(import.meta.dirname, "../../rules/rds/rdp-listener-gone.yaml");

let api: ApiServer;
let runner: Runner;
let worker: Worker;

beforeAll(async () => {
  runner = openRunner({ knowledge: await loadKnowledge(), dataKey: null, limits: {}, threads: 1, jobMemory: 1 << 30, jobTime: 60_000 });
  api = await startApi({ services: { checkRule: (...task) => runner.checkRule(...task), wake: () => worker.wake() } });
  worker = workOn(api.backend, runner);
});
afterAll(async () => {
  await worker.stop(0);
  await runner.close();
  await api.close();
});

async function submitCase(): Promise<AcceptedBody> {
  const files: Record<string, Uint8Array> = {};
  for (const path of await readdir(BUNDLE)) files[path] = await readFile(join(BUNDLE, path));
  return (await api.call<AcceptedBody>("POST", "/v1/bundles", { body: filesForm(files, "bundle") })).body;
}

describe("the whole way", () => {
  it("leads from files to the report that the command line gives for them", async () => {
    const accepted = await submitCase();
    const { text } = await api.call("GET", `/v1/jobs/${accepted.id}/events`);
    const states = [...text.matchAll(/"state":"(\w+)"/g)].map(([, state]) => state);
    expect(states.at(-1)).toBe("done");
    const { report } = await diagnosePaths([BUNDLE], { all: true });
    const { body } = await api.call<Report>("GET", `/v1/reports/${accepted.id}?all`);
    expect(body).toEqual(report);
    const explanation = await api.call<{ verdict: string; queries: object[] }>(
      "GET",
      `/v1/reports/${accepted.id}/explain/rdp-listener-gone`,
    );
    expect(explanation.body.verdict).toBe("matched");
    expect(explanation.body.queries.length).toBeGreaterThan(2);
    expect(await submitCase()).toMatchObject({ id: accepted.id, existing: true, state: "done" });
  });
});

describe("stored results that were changed", () => {
  it.each([
    ["report", "", (bytes: Buffer) => Buffer.from(bytes.toString().replace('"matched"', '"ruled_out"'))],
    ["explanations", "/explain/rdp-listener-gone", (bytes: Buffer) => gzipSync(gunzipSync(bytes).toString().replace("sockets", "socketz"))],
  ])("are not told, though they read well: %s; a rerun puts it right", async (name, path, change) => {
    const { id } = await submitCase();
    await api.call("GET", `/v1/jobs/${id}/events`);
    const { body: rerun } = await api.call<AcceptedBody>("POST", `/v1/jobs/${id}/rerun`);
    await api.call("GET", `/v1/jobs/${rerun.id}/events`);
    const before = await api.call("GET", `/v1/reports/${rerun.id}${path}`);
    expect(before.status).toBe(200);
    const key = (await api.backend.store.job("local", rerun.id))!.results[name]!;
    const place = join(api.folder, "blobs", name, key.slice(-2), key.split("/")[1]!);
    const stored = await readFile(place);
    expect(change(stored).equals(stored)).toBe(false);
    await writeFile(place, change(stored));

    const logged = api.log.length;
    const { status, body, headers } = await api.call("GET", `/v1/reports/${rerun.id}${path}`);
    expect([status, headers.get("content-type")]).toEqual([500, expect.stringContaining("application/problem+json")]);
    expect(body).toMatchObject({ type: "urn:casebook:problem:internal", detail: "The stored report is damaged." });
    expect(body.what_to_do).toContain(`/v1/jobs/${rerun.id}/rerun`);
    expect(api.log.slice(logged).join("")).toContain(`${key} is not what was stored`);

    const { body: anew } = await api.call<AcceptedBody>("POST", `/v1/jobs/${rerun.id}/rerun`);
    await api.call("GET", `/v1/jobs/${anew.id}/events`);
    const after = await api.call("GET", `/v1/reports/${anew.id}${path}`);
    expect(after.status).toBe(200);
    expect(after.text.replaceAll(anew.id, rerun.id)).toBe(before.text);
    expect(await submitCase()).toMatchObject({ id: anew.id, existing: true });
  });
});

describe("checking a rule", () => {
  const check = (json: object, key?: string) =>
    api.call<RuleCheck & ProblemBody>("POST", "/v1/rules/check", { json, ...(key ? { key } : {}) });

  it("tries it on a stored bundle", async () => {
    const { bundle } = await submitCase();
    const rule = (await readFile(RULE, "utf8"))
      .replace(/^id: .*$/m, "id: rdp-listener-gone-too")
      .replace(/^title: .*$/m, "title: A rule of somebody's own");
    const { status, body } = await check({ rule, bundle });
    expect(status).toBe(200);
    expect(body.rule).toBe("rdp-listener-gone-too");
    expect(body.trials).toMatchObject([
      { name: "bundle", finding: { verdict: "matched", title: "A rule of somebody's own" }, differences: null },
    ]);
    expect(body.trials[0]!.matched).toContain("rdp-listener-gone-too");
    expect(api.services.catalogue.cases.map(({ id }) => id)).not.toContain("rdp-listener-gone-too");
  });

  it("tries it on a case's test bundles, and says how they differ from what they expect", async () => {
    const rule = await readFile(RULE, "utf8");
    const whole = await check({ rule, cases: ["rdp-listener-gone"] });
    expect(whole.body.problems).toEqual([]);
    expect(whole.body.trials.length).toBeGreaterThan(2);
    expect(whole.body.trials.flatMap(({ differences }) => differences)).toEqual([]);
    const elsewhere = rule.replaceAll("3389", "3390");
    expect(elsewhere).not.toBe(rule);
    const broken = await check({ rule: elsewhere, cases: ["rdp-listener-gone"] });
    expect(broken.body.trials.flatMap(({ differences }) => differences ?? []).join("\n")).toContain("verdict: expected matched");
  });

  it("says by line and column what is wrong with it", async () => {
    const rule = (await readFile(RULE, "utf8")).replace("from: sockets", "from: plugs");
    const line = rule.split("\n").findIndex((text) => text.includes("from: plugs")) + 1;
    const { body } = await check({ rule });
    expect(body.problems.map((problem) => problem.line)).toContain(line);
    expect(body.problems.find((problem) => problem.line === line)?.message).toContain("plugs");
  });

  it.each(["x", "id: 7", "- a", "a: [", "\u0000", "&a [*a]", "id: ../../x\ntitle: y"])("survives %o", async (rule) => {
    const { status, body } = await check({ rule, cases: ["rdp-listener-gone"] });
    expect(status).toBe(200);
    expect(body.problems.length).toBeGreaterThan(0);
    expect(body.trials).toEqual([]);
  });

  it("on what is not there, or not one's own, is refused", async () => {
    const { bundle } = await submitCase();
    const key = await api.key("stranger", "contribute", "read");
    expect((await check({ rule: "x", bundle }, key)).status).toBe(404);
    expect((await check({ rule: "x", cases: ["no-such-case"] })).status).toBe(404);
    expect((await check({ rule: "x", cases: ["../../.."] })).status).toBe(404);
    expect((await check({ rule: "x".repeat(300_000) })).status).toBe(400);
  });

  it("waits with few others, of whom no tenant is all", async () => {
    const waiting: ((check: RuleCheck) => void)[] = [];
    const server = await startApi({ services: { checkRule: () => new Promise((resolve) => waiting.push(resolve)) } });
    try {
      const keys = await Promise.all(["one", "two", "three"].map((tenant) => server.key(tenant, "contribute")));
      const ask = async (key: string) => (await server.call("POST", "/v1/rules/check", { key, json: { rule: "x" } })).status;
      // All at once: places are taken before anything is waited for.
      const first = Array.from({ length: 7 }, () => ask(keys[0]!));
      await expect.poll(() => waiting.length).toBe(4);
      expect(await Promise.race(first)).toBe(429);
      const second = Array.from({ length: 4 }, () => ask(keys[1]!));
      await expect.poll(() => waiting.length).toBe(8);
      expect(await ask(keys[2]!)).toBe(503);
      for (const end of waiting) end({ rule: null, problems: [], trials: [] });
      expect((await Promise.all([...first, ...second])).sort()).toEqual([...Array(8).fill(200), 429, 429, 429]);
      const third = ask(keys[2]!);
      await expect.poll(() => waiting.length).toBe(9);
      waiting[8]!({ rule: null, problems: [], trials: [] });
      expect(await third).toBe(200);
    } finally {
      await server.close();
    }
  });

  it("on a stored bundle asks for the scope read as well", async () => {
    const [all, contribute] = [await api.key("team", "admin"), await api.key("team", "contribute")];
    const { body } = await api.call<AcceptedBody>("POST", "/v1/bundles?name=x", { key: all, body: "x" });
    expect((await check({ rule: "x", bundle: body.bundle }, contribute)).status).toBe(403);
    expect((await check({ rule: "x" }, contribute)).status).toBe(200);
  });
});
