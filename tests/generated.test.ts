import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { generatedFiles } from "../cli/gen.ts";

const root = join(import.meta.dirname, "..");

it.each([...(await generatedFiles())])("%s is what `npm run gen` writes", (path, text) =>
  expect(readFileSync(join(root, path), "utf8")).toBe(text),
);
