import { Type } from "typebox";
import { FACETS, type Filters } from "../../engine/catalogue/search-facets.ts";
import { problems } from "../schemas/problem.ts";
import { entrySchema, lookUpSchema, searchQuery, searchResultSchema } from "../schemas/search.ts";
import type { Services } from "../services.ts";
import type { TypedApp } from "../typed-app.ts";

/** Searching what Casebook knows, and looking up codes, ports, KB numbers and versions. */
export function searchRoutes(app: TypedApp, { search: engine }: Services): void {
  for (const schema of [entrySchema, searchResultSchema, lookUpSchema]) app.addSchema(schema);
  app.get(
    "/search",
    {
      config: { access: "any key" },
      schema: {
        operationId: "search",
        tags: ["knowledge"],
        summary: "Search cases, recipes and reference data",
        querystring: searchQuery,
        response: { 200: Type.Ref("SearchResult"), ...problems() },
      },
    },
    async ({ query }, reply) => {
      const { q, limit = 20, offset = 0 } = query;
      const { complete: _, ...result } = await engine.search(q, { filters: filtersOf(query), limit, offset, count: "all" });
      return reply.send({ ...result, next_offset: offset + limit < result.total ? offset + limit : null });
    },
  );
  app.get(
    "/lookup/:term",
    {
      config: { access: "any key" },
      schema: {
        operationId: "lookUp",
        tags: ["knowledge"],
        summary: "Look up a code, port, KB number, version or event id in any notation",
        params: Type.Object({
          term: Type.String({ minLength: 1, maxLength: 200, description: "0x274C, 10060, KB823764, 3389/tcp, 4.0.7577.4356 …" }),
        }),
        response: { 200: Type.Ref("LookUp"), ...problems() },
      },
    },
    async ({ params }, reply) => reply.send({ term: params.term, matches: await engine.lookUp(params.term) }),
  );
}

function filtersOf(query: Readonly<Record<string, unknown>>): Filters {
  return Object.fromEntries(
    FACETS.flatMap((facet) => {
      const given = query[facet];
      return typeof given === "string" ? [[facet, given.split(",").map((value) => value.trim())]] : [];
    }),
  );
}
