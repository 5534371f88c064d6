import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { gzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import type { Report } from "../engine/report/report.ts";
import { generateCaptures } from "./bench/gen-captures.ts";
import { tarOf, zipOf } from "./support/archive-writer.ts";
import { diagnoseFiles, filesBelow, memoryFile, projectRoot, shippedBundles } from "./support/bundles.ts";

const run = promisify(execFile);
let at = "";
beforeAll(() => {
  at = mkdtempSync(join(tmpdir(), "same-bytes-"));
});
afterAll(() => rmSync(at, { recursive: true, force: true }));

/** Cases whose texts hold local times, names and words, and captures from two ends. */
const BUNDLES = ["rdp-listener-gone/article", "lync-edge-front-end-5061-reset-in-path/article", "tcp-segments-lost-in-transit/generated"];

/** What was found, wherever the files lay. */
function findings(report: Report, folder = ""): string {
  return JSON.stringify(report.findings).replaceAll(folder, "");
}

describe("the same bundle gives the same bytes", () => {
  it("in any time zone and locale", { timeout: 120_000 }, async () => {
    const folder = join(at, "all");
    for (const name of BUNDLES) {
      for (const [path, content] of filesBelow(`tests/cases/${name}/bundle`)) {
        const target = join(folder, name.split("/")[0]!, path);
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
      }
    }
    const places = [
      { TZ: "UTC", LANG: "C", LC_ALL: "C" },
      { TZ: "America/St_Johns", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
      { TZ: "Pacific/Kiritimati", LANG: "ar_SA.UTF-8", LC_ALL: "ar_SA.UTF-8", NODE_ICU_DATA: "/nowhere" },
    ];
    const reports = await Promise.all(
      places.map(async (place) => {
        const env = { PATH: process.env.PATH, ...place };
        const command = [join(projectRoot, "cli/main.ts"), "match", folder, "--all", "--format", "json"];
        return (await run(process.execPath, command, { env, maxBuffer: 1 << 26 })).stdout;
      }),
    );
    expect(JSON.parse(reports[0]!).findings.length).toBeGreaterThan(0);
    expect(new Set(reports).size).toBe(1);
  });

  it("from files in any order, each time", async () => {
    for (const [, files] of [...shippedBundles("cases")].filter(([name]) => BUNDLES.includes(name))) {
      const first = JSON.stringify((await diagnoseFiles(files)).report);
      expect(JSON.stringify((await diagnoseFiles([...files].reverse())).report)).toBe(first);
      expect(JSON.stringify((await diagnoseFiles(files)).report)).toBe(first);
    }
  });

  it("written to disk in any order", async () => {
    const files = [...filesBelow("tests/cases/rdp-listener-gone/article/bundle")];
    const reports: string[] = [];
    for (const [folder, order] of [["one", files] as const, ["two", [...files].reverse()] as const]) {
      mkdirSync(join(at, folder, "bundle"), { recursive: true });
      for (const [path, content] of order) writeFileSync(join(at, folder, "bundle", path), content);
      reports.push(JSON.stringify((await diagnosePaths([join(at, folder, "bundle")], { all: true })).report));
    }
    expect(reports[0]).toBe(reports[1]);
  });

  it.each(BUNDLES)("packed as a folder, zip, tar or tar.gz: %s", async (name) => {
    const files = [...filesBelow(`tests/cases/${name}/bundle`)];
    const folder = await diagnoseFiles(files.map(([path, content]) => memoryFile(path, content)));
    const members = files.map(([path, data]) => ({ name: path, data }));
    const packed = {
      "b.zip": zipSync(Object.fromEntries(files)),
      "s.zip": zipOf(members.map((member) => ({ ...member, method: 0 }))),
      "b.tar": tarOf(members),
      "b.tar.gz": gzipSync(tarOf(members)),
      "n.zip": zipOf([{ name: "b.tar.gz", data: gzipSync(tarOf([...members].reverse())) }]),
    };
    for (const [archive, content] of Object.entries(packed)) {
      const { report } = await diagnoseFiles([memoryFile(archive, content)]);
      expect(findings(report, archive === "n.zip" ? "n.zip/b.tar.gz/" : `${archive}/`), archive).toBe(findings(folder.report));
    }
  });

  it("read by one thread or by several", { timeout: 120_000 }, async () => {
    const folder = join(at, "pair");
    mkdirSync(folder);
    const { files } = generateCaptures({ out: join(folder, "p"), pair: true, packets: 30_000, loss: 0.01, seed: 7 });
    // Threads are worth their start from 8 MiB on.
    const captures = files.filter((file) => statSync(file).size > 8 << 20);
    expect(captures).toHaveLength(2);
    const reports = [];
    for (const jobs of [1, 2]) reports.push(JSON.stringify((await diagnosePaths(captures, { all: true, jobs })).report));
    expect(reports[0]).toBe(reports[1]);
    expect(reports[0]).toContain('"tcp-segments-lost-in-transit"');
  });
});

describe("the engine", () => {
  /** What would make a report depend on when, where or by whom it is made. `Date` with a fixed number or UTC fields is arithmetic. */
  const FORBIDDEN =
    /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\.get(?:FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|TimezoneOffset)\(|Math\.random|\bIntl\.|\.toLocale|\.localeCompare|\bperformance\.|randomUUID|getRandomValues|\bWeakRef\b|\bprocess\.(?!ts\b)|\bnavigator\./;
  const sources = readdirSync(join(projectRoot, "engine"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("engine/node/"));

  it.each(sources)("%s asks for no clock, zone, locale or chance", (path) => {
    const code = readFileSync(join(projectRoot, path), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
    expect(code.split("\n").filter((line) => FORBIDDEN.test(line))).toEqual([]);
  });
});
