import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import type { Path } from "../queries/problem.ts";
import type { Diagnostic, YamlSource } from "../rules/yaml-source.ts";

/** Compiled on first use: checks a file some twenty times as fast. Where code may not be made from text it is interpreted instead. */
const validators = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const made = Compile(schema) as Validator;
  validators.set(schema, made);
  return made;
}

/** What sums up other errors and says less than they do. */
const SUMMARIES: readonly string[] = ["additionalProperties", "allOf", "anyOf", "oneOf"];

/** Where a file's data, or the part of it at `below`, is not what its schema declares. */
export function schemaProblems(schema: TSchema, source: YamlSource, below: Path = []): Diagnostic[] {
  const data = below.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], source.data);
  const validator = validatorOf(schema);
  if (validator.Check(data)) return [];
  const errors = validator.Errors(data);
  const particular = errors.filter(({ keyword }) => !SUMMARIES.includes(keyword));
  const told = (particular.length > 0 ? particular : errors).map(({ keyword, instancePath, message }) => {
    const path = pointerSteps(instancePath);
    const what = keyword === "boolean" ? "is not known here" : message;
    return source.diagnostic([...below, ...path], "schema", `${path.join(".")} ${what}`.trim());
  });
  return told.filter((one, index) => told.findIndex((other) => other.line === one.line && other.message === one.message) === index);
}

/** Steps of a JSON Pointer, RFC 6901; digits are list positions. */
function pointerSteps(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
