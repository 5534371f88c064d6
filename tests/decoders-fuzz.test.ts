import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeArp } from "../engine/decoders/arp.ts";
import { transportChecksumFits } from "../engine/decoders/checksum.ts";
import { decodeIcmp, decodeIcmpv6 } from "../engine/decoders/icmp.ts";
import { BATCH_CAPACITY, Family, Known, Mark, type PacketBatch } from "../engine/decoders/packet-batch.ts";
import { PacketStream } from "../engine/decoders/packet-stream.ts";
import { packetAt } from "./support/collect.ts";
import { decodeOne } from "./support/decode.ts";
import { ethernetIp, icmp, ipv4, tcpFrame, udp } from "./support/frame-writer.ts";
import { LINK_FRAMES, PACKET, TUNNEL_FRAMES } from "./support/link-frames.ts";

const SEED = 20230117;
const LINK_TYPES = [...new Set(LINK_FRAMES.map(([, linkType]) => linkType)), 274];
const SOUND: readonly (readonly [number, Uint8Array])[] = [
  ...LINK_FRAMES.map(([, linkType, frame]) => [linkType, frame] as const),
  ...TUNNEL_FRAMES.map(([, frame]) => [1, frame] as const),
  [1, tcpFrame("192.0.2.1:1", "192.0.2.2:2", { flags: "S", options: { mss: 1460, windowShift: 8, timestamps: [1, 2] } })],
  [
    1,
    ethernetIp(ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 17, moreFragments: true }, udp(1, 2, new Uint8Array(40)))),
  ],
  [1, ethernetIp(ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 1 }, icmp(3, 4, 1400, PACKET)))],
];

/** What must hold of any packet, however broken its frame. */
function check(batch: PacketBatch): void {
  for (let i = 0; i < batch.count; i++) {
    const packet = packetAt(batch, i);
    const payloadAt = batch.payloadAt[i]!;
    if (payloadAt >= 0) {
      expect(batch.payloadCaptured[i]).toBeGreaterThan(0);
      expect(payloadAt + batch.payloadCaptured[i]!).toBeLessThanOrEqual(batch.bytes.length);
      expect(batch.payloadCaptured[i]).toBeLessThanOrEqual(packet.payloadLength);
    }
    expect(batch.networkAt[i]).toBeLessThanOrEqual(batch.bytes.length);
    expect([Family.none, Family.ipv4, Family.ipv6]).toContain(packet.family);
    expect(packet.source).not.toMatch(/^no address/);
    expect(packet.sack.length).toBeLessThanOrEqual(4);
    expect(packet.known & ~Known.all).toBe(0);
    if (packet.marks & Mark.fragment) expect(packet.payload).toBeNull();
    transportChecksumFits(batch, i);
    decodeIcmp(batch.bytes, Math.max(0, payloadAt), batch.bytes.length);
    decodeIcmpv6(batch.bytes, Math.max(0, payloadAt), batch.bytes.length);
    decodeArp(batch.bytes, Math.max(0, batch.networkAt[i]!), batch.bytes.length);
  }
}

describe("any bytes", () => {
  it("decode to a packet that keeps within them, cut at every byte", () => {
    for (const [linkType, frame] of SOUND) {
      for (let cut = 0; cut <= frame.length; cut++) {
        const stream = new PacketStream(check);
        stream.frame(frame.slice(0, cut), 0, cut, frame.length, 0, linkType);
        stream.flush();
      }
    }
  });

  it("keep true lengths at every cut that leaves the lengths readable", () => {
    for (const [linkType, frame] of SOUND) {
      const whole = decodeOne(frame, linkType);
      for (let cut = 0; cut < frame.length; cut++) {
        const packet = decodeOne(frame.slice(0, cut), linkType, frame.length);
        const same = packet.source === whole.source && packet.ipProtocol === whole.ipProtocol && packet.sourcePort === whole.sourcePort;
        if (packet.ipProtocol === 6 && same && packet.known & Known.length) expect(packet.payloadLength).toBe(whole.payloadLength);
      }
    }
  });

  it("decode to a packet that keeps within them, with bits flipped", () => {
    const flips = fc.array(fc.tuple(fc.nat(400), fc.nat(7)), { minLength: 1, maxLength: 6 });
    const property = fc.property(fc.nat(SOUND.length - 1), flips, (index, bits) => {
      const [linkType, frame] = SOUND[index]!;
      const broken = frame.slice();
      for (const [at, bit] of bits) broken[at % broken.length] = broken[at % broken.length]! ^ (1 << bit);
      const stream = new PacketStream(check);
      stream.frame(broken, 0, broken.length, broken.length, 0, linkType);
      stream.flush();
    });
    fc.assert(property, { seed: SEED, numRuns: 4000 });
  });

  it("decode to a packet that keeps within them, at random", () => {
    const property = fc.property(
      fc.constantFrom(...LINK_TYPES),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(2000),
      (linkType, bytes, more) => {
        const stream = new PacketStream(check);
        stream.frame(bytes, 0, bytes.length, bytes.length + more, 0, linkType, more % 9);
        stream.flush();
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 4000 });
  });

  it("of one stream keep within bounds whatever fragments came before", () => {
    const fragment = fc.record({
      id: fc.nat(3),
      fragmentOffset: fc.nat(40).map((n) => n * 8),
      moreFragments: fc.boolean(),
      protocol: fc.constantFrom(4, 6, 17, 41, 47),
      length: fc.nat(60),
    });
    const property = fc.property(fc.array(fragment, { maxLength: 60 }), (fragments) => {
      const stream = new PacketStream(check);
      for (const { length, ...fields } of fragments) {
        const bytes = ethernetIp(ipv4({ source: "192.0.2.1", destination: "192.0.2.2", ...fields }, PACKET.subarray(0, length)));
        stream.frame(bytes, 0, bytes.length, bytes.length, 0, 1);
        stream.flush();
      }
      expect(stream.frames).toBe(fragments.length);
    });
    fc.assert(property, { seed: SEED, numRuns: 400 });
  });
});

it("a batch is handed over before it overflows", () => {
  const sizes: number[] = [];
  const stream = new PacketStream((batch) => sizes.push(batch.count));
  for (let frame = 0; frame < BATCH_CAPACITY + 1; frame++) stream.frame(PACKET, 0, PACKET.length, PACKET.length, 0, 101);
  stream.flush();
  stream.flush();
  expect(sizes).toEqual([BATCH_CAPACITY, 1]);
});
