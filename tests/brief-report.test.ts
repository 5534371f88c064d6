import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { findTestCases } from "../engine/node/test-cases.ts";
import { briefReport } from "../engine/report/brief.ts";

const quiet = join(import.meta.dirname, "quiet");
const cases = await findTestCases(join(import.meta.dirname, "cases"));
const bundles = [
  ...cases
    .filter(({ variant }) => /^(article|generated)$/.test(variant))
    .map(({ rule, variant, folder }) => [`${rule}/${variant}`, join(folder, "bundle")] as const),
  ...readdirSync(quiet).map((name) => [`quiet/${name}`, join(quiet, name, "bundle")] as const),
];

it.each(bundles)("%s: the brief report can be had from the full one", async (_, bundle) => {
  const [full, brief] = [await diagnosePaths([bundle], { all: true }), await diagnosePaths([bundle], { all: false })];
  expect(briefReport(full.report)).toEqual(brief.report);
});
