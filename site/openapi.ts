import { documentSchemas, referenceTableSchemas } from "../engine/catalogue/document-schema.ts";
import { REFERENCE_KINDS } from "../engine/catalogue/reference-tables.ts";

/** One file of the API, or one for each id. */
interface Resource {
  readonly path: string;
  readonly operationId: string;
  readonly tag: "cases" | "recipes" | "reference";
  readonly summary: string;
  readonly schema: string;
  /** What `{id}` is the id of. */
  readonly id?: string;
}

const RESOURCES: readonly Resource[] = [
  { path: "/cases.json", operationId: "listCases", tag: "cases", summary: "Every case, in short", schema: "CaseList" },
  { path: "/cases/{id}.json", operationId: "getCase", tag: "cases", summary: "One case in full", schema: "Case", id: "case" },
  { path: "/recipes.json", operationId: "listRecipes", tag: "recipes", summary: "Every collection recipe", schema: "RecipeList" },
  { path: "/recipes/{id}.json", operationId: "getRecipe", tag: "recipes", summary: "One recipe", schema: "Recipe", id: "recipe" },
  ...REFERENCE_KINDS.map(
    (kind): Resource => ({
      path: `/reference/${kind}.json`,
      operationId: `list${kind[0]!.toUpperCase()}${kind.slice(1)}`,
      tag: "reference",
      summary: `Reference data: ${kind}`,
      schema: referenceTableSchemas[kind].$id,
    }),
  ),
];

/** OpenAPI 3.1 of the static API. Without the site's address its server is the folder it lies in. */
export function openapiDocument(version: string, url: URL | null): object {
  return {
    openapi: "3.1.1",
    info: {
      title: "Casebook, static API",
      version,
      description:
        "Everything the knowledge base holds, as JSON files that need no server. Analysing bundles takes one: see the server's own description.",
      license: { name: "Apache License 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: url ? new URL("api", url).href : "../api" }],
    tags: [
      { name: "cases", description: "Cases: rule and article together" },
      { name: "recipes", description: "How to gather evidence" },
      { name: "reference", description: "Updates, ports, registry values, error codes, events" },
    ],
    paths: Object.fromEntries(RESOURCES.map((resource) => [resource.path, { get: operation(resource) }])),
    components: { schemas: Object.fromEntries(documentSchemas.map((schema) => [schema.$id, component(schema)])) },
  };
}

function operation({ operationId, tag, summary, schema, id }: Resource): object {
  return {
    operationId,
    summary,
    tags: [tag],
    security: [],
    ...(id === undefined
      ? {}
      : { parameters: [{ name: "id", in: "path", required: true, description: `Id of the ${id}`, schema: { type: "string" } }] }),
    responses: {
      "200": { description: summary, content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } } },
      ...(id === undefined ? {} : { "404": { description: `There is no such ${id}` } }),
    },
  };
}

/** A schema as a component: named by its place, and naming others by theirs. */
function component({ $id: _, ...schema }: { readonly $id: string }): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === "$ref" && typeof value === "string" ? `#/components/schemas/${value}` : value,
  );
}
