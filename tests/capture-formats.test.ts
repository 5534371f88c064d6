import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../engine/bytes/byte-source.ts";
import { Known } from "../engine/decoders/packet-batch.ts";
import { formats } from "../engine/formats/index.ts";
import { pcap } from "../engine/formats/pcap.ts";
import { pcapng } from "../engine/formats/pcapng.ts";
import { CAPTURE_START, concat, hex, PcapngWriter, pcapFile, pcapngFile, tcpFrame, u8, u16, u32 } from "./support/capture-writer.ts";
import { type Collected, collectBinary, collector } from "./support/collect.ts";
import { hasTshark, tellWithoutTshark, tsharkPackets } from "./support/tshark.ts";

tellWithoutTshark("capture formats");

const frame = (seq: number, payload: Uint8Array | string = "") => tcpFrame("192.0.2.1:1", "198.51.100.7:2", { seq, payload });
const FRAMES = [0.25, 1.5, 1.75].map((time, i) => ({ time, bytes: frame(i + 1, "x".repeat(i)) }));

/** Frame, sequence number and nanoseconds since the epoch of each packet. */
const summary = ({ packets, captures }: Collected) =>
  packets.map((p) => `${p.frame} ${p.seq} ${(captures[0]?.base ?? 0n) + BigInt(p.time)}`);
const anomalies = ({ anomalies: found }: Collected) => found.map(({ name }) => name);
const expected = FRAMES.map(({ time }, i) => `${i + 1} ${i + 1} ${CAPTURE_START + BigInt(time * 1e9)}`);

/** The same by tshark. */
function byTshark(bytes: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "casebook-"));
  try {
    writeFileSync(join(folder, "file"), bytes);
    return tsharkPackets(join(folder, "file")).map((p) => `${p.frame} ${p.seq} ${p.time}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A source that, like an archive entry, cannot go back. */
function sequential(bytes: Uint8Array): ByteSource {
  let reached = 0;
  return {
    size: null,
    sequential: true,
    async read(target, position) {
      if (position < reached) throw new Error(`went back from ${reached} to ${position}`);
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      reached = position + part.length;
      return part.length;
    },
    async close() {},
  };
}

const modifiedExtra = concat(u32(0x02000000), hex("0008 00 00"));
const PCAP_VARIANTS: readonly (readonly [name: string, file: Uint8Array])[] = [
  ["little-endian", pcapFile(FRAMES)],
  ["big-endian", pcapFile(FRAMES, { bigEndian: true })],
  ["nanoseconds", pcapFile(FRAMES, { nanoseconds: true })],
  ["big-endian nanoseconds", pcapFile(FRAMES, { nanoseconds: true, bigEndian: true })],
  ["modified, 24-byte record headers", pcapFile(FRAMES, { magic: 0xa1b2cd34, recordExtra: modifiedExtra })],
  ["modified, 28-byte record headers", pcapFile(FRAMES, { magic: 0xa1b2cd34, recordExtra: concat(modifiedExtra, u32(0)) })],
  ["24-byte record headers under the standard magic number", pcapFile(FRAMES, { recordExtra: modifiedExtra })],
  ["Nokia, 20-byte record headers", pcapFile(FRAMES, { recordExtra: u32(0x01020304) })],
  ["snaplen 0", pcapFile(FRAMES, { snaplen: 0 })],
  [
    "frame check sequence of four bytes",
    pcapFile(
      FRAMES.map((f) => ({ ...f, bytes: concat(f.bytes, u32(9)) })),
      { linkType: 0x24000001 },
    ),
  ],
];

describe("pcap", () => {
  it.each(PCAP_VARIANTS)("reads %s", async (_, file) => {
    const seen = await collectBinary(pcap, file);
    expect(summary(seen)).toEqual(expected);
    expect(seen.anomalies).toEqual([]);
    expect(seen.captures).toEqual([expect.objectContaining({ base: CAPTURE_START, zone: "utc", textExport: false, damaged: false })]);
  });

  it.skipIf(!hasTshark)("reads the odder variants as tshark does", () => {
    for (const [name, file] of PCAP_VARIANTS.slice(3, 8)) expect([name, ...byTshark(file)]).toEqual([name, ...expected]);
  });

  it("reads Ixia's files, which tell the total length in their header", async () => {
    const file = pcapFile(FRAMES, { magic: 0x1c0001ac, nanoseconds: true });
    const seen = await collectBinary(pcap, concat(file.subarray(0, 24), u32(file.length - 24), file.subarray(24)));
    expect(summary(seen)).toEqual(expected);
  });

  it("reads files from before version 2.3, whose lengths stand the other way round", async () => {
    const file = pcapFile([{ time: 0, bytes: frame(1).subarray(0, 50), wireLength: 54 }]);
    file.set([2, 0, 2, 0], 4);
    const [captured, wire] = [file.slice(32, 36), file.slice(36, 40)];
    file.set(wire, 32);
    file.set(captured, 36);
    expect((await collectBinary(pcap, file)).packets).toMatchObject([{ capturedLength: 50, wireLength: 54, seq: 1 }]);
  });

  it("reads AIX's files, which have interface types and nanoseconds", async () => {
    const file = pcapFile([{ time: 0.000001, bytes: frame(7) }], { linkType: 6, nanoseconds: true, magic: 0xa1b2c3d4 });
    file.set([2, 0, 2, 0], 4);
    expect((await collectBinary(pcap, file)).packets).toMatchObject([{ seq: 7, time: 1000 }]);
  });

  it("takes a file without records for an empty capture", async () => {
    const seen = await collectBinary(pcap, pcapFile([]));
    expect(seen).toMatchObject({ packets: [], anomalies: [], captures: [{ base: null, damaged: false }] });
  });

  it("keeps the packets before the place where the file was cut", async () => {
    const seen = await collectBinary(pcap, pcapFile(FRAMES).subarray(0, -3));
    expect(summary(seen)).toEqual(expected.slice(0, 2));
    expect(anomalies(seen)).toEqual(["pcap.truncated"]);
    expect(seen.captures[0]!.damaged).toBe(true);
  });

  it("stops at a length no packet has, as other tools do", async () => {
    const file = pcapFile(FRAMES);
    file.set([0, 0, 0, 0x7f], 24 + 16 + FRAMES[0]!.bytes.length + 8);
    const seen = await collectBinary(pcap, file);
    expect(summary(seen)).toEqual(expected.slice(0, 1));
    expect(seen.anomalies).toEqual([{ name: "pcap.bad-length", at: 2, detail: expect.stringContaining("packet 2") }]);
  });

  it("bears fractions of a second beyond a second, and says so once", async () => {
    const file = pcapFile([...FRAMES, { time: 3, bytes: frame(4) }]);
    file.set([0x80, 0x84, 0x1e, 0], 24 + 4);
    const seen = await collectBinary(pcap, file);
    expect(seen.packets[0]!.time).toBe(2e9);
    expect(anomalies(seen)).toEqual(["pcap.bad-time"]);
  });

  it("believes what was captured where the length on the wire is less", async () => {
    const seen = await collectBinary(pcap, pcapFile([{ time: 0, bytes: frame(3, "hello"), wireLength: 0 }]));
    expect(seen.packets).toMatchObject([{ seq: 3, payloadLength: 5 }]);
  });

  it("says which link type it cannot decode, and counts the packets", async () => {
    const seen = await collectBinary(pcap, pcapFile(FRAMES, { linkType: 250 }));
    expect(seen.packets).toHaveLength(3);
    expect(anomalies(seen)).toEqual(["pcap.unknown-link-type"]);
  });

  it("reads packets across the chunks it reads in, with their bytes in place", async () => {
    const frames = Array.from({ length: 40 }, (_, i) => ({ time: i, bytes: frame(i, new Uint8Array(60_000).fill(i)) }));
    const seen = await collectBinary(pcap, pcapFile(frames));
    expect(seen.packets.map((p) => p.seq)).toEqual(frames.map((_, i) => i));
    expect(seen.packets.every((p) => p.payload?.length === 60_000 && p.payload.every((byte) => byte === p.seq))).toBe(true);
  });

  it("reads an archive entry front to back", async () => {
    const seen = collector();
    await pcap.parse(sequential(pcapFile(FRAMES)), seen.emit, {});
    expect(summary(seen)).toEqual(expected);
  });

  it("passes on that the caller wants to stop, and what the medium says", async () => {
    const stop = { ...collector().emit, progress: () => Promise.reject(new Error("stop")) };
    await expect(pcap.parse(sequential(pcapFile(FRAMES)), stop, {})).rejects.toThrow("stop");
  });
});

/** Block types and options of the draft used here. */
const [CUSTOM, SECRETS, NAMES, STATISTICS, OLD_PACKET, UNKNOWN] = [0xbad, 10, 4, 5, 2, 0x7fff0001];
const ticks = (seconds: number, perSecond: bigint) =>
  (CAPTURE_START / 1_000_000_000n) * perSecond + BigInt(Math.round(seconds * Number(perSecond)));

describe("pcapng", () => {
  it.each([false, true])("reads enhanced packets, big-endian %s", async (bigEndian) => {
    const seen = await collectBinary(pcapng, pcapngFile(FRAMES, { bigEndian }));
    expect(summary(seen)).toEqual(expected);
    expect(seen.anomalies).toEqual([]);
  });

  it("reads several sections, each in its own byte order, with interfaces of their own", async () => {
    const second = new PcapngWriter(true).interface(101).packet(ticks(2, 1_000_000n), { bytes: frame(9).subarray(14) });
    const seen = await collectBinary(pcapng, concat(pcapngFile(FRAMES), second.bytes()));
    expect(summary(seen)).toEqual([...expected, `4 9 ${CAPTURE_START + 2_000_000_000n}`]);
  });

  it.each([
    ["nanoseconds", 9, 1_000_000_000n, 123_456_789n],
    ["milliseconds", 3, 1000n, 123_000_000n],
    // 129454 parts of 2^20 are 123,456,954.96 ns.
    ["parts of 2^20", 0x94, 1n << 20n, 123_456_954n],
    ["seconds", 0, 1n, 0n],
  ])("reads times in %s", async (_, resolution, perSecond, fraction) => {
    const writer = new PcapngWriter().interface(1, 0, [[9, u8(resolution)]]);
    writer.packet(ticks(0, perSecond) + BigInt(Math.round(0.123456789 * Number(perSecond))), { bytes: frame(1) });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(seen.captures[0]!.base).toBe(CAPTURE_START);
    expect(BigInt(seen.packets[0]!.time)).toBe(fraction);
  });

  it("reads times in picoseconds, which need an offset to fit 64 bits", async () => {
    const writer = new PcapngWriter().interface(1, 0, [
      [9, u8(12)],
      [14, CAPTURE_START / 1_000_000_000n],
    ]);
    const seen = await collectBinary(pcapng, writer.packet(1_000_000_123_999n, { bytes: frame(1) }).bytes());
    expect(summary(seen)).toEqual([`1 1 ${CAPTURE_START + 1_000_000_123n}`]);
  });

  it("adds an interface's time offset, and gives each interface its resolution and link type", async () => {
    const writer = new PcapngWriter()
      .interface(1, 0, [[14, CAPTURE_START / 1_000_000_000n]])
      .interface(101, 0, [[9, u8(9)]])
      .packet(1_500_000n, { bytes: frame(1) })
      .packet(CAPTURE_START + 7n, { bytes: frame(2).subarray(14), interface: 1 });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(summary(seen)).toEqual([`1 1 ${CAPTURE_START + 1_500_000_000n}`, `2 2 ${CAPTURE_START + 7n}`]);
    if (hasTshark) expect(summary(seen)).toEqual(byTshark(writer.bytes()));
  });

  it("reads simple packets, which have no time, cut at the snaplen", async () => {
    const bytes = frame(5, "hello world");
    const writer = new PcapngWriter().interface(1, 60).simplePacket(bytes.subarray(0, 60), bytes.length);
    const seen = await collectBinary(pcapng, writer.packet(ticks(1, 1_000_000n), { bytes }).bytes());
    expect(seen.packets).toMatchObject([{ capturedLength: 60, wireLength: 65, payloadLength: 11, seq: 5 }, { frame: 2 }]);
    expect(seen.packets.map((p) => (p.known & Known.time) !== 0)).toEqual([false, true]);
  });

  it("reads the obsolete packet block with its count of drops", async () => {
    const bytes = frame(6);
    const stamp = ticks(1, 1_000_000n);
    const body = concat(u16(0, 3), u32(Number(stamp >> 32n), Number(stamp & 0xffffffffn), bytes.length, bytes.length), bytes);
    const seen = await collectBinary(pcapng, new PcapngWriter(true).interface().block(OLD_PACKET, body).bytes());
    expect(summary(seen)).toEqual([`1 6 ${CAPTURE_START + 1_000_000_000n}`]);
    expect(seen.captures[0]!.dropped).toBe(3);
  });

  it("tells filter, drops, comments and secrets, and passes over everything else", async () => {
    const writer = new PcapngWriter(false, [[1, "for case 4711"]])
      .interface(1, 0, [[11, concat(u8(0), new TextEncoder().encode("tcp port 80"))]])
      .block(NAMES, u8(0, 0, 0, 0))
      .block(UNKNOWN, u8(1, 2, 3, 4, 5))
      .block(SECRETS, concat(hex("4b534c54 04000000"), u8(1, 2, 3, 4)))
      .packet(ticks(1, 1_000_000n), { bytes: frame(1) }, [[1, "look here"]])
      .block(STATISTICS, concat(u32(0), new Uint8Array(8)), [
        [4, 10n],
        [5, 2n],
        [7, 1n],
      ])
      .block(STATISTICS, concat(u32(0), new Uint8Array(8)), [
        [5, 4n],
        [7, 1n],
      ]);
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(seen.captures).toMatchObject([{ filter: "tcp port 80", dropped: 5, comments: 2, secrets: 1, damaged: false }]);
    expect(seen.packets).toHaveLength(1);
    expect(seen.anomalies).toEqual([]);
  });

  it("numbers custom blocks as Wireshark does, as frames", async () => {
    const writer = new PcapngWriter().interface().block(CUSTOM, concat(u32(1), u32(2)));
    writer.packet(ticks(0, 1_000_000n), { bytes: frame(1) });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(seen.packets.map((p) => p.frame)).toEqual([2]);
    if (hasTshark) expect(byTshark(writer.bytes())).toHaveLength(2);
  });

  it("goes on behind a packet of an interface nobody described, keeping the numbers", async () => {
    const writer = new PcapngWriter().interface();
    writer.packet(ticks(0, 1_000_000n), { bytes: frame(1), interface: 7 }).packet(ticks(1, 1_000_000n), { bytes: frame(2) });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(seen.packets).toMatchObject([{ frame: 2, seq: 2 }]);
    expect(anomalies(seen)).toEqual(["pcapng.bad-packet"]);
  });

  it.each([
    ["a length below a block's least", [8, 0, 0, 0]],
    ["a length beyond any block's", [0, 0, 0, 0x7f]],
    ["a length that its end does not repeat", [40, 0, 0, 0]],
  ])("stops at %s", async (_, length) => {
    const file = pcapngFile(FRAMES);
    const at = 28 + 20;
    const second = at + file[at + 4]!;
    file.set(length, second + 4);
    const seen = await collectBinary(pcapng, file);
    expect(summary(seen)).toEqual(expected.slice(0, 1));
    expect(anomalies(seen)).toEqual(["pcapng.bad-length"]);
    expect(seen.captures[0]!.damaged).toBe(true);
  });

  it("keeps the packets before the place where the file was cut", async () => {
    const seen = await collectBinary(pcapng, pcapngFile(FRAMES).subarray(0, -5));
    expect(summary(seen)).toEqual(expected.slice(0, 2));
    expect(anomalies(seen)).toEqual(["pcapng.truncated"]);
  });

  it("does not take garbage for a time", async () => {
    const writer = new PcapngWriter().interface(1, 0, [[9, u8(0)]]);
    writer
      .packet(2n ** 63n, { bytes: frame(1) })
      .packet(ticks(0, 1n), { bytes: frame(2) })
      .packet(2n ** 40n, { bytes: frame(3) });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(summary(seen)).toEqual([1, 2, 3].map((n) => `${n} ${n} ${CAPTURE_START}`));
    expect(anomalies(seen)).toEqual(["pcapng.bad-time", "pcapng.bad-time"]);
  });

  it("does not believe a time offset of ages", async () => {
    const writer = new PcapngWriter().interface(1, 0, [[14, 2n ** 62n]]).packet(ticks(0, 1_000_000n), { bytes: frame(1) });
    const seen = await collectBinary(pcapng, writer.bytes());
    expect(seen.captures[0]!.base).toBe(CAPTURE_START);
    expect(anomalies(seen)).toEqual(["pcapng.bad-time"]);
  });

  it("reads an archive entry front to back, across chunks", async () => {
    const frames = Array.from({ length: 40 }, (_, i) => ({ time: i, bytes: frame(i, new Uint8Array(60_000)) }));
    const seen = collector();
    await pcapng.parse(sequential(pcapngFile(frames)), seen.emit, {});
    expect(seen.packets.map((p) => p.seq)).toEqual(frames.map((_, i) => i));
  });
});

describe("detection", () => {
  const files = [...PCAP_VARIANTS, ["pcapng", pcapngFile(FRAMES)], ["big-endian pcapng", pcapngFile(FRAMES, { bigEndian: true })]] as const;
  it.each(files)("%s is claimed once", (_, file) => {
    expect(formats.filter((format) => format.kind === "binary" && format.detect(file))).toHaveLength(1);
  });
  it.each(["", "\n\r\r\n", "d4c3b2a1", "RTSS", "MZ"])("%j is claimed by none", (text) => {
    const head = new TextEncoder().encode(text);
    expect(formats.filter((format) => format.kind === "binary" && format.detect(head))).toEqual([]);
  });
});
