import { Type } from "typebox";
import type { CaseDocument } from "../../engine/catalogue/catalogue.ts";
import { caseList, caseSummary, recipeList, referenceTable } from "../../engine/catalogue/list-documents.ts";
import { notFound } from "../problem.ts";
import { casePageSchema, caseQuery, catalogueSchemas, KINDS, referencePageSchema } from "../schemas/case.ts";
import { cursor, limit, oneOf } from "../schemas/fields.ts";
import { pageOf } from "../schemas/paging.ts";
import { problems } from "../schemas/problem.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";

/** What is known changes only with the server. */
const CACHE = "private, max-age=300";

/** Cases, recipes and reference data: what Casebook knows, as documents. */
export function catalogueRoutes(app: TypedApp, services: Services): void {
  for (const schema of [...catalogueSchemas, casePageSchema, referencePageSchema]) app.addSchema(schema);
  caseRoutes(app, services);
  recipeRoute(app, services);
  referenceRoute(app, services);
}

function caseRoutes(app: TypedApp, { catalogue }: Services): void {
  app.get(
    "/cases",
    {
      config: { access: "any key" },
      schema: {
        operationId: "listCases",
        tags: ["knowledge"],
        summary: "List the cases",
        querystring: caseQuery,
        response: { 200: Type.Ref("CasePage"), ...problems() },
      },
    },
    async ({ query }, reply) => {
      const found = catalogue.cases.filter((one) => fits(one, query));
      const { page, next } = pageOf(found, ({ id }) => id, query.limit ?? 100, query.cursor);
      return reply.header("cache-control", CACHE).send({ ...caseList(catalogue), count: found.length, cases: page.map(caseSummary), next });
    },
  );
  app.get(
    "/cases/:id",
    {
      config: { access: "any key" },
      schema: {
        operationId: "readCase",
        tags: ["knowledge"],
        summary: "A case with its article",
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: "Rule id" }) }),
        response: { 200: Type.Ref("Case"), ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const found = catalogue.cases.find(({ id }) => id === params.id);
      if (!found) throw notFound("case");
      return reply.header("cache-control", CACHE).send(found);
    },
  );
}

interface Wanted {
  readonly area?: string;
  readonly product?: string;
  readonly protocol?: string;
  readonly level?: string;
  readonly status?: string;
  readonly table?: string;
}

function fits(one: CaseDocument, { area, product, protocol, level, status, table }: Wanted): boolean {
  return (
    (area === undefined || one.area === area) &&
    (product === undefined || one.products.includes(product)) &&
    (protocol === undefined || one.protocols.includes(protocol)) &&
    (level === undefined || one.level === level) &&
    (status === undefined || one.status === status) &&
    (table === undefined || one.evidence.some((evidence) => evidence.table === table))
  );
}

function recipeRoute(app: TypedApp, { catalogue }: Services): void {
  app.get(
    "/recipes",
    {
      config: { access: "any key" },
      schema: {
        operationId: "listRecipes",
        tags: ["knowledge"],
        summary: "How to collect evidence",
        querystring: Type.Object({}, { additionalProperties: false }),
        response: { 200: Type.Ref("RecipeList"), ...problems() },
      },
    },
    async (_request, reply) => reply.header("cache-control", CACHE).send(recipeList(catalogue)),
  );
}

function referenceRoute(app: TypedApp, { catalogue }: Services): void {
  app.get(
    "/reference/:kind",
    {
      config: { access: "any key" },
      schema: {
        operationId: "listReference",
        tags: ["knowledge"],
        summary: "Reference data of one kind: updates, ports, registry values, error codes, events",
        params: Type.Object({ kind: oneOf(KINDS, "Kind of entries") }),
        querystring: Type.Object({ limit: limit(100, 1000), cursor }, { additionalProperties: false }),
        response: { 200: Type.Ref("ReferencePage"), ...problems() },
      },
    },
    async ({ params, query }, reply) => {
      const { entries, ...table } = referenceTable(catalogue, params.kind);
      const numbered = entries.map((entry, index) => ({ entry, key: String(index + 1) }));
      const { page, next } = pageOf(numbered, ({ key }) => key, query.limit ?? 100, query.cursor);
      return reply.header("cache-control", CACHE).send({ ...table, entries: page.map(({ entry }) => entry), next });
    },
  );
}
