import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupCapturePoints } from "../engine/derive/capture-points.ts";
import { ClockBounds } from "../engine/derive/clock-offset.ts";
import { correlate } from "../engine/derive/correlate.ts";
import { packShape, Shape } from "../engine/derive/segment-log.ts";
import type { AnalysedCapture } from "../engine/derive/source-result.ts";
import { TableBuilder } from "../engine/tables/table.ts";
import { tcpConnections } from "../engine/tables/tcp-connections.ts";
import { correlateFiles, framesOf, rowsOf } from "./support/capture-points.ts";

const cases = join(import.meta.dirname, "cases");
const article = (id: string, ...names: string[]) =>
  correlateFiles(names.map((path) => ({ path, content: readFileSync(join(cases, id, "article", "bundle", path)) })));

describe("text exports of two captures", () => {
  it("pairs a session behind NAT by its relative numbers, with both ends' waits", async () => {
    const correlation = await correlateFiles([
      { path: "client.txt", content: WAN_CLIENT },
      { path: "server.txt", content: WAN_SERVER },
    ]);
    const [pair, ...more] = rowsOf(correlation, "session_pairs");
    expect(more).toEqual([]);
    expect(pair).toMatchObject({
      client_ip: "192.168.1.66",
      client_port: 46739,
      server_ip: "10.1.1.7",
      inner_client_ip: "172.16.5.14",
      inner_client_port: 63584,
      inner_server_ip: "192.168.200.148",
      nat: true,
      clock_offset: null,
      client_mss_sent: 1460,
      client_mss_received: 1380,
      round_trip: expect.closeTo(0.0878, 3),
      client_wait: expect.closeTo(0.0915, 3),
      server_think: expect.closeTo(0.0002, 3),
      server_wait: expect.closeTo(0.094, 2),
    });
    expect(pair!.network_share).toBeGreaterThan(0.95);
    expect(framesOf(pair!.frames)).toEqual(["0:406", "0:407", "0:408", "1:44", "1:45", "1:46"]);
    // The server's list goes on after the client's ends.
    expect(rowsOf(correlation, "lost_segments")).toEqual([]);
    expect(correlation.sides.map(({ side }) => side)).toEqual(["client", "server"]);
  });

  it("finds the segment that never arrived, though half the rows show no numbers", async () => {
    const correlation = await article("tcp-segments-lost-in-transit", "client.txt", "server.txt");
    const lost = rowsOf(correlation, "lost_segments");
    expect(lost).toMatchObject([
      { direction: "to_server", kind: "data", copies_lost: 6, copies_arrived: 0, seconds_to_reset: expect.closeTo(129.94, 1) },
    ]);
    expect(framesOf(lost[0]!.sent_frames)).toEqual([1921, 1975, 2071, 2264, 2651, 3475].map((frame) => `0:${frame}`));
    expect(framesOf(lost[0]!.gap_frames)).toEqual(["1:13611", "1:13612"]);
    expect(framesOf(lost[0]!.reset_frames)).toEqual(["0:4392", "1:30509"]);
    expect(rowsOf(correlation, "foreign_resets")).toEqual([]);
  });

  it("finds resets in the name of an end that goes on trying", async () => {
    const correlation = await article("lync-edge-front-end-5061-reset-in-path", "edge.txt", "front-end.txt");
    const foreign = rowsOf(correlation, "foreign_resets");
    expect(foreign.map((row) => framesOf(row.reset_frames))).toEqual([
      ["1:606232", "1:606233"],
      ["1:612953", "1:612967"],
      ["1:624004", "1:624005"],
    ]);
    for (const row of foreign) expect(row).toMatchObject({ received_by: "server", during_handshake: true, server_port: 5061 });
    expect(framesOf(foreign[0]!.sender_frames)).toEqual(["0:106631", "0:106984"]);
    // The last SYN/ACK has no later SYN that proves it lost.
    const lost = rowsOf(correlation, "lost_segments");
    expect(lost.map((row) => [row.kind, ...framesOf(row.sent_frames)])).toEqual([
      ["syn_ack", "1:606232"],
      ["syn_ack", "1:612953"],
    ]);
  });

  it("finds attempts that a list of the server's traffic does not show", async () => {
    const correlation = await article("iphttps-server-unreachable", "client.txt", "server.txt");
    const pairs = rowsOf(correlation, "session_pairs").filter(({ seen_at }) => seen_at === "client");
    expect(pairs.map((row) => framesOf(row.frames))).toContainEqual(["0:2693", "0:2736", "0:2839"]);
    for (const row of rowsOf(correlation, "lost_segments"))
      expect(row).toMatchObject({ kind: "syn", server_ip: "1.1.1.1", copies_arrived: 0 });
  });
});

describe("capture points", () => {
  const grouped = (...paths: string[]) =>
    groupCapturePoints(paths.map((path, source) => ({ source, path, format: "pcap" }))).map((point) => point.map(({ path }) => path));

  it.each([
    [
      "NMCap chains",
      ["a/x(1).cap", "a/y.cap", "a/x.cap", "a/x(10).cap", "a/x(2).cap"],
      [["a/x.cap", "a/x(1).cap", "a/x(2).cap", "a/x(10).cap"], ["a/y.cap"]],
    ],
    [
      "dumpcap rings",
      ["r_00002_20260101120500.pcapng", "r_00001_20260101120000.pcapng", "q_00001_20260101120000.pcapng"],
      [["r_00001_20260101120000.pcapng", "r_00002_20260101120500.pcapng"], ["q_00001_20260101120000.pcapng"]],
    ],
    ["tcpdump chains", ["t.pcap1", "t.pcap", "t.pcap2"], [["t.pcap", "t.pcap1", "t.pcap2"]]],
    ["folders apart", ["a/x.cap", "b/x(1).cap"], [["a/x.cap"], ["b/x(1).cap"]]],
    ["copies a browser numbered", ["x.cap", "x (1).cap"], [["x.cap"], ["x (1).cap"]]],
  ])("joins %s", (_, paths, expected) => expect(grouped(...paths)).toEqual(expected));

  it("leaves files alone that do not follow each other in time, or are of different formats", () => {
    const file = (source: number, path: string, firstTime: bigint, format = "netmon-cap") => ({ source, path, format, firstTime });
    expect(groupCapturePoints([file(0, "x.cap", 9n), file(1, "x(1).cap", 5n)])).toHaveLength(2);
    expect(groupCapturePoints([file(0, "x.cap", 1n), file(1, "x(1).cap", 5n)])).toHaveLength(1);
    expect(groupCapturePoints([file(0, "x.cap", 1n), file(1, "x(1).cap", 5n, "pcap")])).toHaveLength(2);
  });
});

describe("the difference of two clocks", () => {
  const minute = 60e9;
  it("lies between the tightest bounds both ways", () => {
    const bounds = new ClockBounds(0, minute);
    for (let t = 0; t < 60; t++) {
      bounds.above(t * 1e9, 5e9 + 10e6 + (t % 7) * 1e6);
      bounds.below(t * 1e9, 5e9 - 12e6 - (t % 5) * 1e6);
    }
    const clock = bounds.solve()!;
    expect(clock.at(0)).toBeCloseTo(5e9 - 1e6, 0);
    expect(clock.uncertainty).toBeCloseTo(11e6, 0);
    expect(clock.driftPpm).toBeNull();
  });

  it("is unknown without any bound and one-sided with one", () => {
    expect(new ClockBounds(0, minute).solve()).toBeNull();
    const bounds = new ClockBounds(0, minute);
    bounds.above(1e9, 3e6);
    expect(bounds.solve()).toMatchObject({ uncertainty: Number.POSITIVE_INFINITY, driftPpm: null });
  });

  it("shows a drift over a few minutes", () => {
    const bounds = new ClockBounds(0, 5 * minute);
    for (let t = 0; t < 300; t++) {
      bounds.above(t * 1e9, 20e3 * t + 8e6 + ((t * 13) % 11) * 1e5);
      bounds.below(t * 1e9 + 3e8, 20e3 * t - 8e6 - ((t * 17) % 7) * 1e5);
    }
    expect(bounds.solve()!.driftPpm).toBeCloseTo(20, 0);
  });
});

const corpora = join(import.meta.dirname, "../../shared/corpora/pcap");
const present = existsSync(corpora);
if (!present) console.warn("skipped: strangers among real captures need ../shared/corpora/pcap");

describe.skipIf(!present)("a hundred unrelated captures", () => {
  it("share sessions only between the same two machines", async () => {
    const paths = readdirSync(corpora, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const files = paths
      .sort()
      .map((path) => ({ path, content: new Uint8Array(readFileSync(path)) }))
      .filter(({ content }) => content.length < 30_000);
    const pairs = rowsOf(await correlateFiles(files), "session_pairs");
    const strangers = pairs.filter(
      (row) => row.seen_at !== "both" || row.client_ip !== row.inner_client_ip || row.server_ip !== row.inner_server_ip,
    );
    expect(strangers).toEqual([]);
  });
});

/** A capture whose segments say anything at all. */
const wildCapture = (source: number): fc.Arbitrary<AnalysedCapture> =>
  fc
    .record({
      text: fc.boolean(),
      excerpt: fc.boolean(),
      based: fc.boolean(),
      duplicates: fc.constantFrom(0, 3),
      streams: fc.array(fc.record({ client: fc.integer({ min: 0, max: 2 }), port: fc.integer({ min: 0, max: 2 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      segments: fc.array(
        fc.record({
          stream: fc.integer({ min: 0, max: 5 }),
          time: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.constantFrom(0, 1e18, -5)),
          seq: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 4_294_967_290)),
          ack: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 4_294_967_290)),
          length: fc.constantFrom(0, 0, 1, 5, 20, 262_143),
          flags: fc.constantFrom(2, 18, 16, 24, 17, 4, 20, 0, 255),
          bits: fc.integer({ min: 0, max: 63 }),
          print: fc.integer({ min: 0, max: 3 }),
        }),
        { maxLength: 60 },
      ),
    })
    .map(({ text, excerpt, based, duplicates, streams, segments }) => {
      const log = {
        count: segments.length,
        stream: new Uint32Array(60),
        frame: new Uint32Array(60),
        time: new Float64Array(60),
        seq: new Uint32Array(60),
        ack: new Uint32Array(60),
        shape: new Uint32Array(60),
        print: new Uint32Array(60),
      };
      for (const [i, segment] of segments.entries()) {
        const known = text ? segment.bits & 7 : 7;
        const bits =
          (known & 1 ? Shape.knownSeq : 0) |
          (known & 2 ? Shape.knownAck : 0) |
          (known & 4 ? Shape.knownLength : 0) |
          (segment.bits & 8 ? Shape.fromServer : 0) |
          (text && segment.bits & 16 ? Shape.saidRetransmission : 0) |
          (text && segment.bits & 32 ? Shape.saidLostSegment : 0);
        log.stream[i] = segment.stream;
        log.frame[i] = i + 1;
        log.time[i] = segment.time * 1e3;
        log.seq[i] = segment.seq;
        log.ack[i] = segment.ack;
        log.shape[i] = packShape(segment.length, segment.flags, bits);
        log.print[i] = segment.print;
      }
      const rows = new TableBuilder(tcpConnections);
      for (const [stream, { client, port }] of streams.entries())
        rows.append({ stream, client_ip: `10.0.0.${client}`, client_port: port, server_ip: "10.0.1.1", server_port: 443 }, stream + 1);
      const times = segments.map(({ time }) => time * 1e3);
      return {
        sources: [source],
        info: {
          base: based ? 1_700_000_000_000_000_000n : null,
          zone: "utc",
          textExport: text,
          excerpt,
          filter: null,
          dropped: null,
          damaged: false,
        },
        connections: rows.build(source, "frame"),
        parts: [],
        segments: log,
        quality: {
          packets: segments.length,
          tcpPackets: segments.length,
          firstTime: Math.min(0, ...times),
          lastTime: Math.max(0, ...times),
          truncated: 0,
          zeroLength: 0,
          oversized: 0,
          badChecksums: 0,
          duplicates,
          oneSided: 0,
          unseenAcknowledged: 0,
        },
      } satisfies AnalysedCapture;
    });

describe("whatever two captures hold", () => {
  it("pairing ends and cites only segments that are there", () => {
    fc.assert(
      fc.property(wildCapture(0), wildCapture(1), (a, b) => {
        const correlation = correlate([a, b], []);
        const counts = [a.segments!.count, b.segments!.count];
        for (const table of ["session_pairs", "lost_segments", "foreign_resets"]) {
          for (const row of rowsOf(correlation, table)) {
            for (const value of Object.values(row))
              for (const cited of framesOf(value)) {
                const [source, frame] = cited.split(":").map(Number) as [number, number];
                expect(frame).toBeGreaterThan(0);
                expect(frame).toBeLessThanOrEqual(counts[source]!);
              }
          }
        }
      }),
      { seed: 7, numRuns: 400 },
    );
  });

  it("a capture compared with itself shows nothing lost and nothing foreign", () => {
    fc.assert(
      fc.property(wildCapture(0), (a) => {
        const correlation = correlate([a, { ...a, sources: [1], connections: { ...a.connections, source: 1 } }], []);
        expect(rowsOf(correlation, "foreign_resets")).toEqual([]);
        expect(rowsOf(correlation, "lost_segments").filter(({ kind }) => kind !== "syn")).toEqual([]);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it("tens of thousands of alike segments are aligned without a table of all against all", () => {
    const flood = (source: number, count: number): AnalysedCapture => {
      const columns = () => new Uint32Array(count);
      const log = {
        count,
        stream: columns(),
        frame: columns().map((_, i) => i + 1),
        time: new Float64Array(count).map((_, i) => i * 1000),
        seq: columns().fill(7),
        ack: columns().fill(9),
        shape: columns().fill(packShape(0, 16, Shape.knownSeq | Shape.knownAck | Shape.knownLength)),
        print: columns(),
      };
      const rows = new TableBuilder(tcpConnections);
      rows.append({ stream: 0, client_ip: "10.0.0.1", client_port: 1, server_ip: "10.0.1.1", server_port: 443 }, 1);
      return {
        sources: [source],
        info: { base: 0n, zone: "utc", textExport: false, excerpt: false, filter: null, dropped: null, damaged: false },
        connections: rows.build(source, "frame"),
        parts: [],
        segments: log,
        quality: {
          packets: count,
          tcpPackets: count,
          firstTime: 0,
          lastTime: count * 1000,
          truncated: 0,
          zeroLength: 0,
          oversized: 0,
          badChecksums: 0,
          duplicates: 0,
          oneSided: 0,
          unseenAcknowledged: 0,
        },
      };
    };
    const correlation = correlate([flood(0, 60_000), flood(1, 59_500)], []);
    expect(rowsOf(correlation, "session_pairs").length).toBeLessThanOrEqual(1);
  });
});

/** Article 25's client side: the session 192.168.1.66:46739 to 10.1.1.7:1433; after the first row times count from the row before. */
const WAN_CLIENT = `
406 20.541677 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [SYN] Seq=0 Win=5840 Len=0 MSS=1460 TSV=11322755 TSER=0 WS=6
407 0.089037 10.1.1.7 192.168.1.66 TCP 1433 > 46739 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1380 WS=8 TSV=359429749 TSER=11322755
408 0.000036 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=1 Ack=1 Win=5888 Len=0 TSV=11322777 TSER=359429749
409 0.000142 192.168.1.66 10.1.1.7 TDS TDS7/8 0x12 Packet
410 0.089013 10.1.1.7 192.168.1.66 TDS Response Packet
411 0.000058 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=27 Ack=27 Win=5888 Len=0 TSV=11322799 TSER=359429758
412 0.000861 192.168.1.66 10.1.1.7 TDS TDS7/8 0x12 Packet
413 0.091710 10.1.1.7 192.168.1.66 TDS TDS7/8 0x12 Packet
414 0.006916 192.168.1.66 10.1.1.7 TDS TDS7/8 0x12 Packet
415 0.093413 10.1.1.7 192.168.1.66 TDS TDS7/8 0x12 Packet
416 0.002583 192.168.1.66 10.1.1.7 TDS Unknown Packet Type: 23[Unreassembled Packet]
425 0.091253 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
426 0.000434 192.168.1.66 10.1.1.7 TDS Query Packet
427 0.089305 10.1.1.7 192.168.1.66 TDS Response Packet
428 0.000330 192.168.1.66 10.1.1.7 TDS Query Packet
429 0.088216 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
431 0.040908 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=1040 Ack=1372 Win=9280 Len=0 TSV=11322926 TSER=359429804
432 0.174717 192.168.1.66 10.1.1.7 TDS Remote Procedure Call Packet
433 0.103898 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
434 0.000056 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=1947 Ack=1875 Win=10944 Len=0 TSV=11322995 TSER=359429835
467 0.062827 192.168.1.66 10.1.1.7 TDS Remote Procedure Call Packet[Unreassembled Packet]
473 0.091735 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
474 0.000061 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=1992 Ack=1901 Win=10944 Len=0 TSV=11323034 TSER=359429852
475 0.008514 192.168.1.66 10.1.1.7 TDS Remote Procedure Call Packet
476 0.093648 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
477 0.001301 192.168.1.66 10.1.1.7 TDS Remote Procedure Call Packet[Unreassembled Packet]
478 0.087454 10.1.1.7 192.168.1.66 TDS Response Packet[Unreassembled Packet]
479 0.039780 192.168.1.66 10.1.1.7 TCP 46739 > 1433 [ACK] Seq=2944 Ack=2399 Win=12608 Len=0 TSV=11323092 TSER=359429871
`;

/** The same session at the server, behind NAT. */
const WAN_SERVER = `
44 21.123385 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [SYN] Seq=0 Win=5840 Len=0 MSS=1380 TSV=11322755 TSER=0 WS=6
45 0.000039 192.168.200.148 172.16.5.14TCP 1433 > 63584 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1460 WS=8 TSV=359429749 TSER=11322755
46 0.089015 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=1 Ack=1 Win=5888 Len=0 TSV=11322777 TSER=359429749
47 0.000461 172.16.5.14 192.168.200.148 TDS TDS7/8 0x12 Packet
48 0.000117 192.168.200.148 172.16.5.14TDS Response Packet
49 0.087810 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=27 Ack=27 Win=5888 Len=0 TSV=11322799 TSER=359429758
50 0.001553 172.16.5.14 192.168.200.148 TDS TDS7/8 0x12 Packet
51 0.000427 192.168.200.148 172.16.5.14TDS TDS7/8 0x12 Packet
52 0.099177 172.16.5.14 192.168.200.148 TDS TDS7/8 0x12 Packet
53 0.004255 192.168.200.148 172.16.5.14TDS TDS7/8 0x12 Packet
54 0.091772 172.16.5.14 192.168.200.148 TDS Unknown Packet Type: 23[Unreassembled Packet]
55 0.001104 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
56 0.089833 172.16.5.14 192.168.200.148 TDS Query Packet
57 0.000183 192.168.200.148 172.16.5.14TDS Response Packet
58 0.089154 172.16.5.14 192.168.200.148 TDS Query Packet
59 0.000150 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
60 0.128460 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=1040 Ack=1372 Win=9280 Len=0 TSV=11322926 TSER=359429804
61 0.178927 172.16.5.14 192.168.200.148 TDS Remote Procedure Call Packet
62 0.001507 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
63 0.098217 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=1947 Ack=1875 Win=10944 Len=0 TSV=11322995 TSER=359429835
64 0.066525 172.16.5.14 192.168.200.148 TDS Remote Procedure Call Packet[Unreassembled Packet]
65 0.000168 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
66 0.089069 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=1992 Ack=1901 Win=10944 Len=0 TSV=11323034 TSER=359429852
67 0.011578 172.16.5.14 192.168.200.148 TDS Remote Procedure Call Packet
68 0.001386 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
70 0.089248 172.16.5.14 192.168.200.148 TDS Remote Procedure Call Packet[Unreassembled Packet]
71 0.000147 192.168.200.148 172.16.5.14TDS Response Packet[Unreassembled Packet]
72 0.129948 172.16.5.14 192.168.200.148 TCP 63584 > 1433 [ACK] Seq=2944 Ack=2399 Win=12608 Len=0 TSV=11323092 TSER=359429871
73 0.002327 172.16.5.14 192.168.200.148 TDS Remote Procedure Call Packet
`;
