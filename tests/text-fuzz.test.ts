import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { analyseSource } from "../engine/derive/analyse-source.ts";
import type { SourceResult } from "../engine/derive/source-result.ts";
import { formats } from "../engine/formats/index.ts";
import { tableDeclarations } from "../engine/tables/index.ts";
import { diagnoseFiles, memoryFile, projectRoot, sequence, sourceOf } from "./support/bundles.ts";
import { collector } from "./support/collect.ts";

const FIXTURES = join(projectRoot, "tests/formats");
const fixtures = readdirSync(FIXTURES).flatMap((id) =>
  readdirSync(join(FIXTURES, id))
    .filter((name) => !name.endsWith(".yaml"))
    .map((name) => [`${id}/${name}`, new Uint8Array(readFileSync(join(FIXTURES, id, name)))] as const),
);
const tables = new Set(tableDeclarations.map(({ name }) => name));

async function analyse(content: Uint8Array | string): Promise<SourceResult> {
  const job = { files: [{ source: 0, file: memoryFile("x", content), hints: {} }], segments: true, hash: false };
  const [result] = await analyseSource(job, { createHasher: () => ({ update() {}, digestHex: () => "" }), progress: async () => {} });
  return result!;
}

/** What holds of any bytes at all. */
function check(result: SourceResult, content: Uint8Array): void {
  const lines = content.filter((byte) => byte === 10 || byte === 13).length + 1;
  expect(result.bytes).toBe(content.length);
  for (const { code } of result.warnings) expect(code).not.toBe("source.unreadable");
  for (const part of result.parts) {
    expect(tables.has(part.table)).toBe(true);
    if (part.unit === "line") for (const at of part.at.subarray(0, part.length)) expect(at).toBeLessThanOrEqual(lines);
  }
}

/** Damage as files meet it: bits, pieces lost, doubled and moved, and what the formats themselves are made of in wrong places. */
function mutate(content: Uint8Array, below: (n: number) => number): Uint8Array {
  const pieces = [
    "\0",
    "\r",
    "\n",
    "\t",
    '"',
    "[",
    ":",
    ",",
    "<Event ",
    "$$begin_record",
    "\u2192 ",
    "99999999999999999999",
    "-1",
    "\ufeff",
    "  ",
  ];
  let bytes = content;
  for (let round = 0; round < 1 + below(6); round++) {
    const [a, b] = [below(bytes.length + 1), below(bytes.length + 1)].sort((x, y) => x - y) as [number, number];
    const kind = below(5);
    if (kind === 0) bytes = bytes.map((byte, at) => (at === a ? byte ^ (1 << below(8)) : byte));
    else if (kind === 1) bytes = join8(bytes.subarray(0, a), bytes.subarray(Math.min(b, a + 200)));
    else if (kind === 2) bytes = join8(bytes.subarray(0, b), bytes.subarray(a, Math.min(b, a + 2000)), bytes.subarray(b));
    else if (kind === 3) bytes = join8(bytes.subarray(0, a), new TextEncoder().encode(pieces[below(pieces.length)]), bytes.subarray(a));
    else bytes = join8(bytes.subarray(b), bytes.subarray(0, b));
  }
  return bytes;
}

function join8(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

describe("a text that is damaged", () => {
  it.each(fixtures)("is read as far as it goes: %s", async (name, content) => {
    const below = sequence(1 + name.length * 7919);
    for (let round = 0; round < 40; round++) {
      const damaged = mutate(content, below);
      check(await analyse(damaged), damaged);
    }
  });

  it("is read as far as it goes where several are pasted together", async () => {
    const below = sequence(424242);
    for (let round = 0; round < 40; round++) {
      const pasted = join8(...[1, 2, 3].map(() => fixtures[below(fixtures.length)]![1]));
      const damaged = mutate(pasted, below);
      check(await analyse(damaged), damaged);
    }
  });

  it("leaves a bundle.yaml with warnings and the rest of it", async () => {
    const manifest = new TextEncoder().encode(
      'sources:\n  "*.txt": {host: [web1, 10.0.0.1], side: server, time_zone: "+02:00", date: 2013-01-08}\nhosts:\n  - name: web1\n    addresses: [10.0.0.1]\n    product: windows-server-2008-r2\n',
    );
    const below = sequence(77);
    for (let round = 0; round < 60; round++) {
      const files = [
        memoryFile("bundle.yaml", mutate(manifest, below)),
        memoryFile("netstat.txt", fixtures.find(([name]) => name === "netstat/english-ano.txt")![1]),
      ];
      const { report } = await diagnoseFiles(files);
      expect(sourceOf(report, "netstat.txt").rows.sockets).toBeGreaterThan(0);
      expect(report.findings.filter(({ verdict }) => verdict === "error")).toEqual([]);
    }
  });
});

/**
 * Lines made to set a backtracking expression against itself. Were any of them met in quadratic time, this would run for hours
 * and not for seconds: 200,000 characters squared are 40,000,000,000 steps.
 */
describe("lines that go on and on", () => {
  const TOKENS = [
    ...[
      "%",
      "0",
      "A",
      " ",
      "\t",
      "\t ",
      "  ",
      ":",
      ": ",
      "a: ",
      "@",
      "[@~",
      "a@b:",
      "[",
      "]",
      "(",
      "<",
      ">",
      "=",
      ",",
      '"',
      '","',
      "--",
      "...",
      "|\t",
    ],
    ...["0:A", "::", "1.2.3.4 ", "10.0.0.1", "1,", "1.", "{1,", "0A ", "0x", "a/", "https://a:", "\u00a0", "\u2192 ", "é"],
    ...[
      "<Provider\ti",
      "<Event ",
      "</Event>",
      "<Data>",
      "&amp;",
      "TCP 0.0.0.0:1 ",
      "TCP:",
      "Flags=",
      "SrcPort = S",
      "[TCP ",
      "Seq=",
      "1 \u2192 2 ",
    ],
    ...[
      "SIP/2.0 ",
      "$$begin_record",
      "TL_INFO(",
      "ms-diagnostics: ",
      "Event ID: 1 ",
      "Log Name: a Event ID: ",
      "Error 1/6/2013 8:54:40 AM a 1 ",
      "CUT-",
      "-- more --",
      "X\tNETSTAT\t--",
    ],
  ];
  const ENDS = ["", "x", " \0"];
  const samples = new Map(
    fixtures.map(([name, content]) => [name.split("/")[0]!, new TextDecoder("latin1").decode(content).split(/\r?\n/)]),
  );

  it.each(formats.filter((format) => format.kind === "text").map((format) => [format.id, format] as const))(
    "are read in linear time: %s",
    (id, format) => {
      const { emit } = collector();
      for (const token of TOKENS) {
        for (const end of ENDS) {
          const long = token.repeat(Math.ceil(200_000 / token.length)) + end;
          // As long as the format still looks at, too.
          const lines = [long, ...[450, 950, 1900].flatMap((length) => Array<string>(4).fill(long.slice(0, length) + end))];
          format.detect(lines);
          const reader = format.reader(emit, {});
          let number = 0;
          for (const line of [...samples.get(id)!, ...lines]) reader.line(line, ++number);
          reader.end();
        }
      }
    },
  );

  it("are cut and counted where they pass the limit", async () => {
    const { warnings } = await analyse("TCP ".repeat(600_000));
    expect(warnings.map(({ code, at }) => [code, at])).toEqual([["text.long-line", 1]]);
  });
});
