import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { correlatePair, mayMissAttempts } from "../engine/derive/capture-pair.ts";
import { captureSide } from "../engine/derive/capture-side.ts";
import { CommonKeys } from "../engine/derive/common-keys.ts";
import { type LikelyPair, likelyPairs, type PairSearch } from "../engine/derive/likely-pairs.ts";
import { OtherEnd } from "../engine/derive/other-end.ts";
import { PairRows } from "../engine/derive/pair-rows.ts";
import { pointSessions } from "../engine/derive/point-sessions.ts";
import type { AnalysedCapture } from "../engine/derive/source-result.ts";
import { type CaptureOptions, generateCaptures } from "./bench/gen-captures.ts";
import { filesBelow } from "./support/bundles.ts";
import { analyseCaptures, type TestFile } from "./support/capture-points.ts";
import { pcapFile } from "./support/capture-writer.ts";
import { healthySession, TwoTaps } from "./support/session-script.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-many-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ALL = Number.POSITIVE_INFINITY;

const withTimes = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

function searchOf(captures: readonly AnalysedCapture[]) {
  const points = captures.map(pointSessions);
  const sides = captures.map((capture) => captureSide(capture, {}));
  const search: PairSearch = {
    points,
    hosts: sides.map(({ host }) => host),
    mayMiss: (client, server) => mayMissAttempts(points[client]!, points[server]!, sides[client]!, sides[server]!),
  };
  /** What comparing each pair says, those of which it says nothing left out. */
  const findings = (pairs: readonly LikelyPair[]): Map<string, string> => {
    const found = new Map<string, string>();
    for (const { a, b, sharing } of pairs) {
      const rows = new PairRows();
      const { coverage, streamsA, streamsB } = correlatePair(
        {
          a: points[a]!,
          b: points[b]!,
          sharing,
          sideA: sides[a]!,
          sideB: sides[b]!,
          hintsA: {},
          hintsB: {},
          otherEndOfA: new OtherEnd(captures[a]!),
          otherEndOfB: new OtherEnd(captures[b]!),
        },
        rows,
      );
      const parts = rows.build();
      if (coverage.length + streamsA.size + streamsB.size + parts.reduce((sum, part) => sum + part.length, 0) === 0) continue;
      found.set(`${a} and ${b}`, JSON.stringify([coverage, [...streamsA], [...streamsB], parts], withTimes));
    }
    return found;
  };
  return { search, findings };
}

function pairOf(options: Partial<CaptureOptions>): TestFile[] {
  const { files } = generateCaptures({ packets: 500, snaplen: 96, ...options, pair: true, out: join(folder, `pair-${options.seed}`) });
  return files.map((path) => ({ path, content: new Uint8Array(readFileSync(path)) }));
}

/** The capture without its first records: it began in the middle of sessions. */
function begunLate({ path, content }: TestFile, records: number): TestFile {
  const bytes = content as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 24;
  for (let n = 0; n < records; n++) at += 16 + view.getUint32(at + 8, true);
  return { path, content: Uint8Array.from([...bytes.subarray(0, 24), ...bytes.subarray(at)]) };
}

/** Captures of sessions that have nothing in common, one each. */
function strangers(count: number): TestFile[] {
  return Array.from({ length: count }, (_, n) => {
    const taps = new TwoTaps();
    healthySession(taps, `10.1.${n}.2:${50_000 + n}`, `10.2.${n}.3:443`, 7 * n);
    return { path: `${n}.pcap`, content: pcapFile(taps.frames("client")) };
  });
}

describe("the pairs that are compared of many captures", () => {
  it("are all that say anything, among every capture of the shipped bundles", async () => {
    const files = [...filesBelow("tests/cases"), ...filesBelow("tests/quiet")].filter(([path]) => path.includes("/bundle/"));
    const { search, findings } = searchOf(await analyseCaptures(files.map(([path, content]) => ({ path, content }))));
    const every = findings(likelyPairs(search, ALL));
    expect(every.size).toBeGreaterThan(20);
    expect(findings(likelyPairs(search, 0))).toEqual(every);
  });

  it("are all that say anything, behind devices that rewrite ends and numbers, and where a capture began late", async () => {
    const [near, far] = pairOf({ seed: 24, nat: true, natServer: true });
    const files = [...pairOf({ seed: 22, nat: true, rewriteIsn: true, injectRst: 0.1 }), near!, begunLate(far!, 400), ...strangers(6)];
    const { search, findings } = searchOf(await analyseCaptures(files));
    const every = findings(likelyPairs(search, ALL));
    for (const pair of ["0 and 1", "2 and 3"]) expect(every.has(pair), pair).toBe(true);
    const likely = likelyPairs(search, 0);
    expect(findings(likely)).toEqual(every);
    expect(likely.filter(({ b }) => b >= 4)).toEqual([]);
  });

  it("are those of one session of which one capture missed the start, known by its ends, or behind NAT by what was sent", async () => {
    const taken = (side: "client" | "server", client: string, from: number, to: number): TestFile => {
      const taps = new TwoTaps();
      healthySession(taps, client, "10.9.9.9:443", 100);
      return { path: `${client} ${from}.pcap`, content: pcapFile(taps.frames(side).slice(from, to)) };
    };
    const [whole, farewell, translated] = [
      taken("client", "10.9.1.1:50000", 0, ALL),
      taken("server", "10.9.1.1:50000", -3, ALL),
      taken("server", "198.51.100.7:6000", 3, 9),
    ];
    const { search, findings } = searchOf(await analyseCaptures([...strangers(3), whole, farewell, translated]));
    const every = findings(likelyPairs(search, ALL));
    expect([...every.keys()]).toEqual(["3 and 4", "3 and 5"]);
    expect(likelyPairs(search, 0)).toEqual([
      { a: 3, b: 4, sharing: true },
      { a: 3, b: 5, sharing: true },
    ]);
  });

  it("are none among strangers, however many, and all of a few", async () => {
    const captures = await analyseCaptures(strangers(60));
    expect(likelyPairs(searchOf(captures).search)).toEqual([]);
    expect(likelyPairs(searchOf(captures.slice(0, 4)).search)).toHaveLength(6);
  });
});

describe("keys that captures have in common", () => {
  const worlds = fc.array(fc.uniqueArray(fc.integer({ min: -5, max: 2 ** 53 - 1 }).map((key) => (key % 3 === 0 ? key % 50 : key))), {
    maxLength: 12,
  });

  function met(world: readonly (readonly number[])[], mostGroups?: number): Set<string> {
    const found = new Set<string>();
    const keys = new CommonKeys(world.length, (one, other) => found.add(`${one} ${other}`), mostGroups);
    for (const [capture, own] of world.entries()) for (const key of own) keys.add(capture, key);
    return found;
  }

  it("bring together exactly the captures that share one", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const wanted = world.flatMap((own, one) =>
          world.flatMap((others, other) => (one < other && own.some((key) => others.includes(key)) ? [`${one} ${other}`] : [])),
        );
        expect([...met(world)].sort()).toEqual(wanted.sort());
      }),
    );
  });

  it("are found again among many", () => {
    const numbers = Array.from({ length: 20_000 }, (_, n) => n * 0x1_0000_0001);
    expect([...met([numbers, numbers.map((key) => key + 1), [numbers.at(-1)!]])]).toEqual(["0 2"]);
  });

  it("count as shared by all where somebody makes up more groups than are kept", () => {
    const world = [[1], [2], [3], [4]];
    expect(met(world).size).toBe(0);
    expect(met(world, 3).size).toBe(6);
  });

  it("count as shared by all where somebody makes up keys that crowd in one place of the table", () => {
    // The inverse of the hash's first factor modulo 2^32, by Newton's method: both halves of these keys cancel out.
    const factor = 0x9e3779b1;
    let inverse = factor;
    for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
    const crowded = Array.from({ length: 300 }, (_, high) => high * 2 ** 32 + (Math.imul(inverse, Math.imul(high, 0x85ebca6b)) >>> 0));
    expect(met([crowded, [-1], [-2]]).size).toBe(3);
    expect(met([crowded.slice(0, 200), [-1], [-2]]).size).toBe(0);
  });
});
