import { describe, expect, it } from "vitest";
import { decodeArp } from "../engine/decoders/arp.ts";
import { ipv4ChecksumFits, transportChecksumFits } from "../engine/decoders/checksum.ts";
import { decodeIcmp, decodeIcmpv6 } from "../engine/decoders/icmp.ts";
import { Ipv6Addresses } from "../engine/decoders/ipv6-addresses.ts";
import { AddressBook, Known, Mark } from "../engine/decoders/packet-batch.ts";
import { PacketStream } from "../engine/decoders/packet-stream.ts";
import { decodeOne } from "./support/decode.ts";
import { concat, ethernetIp, hex, icmp, ipv4, ipv6, tcp, tcpFrame, u8, u16, u32, udp, udpFrame } from "./support/frame-writer.ts";

const [A, B] = ["192.0.2.1:49200", "198.51.100.7:443"];

describe("TCP options", () => {
  const withOptions = (options: Uint8Array) => decodeOne(tcpFrame(A, B, { flags: "S", options }));

  it("are all read", () => {
    const options = { mss: 1460, windowShift: 8, sackPermitted: true, timestamps: [0x80000001, 7] } as const;
    expect(decodeOne(tcpFrame(A, B, { flags: "S", options }))).toMatchObject({
      mss: 1460,
      windowShift: 8,
      sackPermitted: true,
      timestamps: [0x80000001, 7],
      marks: Mark.timestamps | Mark.sackPermitted,
    });
  });

  it("tell absent from zero", () => {
    expect(withOptions(hex("03 03 00 00"))).toMatchObject({ windowShift: 0, mss: 0, timestamps: null, sack: [] });
    expect(withOptions(u8())).toMatchObject({ windowShift: 255, marks: 0 });
  });

  it.each([1, 2, 3, 4])("hold %i SACK blocks", (count) => {
    const sack = Array.from({ length: count }, (_, i) => [0xfffffff0 + i, 100 + i] as const);
    expect(decodeOne(tcpFrame(A, B, { options: { sack } })).sack).toEqual(sack);
  });

  it("come with time stamps and three SACK blocks in the 40 bytes there are", () => {
    const sack = [
      [1, 2],
      [3, 4],
      [5, 6],
    ] as const;
    const packet = decodeOne(tcpFrame(A, B, { options: concat(hex("0101080a"), u32(11, 22), hex("0101051a"), u32(...sack.flat())) }));
    expect(packet).toMatchObject({ timestamps: [11, 22], sack });
  });

  it.each([
    ["of length 0 ends the list", "02 00 0000 0204 05b4", 0],
    ["of length 1 ends the list", "02 01 0000 0204 05b4", 0],
    ["longer than the header ends the list", "02 04 0578 fe 20 0000", 1400],
    ["of the wrong length is passed over", "02 05 0578 00 0204 05b4 000000", 1460],
    ["not known is passed over", "fd 04 f989 0204 05b4", 1460],
    ["behind the end of the list does not count", "01 00 0000 0204 05b4", 0],
  ])("one %s", (_, options, mss) => expect(withOptions(hex(options)).mss).toBe(mss));

  it("with half a SACK block are not believed", () => {
    expect(withOptions(concat(hex("050e"), u32(1, 2, 3), hex("0000"))).sack).toEqual([]);
  });
});

describe("TCP headers", () => {
  const whole = tcpFrame(A, B, { seq: 1000, ack: 2000, flags: "PA", window: 512, options: { timestamps: [1, 2] }, payload: "hello" });
  const header = 34;

  it.each([
    [3, 0],
    [4, Known.ports],
    [8, Known.ports | Known.seq],
    [12, Known.ports | Known.seq | Known.ack],
    [14, Known.ports | Known.seq | Known.ack | Known.flags],
    [16, Known.ports | Known.seq | Known.ack | Known.flags | Known.window],
    [20, Known.ports | Known.seq | Known.ack | Known.flags | Known.window | Known.length],
    [31, Known.ports | Known.seq | Known.ack | Known.flags | Known.window | Known.length],
    [32, Known.all & ~(Known.ttl | Known.ipId | Known.time)],
  ])("cut after %i bytes say what they still show", (bytes, known) => {
    const packet = decodeOne(whole.subarray(0, header + bytes), 1, whole.length);
    expect(packet.known).toBe(known | Known.ttl | Known.ipId | Known.time);
    if (known & Known.seq) expect(packet.seq).toBe(1000);
    if (known & Known.length) expect(packet.payloadLength).toBe(5);
  });

  it("with an impossible length show only ports", () => {
    const broken = whole.slice();
    broken[header + 12] = 0x40;
    expect(decodeOne(broken)).toMatchObject({ sourcePort: 49200, known: Known.ports | Known.ttl | Known.ipId | Known.time, payload: null });
  });

  it("longer than their packet leave the length unknown", () => {
    const bare = tcpFrame(A, B, { flags: "S" }).slice();
    bare[header + 12] = 0xf0;
    expect(decodeOne(bare).known & (Known.length | Known.options)).toBe(0);
  });

  it("carry data on SYN and RST like on any other segment", () => {
    expect(decodeOne(tcpFrame(A, B, { flags: "S", payload: "x" })).payloadLength).toBe(1);
    expect(decodeOne(tcpFrame(A, B, { flags: "R", payload: "because" })).payload).toEqual(new TextEncoder().encode("because"));
  });
});

describe("UDP", () => {
  const packet = (length: number, payload = 12) => {
    const datagram = udp(53, 5353, new Uint8Array(payload));
    datagram.set(u16(length), 4);
    return decodeOne(ethernetIp(ipv4({ source: "192.0.2.1", destination: "198.51.100.7", protocol: 17 }, datagram)));
  };
  it("ends where its length says", () => expect(packet(16)).toMatchObject({ sourcePort: 53, payloadLength: 8 }));
  it("with length 0 ends with the packet", () => expect(packet(0)).toMatchObject({ payloadLength: 12 }));
  it("with a length below its header has no payload", () => expect(packet(5)).toMatchObject({ payloadLength: 0, payload: null }));
  it("with a length beyond the packet ends with the packet", () => expect(packet(900)).toMatchObject({ payloadLength: 12 }));
  it("keeps its length when cut", () => {
    const whole = udpFrame("192.0.2.1:1", "192.0.2.2:2", new Uint8Array(300));
    expect(decodeOne(whole.subarray(0, 44), 1, whole.length)).toMatchObject({ payloadLength: 300, sourcePort: 1 });
    expect(decodeOne(whole.subarray(0, 38), 1, whole.length).known & (Known.ports | Known.length)).toBe(Known.ports);
    expect(decodeOne(whole.subarray(0, 36), 1, whole.length).known & Known.ports).toBe(0);
  });
});

describe("ICMP", () => {
  const quoted = ipv4(
    { source: "192.0.2.1", destination: "198.51.100.7", protocol: 6, id: 9 },
    tcp({ sourcePort: 1025, destinationPort: 80, seq: 77 }),
  );
  const about = { source: "192.0.2.1", destination: "198.51.100.7", protocol: 6, sourcePort: 1025, destinationPort: 80, seq: 77 };

  it("names the next-hop MTU and the packet that was too big", () => {
    const message = icmp(3, 4, 1400, quoted.subarray(0, 28));
    expect(decodeIcmp(message, 0, message.length)).toEqual({
      type: 3,
      code: 4,
      mtu: 1400,
      quoted: { family: 4, ...about, ipId: 9, length: 40 },
    });
  });

  it("is where the packet record says, and is no TCP packet", () => {
    const packet = decodeOne(ethernetIp(ipv4({ source: "203.0.113.1", destination: "192.0.2.1", protocol: 1 }, icmp(3, 3, 0, quoted))));
    expect(packet).toMatchObject({ source: "203.0.113.1", ipProtocol: 1, sourcePort: 0, payloadLength: 48 });
    expect(decodeIcmp(packet.payload!, 0, 48)?.quoted).toMatchObject(about);
  });

  it("has no MTU where an old router left it 0, and quotes nothing in an echo", () => {
    const [old, echo] = [icmp(3, 4, 0, quoted), icmp(8, 0, 0x00010001, quoted)];
    expect(decodeIcmp(old, 0, old.length)?.mtu).toBeNull();
    expect(decodeIcmp(echo, 0, echo.length)).toEqual({ type: 8, code: 0, mtu: null, quoted: null });
  });

  it("of a later fragment quotes no ports", () => {
    const later = ipv4({ source: "192.0.2.1", destination: "198.51.100.7", protocol: 17, fragmentOffset: 1480 }, new Uint8Array(8));
    const message = icmp(11, 1, 0, later);
    expect(decodeIcmp(message, 0, message.length)?.quoted).toMatchObject({ protocol: 17, sourcePort: null, destinationPort: null });
  });

  it("version 6 quotes through extension headers", () => {
    const extensions = { first: 60, bytes: hex("0600 0104 00000000") };
    const inner = ipv6(
      { source: "2001:db8::1", destination: "2001:db8::7", protocol: 6, extensions },
      tcp({ sourcePort: 1025, destinationPort: 80, seq: 77 }),
    );
    const message = concat(u8(2, 0, 0, 0), u32(1280), inner);
    expect(decodeIcmpv6(message, 0, message.length)).toEqual({
      type: 2,
      code: 0,
      mtu: 1280,
      quoted: { ...about, family: 6, source: "2001:db8::1", destination: "2001:db8::7", ipId: null, length: 68 },
    });
  });

  it.each([...Array(36).keys()])("cut to %i bytes shows what is there", (cut) => {
    const message = icmp(3, 3, 0, quoted).subarray(0, cut);
    const decoded = decodeIcmp(message, 0, cut);
    expect(decoded === null).toBe(cut < 8);
    expect(decoded?.quoted?.protocol).toBe(cut >= 28 ? 6 : undefined);
    expect(decoded?.quoted?.sourcePort ?? null).toBe(cut >= 32 ? 1025 : null);
  });
});

describe("IPv6 addresses", () => {
  const bytesOf = (n: number) => concat(hex("20010db8"), new Uint8Array(8), u32(n));

  it("keep their id however often the table grows", () => {
    const [book, numbers] = [new AddressBook(), Array.from({ length: 5000 }, (_, n) => Math.imul(n, 0x9e3779b1))];
    const table = new Ipv6Addresses(book);
    const first = numbers.map((n) => table.id(bytesOf(n), 0));
    expect(numbers.map((n) => table.id(bytesOf(n), 0))).toEqual(first);
    expect(book.texts).toHaveLength(5001);
  });

  it("beyond the limit have none, and that is said", () => {
    const table = new Ipv6Addresses(new AddressBook(), 100);
    expect(Array.from({ length: 101 }, (_, n) => table.id(bytesOf(n), 0)).filter((id) => id === 0)).toHaveLength(1);
    expect(table.full).toBe(true);
    expect(table.id(bytesOf(7), 0)).toBeGreaterThan(0);
  });
});

describe("ARP", () => {
  const request = hex("0001 0800 0604 0001 00005e005301 c0000201 000000000000 c0000202");

  it("is read as RFC 826 lays it out", () => {
    expect(decodeArp(request, 0, request.length)).toEqual({
      hardwareType: 1,
      protocolType: 0x0800,
      operation: 1,
      senderMac: "00:00:5e:00:53:01",
      senderIp: "192.0.2.1",
      targetMac: "00:00:00:00:00:00",
      targetIp: "192.0.2.2",
    });
  });
  it("of other networks has no such addresses", () => {
    expect(decodeArp(hex("0007 8035 0101 0002 01 02 03 04"), 0, 12)).toMatchObject({ operation: 2, senderMac: null, senderIp: null });
  });
  it.each([...request.keys()])("cut to %i bytes is none", (cut) => expect(decodeArp(request, 0, cut)).toBeNull());
});

describe("checksums", () => {
  /** Verdicts on transport and IPv4 header of one frame. */
  const verify = (bytes: Uint8Array, wireLength = bytes.length) => {
    let verdict: (boolean | null)[] = [];
    const stream = new PacketStream((batch) => {
      verdict = [transportChecksumFits(batch, 0), ipv4ChecksumFits(batch, 0)];
    });
    stream.frame(bytes, 0, bytes.length, wireLength, 0, 1);
    stream.flush();
    return verdict;
  };
  const v6 = ethernetIp(ipv6({ source: "2001:db8::1", destination: "2001:db8::7", protocol: 17 }, udp(1, 2, u8(1, 2, 3))));

  // The writer's own checksums are those tshark calls good.
  it.each([
    ["TCP", tcpFrame(A, B, { payload: "odd" }), [true, true]],
    ["UDP over IPv6", v6, [true, null]],
    ["ICMP", ethernetIp(ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 1 }, icmp(8, 0, 1, u8(1, 2, 3)))), [true, true]],
  ])("of %s are verified, and a flipped bit is noticed", (_, frame, expected) => {
    expect(verify(frame)).toEqual(expected);
    const broken = frame.slice();
    broken[broken.length - 1] = broken[broken.length - 1]! ^ 4;
    expect(verify(broken)[0]).toBe(false);
  });

  it("cannot be told of a cut packet, and need not be there in UDP", () => {
    const whole = tcpFrame(A, B, { payload: "long enough" });
    expect(verify(whole.subarray(0, 60), whole.length)).toEqual([null, true]);
    const none = udpFrame("192.0.2.1:1", "192.0.2.2:2", "x");
    none.fill(0, 40, 42);
    expect(verify(none)).toEqual([null, true]);
  });
});
