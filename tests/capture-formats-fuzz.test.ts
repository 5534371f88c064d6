import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { Known } from "../engine/decoders/packet-batch.ts";
import type { BinaryFormat } from "../engine/formats/format.ts";
import { netmonCap } from "../engine/formats/netmon-cap.ts";
import { pcap } from "../engine/formats/pcap.ts";
import { pcapng } from "../engine/formats/pcapng.ts";
import { concat, PcapngWriter, pcapFile, tcpFrame, u8, udpFrame } from "./support/capture-writer.ts";
import { collectBinary, collector } from "./support/collect.ts";
import { netmonFile } from "./support/netmon-writer.ts";

const SEED = 20230117;
const bodies = [
  tcpFrame("192.0.2.1:1", "198.51.100.7:2", { flags: "S", options: { mss: 1460 } }),
  udpFrame("[2001:db8::1]:53", "[2001:db8::2]:5353", "hello"),
  tcpFrame("198.51.100.7:2", "192.0.2.1:1", { payload: "x".repeat(30) }),
];
const frames = bodies.map((bytes, time) => ({ time, bytes }));

function sample(): Uint8Array {
  const writer = new PcapngWriter(false, [[1, "comment"]])
    .interface(1, 0, [
      [9, u8(9)],
      [11, concat(u8(0), u8(116, 99, 112))],
    ])
    .interface(101);
  for (const bytes of bodies) writer.packet(1_700_000_000_000_000_000n, { bytes }, [[4, 1n]]);
  writer
    .simplePacket(bodies[0]!)
    .block(5, new Uint8Array(12), [[5, 3n]])
    .block(0xbad, new Uint8Array(4))
    .block(10, new Uint8Array(8));
  return concat(writer.bytes(), new PcapngWriter(true).interface().packet(1n, { bytes: bodies[1]! }).bytes());
}

const processes = [{ id: 4, path: "C:\\a.exe", icon: new Uint8Array(9) }];
const netmonFrames = bodies.map((bytes, micros) => ({ micros, bytes, process: 0 }));
const FILES: readonly (readonly [name: string, format: BinaryFormat, file: Uint8Array])[] = [
  ["pcap", pcap, pcapFile(frames)],
  ["modified big-endian pcap", pcap, pcapFile(frames, { bigEndian: true, magic: 0xa1b2cd34, recordExtra: new Uint8Array(8) })],
  ["pcapng", pcapng, sample()],
  ["Network Monitor 1.1", netmonCap, netmonFile(netmonFrames, { version: [1, 1] })],
  ["Network Monitor 2.3", netmonCap, netmonFile(netmonFrames, { version: [2, 3], processes, order: [0, 2, 1] })],
];

/** Whatever the bytes that a format claims, it ends, announces its capture once and before the packets, and hands over sound packets. */
async function check(format: BinaryFormat, bytes: Uint8Array): Promise<void> {
  if (!format.detect(bytes)) return;
  const seen = collector();
  let announcedFirst = true;
  let read = 0;
  const source = memorySource(bytes);
  const emit = {
    ...seen.emit,
    packets(batch: Parameters<typeof seen.emit.packets>[0]) {
      announcedFirst &&= seen.captures.length === 1;
      seen.emit.packets(batch);
    },
  };
  const counting = {
    ...source,
    async read(target: Uint8Array, position: number) {
      const count = await source.read(target, position);
      read += count;
      return count;
    },
  };
  await format.parse(counting, emit, {});
  expect(announcedFirst && seen.captures.length === 1).toBe(true);
  expect(read).toBeLessThan(10 * bytes.length + (32 << 20));
  const base = seen.captures[0]!.base;
  if (base !== null) expect(new Date(Number(base / 1_000_000n)).toISOString()).toMatch(/Z$/);
  const unsound = seen.packets.filter(
    ({ frame, time, capturedLength, known }, i) =>
      frame <= (seen.packets[i - 1]?.frame ?? 0) || !Number.isInteger(time) || capturedLength > bytes.length || (known & ~Known.all) !== 0,
  );
  expect(unsound).toEqual([]);
  expect(seen.anomalies.filter(({ name }) => !/^(pcap|pcapng|netmon-cap)\.[a-z-]+$/.test(name))).toEqual([]);
}

describe.each(FILES)("%s", (_, format, file) => {
  it("is sound to begin with", async () => {
    const seen = await collectBinary(format, file);
    expect(seen.packets.length).toBeGreaterThanOrEqual(3);
    expect(seen.anomalies).toEqual([]);
  });

  it("survives being cut at every byte", async () => {
    for (let cut = 0; cut < file.length; cut++) await check(format, file.subarray(0, cut));
  });

  it("survives flipped bits", async () => {
    const flips = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(7)), { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(flips, async (bits) => {
      const broken = file.slice();
      for (const [at, bit] of bits) broken[at] = broken[at]! ^ (1 << bit);
      await check(format, broken);
    });
    await fc.assert(property, { seed: SEED, numRuns: 400 });
  });

  it("survives lengths and offsets of any size, everywhere", async () => {
    const values = [0, 1, 3, 0x7f, 0xffff, 0x7fffffff, 0xffffffff, 0x01000000, 0x10];
    for (let at = 4; at + 4 <= file.length; at += 2) {
      const broken = file.slice();
      new DataView(broken.buffer).setUint32(at, values[at % values.length]!, at % 3 === 0);
      await check(format, broken);
    }
  });

  it("survives random bytes behind its magic number", async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (tail) => {
      await check(format, concat(file.subarray(0, 24), tail));
      await check(format, concat(file, tail));
    });
    await fc.assert(property, { seed: SEED, numRuns: 200 });
  });
});
