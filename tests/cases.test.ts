import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runTestCase } from "../engine/node/case-test.ts";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { findTestCases } from "../engine/node/test-cases.ts";
import type { Expectation } from "../engine/rules/expectation-schema.ts";
import { generateBundles } from "./cases/generate.ts";

const CASES = join(import.meta.dirname, "cases");
const QUIET = join(import.meta.dirname, "quiet");
const cases = await findTestCases(CASES);
const rules = [...new Set(cases.map(({ rule }) => rule))];

describe("every case", () => {
  it.each(cases.map((one) => [`${one.rule}/${one.variant}`, one] as const))(
    "%s comes to its verdict, citing what decides it",
    async (_, one) => {
      expect(await runTestCase(one)).toEqual([]);
    },
  );

  it.each(rules)("%s is looked at from three sides, and from its article", (rule) => {
    const own = cases.filter((one) => one.rule === rule);
    const verdicts = own.map(({ folder }) => (parse(readFileSync(join(folder, "expect.yaml"), "utf8")) as Expectation).verdict);
    expect(verdicts).toEqual(expect.arrayContaining(["matched", "ruled_out", "inconclusive"]));
    expect(own.map(({ variant }) => variant)).toContain("article");
  });
});

describe("a display filter", () => {
  it("is shown once, though several pieces of evidence ask for it", async () => {
    const { report } = await diagnosePaths([join(CASES, "iphttps-server-unreachable/article/bundle")], { all: false });
    const [{ filters } = { filters: [] }] = report.findings;
    expect(filters).toEqual(["ip.addr eq 1.1.1.1 and tcp.port eq 443 and tcp.flags.syn eq 1"]);
  });
});

describe("healthy evidence", () => {
  it.each(readdirSync(QUIET))("%s matches no case", async (name) => {
    const { report } = await diagnosePaths([join(QUIET, name, "bundle")], { all: true });
    expect(report.findings.filter(({ verdict }) => verdict === "matched" || verdict === "error").map(({ rule }) => rule)).toEqual([]);
    expect(report.bundle.sources.filter(({ format }) => format === "unrecognised")).toEqual([]);
  });
});

describe("generated bundles", () => {
  it("are what the generator writes, byte for byte, and small", () => {
    const folder = mkdtempSync(join(tmpdir(), "casebook-cases-"));
    try {
      for (const path of generateBundles(folder)) {
        const fresh = readFileSync(join(folder, path));
        expect(fresh.equals(readFileSync(join(import.meta.dirname, path))), `${path} is stale: run tests/cases/generate.ts`).toBe(true);
        expect(fresh.length).toBeLessThanOrEqual(50 * 1024);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
