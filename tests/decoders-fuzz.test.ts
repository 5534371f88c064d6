import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeArp } from "../engine/decoders/arp.ts";
import { transportChecksumFits } from "../engine/decoders/checksum.ts";
import { decodeIcmp, decodeIcmpv6 } from "../engine/decoders/icmp.ts";
import { BATCH_CAPACITY, Family, Known, Mark, type PacketBatch } from "../engine/decoders/packet-batch.ts";
import { PacketStream } from "../engine/decoders/packet-stream.ts";
import { packetAt } from "./support/collect.ts";
import { decodeFrames, decodeOne } from "./support/decode.ts";
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

/** What does not hold of a packet of this batch though it must, however broken its frame. */
function problems(batch: PacketBatch): string[] {
  const found: string[] = [];
  for (let i = 0; i < batch.count; i++) {
    const packet = packetAt(batch, i);
    const [payloadAt, captured] = [batch.payloadAt[i]!, batch.payloadCaptured[i]!];
    const fault = (wrong: boolean, what: string) => wrong && found.push(`frame ${packet.frame}: ${what}`);
    fault(payloadAt >= 0 && captured === 0, "a payload without bytes");
    fault(payloadAt >= 0 && payloadAt + captured > batch.bytes.length, "payload behind the captured bytes");
    fault(captured > packet.payloadLength, "more payload captured than there was");
    fault(batch.networkAt[i]! > batch.bytes.length, "network header behind the captured bytes");
    fault(packet.family !== Family.none && packet.family !== Family.ipv4 && packet.family !== Family.ipv6, "no such family");
    fault(packet.source.startsWith("no address"), "an address that is not in the book");
    fault(packet.sack.length > 4, "more SACK blocks than fit a header");
    fault((packet.known & ~Known.all) !== 0, "bits of known that have no meaning");
    fault((packet.marks & Mark.fragment) !== 0 && packet.payload !== null, "a fragment with a payload");
    transportChecksumFits(batch, i);
    decodeIcmp(batch.bytes, Math.max(0, payloadAt), batch.bytes.length);
    decodeIcmpv6(batch.bytes, Math.max(0, payloadAt), batch.bytes.length);
    decodeArp(batch.bytes, Math.max(0, batch.networkAt[i]!), batch.bytes.length);
  }
  return found;
}

/** Decodes frames one by one, as one stream, and checks every packet. */
class Checker {
  readonly problems: string[] = [];
  private readonly stream = new PacketStream((batch) => this.problems.push(...problems(batch)));

  frame(bytes: Uint8Array, linkType: number, wireLength = bytes.length, checkSequence = 0): void {
    this.stream.frame(bytes, 0, bytes.length, wireLength, 0, linkType, checkSequence);
    this.stream.flush();
  }
}

describe("any bytes", () => {
  it("decode to a packet that keeps within them, cut at every byte", () => {
    const checker = new Checker();
    for (const [linkType, frame] of SOUND) {
      for (let cut = 0; cut <= frame.length; cut++) checker.frame(frame.slice(0, cut), linkType, frame.length);
    }
    expect(checker.problems).toEqual([]);
  });

  it("keep true lengths at every cut that leaves the lengths readable", () => {
    for (const [linkType, frame] of SOUND) {
      const whole = decodeOne(frame, linkType);
      const cuts = [...frame.keys()].map((cut) => ({ bytes: frame.slice(0, cut), linkType, wireLength: frame.length }));
      for (const packet of decodeFrames(cuts)) {
        const same = packet.source === whole.source && packet.ipProtocol === whole.ipProtocol && packet.sourcePort === whole.sourcePort;
        if (packet.ipProtocol === 6 && same && packet.known & Known.length) expect(packet.payloadLength).toBe(whole.payloadLength);
      }
    }
  });

  it("decode to a packet that keeps within them, with bits flipped", () => {
    const checker = new Checker();
    const flips = fc.array(fc.tuple(fc.nat(400), fc.nat(7)), { minLength: 1, maxLength: 6 });
    const property = fc.property(fc.nat(SOUND.length - 1), flips, (index, bits) => {
      const [linkType, frame] = SOUND[index]!;
      const broken = frame.slice();
      for (const [at, bit] of bits) broken[at % broken.length] = broken[at % broken.length]! ^ (1 << bit);
      checker.frame(broken, linkType);
      expect(checker.problems).toEqual([]);
    });
    fc.assert(property, { seed: SEED, numRuns: 4000 });
  });

  it("decode to a packet that keeps within them, at random", () => {
    const checker = new Checker();
    const property = fc.property(
      fc.constantFrom(...LINK_TYPES),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(2000),
      (linkType, bytes, more) => {
        checker.frame(bytes, linkType, bytes.length + more, more % 9);
        expect(checker.problems).toEqual([]);
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
      const checker = new Checker();
      for (const { length, ...fields } of fragments) {
        const bytes = ethernetIp(ipv4({ source: "192.0.2.1", destination: "192.0.2.2", ...fields }, PACKET.subarray(0, length)));
        checker.frame(bytes, 1);
      }
      expect(checker.problems).toEqual([]);
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
