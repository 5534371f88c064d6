import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../engine/bytes/byte-source.ts";
import { memorySource } from "../engine/bytes/byte-source.ts";
import { netmonCap } from "../engine/formats/netmon-cap.ts";
import { concat, hex, pcapFile, tcpFrame, u8, u16 } from "./support/capture-writer.ts";
import { type Collected, collectBinary, collector } from "./support/collect.ts";
import { LINK_FRAMES } from "./support/link-frames.ts";
import { NETMON_START, type NetmonFrame, netmonFile, utf16 } from "./support/netmon-writer.ts";
import { hasTshark, runTool, tellWithoutTshark, tsharkPackets } from "./support/tshark.ts";

tellWithoutTshark("Network Monitor captures");

const frame = (seq: number, payload = "") => tcpFrame("192.0.2.1:1", "198.51.100.7:2", { seq, payload });
const FRAMES: readonly NetmonFrame[] = [1, 2, 3].map((n) => ({ micros: n * 1000, bytes: frame(n, "x".repeat(n)) }));
const VERSIONS = [
  [1, 1],
  [2, 0],
  [2, 1],
  [2, 2],
  [2, 3],
] as const;

const summary = ({ packets, captures }: Collected) =>
  packets.map((p) => `${p.frame} ${p.seq} ${(captures[0]?.base ?? 0n) + BigInt(p.time)}`);
const expected = FRAMES.map(({ micros }, i) => `${i + 1} ${i + 1} ${NETMON_START + BigInt(micros) * 1000n}`);

function byTshark(bytes: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "casebook-"));
  const zone = process.env.TZ;
  // tshark takes the header's clock time for local time.
  process.env.TZ = "UTC";
  try {
    writeFileSync(join(folder, "file.cap"), bytes);
    return tsharkPackets(join(folder, "file.cap")).map((p) => `${p.frame} ${p.seq} ${p.time}`);
  } finally {
    process.env.TZ = zone;
    rmSync(folder, { recursive: true });
  }
}

describe("Network Monitor capture", () => {
  it.each(VERSIONS)("reads version %i.%i", async (...version) => {
    const seen = await collectBinary(netmonCap, netmonFile(FRAMES, { version }));
    expect(summary(seen)).toEqual(expected);
    expect(seen.anomalies).toEqual([]);
    // Only version 2.3 has stamps in UTC.
    expect(seen.captures).toMatchObject([{ zone: version[1] === 3 ? "utc" : "unknown", damaged: false, textExport: false }]);
  });

  it.skipIf(!hasTshark)("reads every version as tshark does", () => {
    for (const version of VERSIONS) expect(byTshark(netmonFile(FRAMES, { version }))).toEqual(expected);
  });

  it.skipIf(!hasTshark).each(["netmon1", "netmon2"])("reads what editcap writes as %s", async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), "casebook-"));
    try {
      const frames = FRAMES.map(({ micros, bytes }) => ({ time: micros / 1e6, bytes }));
      writeFileSync(join(folder, "a.pcap"), pcapFile(frames));
      runTool("editcap", "-F", kind, join(folder, "a.pcap"), join(folder, "a.cap"));
      const seen = await collectBinary(netmonCap, new Uint8Array(readFileSync(join(folder, "a.cap"))));
      expect(seen.packets.map((p) => [p.seq, p.payload?.length])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
      expect(seen.anomalies).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("applies the zone the bundle states", async () => {
    const seen = await collectBinary(netmonCap, netmonFile(FRAMES, { version: [2, 1] }), { utcOffset: 120 });
    expect(seen.captures).toMatchObject([{ zone: "utc", base: NETMON_START - 7_200_000_000_000n }]);
  });

  it("goes by the frame table: its order, and its holes", async () => {
    const frames = FRAMES.map((f, i) => ({ ...f, hole: 7 * i }));
    const file = netmonFile(frames, { version: [2, 2], order: [2, 0, 1] });
    const seen = await collectBinary(netmonCap, file);
    expect(seen.packets.map((p) => [p.frame, p.seq])).toEqual([
      [1, 3],
      [2, 1],
      [3, 2],
    ]);
    if (hasTshark) expect(summary(seen)).toEqual(byTshark(file));
  });

  it("reads frames that lie before the start of the capture", async () => {
    const file = netmonFile([{ micros: -1500, bytes: frame(1) }], { version: [2, 1] });
    const seen = await collectBinary(netmonCap, file);
    // No multiple of ten is 2^64 less 15,000; the format itself is 600 ns off.
    expect(seen.packets[0]!.time).toBe(-1_500_600);
    if (hasTshark) expect(summary(seen)).toEqual(byTshark(file));
  });

  it("takes each frame's own medium", async () => {
    const link = (name: string) => LINK_FRAMES.find(([known]) => known === name)![2];
    const frames = [
      { micros: 0, medium: 0, bytes: frame(1) },
      { micros: 0, medium: 9, bytes: frame(2).subarray(14) },
      { micros: 0, medium: 0xe071, bytes: link("Linux cooked") },
      { micros: 0, medium: 6, bytes: concat(u8(2, 32, 0), new Uint8Array(29), link("802.11 data")) },
    ];
    const file = netmonFile(frames, { version: [2, 3] });
    const seen = await collectBinary(netmonCap, file);
    expect(seen.packets.map((p) => p.seq)).toEqual([1, 2, 1000, 1000]);
    if (hasTshark) expect(summary(seen)).toEqual(byTshark(file));
  });

  it("passes over what the program noted between the frames, and numbers it as Wireshark does", async () => {
    const filter = concat(u16(2, 0, 0, 0, 3, 0, 4), utf16("nm.exe"), utf16("tcp.port == 80"));
    const notes = [0xffff, 0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffe0].map((medium) => ({
      micros: 0,
      medium,
      bytes: medium === 0xffff ? filter : hex("00"),
    }));
    const file = netmonFile([...notes, ...FRAMES], { version: [2, 2] });
    const seen = await collectBinary(netmonCap, file);
    expect(seen.packets.map((p) => [p.frame, p.seq])).toEqual([
      [4, 1],
      [5, 2],
      [6, 3],
    ]);
    expect(seen.captures[0]!.filter).toBe("tcp.port == 80");
    expect(seen.anomalies).toMatchObject([{ name: "netmon-cap.events", at: 3 }]);
    if (hasTshark) expect(byTshark(file).slice(3)).toEqual(summary(seen));
  });

  it("names the process of each frame", async () => {
    const processes = [
      { id: 4, path: "System" },
      { id: 1234, path: "C:\\Windows\\System32\\svchost.exe", icon: new Uint8Array(70_000) },
    ];
    const frames = FRAMES.map((f, i) => ({ ...f, process: [1, 0, 0xffffffff][i]! }));
    const seen = await collectBinary(netmonCap, netmonFile(frames, { version: [2, 2], processes }));
    expect(seen.packets.map((p) => p.process)).toEqual([1234, 4, -1]);
    expect(seen.captures[0]!.processes).toEqual({ 4: "System", 1234: "svchost.exe" });
  });

  it("keeps true lengths of cut frames", async () => {
    const whole = frame(5, "hello world");
    const frames = [{ micros: 0, bytes: whole.subarray(0, 56), wireLength: whole.length }];
    for (const version of VERSIONS) {
      expect((await collectBinary(netmonCap, netmonFile(frames, { version }))).packets).toMatchObject([
        { payloadLength: 11, capturedLength: 56 },
      ]);
    }
  });
});

describe("a damaged Network Monitor capture", () => {
  const file = netmonFile(FRAMES, { version: [2, 1] });
  const tableAt = file.length - 12;

  it.each([
    ["cut off", file.subarray(0, tableAt)],
    ["cut in the middle", file.subarray(0, tableAt + 6)],
    ["never written", concat(file.subarray(0, 24), new Uint8Array(8), file.subarray(32, tableAt))],
  ])("with its frame table %s is read in stored order", async (_, bytes) => {
    const seen = await collectBinary(netmonCap, bytes);
    expect(summary(seen)).toEqual(expected);
    expect(seen.captures[0]!.damaged).toBe(true);
    expect(seen.anomalies[0]!.name).toBe("netmon-cap.frame-table");
  });

  it("keeps the frames before the place where it was cut", async () => {
    const seen = await collectBinary(netmonCap, file.subarray(0, tableAt - 10));
    expect(summary(seen)).toEqual(expected.slice(0, 2));
    expect(seen.anomalies.map((anomaly) => anomaly.name)).toEqual(["netmon-cap.frame-table", "netmon-cap.bad-frame"]);
  });

  it("goes on behind a table entry that leads nowhere, keeping the numbers", async () => {
    const bytes = file.slice();
    bytes.set([0xff, 0xff, 0xff, 0x7f], tableAt);
    const seen = await collectBinary(netmonCap, bytes);
    expect(summary(seen)).toEqual(expected.slice(1));
    expect(seen.anomalies).toMatchObject([{ name: "netmon-cap.bad-frame" }]);
  });

  it("gives up a table made to send the reader to and fro", async () => {
    const far = netmonFile([FRAMES[0]!, { ...FRAMES[1]!, hole: 3 << 20 }], {
      version: [2, 1],
      order: Array.from({ length: 5000 }, (_, i) => i % 2),
    });
    let bytes = 0;
    const source = memorySource(far);
    const counting: ByteSource = {
      ...source,
      async read(target, position) {
        const count = await source.read(target, position);
        bytes += count;
        return count;
      },
    };
    const seen = collector();
    await netmonCap.parse(counting, seen.emit, {});
    expect(seen.anomalies).toMatchObject([{ name: "netmon-cap.scattered-frames" }]);
    expect(bytes).toBeLessThan(6 * far.length);
  });

  it.each([[file.subarray(0, 60)], [concat(file.subarray(0, 5), u8(9), file.subarray(6))]])(
    "without a readable header is an empty, damaged one",
    async (bytes) => {
      const seen = await collectBinary(netmonCap, bytes);
      expect(seen).toMatchObject({ packets: [], captures: [{ damaged: true }], anomalies: [{ name: "netmon-cap.bad-header" }] });
    },
  );

  it("from an archive is read all the same, front to back", async () => {
    let reached = 0;
    const source: ByteSource = {
      size: null,
      sequential: true,
      async read(target, position) {
        if (position < reached) throw new Error("went back");
        const part = file.subarray(position, position + target.length);
        target.set(part);
        reached = position + part.length;
        return part.length;
      },
      async close() {},
    };
    const seen = collector();
    await netmonCap.parse(source, seen.emit, {});
    expect(summary(seen)).toEqual(expected);
  });
});
