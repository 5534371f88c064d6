import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Known, Mark } from "../engine/decoders/packet-batch.ts";
import type { SourceHints, TextFormat } from "../engine/formats/format.ts";
import { netmonSummary } from "../engine/formats/netmon-summary.ts";
import { driverEventValues, providerName } from "../engine/formats/text-capture/driver-event.ts";
import { unglue } from "../engine/formats/text-capture/glued-addresses.ts";
import { SequenceGroup } from "../engine/formats/text-capture/sequence-group.ts";
import { portNumber } from "../engine/formats/text-capture/service-ports.ts";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { flagsText } from "../engine/report/packet-line.ts";
import { type CollectedPacket, collectText } from "./support/collect.ts";

const FOLDER = join(import.meta.dirname, "formats");

/** Everything known of a packet, as the words fixtures use. */
function words(packet: CollectedPacket): Set<string> {
  const { known, marks } = packet;
  const said: string[] = [(packet.time / 1e9).toFixed(7)];
  const add = (name: string, bit: number, value: number) => said.push(known & bit ? `${name}=${value}` : `no ${name}`);
  if (known & Known.ports) said.push(`${packet.source}:${packet.sourcePort}`, `${packet.destination}:${packet.destinationPort}`);
  else said.push("no ports");
  said.push(known & Known.flags ? flagsText(packet.flags) : "no flags");
  add("seq", Known.seq, packet.seq);
  add("ack", Known.ack, packet.ack);
  add("win", Known.window, packet.window);
  add("len", Known.length, packet.payloadLength);
  add("id", Known.ipId, packet.ipId);
  said.push(`mss=${packet.mss}`, `wire=${packet.wireLength}`, packet.windowShift === 255 ? "no shift" : `shift=${packet.windowShift}`);
  said.push(packet.process < 0 ? "no process" : `process=${packet.process}`, known & Known.options ? "options" : "no options");
  if (packet.timestamps) said.push(`tsval=${packet.timestamps[0]}`, `tsecr=${packet.timestamps[1]}`);
  for (const [left, right] of packet.sack) said.push(`sack=${left}-${right}`);
  const named: [number, string][] = [
    [Mark.saidRetransmission, "retransmission"],
    [Mark.saidLostSegment, "lost segment"],
    [Mark.saidDuplicateAck, "duplicate ack"],
    [Mark.checksumBad, "bad checksum"],
    [Mark.sackPermitted, "sack permitted"],
  ];
  for (const [bit, name] of named) if (marks & bit) said.push(name);
  return new Set(said);
}

interface Fixture {
  readonly hints?: SourceHints;
  readonly frames?: Readonly<Record<string, readonly (string | number)[]>>;
}

const fixtures = [wiresharkList, netmonSummary].flatMap((format) =>
  readdirSync(join(FOLDER, format.id))
    .filter((file) => file.endsWith(".txt"))
    .map((file) => ({
      name: `${format.id}/${file}`,
      format,
      text: readFileSync(join(FOLDER, format.id, file), "utf8"),
      expected: parse(readFileSync(join(FOLDER, format.id, file.replace(/txt$/, "rows.yaml")), "utf8")) as Fixture,
    })),
);

describe("the rows of a text capture", () => {
  it.each(fixtures)("$name become packets", ({ format, text, expected }) => {
    const { packets } = collectText(format, text, expected.hints);
    const byFrame = new Map(packets.map((packet) => [String(packet.frame), words(packet)]));
    for (const [frame, wanted] of Object.entries(expected.frames ?? {})) {
      const said = byFrame.get(frame);
      expect(said, `frame ${frame}`).toBeDefined();
      const missing = wanted.map((word) => (typeof word === "number" ? word.toFixed(7) : word)).filter((word) => !said!.has(word));
      expect(missing, `frame ${frame} is ${[...said!].join(" ")}`).toEqual([]);
    }
  });

  it("come in order of their frames, once each", () => {
    for (const { format, text } of fixtures) {
      const frames = collectText(format, text).packets.map((packet) => packet.frame);
      expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
    }
  });
});

const LIST = (...rows: string[]) => rows.join("\n");
const times = (text: string, hints: SourceHints = {}) => {
  const { packets, captures } = collectText(wiresharkList, text, hints);
  return { base: captures[0]?.base ?? null, zone: captures[0]?.zone, seconds: packets.map((packet) => packet.time / 1e9) };
};
const row = (frame: number, time: string, info = "1000 > 80 [ACK] Seq=1 Ack=1 Win=100 Len=0") =>
  `${frame} ${time} 192.0.2.1 192.0.2.2 TCP ${info}`;

describe("a Time column", () => {
  it("that never falls counts from the start", () => {
    expect(times(LIST(row(1, "0.000000"), row(2, "0.500000"), row(3, "0.500000"), row(9, "4.000000"))).seconds).toEqual([0, 0.5, 0.5, 4]);
  });

  it("that falls counts from the row before, after a first time since the start", () => {
    expect(times(LIST(row(5, "20.500000"), row(6, "0.250000"), row(7, "0.000000"), row(8, "1.000000"))).seconds).toEqual([
      20.5, 20.75, 20.75, 21.75,
    ]);
  });

  it("with a slight step back is still one since the start", () => {
    const rows = Array.from({ length: 30 }, (_, n) => row(n + 1, n === 20 ? "118.999990" : (100 + n).toFixed(6)));
    expect(times(LIST(...rows)).seconds[29]).toBe(129);
  });

  it("means what bundle.yaml says", () => {
    const text = LIST(row(1, "1.000000"), row(2, "2.000000"), row(3, "3.000000"));
    expect(times(text).seconds).toEqual([1, 2, 3]);
    expect(times(text, { time: "since_previous" }).seconds).toEqual([1, 3, 6]);
  });

  it("of seconds since the start is absolute where bundle.yaml says when that was", () => {
    const text = LIST(row(1, "100.500000"), row(2, "101.000000"));
    expect(times(text, { date: "2013-01-08", start: "2013-01-08 09:00", utcOffset: 60 })).toMatchObject({
      base: BigInt(Date.UTC(2013, 0, 8, 8)) * 1_000_000n,
      zone: "utc",
      seconds: [100.5, 101],
    });
  });

  it("of clock times is absolute only with a date, and goes on after midnight", () => {
    const text = LIST(row(1, "23:59:59.500000"), row(2, "00:00:00.250000"));
    expect(times(text).base).toBeNull();
    expect(times(text).seconds).toEqual([86399.5, 86400.25]);
    expect(times(text, { date: "2013-01-08", utcOffset: 120 })).toMatchObject({
      base: BigInt(Date.UTC(2013, 0, 7, 22)) * 1_000_000n,
      zone: "utc",
    });
  });

  it.each([
    ["2013-01-08 09:18:53.832", "unknown"],
    ["2013-01-08 09:18:53,832", "unknown"],
    ["2013-01-08T09:18:53.832Z", "utc"],
    ["1357636733.832000000", "utc"],
  ] as const)("reads %s", (time, zone) => {
    const { base, zone: seen, seconds } = times(LIST(row(1, time), row(2, time)));
    expect(base! + BigInt(Math.round(seconds[0]! * 1e9))).toBe(1_357_636_733_832_000_000n);
    expect(seen).toBe(zone);
  });
});

describe("Network Monitor's times", () => {
  const at = (written: string, hints: SourceHints = {}) => {
    const line = `7 ${written} 1.5000000 Idle (0) 192.0.2.1 192.0.2.2 TCP TCP:Flags=...A...., SrcPort=1, DstPort=2, PayloadLen=0, Seq=1, Ack=1, Win=1`;
    const { captures, packets } = collectText(netmonSummary, line, hints);
    return new Date(Number((captures[0]!.base! + BigInt(packets[0]!.time)) / 1_000_000n)).toISOString();
  };

  it.each([
    ["8:53:53 AM 1/6/2013", {}, "2013-01-06T08:53:53.000Z"],
    ["8:53:53 PM 1/6/2013", {}, "2013-01-06T20:53:53.000Z"],
    ["12:00:05 AM 1/6/2013", {}, "2013-01-06T00:00:05.000Z"],
    ["8:53:53 AM 1/6/2013", { dateOrder: "dmy" }, "2013-06-01T08:53:53.000Z"],
    ["14:42:47 05.09.2012", {}, "2012-09-05T14:42:47.000Z"],
    ["14:42:47 25/12/2012", {}, "2012-12-25T14:42:47.000Z"],
    ["14:42:47 2012-09-05", {}, "2012-09-05T14:42:47.000Z"],
    ["2012/09/05 14:42:47", {}, "2012-09-05T14:42:47.000Z"],
  ] as const)("%s with %j is %s", (written, hints, expected) => expect(at(written, hints)).toBe(expected));
});

describe("sequence numbers", () => {
  it("are told to be relative by a SYN of 0, not by the RST that answers a SYN", () => {
    const relative = (text: string) =>
      collectText(wiresharkList, text).packets.map((packet) => (packet.marks & Mark.relativeSequence) !== 0);
    const rst = row(2, "0.100000", "80 > 1000 [RST, ACK] Seq=0 Ack=3074395696 Win=0 Len=0");
    expect(relative(LIST(row(1, "0.000000", "1000 > 80 [SYN] Seq=3074395695 Win=8192 Len=0 MSS=1460"), rst))).toEqual([false, false]);
    expect(relative(LIST(row(1, "0.000000", "1000 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460")))).toEqual([true]);
  });

  const group = (start: number, floor = Number.NaN) => new SequenceGroup(start, floor, 0);
  it("follow from as many named edges as there are ends", () => {
    const three = group(1);
    for (const i of [1, 2, 3]) three.push(i, Number.NaN, false);
    three.name(282, false);
    three.name(1742, true);
    expect(three.settle()).toBe(false);
    three.name(2328, false);
    expect(three.settle()).toBe(true);
    expect(three.points).toEqual([1, 282, 1742, 2328]);
  });

  it("stay open where an edge could be either of two ends", () => {
    const two = group(1);
    two.push(1, Number.NaN, false);
    two.push(2, Number.NaN, false);
    two.name(500, false);
    expect(two.settle()).toBe(false);
  });

  it("after a gap begin at a SACK block's left edge only", () => {
    const gap = group(1);
    gap.push(1, Number.NaN, true);
    gap.name(1461, false);
    gap.name(2000, false);
    expect(gap.settle()).toBe(false);
    gap.name(1461, true);
    expect(gap.settle()).toBe(true);
    expect(gap.points).toEqual([1, 1461, 2000]);
  });

  it("are not forced where lengths contradict what follows", () => {
    const measured = group(1);
    measured.push(1, 100, false);
    expect(measured.close(300)).toBe(false);
    expect(measured.close(101)).toBe(true);
    // One more is the FIN of the last segment.
    expect(measured.close(102)).toBe(true);
  });
});

describe("WS=", () => {
  const shift = (info: string, ...more: string[]) =>
    collectText(wiresharkList, LIST(row(1, "0.000000", info), ...more)).packets[0]!.windowShift;
  it.each([
    ["is a multiplier above 14", "1 > 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256", 8],
    ["is a shift count that is no power of two", "1 > 2 [SYN] Seq=0 Win=5840 Len=0 MSS=1460 TSV=1 TSER=0 WS=6", 6],
    ["is a multiplier beside SACK_PERM", "1 > 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=4 SACK_PERM=1", 2],
    ["is a multiplier beside arrows", "1 → 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=8", 3],
    ["is a shift count where versions that print it are at work", "1 > 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=8", 8],
    ["is nothing where it is neither", "1 > 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=300", 255],
  ])("%s", (_, info, expected) => expect(shift(info)).toBe(expected));

  it("is a multiplier for the whole list if one value says so", () =>
    expect(shift("1 > 2 [SYN] Seq=0 Win=8192 Len=0 WS=4", row(2, "0.100000", "2 > 1 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 WS=256"))).toBe(
      2,
    ));
});

describe("the words of a row", () => {
  it("name ports as IANA does", () => {
    expect(
      ["http", "wsdapi", "ms-wbt-server", "epmap", "MS WBT Server(3389)", "https(443)", "59193", "rmiregistry"].map(portNumber),
    ).toEqual([80, 5357, 3389, 135, 3389, 443, 59193, 1099]);
    expect(["no-such-service", "70000", "sql-net", ""].map(portNumber)).toEqual([null, null, null, null]);
  });

  it("glued addresses are parted by the addresses that occur elsewhere", () => {
    const occurs =
      (...known: string[]) =>
      (address: string) =>
        known.includes(address);
    expect(unglue("192.168.1.1192.168.3.10", occurs("192.168.1.1", "192.168.3.10"))).toEqual(["192.168.1.1", "192.168.3.10"]);
    expect(unglue("192.168.1.1192.168.3.10", occurs())).toBeNull();
    expect(unglue("10.0.0.25510.0.0.1", occurs())).toEqual(["10.0.0.255", "10.0.0.1"]);
    expect(unglue("10.0.0.1", occurs())).toBeNull();
  });

  it("leave options unknown for a SYN that shows no MSS", () => {
    const known = (info: string) => (collectText(wiresharkList, row(1, "0.000000", info)).packets[0]!.known & Known.options) !== 0;
    expect(known("1 > 2 [SYN] Seq=0 Win=8192 Len=0 MSS=1460")).toBe(true);
    expect(known("1 > 2 [SYN] Seq=0 Win=8192 Len=0")).toBe(false);
    expect(known("1 > 2 [SYN] Seq=0 Win=8192 Len=0 WS=256")).toBe(false);
  });

  it("give a message no ports where two connections are open between its addresses", () => {
    const text = LIST(
      row(1, "0.000000", "1000 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460"),
      row(2, "0.100000", "1001 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460"),
      "3 0.200000 192.0.2.1 192.0.2.2 HTTP GET / HTTP/1.1",
    );
    expect(collectText(wiresharkList, text).packets[2]!.known & Known.ports).toBe(0);
    expect(collectText(wiresharkList, text.replace("1001 >", "1000 >")).packets[2]).toMatchObject({
      sourcePort: 1000,
      destinationPort: 80,
    });
  });

  it("place endpoints and status of a driver's row", () => {
    expect(providerName("Wscore_MicrosoftWindowsWinsockAFD")).toBe("Microsoft-Windows-Winsock-AFD");
    expect(providerName("TCP")).toBeNull();
    const dropped =
      "TCPIP: Transport (Protocol TCP) dropped 1 (0x1) packet(s) with Source = 10.7.3.187:3389, Destination = 10.0.107.58:59210. Reason = Transport endpoint was not found.";
    expect(driverEventValues("p", dropped)).toMatchObject({
      local_ip: "10.7.3.187",
      local_port: 3389,
      remote_ip: "10.0.107.58",
      remote_port: 59210,
    });
    const six =
      "TCP: Tcb 0x0 (local=2001:0:0A0B:86E8:388E:FCB:4337:1876:61581 (0xF08D) remote=2002:0A01:86E8:8001:0:0:A0B:0202:135 (0x87)) requested to connect.";
    expect(driverEventValues("p", six)).toMatchObject({
      local_ip: "2001:0:a0b:86e8:388e:fcb:4337:1876",
      local_port: 61581,
      remote_port: 135,
    });
    expect(driverEventValues("p", "TCP: connection 0x1: shutdown initiated (0xC000020D - STATUS_CONNECTION_RESET).")).toMatchObject({
      status: "0xc000020d",
    });
  });
});

describe("the two formats", () => {
  const strangers = [
    "  TCP    0.0.0.0:3389           0.0.0.0:0              LISTENING       1112",
    "Error 1/6/2013 8:54:40 AM Service Control Manager 7034 None",
    "TL_INFO(TF_PROTOCOL) [0]05E0.0AAC::01/08/2013-09:18:57.600.02e733e9 (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))$$begin_record",
    "2013-01-08 09:18:53 ALLOW TCP 192.0.2.1 198.51.100.9 50000 443 0 - 0 0 0 - - - SEND",
    "1 0.5 seconds later 192.0.2.1 answered 192.0.2.2 again",
    "3 12 192.0.2.1 text",
    "+ Tcp: Flags=...A.R.., SrcPort=50357, DstPort=5061, PayloadLen=0, Seq=2232090327, Ack=154470908, Win=8192",
    "Frame: Number = 606233, Captured Frame Length = 161, MediaType = NetEvent",
    "Transmission Control Protocol, Src Port: 33654 (33654), Dst Port: 135 (135), Seq: 2005198912, Ack: 3769475906, Len: 156",
    "0000  00 15 2c 31 48 00 00 17 a4 77 00 24 08 00 45 00   ..,1H....w.$..E.",
  ];
  it.each(strangers)("do not claim: %s", (line) => {
    expect(wiresharkList.detect([line])).toBe(false);
    expect(netmonSummary.detect([line])).toBe(false);
  });

  it("survive any change of characters", () => {
    const edit = fc.tuple(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom("", " ", "9", "999999999999", "[", "]", ">", "→", ".", ":", ",", '"', "\t", "\0", "Seq=", "-1", "TCP"),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: fixtures.length - 1 }), fc.array(edit, { minLength: 1, maxLength: 25 }), (index, edits) => {
        const { format, text } = fixtures[index]!;
        let damaged = text;
        for (const [at, piece] of edits) {
          const place = Math.floor(at * damaged.length);
          damaged = damaged.slice(0, place) + piece + damaged.slice(place + 1);
        }
        for (const one of [format, wiresharkList, netmonSummary]) expectSane(one, damaged);
      }),
      { seed: 9293, numRuns: 400 },
    );
  });
});

/** What must hold of packets from whatever text. */
function expectSane(format: TextFormat, text: string): void {
  format.detect(text.split("\n"));
  const { packets, captures, anomalies } = collectText(format, text);
  expect(captures.length).toBe(packets.length > 0 ? 1 : 0);
  let last = 0;
  for (const packet of packets) {
    expect(packet.frame).toBeGreaterThan(last);
    last = packet.frame;
    expect(Number.isFinite(packet.time)).toBe(true);
    if (packet.known & (Known.seq | Known.ack | Known.flags)) expect(packet.ipProtocol).toBe(6);
    if (!(packet.known & Known.ports)) continue;
    expect([6, 17]).toContain(packet.ipProtocol);
  }
  for (const { name } of anomalies) expect(name).toMatch(new RegExp(`^${format.id}\\.`));
}
