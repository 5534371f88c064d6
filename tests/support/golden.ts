import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

/** Compares with a reviewed file under `tests/`; `UPDATE_GOLDEN=1` rewrites it instead. */
export function expectGolden(file: string, text: string): void {
  const path = join(import.meta.dirname, "..", file);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}
