import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeOperations } from "../../api/client/describe-operations.ts";
import { multipartBody } from "../../api/client/multipart.ts";
import { problemOf } from "../../api/client/problem.ts";
import { schemaType } from "../../api/client/schema-type.ts";
import { serverEvents } from "../../api/client/server-events.ts";

function streamOf(text: string, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return new ReadableStream({
    start(controller) {
      let from = 0;
      for (const end of [...ends, bytes.length]) {
        if (end > from) controller.enqueue(bytes.subarray(from, end));
        from = end;
      }
      controller.close();
    },
  });
}

describe("a multipart body", () => {
  it("is read by a form parser as it was written, and is as long as it says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.stringMatching(/^[\w /."äß\r\n-]{1,30}$/u), fc.uint8Array({ maxLength: 200 })), {
          minLength: 1,
          maxLength: 5,
        }),
        async (files) => {
          const told: number[] = [];
          const body = multipartBody(
            files.map(([path, bytes]) => ({ path, content: new Blob([bytes]) })),
            "casebook-boundary-1",
            (bytes) => told.push(bytes),
          );
          const whole = new Uint8Array(await new Response(body.stream).arrayBuffer());
          expect(whole.length).toBe(body.size);
          const form = await new Response(whole, { headers: { "content-type": body.contentType } }).formData();
          const parts = form.getAll("file") as File[];
          expect(await Promise.all(parts.map(async (part) => [...new Uint8Array(await part.arrayBuffer())]))).toEqual(
            files.map(([, bytes]) => [...bytes]),
          );
          expect(parts.map((part) => part.name)).toEqual(files.map(([path]) => path));
          expect(told.at(-1) ?? 0).toBe(files.reduce((sum, [, bytes]) => sum + bytes.length, 0));
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });
});

describe("server-sent events", () => {
  it("are the same however the stream is cut", async () => {
    const text = ': hello\r\n\r\nevent: progress\nid: 4\ndata: {"stage":"reading",\ndata: "ä":1}\n\ndata: end\n\ndata: cut off';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 8 }), async (cuts) => {
        const seen: unknown[] = [];
        for await (const event of serverEvents(streamOf(text, cuts))) seen.push(event);
        expect(seen).toEqual([
          { event: "progress", data: '{"stage":"reading",\n"ä":1}' },
          { event: "message", data: "end" },
        ]);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

describe("a problem", () => {
  it("carries what the server said", async () => {
    const body = JSON.stringify({ title: "Too many requests", detail: "more than 600 a minute", what_to_do: "wait", request_id: "r1" });
    const problem = await problemOf(new Response(body, { status: 429, headers: { "retry-after": "12" } }));
    expect(problem).toMatchObject({ status: 429, message: "more than 600 a minute", whatToDo: "wait", requestId: "r1", retryAfter: 12 });
  });
  it.each(["<html>bad gateway</html>", "", "[1]", "null"])("is told apart by its status where the body is %j", async (body) => {
    expect(await problemOf(new Response(body, { status: 502 }))).toMatchObject({ status: 502, message: "the server answered 502" });
  });
});

describe("types from schemas", () => {
  it.each([
    [{ type: "string" }, "string"],
    [{ type: ["integer", "null"] }, "number | null"],
    [{ const: "done" }, '"done"'],
    [{ enum: ["a", 1, null] }, '"a" | 1 | null'],
    [{ anyOf: [{ type: "string" }, { type: "string" }, { type: "null" }] }, "string | null"],
    [{ $ref: "#/components/schemas/job-progress" }, "JobProgress"],
    [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "number" }] } }, "ReadonlyArray<string | number>"],
    [{ type: "object", additionalProperties: { type: "integer" } }, "Readonly<Record<string, number>>"],
    [{ type: "object" }, "Readonly<Record<string, unknown>>"],
    [{}, "unknown"],
  ])("%j is %s", (schema, type) => expect(schemaType(schema)).toBe(type));

  it("name every operation with what it takes and gives", () => {
    const text = describeOperations({
      paths: {
        "/v1/jobs/{id}": {
          get: {
            operationId: "getJob",
            summary: "A job",
            parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
            responses: { 404: {}, 200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Job" } } } } },
          },
          delete: { responses: {} },
        },
      },
      components: {
        schemas: { Job: { type: "object", required: ["id"], properties: { id: { type: "string" }, error: { type: "string" } } } },
      },
    });
    expect(text).toContain("export type Job = {\n  readonly id: string;\n  readonly error?: string;\n};");
    expect(text).toContain('  getJob: { method: "GET", path: "/v1/jobs/{id}" },');
    expect(text).toMatch(/readonly getJob: \{\s+readonly params: \{\s+readonly id: string;\s+\};[^}]+readonly response: Job;/);
  });
});
