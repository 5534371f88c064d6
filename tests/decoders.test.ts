import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { knowsLinkType } from "../engine/decoders/frame.ts";
import { Family, Known, Mark, NO_PROTOCOL } from "../engine/decoders/packet-batch.ts";
import { PcapngWriter } from "./support/capture-writer.ts";
import type { CollectedPacket } from "./support/collect.ts";
import { decodeFrames, decodeOne } from "./support/decode.ts";
import { concat, ethernet, ethernetIp, hex, ipv4, ipv6, tcp, tcpFrame, u8, u16, u32, udp, udpFrame } from "./support/frame-writer.ts";
import { LINK_FRAMES, PACKET, TUNNEL_FRAMES } from "./support/link-frames.ts";
import { hasTshark, tellWithoutTshark, tsharkPackets } from "./support/tshark.ts";

tellWithoutTshark("hand-made frames");

/** What every frame of `LINK_FRAMES` and `TUNNEL_FRAMES` carries. */
const carried = (packet: CollectedPacket) => ({
  family: packet.source.includes(":") ? Family.ipv6 : Family.ipv4,
  source: packet.source.includes(":") ? "2001:db8::1" : "192.0.2.1",
  destination: packet.source.includes(":") ? "2001:db8::7" : "198.51.100.7",
  ipProtocol: 6,
  ttl: 61,
  sourcePort: 49200,
  destinationPort: 443,
  seq: 1000,
  ack: 2000,
  flags: 0x18,
  window: 512,
  payloadLength: 5,
  payload: u8(1, 2, 3, 4, 5),
  known: Known.all,
  marks: 0,
});

describe("link headers", () => {
  it.each(LINK_FRAMES)("%s leads to the segment", (_, linkType, frame) => {
    const packet = decodeOne(frame, linkType);
    expect(packet).toMatchObject(carried(packet));
  });

  it.each(TUNNEL_FRAMES)("%s leads to the innermost segment", (_, frame) => {
    const packet = decodeOne(frame);
    expect(packet).toMatchObject(carried(packet));
  });

  it.skipIf(!hasTshark)("are read as tshark reads them", () => {
    const writer = new PcapngWriter();
    const frames = [
      ...LINK_FRAMES.filter(([, type]) => type !== 163 && type !== 12 && type !== 14),
      ...TUNNEL_FRAMES.map(([n, f]) => [n, 1, f] as const),
    ];
    for (const [, linkType] of frames) writer.interface(linkType);
    for (const [index, [, , bytes]] of frames.entries()) writer.packet(BigInt(index), { bytes, interface: index });
    const folder = mkdtempSync(join(tmpdir(), "casebook-"));
    try {
      writeFileSync(join(folder, "links.pcapng"), writer.bytes());
      const seen = tsharkPackets(join(folder, "links.pcapng"));
      const fields = (p: {
        source: string | null;
        destination: string | null;
        sourcePort: number | null;
        seq: number | null;
        payloadLength: number | null;
      }) => [p.source, p.destination, p.sourcePort, p.seq, p.payloadLength].join(" ");
      const ours = frames.map(([name, linkType, bytes]) => `${name}: ${fields(decodeOne(bytes, linkType))}`);
      expect(ours).toEqual(seen.map((packet, i) => `${frames[i]![0]}: ${fields(packet)}`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("keeps the innermost VLAN id", () => {
    expect(decodeOne(ethernet(0x0800, PACKET, { vlans: [[0x88a8, 9], 0x2005] })).vlan).toBe(5);
    expect(decodeOne(ethernet(0x0800, PACKET)).vlan).toBe(0);
  });

  it("counts a frame it cannot decode, with what is known of it", () => {
    expect(decodeOne(ethernet(0x88cc, u8(1, 2, 3)))).toMatchObject({ etherType: 0x88cc, family: Family.none, ipProtocol: NO_PROTOCOL });
    expect(decodeOne(u8(1, 2, 3), 274)).toMatchObject({ etherType: 0, family: Family.none, capturedLength: 3 });
    expect(knowsLinkType(274)).toBe(false);
  });

  it("does not take encrypted 802.11 data for a packet", () => {
    const frame = LINK_FRAMES.find(([name]) => name === "802.11 data")![2].slice();
    frame[1] = frame[1]! | 0x40;
    expect(decodeOne(frame, 105).family).toBe(Family.none);
  });

  it("keeps the tunnel's own packet where nothing readable is inside", () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2", protocol: 17 };
    const packet = decodeOne(ethernetIp(ipv4(outer, udp(40000, 4789, concat(hex("08000000 00000100"), new Uint8Array(30))))));
    expect(packet).toMatchObject({ source: "203.0.113.1", sourcePort: 40000, destinationPort: 4789, payloadLength: 38, vlan: 0 });
  });

  it("finds ARP inside VXLAN", () => {
    const arp = ethernet(0x0806, hex("0001 0800 0604 0001 00005e005301 0a000001 000000000000 0a000002"));
    const packet = decodeOne(udpFrame("203.0.113.1:40000", "203.0.113.2:4789", concat(hex("08000000 00000100"), arp)));
    expect(packet.etherType).toBe(0x0806);
  });
});

describe("IPv4", () => {
  const fields = { source: "192.0.2.1", destination: "198.51.100.7", protocol: 6 };
  const segment = tcp({ sourcePort: 1, destinationPort: 2, seq: 5 }, new Uint8Array(100));

  it("steps over options", () => {
    const packet = decodeOne(ethernetIp(ipv4({ ...fields, options: hex("94040000") }, segment)));
    expect(packet).toMatchObject({ sourcePort: 1, payloadLength: 100, ipLength: 144 });
  });

  it("does not count Ethernet padding as payload", () => {
    const bare = ethernetIp(ipv4(fields, tcp({ sourcePort: 1, destinationPort: 2 })));
    expect(decodeOne(concat(bare, new Uint8Array(60 - bare.length)))).toMatchObject({ payloadLength: 0, payload: null, wireLength: 60 });
  });

  it("takes the length of an offloaded packet, total length 0, from the frame", () => {
    const packet = decodeOne(ethernetIp(ipv4({ ...fields, totalLength: 0 }, segment)));
    expect(packet).toMatchObject({ payloadLength: 100, ipLength: 140, marks: Mark.ipLengthZero });
  });

  it("keeps true lengths when the snaplen cut the packet", () => {
    const whole = tcpFrame("192.0.2.1:1", "198.51.100.7:2", { payload: new Uint8Array(1000), seq: 9 });
    const packet = decodeOne(whole.subarray(0, 96), 1, whole.length);
    expect(packet).toMatchObject({ payloadLength: 1000, seq: 9, known: Known.all, marks: Mark.truncated });
    expect(packet.payload).toHaveLength(96 - 54);
  });

  it("keeps true lengths of an offloaded packet that the snaplen cut", () => {
    const whole = ethernetIp(ipv4({ ...fields, totalLength: 0 }, segment));
    expect(decodeOne(whole.subarray(0, 60), 1, whole.length)).toMatchObject({ payloadLength: 100 });
  });

  it("goes by the frame where the total length says more", () => {
    const packet = decodeOne(ethernetIp(ipv4({ ...fields, totalLength: 1400 }, segment)));
    expect(packet).toMatchObject({ payloadLength: 100, ipLength: 1400, marks: Mark.truncated });
  });

  it.each([
    ["a version other than 4", 14, 0x55],
    ["a header length below 20", 14, 0x44],
    ["a total length below the header", 17, 19],
  ])("reads no ports behind %s", (_, at, value) => {
    const frame = ethernetIp(ipv4(fields, segment));
    frame[at] = value;
    frame[16] = 0;
    expect(decodeOne(frame)).toMatchObject({ sourcePort: 0, payload: null });
  });
});

describe("IPv6", () => {
  const fields = { source: "2001:db8::1", destination: "2001:db8::7", protocol: 6 };
  const segment = tcp({ sourcePort: 1, destinationPort: 2, seq: 5 }, new Uint8Array(10));

  it("follows the extension chain", () => {
    // Hop-by-hop with a router alert, destination options padded to 16 bytes, authentication header of 24 bytes.
    const bytes = concat(hex("3c00 0502 0000 0100"), hex("3301 010c 000000000000000000000000"), hex("0604"), new Uint8Array(22));
    const packet = decodeOne(ethernetIp(ipv6({ ...fields, extensions: { first: 0, bytes } }, segment)));
    expect(packet).toMatchObject({ ipProtocol: 6, sourcePort: 1, payloadLength: 10, ipLength: 40 + 48 + 30 });
  });

  it("stops at a chain without end", () => {
    const bytes = concat(...Array.from({ length: 40 }, () => hex("3c00 0104 00000000")));
    expect(decodeOne(ethernetIp(ipv6({ ...fields, extensions: { first: 60, bytes } }, segment)))).toMatchObject({
      sourcePort: 0,
      payload: null,
    });
  });

  it("reads the length of a jumbogram from its option, RFC 2675", () => {
    const bytes = concat(hex("0600 c204"), u32(8 + segment.length));
    const packet = decodeOne(ethernetIp(ipv6({ ...fields, payloadLength: 0, extensions: { first: 0, bytes } }, segment)));
    expect(packet).toMatchObject({ payloadLength: 10, marks: 0 });
  });

  it("takes the length of an offloaded packet from the frame", () => {
    const packet = decodeOne(ethernetIp(ipv6({ ...fields, payloadLength: 0 }, segment)));
    expect(packet).toMatchObject({ payloadLength: 10, marks: Mark.ipLengthZero });
  });

  it("gives each address one id however many there are", () => {
    const address = (n: number) => `2001:db8::${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
    const numbers = Array.from({ length: 3000 }, (_, n) => n * 257 + 1);
    const frames = [...numbers, ...numbers].map((n) => ({ bytes: ethernetIp(ipv6({ ...fields, source: address(n) }, segment)) }));
    const sources = decodeFrames(frames).map((packet) => packet.source);
    expect(sources.slice(0, 3000)).toEqual(sources.slice(3000));
    expect(new Set(sources).size).toBe(3000);
    expect(sources[1]).toBe("2001:db8::102");
  });
});

describe("fragments", () => {
  const fields = { source: "192.0.2.1", destination: "198.51.100.7", protocol: 17, id: 77 };
  const datagram = udp(
    5000,
    6000,
    Uint8Array.from({ length: 100 }, (_, i) => i),
  );
  const piece = (from: number, to: number, extra: object = {}) =>
    ethernetIp(ipv4({ ...fields, fragmentOffset: from, moreFragments: to < datagram.length, ...extra }, datagram.subarray(from, to)));
  const whole = {
    sourcePort: 5000,
    destinationPort: 6000,
    payloadLength: 100,
    payload: datagram.subarray(8),
    marks: Mark.reassembled,
    ipLength: 128,
  };

  it.each([
    [
      "in order",
      [
        [0, 40],
        [40, 80],
        [80, 108],
      ],
    ],
    [
      "backwards",
      [
        [80, 108],
        [40, 80],
        [0, 40],
      ],
    ],
    [
      "overlapping",
      [
        [0, 48],
        [40, 88],
        [80, 108],
      ],
    ],
    [
      "with one repeated",
      [
        [0, 40],
        [0, 40],
        [40, 80],
        [80, 108],
      ],
    ],
  ])("are put together %s, in the frame that makes them whole", (_, pieces) => {
    const packets = decodeFrames(pieces.map(([from, to]) => ({ bytes: piece(from!, to!) })));
    expect(packets.map((packet) => packet.frame)).toEqual(pieces.map((_, i) => i + 1));
    expect(packets.slice(0, -1).every((packet) => packet.marks === Mark.fragment && packet.sourcePort === 0)).toBe(true);
    expect(packets.at(-1)).toMatchObject(whole);
  });

  it("keeps the bytes that came first where they overlap", () => {
    const liar = piece(40, 88);
    liar.fill(0xee, 34, 34 + 8);
    const packets = decodeFrames([{ bytes: piece(0, 48) }, { bytes: liar }, { bytes: piece(80, 108) }]);
    expect(packets.at(-1)!.payload).toEqual(datagram.subarray(8));
  });

  it("are told apart by address and identification", () => {
    const other = piece(40, 108, { id: 78 });
    expect(decodeFrames([{ bytes: piece(0, 40) }, { bytes: other }]).at(-1)!.marks).toBe(Mark.fragment);
  });

  it("stay fragments where one is missing, was cut by the snaplen, or came more than a minute later", () => {
    const cut = piece(40, 108);
    expect(decodeFrames([{ bytes: piece(0, 40) }, { bytes: piece(48, 108) }]).at(-1)!.marks).toBe(Mark.fragment);
    const snapped = decodeFrames([{ bytes: piece(0, 40) }, { bytes: cut.subarray(0, 60), wireLength: cut.length }]);
    expect(snapped.at(-1)!.marks).toBe(Mark.fragment | Mark.truncated);
    expect(decodeFrames([{ bytes: piece(0, 40) }, { bytes: cut, time: 61e9 }]).at(-1)!.marks).toBe(Mark.fragment);
  });

  it("of IPv6 are put together, whatever headers come before", () => {
    const fragment = (from: number, to: number) => {
      const more = to < datagram.length ? 1 : 0;
      const bytes = concat(hex("2c00 0104 00000000"), u8(17, 0), u16(from | more), u32(99));
      const header = { source: "2001:db8::1", destination: "2001:db8::7", protocol: 59, extensions: { first: 60, bytes } };
      return { bytes: ethernetIp(ipv6(header, datagram.subarray(from, to))) };
    };
    const packets = decodeFrames([fragment(40, 108), fragment(0, 40)]);
    expect(packets[0]).toMatchObject({ ipProtocol: 17, ipId: 99, marks: Mark.fragment });
    expect(packets[1]).toMatchObject({ ...whole, ipLength: 40 + 8 + 108, ipProtocol: 17 });
  });

  it("of a tunnel lead to what is inside", () => {
    const inner = ipv4({ source: "203.0.113.1", destination: "203.0.113.2", protocol: 4, id: 5 }, PACKET).subarray(20);
    const part = (from: number, to: number) =>
      ethernetIp(
        ipv4(
          { source: "203.0.113.1", destination: "203.0.113.2", protocol: 4, id: 5, fragmentOffset: from, moreFragments: to < inner.length },
          inner.subarray(from, to),
        ),
      );
    const packets = decodeFrames([{ bytes: part(0, 24) }, { bytes: part(24, inner.length) }]);
    expect(packets[1]).toMatchObject({ source: "192.0.2.1", sourcePort: 49200, marks: Mark.reassembled });
  });

  it("of many datagrams that never become whole do not pile up, and an attack ends in fragments", () => {
    const frames = Array.from({ length: 3000 }, (_, id) => ({ bytes: piece(0, 40, { id }) }));
    expect(decodeFrames([...frames, { bytes: piece(40, 108, { id: 0 }) }]).at(-1)!.marks).toBe(Mark.fragment);
    expect(decodeFrames([...frames, { bytes: piece(40, 108, { id: 2999 }) }]).at(-1)!.marks).toBe(Mark.reassembled);
    const beyond = ethernetIp(ipv4({ ...fields, fragmentOffset: 65_528 }, new Uint8Array(64)));
    expect(decodeFrames([{ bytes: piece(0, 40) }, { bytes: beyond }]).at(-1)!.marks).toBe(Mark.fragment);
  });
});
