import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AcceptedBody } from "../../api/schemas/job.ts";
import { diagnosePaths } from "../../engine/node/diagnose.ts";
import { briefReport } from "../../engine/report/brief.ts";
import { explanationDocuments } from "../../engine/report/explanation-document.ts";
import { renderHtml } from "../../engine/report/html.ts";
import { renderMarkdown } from "../../engine/report/markdown.ts";
import type { Report } from "../../engine/report/report.ts";
import { type ApiServer, finishByHand, startApi } from "../support/api-server.ts";

const RULE = "rdp-listener-gone";
const BUNDLE = `${import.meta.dirname}/../cases/${RULE}/article/bundle`;
let api: ApiServer;
let full: Report;
let id: string;

beforeAll(async () => {
  api = await startApi();
  const { report, rules, explain, paths } = await diagnosePaths([BUNDLE], { all: true });
  full = report;
  const explanations = Object.fromEntries(rules.map((rule) => [rule, explanationDocuments(explain(rule), paths)]));
  id = await done({ report: Buffer.from(JSON.stringify(report)), explanations: gzipSync(JSON.stringify(explanations)) });
});
afterAll(() => api.close());

let submissions = 0;
async function submitted(): Promise<string> {
  const { body } = await api.call<AcceptedBody>("POST", `/v1/bundles?name=${++submissions}`, { body: "evidence" });
  return body.id;
}

async function done(results: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const job = await submitted();
  await finishByHand(api, job, results);
  return job;
}

const read = (query = "", headers: Record<string, string> = {}) => api.call<Report>("GET", `/v1/reports/${id}${query}`, { headers });

describe("a report", () => {
  it("tells what is worth telling, and every rule if asked", async () => {
    expect((await read()).body).toEqual(briefReport(full));
    for (const query of ["?all", "?all=true", "?all=1"]) expect((await read(query)).body).toEqual(full);
    for (const query of ["?all=false", "?all=0"]) expect((await read(query)).body).toEqual(briefReport(full));
    expect((await read("?all=yes")).status).toBe(400);
  });

  it("is what the command line prints", async () => {
    expect((await read("?all")).text).toBe(`${JSON.stringify(full, null, 2)}\n`);
    expect((await read("?format=html")).text).toBe(renderHtml(briefReport(full)));
    expect((await read("?format=markdown&all")).text).toBe(renderMarkdown(full));
    expect((await read("?format=text")).text).toContain("● matched");
  });

  it.each([
    ["?verdict=matched", ["matched"]],
    ["?verdict=ruled_out,inconclusive", ["ruled_out", "inconclusive"]],
    ["?verdict=Matched,%20error", ["matched", "error"]],
  ])("can be had for some verdicts: %s", async (query, verdicts) => {
    const { body } = await read(query);
    expect(body.findings).toEqual(full.findings.filter(({ verdict }) => verdicts.includes(verdict)));
    expect(body.verdicts).toEqual(full.verdicts);
  });

  it.each(["?verdict=maybe", "?verdict=", "?verdict=matched,maybe", "?format=pdf", "?fromat=html", "?all=1&all=2"])(
    "cannot be had as %s",
    async (query) => {
      const { status, body } = await api.call("GET", `/v1/reports/${id}${query}`);
      expect(status).toBe(400);
      expect(body.errors?.length).toBeGreaterThan(0);
    },
  );
});

describe("its format", () => {
  it.each([
    ["", "application/json"],
    ["*/*", "application/json"],
    ["application/json", "application/json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    ["text/markdown", "text/markdown"],
    ["text/plain", "text/plain"],
    ["text/*", "text/html"],
    ["text/*;q=0.5, text/plain", "text/plain"],
    ["application/json;q=0.2, text/markdown;q=0.7, text/html;q=0.7", "text/html"],
    ["text/html;q=0, */*", "application/json"],
    ["application/json;q=0, */*;q=0.1", "text/html"],
    ["APPLICATION/JSON", "application/json"],
    ["image/png, text/plain;q=0.001", "text/plain"],
    ["nonsense", "application/json"],
    [`${"image/png,".repeat(30)}text/plain`, "text/plain"],
  ])("for Accept: %s is %s", async (accept, type) => {
    const { status, headers } = await read("", { accept });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe(`${type}; charset=utf-8`);
    expect(headers.get("vary")).toContain("Accept");
  });

  it.each(["image/png", "application/xml", "text/html;q=0", "application/pdf;q=1, image/*"])("for Accept: %s is none", async (accept) => {
    const { status, body } = await api.call("GET", `/v1/reports/${id}`, { headers: { accept } });
    expect(status).toBe(406);
    expect(body.detail).toContain("text/markdown");
  });

  it("of the address goes before that of the header", async () => {
    expect((await read("?format=text", { accept: "text/html" })).headers.get("content-type")).toContain("text/plain");
    expect((await read("?format=html", { accept: "image/png" })).status).toBe(200);
  });

  it("in HTML is confined, whatever it quotes", async () => {
    const hostile: Report = { ...full, bundle: { ...full.bundle, name: `<script>alert(1)</script>"'>` } };
    const job = await done({ report: Buffer.from(JSON.stringify(hostile)), explanations: gzipSync("{}") });
    const { text, headers } = await api.call("GET", `/v1/reports/${job}?format=html`);
    expect(text).not.toContain("<script");
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/sandbox(?!.*allow-(?:scripts|same-origin))/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });
});

describe("a report that was read before", () => {
  it("is not sent again while it is the same", async () => {
    const first = await read("?format=html");
    const tag = first.headers.get("etag")!;
    for (const given of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const again = await read("?format=html", { "if-none-match": given });
      expect(again.status, given).toBe(304);
      expect(again.text).toBe("");
      expect(again.headers.get("etag")).toBe(tag);
    }
    expect((await read("?format=html", { "if-none-match": '"other"' })).status).toBe(200);
  });

  it("has a tag of its own in each form", async () => {
    const queries = ["", "?all", "?format=html", "?format=text", "?format=markdown", "?verdict=matched", "?verdict=error"];
    const tags = await Promise.all(queries.map(async (query) => (await read(query)).headers.get("etag")));
    expect(new Set(tags).size).toBe(queries.length);
    expect((await read("?verdict=matched")).headers.get("etag")).toBe(tags[5]);
  });

  it("may be kept by nobody but the reader, who has to ask", async () => {
    expect((await read()).headers.get("cache-control")).toBe("private, no-cache");
  });
});

describe("a report that is not there", () => {
  it("yet, or never will be, is said why", async () => {
    const queued = await submitted();
    const waiting = await api.call("GET", `/v1/reports/${queued}`);
    expect([waiting.status, waiting.body.type]).toEqual([409, "urn:casebook:problem:not-done"]);
    expect(waiting.body.what_to_do).toContain(`/v1/jobs/${queued}/events`);
    await api.call("DELETE", `/v1/jobs/${queued}`);
    expect((await api.call("GET", `/v1/reports/${queued}`)).body.detail).toContain("cancelled");

    const failing = await submitted();
    await api.backend.store.begin(failing, Date.now());
    await api.backend.store.finish(failing, 1, { state: "failed", error: "Too many zip bombs." }, Date.now());
    const failed = await api.call("GET", `/v1/reports/${failing}`);
    expect(failed.status).toBe(409);
    expect(failed.body.detail).toContain("Too many zip bombs.");
    expect((await api.call("GET", `/v1/reports/${failing}/explain/${RULE}`)).status).toBe(409);
  });

  it("any more, since it was deleted while it was asked for", async () => {
    const server = await startApi({
      backend: (backend) => ({
        ...backend,
        blobs: {
          ...backend.blobs,
          async *read(key) {
            const [{ id: bundle } = { id: "" }] = await backend.store.bundles("local", { limit: 1, before: null });
            await backend.blobs.delete((await backend.store.deleteBundle("local", bundle)) ?? []);
            yield* backend.blobs.read(key);
          },
        },
      }),
    });
    try {
      const { body } = await server.call<AcceptedBody>("POST", "/v1/bundles?name=x", { body: "evidence" });
      await finishByHand(server, body.id, { report: Buffer.from("{}"), explanations: Buffer.from("{}") });
      expect((await server.call("GET", `/v1/reports/${body.id}`)).status).toBe(404);
    } finally {
      await server.close();
    }
  });
});

describe("an explanation", () => {
  it("says query by query why a rule came to its verdict, and where the nearest miss lies", async () => {
    const { body } = await api.call<{ verdict: string; queries: { name: string; outcome: string; considered: number }[] }>(
      "GET",
      `/v1/reports/${id}/explain/${RULE}`,
    );
    const finding = full.findings.find(({ rule }) => rule === RULE)!;
    expect(body).toMatchObject({ id, rule: RULE, verdict: "matched" });
    expect(body.queries.map(({ name, outcome }) => [name, outcome])).toEqual(finding.evidence.map(({ name, outcome }) => [name, outcome]));
    expect(Math.max(...body.queries.map(({ considered }) => considered))).toBeGreaterThan(0);
  });

  it("names sources by path", async () => {
    const paths = new Set(full.bundle.sources.map(({ path }) => path));
    const found: string[] = [];
    for (const { rule } of full.findings) {
      const { body } = await api.call<{ queries: { nearest: { citation: { source: string } | null } | null }[] }>(
        "GET",
        `/v1/reports/${id}/explain/${rule}`,
      );
      for (const { nearest } of body.queries) if (nearest?.citation) found.push(nearest.citation.source);
    }
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((path) => !paths.has(path))).toEqual([]);
  });

  it("cannot be had of a rule there is none of", async () => {
    for (const rule of ["no-such-rule", "constructor", "__proto__", "%3Cscript%3E"])
      expect((await api.call("GET", `/v1/reports/${id}/explain/${rule}`)).status).toBe(404);
  });
});

it("a stored report that is damaged is said to be, with what to do, and the server lives", async () => {
  const job = await done({ report: Buffer.from(JSON.stringify(full)).subarray(0, 500), explanations: Buffer.from("no gzip") });
  for (const path of [`reports/${job}`, `reports/${job}/explain/${RULE}`]) {
    const { status, body } = await api.call("GET", `/v1/${path}`);
    expect(status).toBe(500);
    expect(body.detail).toMatch(/stored report is damaged/);
    expect(body.what_to_do).toContain(`/v1/jobs/${job}/rerun`);
  }
});

it("a stored report that is lost is said to be, while its job is there", async () => {
  const job = await done({ report: Buffer.from(JSON.stringify(full)), explanations: gzipSync("{}") });
  await api.backend.blobs.delete([`report/${job}`]);
  const { status, body } = await api.call("GET", `/v1/reports/${job}`);
  expect([status, body.detail]).toEqual([500, "The stored report is lost."]);
  expect(body.what_to_do).toContain(`/v1/jobs/${job}/rerun`);
});

it("reading is written to the audit log, and deleting removes every blob", async () => {
  const job = await done({ report: Buffer.from(JSON.stringify(full)), explanations: gzipSync("{}") });
  await api.call("GET", `/v1/reports/${job}`);
  expect(await api.backend.store.auditLog("local", { limit: 1 })).toMatchObject([{ action: "report.read", actor: "local", subject: job }]);
  const { bundle } = (await api.backend.store.job("local", job))!;
  const { files } = (await api.backend.store.bundle("local", bundle))!;
  expect((await api.call("DELETE", `/v1/bundles/${bundle}`)).status).toBe(204);
  for (const path of [`bundles/${bundle}`, `jobs/${job}`, `reports/${job}`])
    expect((await api.call("GET", `/v1/${path}`)).status).toBe(404);
  for (const key of [files[0]!.blob, `report/${job}`, `explanations/${job}`]) await expect(api.backend.blobs.local(key)).rejects.toThrow();
  expect((await api.call("DELETE", `/v1/bundles/${bundle}`)).status).toBe(404);
});
