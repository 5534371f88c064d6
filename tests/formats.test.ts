import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { detectEncoding, readLines } from "../engine/bytes/text.ts";
import type { Format, SourceHints, TextFormat } from "../engine/formats/format.ts";
import { formats } from "../engine/formats/index.ts";
import { type Collected, collector } from "./support/collect.ts";

const FOLDER = join(import.meta.dirname, "formats");
const HEAD_BYTES = 64 * 1024;

/** What a fixture's `.rows.yaml` says: null cells are left out; whatever block is absent is not compared. */
interface Expected {
  readonly origin: string;
  readonly hints?: SourceHints;
  readonly rows?: readonly object[];
  readonly anomalies?: readonly object[];
  readonly coverage?: readonly object[];
  readonly hosts?: readonly object[];
  readonly packets?: number;
  readonly utc?: boolean;
}

interface Fixture {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

const fixtures: Fixture[] = readdirSync(FOLDER).flatMap((id) => {
  const files = readdirSync(join(FOLDER, id));
  return files
    .filter((file) => file.endsWith(".rows.yaml"))
    .map((file) => {
      const name = file.replace(/\.rows\.yaml$/, "");
      const input = files.find((candidate) => candidate !== file && candidate.replace(/\.\w+$/, "") === name);
      if (!input) throw new Error(`${id}/${file} has no input beside it`);
      return {
        id,
        name,
        bytes: new Uint8Array(readFileSync(join(FOLDER, id, input))),
        expected: parse(readFileSync(join(FOLDER, id, file), "utf8")) as Expected,
      };
    });
});

async function linesOf(bytes: Uint8Array): Promise<string[]> {
  const encoding = detectEncoding(bytes.subarray(0, HEAD_BYTES));
  const lines: string[] = [];
  if (encoding === null) return lines;
  await readLines(
    memorySource(bytes),
    encoding,
    (some) => lines.push(...some),
    async () => {},
  );
  return lines;
}

async function claimants(bytes: Uint8Array): Promise<string[]> {
  const binary = formats.filter((format) => format.kind === "binary" && format.detect(bytes.subarray(0, HEAD_BYTES)));
  if (binary.length > 0) return binary.map((format) => format.id);
  const lines = await linesOf(bytes);
  return formats.filter((format) => format.kind === "text" && format.detect(lines)).map((format) => format.id);
}

async function read(format: Format, bytes: Uint8Array, hints: SourceHints = {}): Promise<Collected> {
  const collected = collector();
  if (format.kind === "binary") await format.parse(memorySource(bytes), collected.emit, hints);
  else feed(format, await linesOf(bytes), collected, hints);
  return collected;
}

function feed(format: TextFormat, lines: readonly string[], collected: Collected, hints: SourceHints = {}): void {
  const reader = format.reader(collected.emit, hints);
  for (const [index, line] of lines.entries()) reader.line(line, index + 1);
  reader.end();
}

/** Cells as a fixture writes them: no nulls, times as ISO 8601 with the digits they need. */
function plain(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cells = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(cells.map(([column, value]) => [column, typeof value === "bigint" ? isoTime(value) : value]));
}

function isoTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

const title = ({ id, name }: Fixture) => `${id}/${name}`;

describe("every fixture", () => {
  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))(
    "%s says where it comes from and is small",
    (_, { bytes, expected }) => {
      expect(expected.origin).toMatch(/\w/);
      expect(bytes.length).toBeLessThanOrEqual(50 * 1024);
    },
  );

  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))(
    "%s is claimed by its own format and no other",
    async (_, { id, bytes }) => {
      expect(await claimants(bytes)).toEqual([id]);
    },
  );

  it.each(fixtures.map((fixture) => [title(fixture), fixture] as const))("%s gives its rows", async (_, { id, bytes, expected }) => {
    const seen = await read(formats.find((format) => format.id === id)!, bytes, expected.hints);
    expect(seen.rows.map(({ table, at, values }) => ({ table, at, ...plain(values) }))).toEqual(expected.rows ?? []);
    expect(seen.anomalies.map(({ name, at }) => ({ name, at }))).toEqual(expected.anomalies ?? []);
    if (expected.coverage) expect(seen.coverage.map(plain)).toEqual(expected.coverage);
    if (expected.hosts) expect(seen.hosts).toEqual(expected.hosts);
    if (expected.packets !== undefined) expect(seen.packets.length).toBe(expected.packets);
    if (expected.utc !== undefined) expect(seen.utc).toBe(expected.utc);
  });
});

const textFormats = formats.filter((format): format is TextFormat => format.kind === "text");
const texts = fixtures.filter(({ id }) => textFormats.some((format) => format.id === id));

describe("every text format", () => {
  it.each(textFormats.map((format) => [format.id, format] as const))("%s has a fixture", (id) => {
    expect(fixtures.map((fixture) => fixture.id)).toContain(id);
  });

  it("passes over prose in silence", () => {
    const prose = [
      "The server listens on TCP port 3389 and UDP 3478: clients connect, then the session drops.",
      "At 8:54:40 AM on 1/6/2013 the Remote Desktop Services service terminated unexpectedly.",
      "Source: the vendor's page, Date: 1/6/2013, Level: high. See https://support.contoso.com:443/kb for details.",
      "TCP: the Transmission Control Protocol    UDP: the User Datagram Protocol",
      "Message: please reply. Id: 7. SIP/2.0 504 Server time-out was what the user saw.",
    ];
    for (const format of textFormats) {
      expect(format.detect(prose), format.id).toBe(false);
      const collected = collector();
      feed(format, prose, collected);
      expect([...collected.rows, ...collected.anomalies, ...collected.packets], format.id).toEqual([]);
    }
  });

  it.each(texts.map((fixture) => [title(fixture), fixture] as const))("%s survives being cut at every byte", async (_, { id, bytes }) => {
    const format = textFormats.find((candidate) => candidate.id === id)!;
    const text = new TextDecoder().decode(bytes);
    const whole = (await read(format, bytes)).rows.length;
    const step = Math.max(1, Math.floor(text.length / 1500));
    for (let cut = 0; cut < text.length; cut += step) {
      const collected = collector();
      feed(format, text.slice(0, cut).split(/\r?\n/), collected);
      expect(collected.rows.length).toBeLessThanOrEqual(whole + 1);
    }
  });

  it.each(texts.map((fixture) => [title(fixture), fixture] as const))("%s survives lines shuffled, doubled and damaged", (_, { bytes }) => {
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
    const damaged = fc.array(
      fc.tuple(
        fc.nat(lines.length - 1),
        fc.nat(200),
        fc.constantFrom("", "\0", '"', ":", "\t", "  ", "9".repeat(30), "\u202e", "<", "$$", "["),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(damaged, (edits) => {
        const text = edits.map(([line, at, piece]) => lines[line]!.slice(0, at) + piece + lines[line]!.slice(at + (at % 3)));
        for (const format of textFormats) {
          format.detect(text);
          const collected = collector();
          feed(format, text, collected);
          for (const { at } of collected.rows) expect(at).toBeGreaterThan(0);
        }
      }),
      { seed: 20130106, numRuns: 60 },
    );
  });

  it.each(textFormats.map((format) => [format.id, format] as const))("%s takes lines of any length and any number of them", (_, format) => {
    const collected = collector();
    const long = ["TCP ", "Error 1/6/2013 8:54:40 AM ", "Message : ", "<Event xmlns='", '"', "a:", "TL_INFO(", " ", "0"].map((piece) =>
      piece.repeat(100_000),
    );
    feed(format, [...long, ...long], collected);
    feed(
      format,
      Array.from({ length: 20_000 }, (_, n) => long[n % long.length]!.slice(0, 50)),
      collected,
    );
    expect(collected.rows.length).toBeLessThan(50_000);
  });
});
