import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TcpFlag } from "../engine/decoders/packet-batch.ts";
import { generateCaptures } from "./bench/gen-captures.ts";
import { ANALYSIS_FIELDS, type AnalysedFrame, analyseBytes } from "./support/analysed.ts";
import { pcapFile } from "./support/capture-writer.ts";
import { hasSharkd, Sharkd } from "./support/sharkd.ts";
import { frames, scenarios } from "./support/tcp-scenarios.ts";

const CORPUS = resolve(import.meta.dirname, "../../shared/corpora/pcap");
const DIFFERENCES = join(import.meta.dirname, "tshark-differences.tsv");
function captureFiles(): string[] {
  try {
    const entries = readdirSync(CORPUS, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.sort();
  } catch {
    return [];
  }
}

const corpus = hasSharkd ? captureFiles() : [];
if (!hasSharkd) console.warn("TCP analysis against tshark: skipped, sharkd (installed with tshark) is missing");
else if (corpus.length === 0) console.warn(`TCP analysis of real captures against tshark: skipped, no captures in ${CORPUS}`);

const FIELDS = ["tcp.stream", "tcp.flags", "frame.protocols", ...ANALYSIS_FIELDS.map(([name]) => `tcp.analysis.${name}`)];

/** What Wireshark's own analysis, with default preferences, says of every TCP frame. Headers quoted inside ICMP errors are no TCP frames. */
async function wiresharkFrames(sharkd: Sharkd, path: string): Promise<Map<number, AnalysedFrame>> {
  const frames = new Map<number, AnalysedFrame>();
  for (const { frame, values } of await sharkd.fields(path, "tcp", FIELDS)) {
    const [stream, flags, protocols, ...found] = values;
    if (/:icmp(v6)?:/.test(protocols!)) continue;
    const names = ANALYSIS_FIELDS.map(([name]) => name).filter((_, index) => found[index]);
    frames.set(frame, { stream: Number(stream), flags: Number(flags), found: names });
  }
  return frames;
}

/** The first frames of a list, and how many there are where there are more. */
function frameList(frames: readonly number[]): string {
  const shown = frames.slice(0, 20).join(",") || "-";
  return frames.length > 20 ? `${shown} of ${frames.length}` : shown;
}

/** One line for each field, or for the grouping into streams, in which a capture differs: `file field ours tshark`, the values being frame numbers. */
function differences(file: string, ours: Map<number, AnalysedFrame>, theirs: Map<number, AnalysedFrame>): string[] {
  const lines: string[] = [];
  const add = (field: string, [left, right]: readonly [number[], number[]]) => {
    const [only, missing] = [left.filter((frame) => !right.includes(frame)), right.filter((frame) => !left.includes(frame))];
    if (only.length + missing.length > 0) lines.push([file, field, frameList(only), frameList(missing)].join("\t"));
  };
  const both = (select: (frame: AnalysedFrame) => boolean) =>
    [ours, theirs].map((frames) => [...frames].filter(([, frame]) => select(frame)).map(([number]) => number)) as [number[], number[]];
  add(
    "tcp",
    both(() => true),
  );
  add(
    "reset",
    both((frame) => (frame.flags & TcpFlag.rst) !== 0),
  );
  for (const [name] of ANALYSIS_FIELDS)
    add(
      name,
      both((frame) => frame.found.includes(name)),
    );
  const [there, back] = [new Map<number, number>(), new Map<number, number>()];
  const moved = [...ours].filter(([frame, { stream }]) => {
    const other = theirs.get(frame)?.stream;
    if (other === undefined) return false;
    if (!there.has(stream) && !back.has(other)) {
      there.set(stream, other);
      back.set(other, stream);
    }
    return there.get(stream) !== other;
  });
  if (moved.length > 0) lines.push([file, "stream", frameList(moved.map(([frame]) => frame)), "-"].join("\t"));
  return lines;
}

async function compare(sharkd: Sharkd, path: string, name: string): Promise<string[]> {
  const analysed = await analyseBytes(new Uint8Array(readFileSync(path)));
  // Which frames hold TCP at all is the decoders' business, and their test's.
  if (!analysed || analysed.frames.size === 0) return [];
  return differences(name, analysed.frames, await wiresharkFrames(sharkd, path));
}

describe.runIf(hasSharkd)("tcp.analysis", () => {
  let folder: string;
  let sharkd: Sharkd;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tshark-parity-"));
    sharkd = new Sharkd();
  });
  afterAll(() => {
    sharkd.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.runIf(corpus.length > 0)(
    "says of every frame of the real captures what tshark says, but for the differences listed",
    { timeout: 180_000 },
    async () => {
      const [, ...listed] = readFileSync(DIFFERENCES, "utf8").trimEnd().split("\n");
      expect(listed.filter((line) => line.split("\t").length !== 5 || !line.split("\t")[4])).toEqual([]);
      const found: string[] = [];
      for (const path of corpus) found.push(...(await compare(sharkd, path, relative(CORPUS, path))));
      expect(found).toEqual(listed.map((line) => line.split("\t").slice(0, 4).join("\t")));
    },
  );

  it.each(Object.entries(scenarios))("says of the scenario %s what tshark says", async (name, steps) => {
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, pcapFile(frames(steps), { nanoseconds: true }));
    expect(await compare(sharkd, path, name)).toEqual([]);
  });

  it.each([
    { seed: 1, loss: 0.005, reorder: 0.001 },
    { seed: 2, loss: 0.05, reorder: 0.05 },
  ])("says of a generated capture what tshark says (seed $seed, loss $loss)", { timeout: 120_000 }, async ({ seed, loss, reorder }) => {
    const path = join(folder, `${seed}.pcap`);
    generateCaptures({ out: path, packets: 12_000, seed, loss, reorder });
    expect(await compare(sharkd, path, "generated")).toEqual([]);
  });
});
