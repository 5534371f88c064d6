import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accepted, ask, hasEnded, jobOnce } from "../support/api-client.ts";
import { filesBelow } from "../support/bundles.ts";
import { tellWithoutPostgres, withoutPostgres } from "../support/postgres.ts";
import { killAll, type RunningProcess, type ServerProcess, startCasebook, startServer } from "../support/server-process.ts";
import { type SharedBackend, startSharedBackend } from "../support/shared-backend.ts";

tellWithoutPostgres("servers without jobs, and what workers tell of themselves");

describe.skipIf(withoutPostgres !== null)("a server that leaves all jobs to a worker", () => {
  let shared: SharedBackend;
  let environment: Record<string, string>;
  let server: ServerProcess;
  let worker: RunningProcess;
  let watch: string;
  const folder = mkdtempSync(join(tmpdir(), "casebook-watched-"));

  beforeAll(async () => {
    shared = await startSharedBackend(folder);
    environment = { ...shared.environment };
    server = await startServer(["--jobs", "0"], environment);
  });
  afterAll(async () => {
    killAll();
    await shared?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("accepts bundles and runs none, until there is a worker", async () => {
    expect(server.written().out).toContain("none are run here: casebook worker does");
    const { id } = await accepted(server.address, filesBelow("tests/cases/rdp-listener-gone/article/bundle"));
    await expect.poll(async () => (await metric(server.address, "casebook_queue_depth")) ?? "").toBe("1");
    worker = startCasebook(["worker", "--jobs", "1", "--metrics-port", "0"], environment);
    [, watch] = (await worker.says(/ready to run 1 job at once\. (http:\/\/127\.0\.0\.1:\d+)\/health\/ready/)) as unknown as [
      string,
      string,
    ];
    expect(await jobOnce(server.address, id, hasEnded)).toMatchObject({ state: "done", attempts: 1 });
    expect(server.written().err).not.toContain('"msg":"job begun"');
    expect(worker.written().err).toContain('"msg":"job done"');
  });

  it("can try rules all the same", async () => {
    const { status, body } = await ask<{ problems: unknown[] }>(`${server.address}/v1/rules/check`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ rule: "id: [1]" }),
    });
    expect(status).toBe(200);
    expect(body.problems.length).toBeGreaterThan(0);
  });

  it("and the worker tells how it is, what it did, and nothing else", async () => {
    expect(await ask(`${watch}/health/live`)).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await ask(`${watch}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: "ready", store: "ok", blobs: "ok", queue: "ok" },
    });
    expect(await metric(watch, 'casebook_analysis_duration_seconds_count{outcome="done"}')).toBe("1");
    expect(await metric(watch, 'casebook_jobs{state="done"}')).toBe("1");
    expect(await metric(watch, "process_resident_memory_bytes")).not.toBeNull();
    expect(await metric(watch, "casebook_uploads")).toBeNull();
    expect(await metric(server.address, 'casebook_analysis_duration_seconds_count{outcome="done"}')).toBeNull();
    for (const path of ["/", "/v1/bundles", "/metrics/x"]) {
      const { status, body } = await ask<{ type: string; what_to_do: string }>(`${watch}${path}`);
      expect([status, body.type]).toEqual([404, "urn:casebook:problem:not-found"]);
      expect(body.what_to_do).toContain("/health/ready");
    }
    const passedOn = await ask<{ type: string }>(`${watch}/metrics`, { headers: { "x-forwarded-for": "192.0.2.1" } });
    expect([passedOn.status, passedOn.body.type]).toEqual([403, "urn:casebook:problem:missing-scope"]);
  });

  it("a second worker on the same port says so in one sentence, and takes no job", async () => {
    const { port } = new URL(watch);
    const { code, err } = await startCasebook(["worker", "--metrics-port", port], environment).ended;
    expect(err).toMatch(
      new RegExp(`^casebook: port ${port} of 127\\.0\\.0\\.1 is in use: .*--metrics-port \\(0 for any that is free\\)\n$`),
    );
    expect(code).toBe(2);
  });

  it("the worker ends when it is told to, though somebody keeps a connection to it", async () => {
    // `fetch` keeps those of before.
    expect((await worker.kill("SIGTERM")).code).toBe(0);
    expect((await server.kill("SIGTERM")).code).toBe(0);
  });
});

/** What a process says of itself by that name; null where it says nothing. */
async function metric(address: string, name: string): Promise<string | null> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line?.slice(name.length + 1) ?? null;
}
