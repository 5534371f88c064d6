import { comment, type JsonSchema, schemaType, typeName } from "./schema-type.ts";

/** The parts of an OpenAPI 3.1 document that a client is made of. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
}

interface OpenApiOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly content?: Content }>>;
}

interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>;

const JSON_TYPE = "application/json";

/** Source text of the client's types and its table of operations; the same document gives the same text. */
export function describeOperations(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const schemas = Object.entries(document.components?.schemas ?? {});
  return [
    "/** Types and operations of the HTTP API, written by `npm run gen` from its OpenAPI document. */\n",
    ...schemas.map(([name, schema]) => `${comment(schema, "")}export type ${typeName(name)} = ${schemaType(schema)};\n`),
    `/** What each operation takes and gives, by its id. */\nexport interface Operations {\n${operations.map(signature).join("")}}\n`,
    `/** How each operation is asked for. */\nexport const operations = {\n${operations.map(row).join("")}} as const;\n`,
  ].join("\n");
}

interface NamedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

function operationsOf(document: OpenApiDocument): NamedOperation[] {
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation.operationId === undefined ? [] : [{ id: operation.operationId, method: method.toUpperCase(), path, operation }],
    ),
  );
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function signature({ id, operation }: NamedOperation): string {
  const about = operation.summary ? `  /** ${operation.summary} */\n` : "";
  const lines = [
    `    readonly params: ${parameters(operation, "path")};`,
    `    readonly query: ${parameters(operation, "query")};`,
    `    readonly body: ${schemaOf(operation.requestBody?.content) ?? "undefined"};`,
    `    readonly response: ${responseOf(operation) ?? "undefined"};`,
  ];
  return `${about}  readonly ${id}: {\n${lines.join("\n")}\n  };\n`;
}

function row({ id, method, path }: NamedOperation): string {
  return `  ${id}: { method: ${JSON.stringify(method)}, path: ${JSON.stringify(path)} },\n`;
}

function parameters(operation: OpenApiOperation, place: "path" | "query"): string {
  const fields = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (fields.length === 0) return "Readonly<Record<string, never>>";
  const lines = fields.map(
    ({ name, required, schema, description }) =>
      `${comment({ ...(description ? { description } : {}) }, "      ")}      readonly ${name}${required ? "" : "?"}: ${schemaType(schema, "      ")};\n`,
  );
  return `{\n${lines.join("")}    }`;
}

/** Type of the JSON body; undefined where there is none. */
function schemaOf(content: Content | undefined): string | undefined {
  const schema = content?.[JSON_TYPE]?.schema;
  return schema === undefined ? undefined : schemaType(schema, "    ");
}

/** The JSON answer of the first response that is a success. */
function responseOf({ responses = {} }: OpenApiOperation): string | undefined {
  const successes = Object.keys(responses).filter((status) => /^2/.test(status));
  return successes.map((status) => schemaOf(responses[status]?.content)).find((type) => type !== undefined);
}
