import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { correlate } from "../engine/derive/correlate.ts";
import { shapeFlags, shapeLength } from "../engine/derive/segment-log.ts";
import type { AnalysedCapture } from "../engine/derive/source-result.ts";
import { type CaptureOptions, generateCaptures } from "./bench/gen-captures.ts";
import { analyseCaptures, framesOf, rowsOf } from "./support/capture-points.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-pairing-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Worlds whose truth must come out row by row; each ends and begins without a loss in the last milliseconds, which no capture can prove. */
const WORLDS: readonly [name: string, options: Partial<CaptureOptions>][] = [
  ["nothing rewritten", { packets: 4000, seed: 2 }],
  [
    "NAT, rewritten numbers, forged resets, 3.5 s apart",
    { packets: 7000, seed: 3, loss: 0.01, nat: true, rewriteIsn: true, injectRst: 0.02, clockOffsetUs: 3_500_000 },
  ],
  [
    "NAT at both ends, server's clock behind",
    { packets: 4000, seed: 4, loss: 0.03, nat: true, natServer: true, rewriteIsn: true, injectRst: 0.05, clockOffsetUs: -250_000 },
  ],
  [
    "NAT that keeps numbers, clocks two hours apart",
    { packets: 4000, seed: 5, loss: 0.03, nat: true, natServer: true, clockOffsetUs: -7_200_000_000 },
  ],
  ["no loss but unanswered attempts", { packets: 4000, seed: 6, loss: 0, nat: true, rewriteIsn: true, injectRst: 0.2 }],
  ["much overtaking, pcapng", { packets: 4000, seed: 7, loss: 0.02, reorder: 0.2, injectRst: 0.1, format: "pcapng" }],
  ["nanoseconds", { packets: 4000, seed: 8, loss: 0.02, reorder: 0.2, nat: true, rewriteIsn: true, format: "pcapng", nano: true }],
  ["a fifth lost", { packets: 7000, seed: 10, loss: 0.2, nat: true, natServer: true, rewriteIsn: true, injectRst: 0.1 }],
  ["short path", { packets: 5000, seed: 11, loss: 0.05, rewriteIsn: true, owdUs: 500 }],
  ["long path", { packets: 5000, seed: 12, loss: 0.05, nat: true, rewriteIsn: true, injectRst: 0.1, owdUs: 90_000 }],
  ["cut to 96 bytes", { packets: 5000, seed: 13, loss: 0.05, nat: true, rewriteIsn: true, snaplen: 96 }],
];

async function captured(options: Partial<CaptureOptions>) {
  const { truth, files } = generateCaptures({ ...options, pair: true, out: join(folder, "pair") });
  const captures = await analyseCaptures(files.map((path) => ({ path, content: readFileSync(path) })));
  return { truth, captures };
}

/** Frames each true loss may be: times of truth and file can round to neighbouring microseconds. */
function placesOf(capture: AnalysedCapture, startUs: number): (loss: { at: number; seq: number; len: number; flags: number }) => number[] {
  const log = capture.segments!;
  const byKey = new Map<string, number[]>();
  const base = Number(capture.info.base! / 1000n) - startUs;
  for (let i = 0; i < log.count; i++) {
    const key = `${Math.round(log.time[i]! / 1000) + base} ${log.seq[i]} ${shapeLength(log.shape[i]!)} ${shapeFlags(log.shape[i]!)}`;
    byKey.set(key, [...(byKey.get(key) ?? []), log.frame[i]!]);
  }
  return ({ at, seq, len, flags }) => [0, -1, 1].flatMap((off) => byKey.get(`${at + off} ${seq} ${len} ${flags}`) ?? []);
}

describe.each(WORLDS)("two taps: %s", (_, options) => {
  const made = captured(options);
  const swapped = options.seed! % 2 === 1;

  it("finds every lost segment and no other", async () => {
    const { truth, captures } = await made;
    const correlation = correlate(swapped ? [captures[1]!, captures[0]!] : captures, [
      { path: "client", hints: {} },
      { path: "server", hints: {} },
    ]);
    const found = { c2s: new Set<number>(), s2c: new Set<number>() };
    for (const row of rowsOf(correlation, "lost_segments")) {
      for (const { at } of row.sent_frames as unknown as { at: number }[]) found[row.direction === "to_server" ? "c2s" : "s2c"].add(at);
    }
    const missed: unknown[] = [];
    for (const [direction, capture] of [
      ["c2s", captures[0]!],
      ["s2c", captures[1]!],
    ] as const) {
      const places = placesOf(capture, truth.options.start * 1e6 + (direction === "s2c" ? truth.clockOffsetUs : 0));
      const losses = truth.lost!.filter(({ dir }) => dir === direction).map((loss) => ({ loss, places: places(loss) }));
      // The most certain first, so that neighbours alike do not take each other's place.
      for (const { loss, places } of losses.sort((x, y) => x.places.length - y.places.length)) {
        const frame = places.find((place) => found[direction].has(place));
        if (frame === undefined) missed.push(loss);
        else found[direction].delete(frame);
      }
    }
    expect(missed).toEqual([]);
    expect([...found.c2s, ...found.s2c]).toEqual([]);
  });

  it("finds every forged reset and no other", async () => {
    const { truth, captures } = await made;
    const correlation = correlate(captures, []);
    const resets = rowsOf(correlation, "foreign_resets");
    for (const side of ["client", "server"] as const) {
      const log = captures[side === "client" ? 0 : 1]!.segments!;
      const forged = truth.injectedRst!.filter(({ seenAt }) => seenAt === side).map(({ seq }) => seq);
      const rewritten = truth.options.rewriteIsn && side === "server";
      const frames = resets
        .filter((row) => row.received_by === side)
        .map((row) => Number(framesOf(row.reset_frames).at(-1)!.split(":")[1]));
      expect(frames).toHaveLength(forged.length);
      const seqs = frames.map((frame) => log.seq[log.frame.indexOf(frame)]!);
      if (!rewritten) expect(seqs.sort()).toEqual([...forged].sort());
    }
  });

  it("measures the clocks, tells the sides and names both ends of NAT", async () => {
    const { truth, captures } = await made;
    const correlation = correlate(captures, []);
    expect(correlation.sides.map(({ side }) => side)).toEqual(["client", "server"]);
    const pairs = rowsOf(correlation, "session_pairs").filter((row) => row.seen_at === "both");
    expect(pairs.length).toBeGreaterThan(100);
    // Half the smallest round trip bounds the error; the path's two ways differ by up to 30 %.
    const bound = (truth.options.owdUs / 1e6) * 0.2;
    for (const row of pairs) expect(Math.abs((row.clock_offset as number) - truth.clockOffsetUs / 1e6)).toBeLessThan(bound);
    const map = new Map(truth.nat!.map(([, outer, inner]) => [outer, inner]));
    for (const row of pairs) {
      const inner = map.get(`${row.client_ip}:${row.client_port}`);
      if (inner) expect(`${row.inner_client_ip}:${row.inner_client_port}`).toBe(inner);
      else expect(row.inner_client_ip).toBe(row.client_ip);
      expect(row.sequence_rewritten).toBe(truth.options.rewriteIsn);
      if (row.hops_to_server !== null) expect(row.hops_to_server).toBe(7);
    }
  });
});

it("gives the same rows for the same captures", async () => {
  const { captures } = await captured({ packets: 3000, seed: 21, loss: 0.02, nat: true, rewriteIsn: true });
  const [once, again] = [correlate(captures, []), correlate(captures, [])];
  for (const table of ["session_pairs", "lost_segments", "foreign_resets", "captures"])
    expect(rowsOf(again, table)).toEqual(rowsOf(once, table));
});
