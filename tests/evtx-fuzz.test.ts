import fc from "fast-check";
import { expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { EventDecoder, MAX_DATA } from "../engine/decoders/binxml-event.ts";
import { evtx } from "../engine/formats/evtx.ts";
import { value } from "./support/binxml-writer.ts";
import { collectBinary, collector } from "./support/collect.ts";
import { type EvtxEvent, evtxFile, sealChunk } from "./support/evtx-writer.ts";

const SEED = 20130106;
const HEADER = 0x1000;
const event = (n: number): EvtxEvent => ({
  id: 7034,
  provider: "Service Control Manager",
  channel: "System",
  computer: "SERVER1",
  time: `2013-01-06T08:54:4${n}Z`,
  data: [
    ["param1", value.string("Print Spooler")],
    value.array([value.string("a"), value.string("b")]),
    value.sid("S-1-5-18"),
    value.guid("54849625-5478-4994-a5ba-3e3b0328c30d"),
  ],
});
const log = evtxFile([
  event(0),
  event(1),
  { ...event(2), userData: { name: "X", content: [{ name: "Y", content: ["y", value.hexInt64(7n)] }] } },
]);
/** Behind it only zeros follow. */
const end = HEADER + new DataView(log.buffer).getUint32(HEADER + 48, true);

/** Whatever the bytes, reading ends, rows are sound and cited, and every oddity has a name. */
async function check(bytes: Uint8Array): Promise<number> {
  if (!evtx.detect(bytes.subarray(0, 0x10000))) return 0;
  const seen = await collectBinary(evtx, bytes);
  for (const { at, values } of seen.rows) {
    if (!(Number.isInteger(at) && at > 0 && at <= 0xffffffff)) expect.fail(`cited as ${at}`);
    if (!Number.isInteger(values.event_id)) expect.fail(`event id ${values.event_id}`);
    if (((values.data as string[] | null) ?? []).length > MAX_DATA) expect.fail("more insertion strings than are kept");
  }
  expect(seen.anomalies.filter(({ name }) => !/^evtx\.[a-z-]+$/.test(name))).toEqual([]);
  return seen.rows.length;
}

it("survives being cut at every byte", async () => {
  for (let cut = 0; cut <= end; cut += cut < HEADER && cut > 200 ? 97 : 1) expect(await check(log.subarray(0, cut))).toBeLessThanOrEqual(3);
  expect(await check(log.subarray(0, end))).toBe(3);
});

it("survives flipped bits, with and without fitting checksums", async () => {
  const flips = fc.array(fc.tuple(fc.nat(end - 1), fc.nat(7)), { minLength: 1, maxLength: 8 });
  const property = fc.asyncProperty(flips, fc.boolean(), async (bits, sealed) => {
    const broken = log.slice(0, HEADER + 0x10000);
    for (const [at, bit] of bits) broken[at] = broken[at]! ^ (1 << bit);
    if (sealed && broken[HEADER + 50] === 0) sealChunk(broken.subarray(HEADER));
    await check(broken);
  });
  await fc.assert(property, { seed: SEED, numRuns: 1500 });
});

it("survives lengths and offsets of any size, everywhere", async () => {
  const values = [0, 1, 3, 0x7f, 0xffff, 0x7fffffff, 0xffffffff, 0x01000000, 0x200, 0x0c0c0c0c, 0x01010101];
  for (let at = HEADER; at + 4 <= end; at += 1) {
    const broken = log.slice();
    new DataView(broken.buffer).setUint32(at, values[at % values.length]!, true);
    await check(broken);
  }
});

it("survives any bytes as BinXML", () => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.constantFrom(0x0c, 0x41, 0x01, 0x05, 0x0e, 0x06, 0x0f, 0x02), { maxLength: 40 }),
    (bytes, tokens) => {
      const chunk = Uint8Array.from([...tokens, ...bytes]);
      for (const from of [0, 1, tokens.length]) {
        const decoded = new EventDecoder(chunk).decode(from, chunk.length);
        expect(decoded.data?.length ?? 0).toBeLessThanOrEqual(MAX_DATA);
      }
    },
  );
  fc.assert(property, { seed: SEED, numRuns: 2000 });
});

it("spends little on a template that names the same fragments over and over", () => {
  // Eight levels of fragments, each naming the one below a thousand times, would be 10^24 elements.
  let inner: Parameters<typeof evtxFile>[0][0]["userData"] = { name: "Leaf", content: [value.string("x")] };
  for (let level = 0; level < 6; level++)
    inner = { name: `L${level}`, content: [{ fragment: inner! }, { fragment: { name: "E", content: [value.none()] } }] };
  const file = evtxFile([{ ...event(0), userData: inner }]);
  const chunk = file.slice(HEADER);
  // Every substitution becomes that of the first value.
  for (let at = 512; at < chunk.length - 4; at++)
    if (chunk[at] === 0x0e && chunk[at + 2] === 0 && chunk[at + 3] === 0x21) chunk[at + 1] = 0;
  const decoded = new EventDecoder(chunk).decode(512 + 24, chunk.length);
  expect(decoded.eventId).toBe(7034);
  expect((decoded.data ?? []).length).toBeLessThanOrEqual(MAX_DATA);
});

it("reads a sequential source front to back, and no more of it than there is", async () => {
  const many = evtxFile(
    Array.from({ length: 9 }, (_, n) => event(n)),
    { perChunk: 2 },
  );
  const source = memorySource(many);
  let [position, total] = [0, 0];
  const seen = collector();
  const sequential = {
    ...source,
    sequential: true,
    async read(target: Uint8Array, from: number) {
      expect(from).toBeGreaterThanOrEqual(position);
      const count = await source.read(target.subarray(0, 30_000), from);
      position = from + count;
      total += count;
      return count;
    },
  };
  await evtx.parse(sequential, seen.emit, {});
  expect([seen.rows.length, total]).toEqual([9, many.length]);
});
