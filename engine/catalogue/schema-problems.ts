import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import type { Path } from "../queries/problem.ts";
import type { Diagnostic, YamlSource } from "../rules/yaml-source.ts";

/** Where a file's data, or the part of it at `below`, is not what its schema declares; a union tells of the deepest error only. */
export function schemaProblems(schema: TSchema, source: YamlSource, below: Path = []): Diagnostic[] {
  const data = below.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], source.data);
  if (Value.Check(schema, data)) return [];
  const errors = Value.Errors(schema, data).map(({ instancePath, message }) => ({ path: pointerSteps(instancePath), message }));
  const deepest = Math.max(...errors.map(({ path }) => path.length));
  const told = errors.filter(({ path }) => path.length === deepest);
  return told.map(({ path, message }) => source.diagnostic([...below, ...path], "schema", `${path.join(".")} ${message}`.trim()));
}

/** Steps of a JSON Pointer, RFC 6901; digits are list positions. */
function pointerSteps(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
