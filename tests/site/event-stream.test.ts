import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventData } from "../../site/browser/match/event-stream.ts";

/** The data of all events of a text that arrives in pieces cut at some bytes. */
async function dataOf(text: string, cuts: readonly number[] = []): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
  const found: string[] = [];
  for await (const data of eventData(ReadableStream.from(pieces))) found.push(data);
  return found;
}

describe("the data of server-sent events", () => {
  it("is what stands after data:, line by line", async () => {
    expect(await dataOf('id: 1\nevent: job\ndata: {"a":1}\n\n: still here\n\ndata:x\ndata: y\n\n')).toEqual(['{"a":1}', "x\ny"]);
  });

  it("is that of whole events: one that was cut off says nothing", async () => {
    expect(await dataOf("data: 1\n\ndata: 2\n")).toEqual(["1"]);
    expect(await dataOf("")).toEqual([]);
  });

  it("is the same wherever it is cut and however lines end", async () => {
    const text = fc.stringMatching(/^[^\r\n]*$/, { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), fc.constantFrom("\n", "\r\n"), fc.array(fc.nat()), async (texts, end, cuts) => {
        const stream = texts.map((one) => `: beat${end}${end}id: 7${end}data: ${one}${end}${end}`).join("");
        expect(await dataOf(stream, cuts)).toEqual(texts);
      }),
    );
  });

  it("tells of everything that arrives, comments too", async () => {
    let heard = 0;
    const beats = ReadableStream.from([": still here\n\n", ": still here\n\n"].map((text) => new TextEncoder().encode(text)));
    for await (const _ of eventData(beats, () => heard++)) expect.unreachable();
    expect(heard).toBe(2);
  });
});
