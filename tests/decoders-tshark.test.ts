import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Known, Mark } from "../engine/decoders/packet-batch.ts";
import { formats } from "../engine/formats/index.ts";
import { type Collected, type CollectedPacket, collectBinary } from "./support/collect.ts";
import { hasTshark, runTool, type TsharkPacket, tsharkPackets } from "./support/tshark.ts";

const CORPUS = resolve(import.meta.dirname, "../../shared/corpora/pcap");

function captureFiles(): string[] {
  try {
    const entries = readdirSync(CORPUS, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [];
  }
}

const files = hasTshark ? captureFiles() : [];
if (files.length === 0)
  console.warn(`decoders against tshark: skipped, ${hasTshark ? `no captures in ${CORPUS}` : "tshark is not installed"}`);

/** Differences that are meant, each with its reason. */
const REASONS: readonly {
  readonly fields: readonly string[];
  readonly why: string;
  readonly applies: (p: CollectedPacket, t: TsharkPacket) => boolean;
}[] = [
  {
    fields: ["ipLength"],
    why: "of a reassembled datagram tshark shows the last fragment's total length, we the datagram's",
    applies: (packet) => (packet.marks & Mark.reassembled) !== 0,
  },
  {
    fields: ["windowShift"],
    why: "255 means absent in the packet record, so an option of 255 is kept as 254; RFC 7323 section 2.3 has either mean 14",
    applies: (packet, { windowShift }) => windowShift === 255 && packet.windowShift === 254,
  },
];

/** Names and values of the fields in which the two readings differ. */
function differences(packet: CollectedPacket, base: bigint, seen: TsharkPacket): [field: string, ours: unknown, theirs: unknown][] {
  const transport = packet.ipProtocol === 6 || packet.ipProtocol === 17;
  const ports = transport && (packet.marks & Mark.fragment) === 0 && (packet.known & Known.ports) !== 0;
  const pairs: [string, unknown, unknown][] = [
    ["wireLength", packet.wireLength, seen.wireLength],
    ["capturedLength", packet.capturedLength, seen.capturedLength],
    ["source", packet.source || null, seen.source],
    ["destination", packet.destination || null, seen.destination],
    ["sourcePort", ports ? packet.sourcePort : null, seen.sourcePort],
    ["destinationPort", ports ? packet.destinationPort : null, seen.destinationPort],
    ["vlan", packet.vlan || null, seen.vlan],
  ];
  if (packet.known & Known.time && !sameTime(packet.time, base, seen.time)) pairs.push(["time", base + BigInt(packet.time), seen.time]);
  if (seen.source !== null) pairs.push(["ttl", packet.ttl, seen.ttl], ["ipLength", packet.ipLength, seen.ipLength]);
  if (seen.ipId !== null) pairs.push(["ipId", packet.ipId, seen.ipId], ["ipProtocol", packet.ipProtocol, seen.ipProtocol]);
  if (seen.payloadLength !== null) pairs.push(["payloadLength", packet.payloadLength, seen.payloadLength]);
  if (seen.seq !== null) pairs.push(...tcpPairs(packet, seen));
  return pairs.filter(([, ours, theirs]) => ours !== theirs);
}

/** A float of nanoseconds is exact for 104 days; captures spliced together span years, and lose less than a microsecond. */
function sameTime(time: number, base: bigint, theirs: bigint | null): boolean {
  const off = base + BigInt(time) - (theirs ?? 0n);
  return Math.abs(time) < 2 ** 53 ? off === 0n : off < 1000n && off > -1000n;
}

function tcpPairs(packet: CollectedPacket, seen: TsharkPacket): [string, unknown, unknown][] {
  return [
    ["seq", packet.seq, seen.seq],
    ["ack", packet.ack, seen.ack],
    // tshark's flags include the reserved bits.
    ["flags", packet.flags, (seen.flags ?? 0) & 0xff],
    ["window", packet.window, seen.window],
    ["mss", packet.mss || null, seen.mss],
    ["windowShift", packet.windowShift === 255 ? null : packet.windowShift, seen.windowShift],
    ["tsval", packet.timestamps?.[0] ?? null, seen.tsval],
    ["tsecr", packet.timestamps?.[1] ?? null, seen.tsecr],
    ["sack left", packet.sack.map(([left]) => left).join(), seen.sackLeft.join()],
    ["sack right", packet.sack.map(([, right]) => right).join(), seen.sackRight.join()],
  ];
}

async function collectFile(path: string): Promise<Collected> {
  const bytes = readFileSync(path);
  const format = formats.find((candidate) => candidate.kind === "binary" && candidate.detect(bytes.subarray(0, 65_536)));
  if (format?.kind !== "binary") throw new Error(`${path} was not recognised`);
  return collectBinary(format, bytes);
}

describe.skipIf(files.length === 0)("every capture of the corpus", () => {
  const folder = mkdtempSync(join(tmpdir(), "casebook-"));
  const merged = join(folder, "merged.pcapng");
  let seen: TsharkPacket[] = [];
  const ours: { file: string; collected: Collected }[] = [];

  beforeAll(async () => {
    // One run of tshark over all of them, one behind the other. Blocks that are no packets have no time there.
    runTool("mergecap", "-a", "-w", merged, ...files);
    seen = tsharkPackets(merged).filter((packet) => packet.time !== null);
    for (const file of files) ours.push({ file: relative(CORPUS, file), collected: await collectFile(file) });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("has the packets tshark finds in it", () => {
    expect(ours.reduce((sum, { collected }) => sum + collected.packets.length, 0)).toBe(seen.length);
  });

  it("decodes to what tshark decodes, field by field, but for the reasons listed", () => {
    const unexplained: string[] = [];
    const used = new Set<string>();
    let next = 0;
    for (const { file, collected } of ours) {
      for (const packet of collected.packets) {
        const other = seen[next++]!;
        for (const [field, mine, theirs] of differences(packet, collected.captures[0]?.base ?? 0n, other)) {
          const reason = REASONS.find(({ fields, applies }) => fields.includes(field) && applies(packet, other));
          if (reason) used.add(reason.why);
          else unexplained.push(`${file} frame ${packet.frame}, ${field}: ${mine}, tshark ${theirs} (${other.protocols})`);
        }
      }
    }
    expect(unexplained).toEqual([]);
    expect([...used].sort()).toEqual(REASONS.map(({ why }) => why).sort());
  });

  it("is read without complaint, except for link types nobody decodes here", () => {
    const names = new Set(ours.flatMap(({ collected }) => collected.anomalies.map((anomaly) => anomaly.name)));
    expect([...names]).toEqual(["pcapng.unknown-link-type"]);
  });

  it("numbers its frames as tshark does where blocks without packets are numbered too", () => {
    const holes = ours.filter(
      ({ collected }) => collected.packets.at(-1)?.frame !== collected.packets.length && collected.packets.length > 0,
    );
    expect(holes.length).toBeGreaterThan(0);
    for (const { file, collected } of holes) {
      // Simple packets have no time either, so only those with one are compared.
      const timed = tsharkPackets(join(CORPUS, file)).filter((packet) => packet.time !== null);
      const mine = collected.packets.filter((packet) => packet.known & Known.time);
      expect([file, ...mine.map((packet) => packet.frame)]).toEqual([file, ...timed.map((packet) => packet.frame)]);
    }
  });
});
