/** The parts of a JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) that say what type a value has. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly description?: string;
}

/** The TypeScript type of a schema, as source text; `unknown` where the schema does not say. `$ref`s become the name they end in. */
export function schemaType(schema: JsonSchema | boolean | undefined, indent = ""): string {
  if (schema === undefined || typeof schema === "boolean") return "unknown";
  if (schema.$ref !== undefined) return typeName(schema.$ref.split("/").at(-1)!);
  if ("const" in schema) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return distinct(either.map((one) => schemaType(one, indent))).join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => `(${schemaType(one, indent)})`).join(" & ");
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? (schema.properties ? ["object"] : []));
  return distinct(types.map((type) => plainType(type, schema, indent))).join(" | ") || "unknown";
}

function plainType(type: string, schema: JsonSchema, indent: string): string {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `ReadonlyArray<${schemaType(schema.items, indent)}>`;
    case "object":
      return objectType(schema, indent);
    default:
      return "unknown";
  }
}

function objectType(schema: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) =>
      `${comment(field, inner)}${inner}readonly ${key(name)}${required.has(name) ? "" : "?"}: ${schemaType(field, inner)};\n`,
  );
  const others = Object.values(schema.patternProperties ?? {});
  if (typeof schema.additionalProperties === "object") others.push(schema.additionalProperties);
  if (fields.length === 0)
    return others.length > 0 ? `Readonly<Record<string, ${schemaType(others[0], indent)}>>` : "Readonly<Record<string, unknown>>";
  return `{\n${fields.join("")}${indent}}`;
}

/** A doc comment of what the schema says about itself; empty if nothing. */
export function comment(schema: JsonSchema, indent: string): string {
  return schema.description ? `${indent}/** ${schema.description.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")} */\n` : "";
}

/** A schema's name as a TypeScript name: `job-progress` becomes `JobProgress`. */
export function typeName(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function literal(value: unknown): string {
  return JSON.stringify(value);
}

function distinct(types: readonly string[]): string[] {
  return [...new Set(types)];
}
