import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsPage } from "../../api/setting-docs.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema: object;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>>; readonly securitySchemes: object };
  readonly tags: readonly { readonly name: string }[];
}

let api: ApiServer;
let description: Description;
let operations: (Operation & { readonly where: string; readonly path: string })[];

beforeAll(async () => {
  api = await startApi();
  description = (await api.call<Description>("GET", "/v1/openapi.json")).body;
  operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, where: `${method.toUpperCase()} ${path}` })),
  );
});
afterAll(() => api.close());

function everywhere(value: unknown, visit: (node: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const part of Object.values(value)) everywhere(part, visit);
}

describe("the description of the API", () => {
  it("is the one in the repository, which `npm run gen` writes", async () => {
    const text = await readFile(join(import.meta.dirname, "../../api/openapi.json"), "utf8");
    expect(description).toEqual(JSON.parse(text));
  });

  it("is OpenAPI 3.1, with every part that it asks for", () => {
    expect(description.openapi).toBe("3.1.0");
    expect(description.info).toMatchObject({ title: "Casebook", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = new Set(description.tags.map(({ name }) => name));
    for (const { where, operationId, summary, tags: own, responses, path, parameters = [] } of operations) {
      expect(operationId, where).toMatch(/^[a-z][A-Za-z]+$/);
      expect(summary, where).toMatch(/^[A-Z].{5,}/);
      expect(
        own.filter((tag) => !tags.has(tag)),
        where,
      ).toEqual([]);
      expect(
        Object.keys(responses).some((status) => /^2\d\d$/.test(status)),
        where,
      ).toBe(true);
      for (const [status, response] of Object.entries(responses)) expect(response.description, `${where} ${status}`).toMatch(/\w{3}/);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(
        parameters.filter((one) => one.in === "path").map(({ name }) => name),
        where,
      ).toEqual(named);
      for (const parameter of parameters) expect(parameter.description, `${where} ${parameter.name}`).toMatch(/\w{2}/);
    }
  });

  it("refers to nothing that is not in it, and holds nothing nobody refers to", () => {
    const referred = new Set<string>();
    everywhere(description, ({ $ref }) => {
      if (typeof $ref === "string") referred.add($ref);
    });
    const there = Object.keys(description.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...referred].sort()).toEqual(there.sort());
  });

  it("has schemas that are JSON Schema 2020-12", () => {
    const ajv = new Ajv2020({ strict: false });
    ajv.addFormat("date-time", true).addFormat("binary", true);
    ajv.addSchema(description, "openapi");
    for (const name of Object.keys(description.components.schemas))
      expect(() => ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name).not.toThrow();
  });

  it("says of every route which key it takes, and of every error that it is a problem", () => {
    const open = operations.filter(({ security }) => security === undefined).map(({ where }) => where);
    expect(open.sort()).toEqual(["GET /health/live", "GET /health/ready", "GET /metrics", "GET /v1/openapi.json"]);
    for (const { where, responses } of operations) {
      if (where === "GET /health/ready") continue;
      for (const [status, { content }] of Object.entries(responses))
        if (Number(status) >= 400) expect(Object.keys(content ?? {}), `${where} ${status}`).toEqual(["application/problem+json"]);
    }
  });

  it("names every route the server has, and no other", () => {
    const above: string[] = [];
    const served = api.routes.split("\n").flatMap((line) => {
      const [, indent, part, methods] = /^([\s│]*)[├└]── (\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
      if (indent === undefined) return [];
      const depth = indent.length / 4;
      above.length = depth;
      above[depth] = part!;
      const path = above.join("").replaceAll(/:(\w+)/g, "{$1}");
      // Pages for people, and what leads to them.
      return path.startsWith("/docs") || /^\/v1\/?$/.test(path)
        ? []
        : methods!
            .split(", ")
            .filter((method) => method !== "HEAD")
            .map((method) => `${method} ${path}`);
    });
    expect(served.length).toBeGreaterThan(20);
    expect(operations.map(({ where }) => where).sort()).toEqual(served.sort());
  });
});

describe("the page at /docs", () => {
  it("and all it loads come from here, under a policy that lets nothing else in", async () => {
    const page = await fetch(`${api.address}/docs/`);
    expect(page.status).toBe(200);
    const policy = page.headers.get("content-security-policy")!;
    expect(policy).toContain("script-src 'self';");
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => new URL(address!, page.url));
    expect(loaded.length).toBeGreaterThan(3);
    for (const address of loaded) {
      expect(address.origin).toBe(api.address);
      const { status } = await fetch(address);
      expect(status, address.pathname).toBe(200);
    }
    expect(html).not.toMatch(/<script>|\son\w+=|style="/);
    expect(await (await fetch(`${api.address}/docs/json`)).json()).toEqual(description);
  });
});

it("the page of settings names each with its variable", () => {
  expect(settingsPage()).toContain("| `CASEBOOK_PORT` | `--port N` | `8080` | `serve` |");
  expect(settingsPage()).not.toMatch(/--(?:data-key|database-url|s3-secret-key) /);
});
