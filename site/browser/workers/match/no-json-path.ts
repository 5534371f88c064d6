/**
 * Stands in for the JSONPath library that json-rules-engine asks for: conditions here have no paths, and the library evaluates code
 * made from text, which the pages' policy forbids.
 */
export function JSONPath(): never {
  throw new Error("conditions have no paths");
}
