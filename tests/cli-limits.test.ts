import { describe, expect, it } from "vitest";
import { READING_OPTIONS, readLimits } from "../cli/reading-options.ts";
import { defaultLimits } from "../engine/containers/index.ts";

describe("limits on archives", () => {
  it("can each be set on the command line", () => {
    const options = Object.keys(READING_OPTIONS).filter((name) => name.startsWith("max-"));
    const values = Object.fromEntries(options.map((name) => [name, "7"]));
    const limits = readLimits(values);
    expect(Object.keys(limits).sort()).toEqual(Object.keys(defaultLimits).sort());
    expect(limits).toMatchObject({ entries: 7, bufferBytes: 7, rereadBytes: 7, milliseconds: 7000 });
  });

  it("stay as they are where nothing is said", () => expect(readLimits({})).toEqual({}));
});
