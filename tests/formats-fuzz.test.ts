import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TextFormat } from "../engine/formats/format.ts";
import { formats } from "../engine/formats/index.ts";
import { collector } from "./support/collect.ts";
import { feed, fixtures, read, title } from "./support/format-fixtures.ts";

const textFormats = formats.filter((format): format is TextFormat => format.kind === "text");
const texts = fixtures.filter(({ id }) => textFormats.some((format) => format.id === id));

describe("every text format", () => {
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
