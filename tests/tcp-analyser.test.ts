import { describe, expect, it } from "vitest";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { analyseFrames, analyseText } from "./support/analysed.ts";
import { type CapturedFrame, ethernet, hex, icmp, ipv4, tcpFrame, udpFrame } from "./support/capture-writer.ts";
import { frames, HANDSHAKE, type Step, scenarios } from "./support/tcp-scenarios.ts";

const START = 1_700_000_000_000_000_000n;

async function connections(steps: readonly Step[]) {
  return (await analyseFrames(frames(steps))).rows("tcp_connections");
}

/** What was found of each frame that anything was found of. */
async function findings(steps: readonly Step[]): Promise<Record<number, string[]>> {
  const { frames: found } = await analyseFrames(frames(steps));
  return Object.fromEntries([...found].filter(([, frame]) => frame.found.length > 0).map(([number, frame]) => [number, frame.found]));
}

describe("tcp_connections", () => {
  it("tells ends, times, bytes, options and turns of a whole connection", async () => {
    const [row, ...others] = await connections(scenarios.requests);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      stream: 0,
      side: null,
      client_ip: "192.0.2.10",
      client_port: 50000,
      server_ip: "198.51.100.7",
      server_port: 443,
      start: START,
      end: START + 760_000_000n,
      duration: 0.76,
      conn_state: "SF",
      history: "ShADdFf",
      orig_bytes: 300,
      resp_bytes: 1800,
      missed_bytes: 0,
      orig_pkts: 7,
      resp_pkts: 5,
      // 7 headers of 40 bytes, 12 bytes of options in the SYN, 300 of payload.
      orig_ip_bytes: 592,
      resp_ip_bytes: 2012,
      syn_count: 1,
      syn_ack_count: 1,
      handshake_rtt: 0.02,
      syn_rtt: 0.01,
      ack_rtt: 0.01,
      established: true,
      reset_by: null,
      reset_before_data: null,
      idle_max: 0.49,
      idle_before_reset: null,
      turns: 3,
      request_response_rtt_min: 0.03,
      first_frame: 1,
      last_frame: 12,
      syn_frames: [1],
      syn_ack_frame: 2,
      reset_frame: null,
      client_mss: 1460,
      client_window_shift: 8,
      client_sack_permitted: true,
      client_timestamps: false,
      client_max_segment: 200,
      client_ttl: 128,
      // The server waited for the second request: 0.201 to 0.7 s.
      client_wait_max: 0.499,
      client_wait_total: 0.499,
      server_max_segment: 1460,
      server_wait_max: 0.1,
      process: null,
      process_id: null,
    });
    expect(row!.server_wait_total).toBeCloseTo(0.13, 9);
  });

  it("follows unanswered SYNs in one row", async () => {
    expect(await connections(scenarios.unanswered)).toMatchObject([
      {
        conn_state: "S0",
        history: "S",
        syn_count: 3,
        syn_frames: [1, 2, 3],
        client_retransmissions: 2,
        established: false,
        syn_rtt: null,
        server_mss: null,
      },
    ]);
  });

  it("says who reset, and what came before", async () => {
    expect(await connections(scenarios.refused)).toMatchObject([
      {
        conn_state: "REJ",
        history: "Sr",
        syn_count: 2,
        reset_by: "server",
        reset_before_data: true,
        reset_frame: 2,
        reset_frames: [2, 4],
        server_resets: 2,
      },
    ]);
    expect(await connections(scenarios.backoff)).toMatchObject([
      {
        conn_state: "RSTO",
        reset_by: "client",
        reset_before_data: false,
        reset_frame: 9,
        idle_before_reset: 9.6,
        idle_max: 9.6,
        reset_after_idle: null,
        client_resets: 1,
      },
    ]);
  });

  it("tells a reused pair of ports from a repeated SYN", async () => {
    expect(await connections(scenarios.portsReused)).toMatchObject([
      { stream: 0, first_frame: 1, last_frame: 4, conn_state: "RSTO" },
      { stream: 1, first_frame: 5, last_frame: 7, conn_state: "S1" },
    ]);
  });

  it("takes the sender of a first SYN/ACK for the server, and marks that it turned the connection round", async () => {
    expect(await connections(scenarios.requests.slice(1))).toMatchObject([
      {
        client_ip: "192.0.2.10",
        server_port: 443,
        syn_count: 0,
        syn_ack_frame: 1,
        history: "^hADdFf",
        conn_state: "SF",
        handshake_rtt: null,
        ack_rtt: 0.01,
      },
    ]);
  });

  it.each([
    ["198.51.100.7:443", "192.0.2.10:50000", "198.51.100.7"],
    ["192.0.2.10:50000", "198.51.100.7:443", "198.51.100.7"],
    ["198.51.100.7:7890", "192.0.2.10:51122", "198.51.100.7"],
    ["198.51.100.7:40000", "192.0.2.10:2000", "192.0.2.10"],
  ])("guesses the server of data from %s to %s captured midway", async (from, to, server) => {
    const one = await analyseFrames([{ time: 0, bytes: tcpFrame(from, to, { flags: "PA", seq: 1, ack: 1, payload: "data" }) }]);
    expect(one.rows("tcp_connections")).toMatchObject([{ server_ip: server, established: false, conn_state: "OTH" }]);
  });

  it("counts what snaplen cut off as missed, as Zeek does", async () => {
    const cut = frames(scenarios.requests).map(
      ({ time, bytes }): CapturedFrame => ({ time, bytes: bytes.subarray(0, 96), wireLength: bytes.length }),
    );
    const { capture, rows } = await analyseFrames(cut);
    // All but the 40-byte segment; the client's last request is acknowledged only after its FIN.
    expect(rows("tcp_connections")).toMatchObject([{ orig_bytes: 300, resp_bytes: 1800, missed_bytes: 2060, orig_ip_bytes: 592 }]);
    expect(capture.quality.truncated).toBe(4);
  });
});

describe("analysis of sequence numbers", () => {
  it.each([
    ["requests", {}],
    ["backoff", { 5: ["retransmission"], 6: ["retransmission"], 7: ["retransmission"], 8: ["retransmission"] }],
    [
      "fast",
      {
        6: ["lost_segment"],
        7: ["duplicate_ack"],
        8: ["duplicate_ack"],
        9: ["duplicate_ack"],
        10: ["retransmission", "fast_retransmission"],
      },
    ],
    ["spurious", { 6: ["retransmission", "spurious_retransmission"], 7: ["duplicate_ack"] }],
    ["overtaken", { 5: ["lost_segment"], 6: ["out_of_order"] }],
    ["unseen", { 5: ["ack_lost_segment"], 6: ["lost_segment"], 7: ["ack_lost_segment"] }],
    ["keepAlives", { 6: ["keep_alive"], 7: ["keep_alive_ack"], 8: ["keep_alive"], 9: ["keep_alive_ack"] }],
    ["windows", { 5: ["window_full"], 6: ["zero_window"], 8: ["zero_window"], 9: ["window_update"] }],
    ["unanswered", { 2: ["retransmission"], 3: ["retransmission"] }],
    ["refused", { 3: ["retransmission"] }],
    ["portsReused", {}],
    ["wrapping", { 8: ["retransmission"] }],
    ["recordedTwice", { 5: ["retransmission"] }],
  ] as const)("of %s", async (name, expected) => {
    expect(await findings(scenarios[name])).toEqual(expected);
  });

  it("is summed up per end", async () => {
    expect(await connections(scenarios.fast)).toMatchObject([
      {
        client_retransmissions: 1,
        client_fast_retransmissions: 1,
        client_lost_segments: 1,
        server_duplicate_acks: 3,
        client_duplicate_acks: 0,
      },
    ]);
    expect(await connections(scenarios.unseen)).toMatchObject([
      { client_ack_lost_segments: 2, server_lost_segments: 1, missed_bytes: 1000, history: "ShAdg" },
    ]);
    expect(await connections(scenarios.windows)).toMatchObject([{ client_window_fulls: 1, server_zero_windows: 2, client_keep_alives: 0 }]);
    expect(await connections(scenarios.keepAlives)).toMatchObject([{ client_keep_alives: 2, client_retransmissions: 0, idle_max: 59.99 }]);
  });
});

describe("tcp_retransmissions", () => {
  it("gathers the copies of one segment, with back-off, the MSS it exceeds and the RST that ended it", async () => {
    const { rows } = await analyseFrames(frames(scenarios.backoff));
    expect(rows("tcp_retransmissions")).toMatchObject([
      {
        stream: 0,
        client_ip: "192.0.2.10",
        client_port: 50000,
        server_ip: "198.51.100.7",
        server_port: 443,
        side: null,
        from: "client",
        sender_ip: "192.0.2.10",
        receiver_ip: "198.51.100.7",
        time: START + 300_000_000n,
        length: 536,
        kind: "data",
        copies: 4,
        acknowledged: false,
        peer_mss: 512,
        exceeds_peer_mss: true,
        backoff: true,
        first_gap: 0.6,
        last_gap: 4.8,
        span: 9,
        ended_by_reset: true,
        frame: 4,
        copy_frames: [5, 6, 7, 8],
        reset_frame: 9,
        syn_ack_frame: 2,
        peer_syn_frame: 2,
      },
    ]);
  });

  it("lists SYNs, and segments whose first transmission was not captured", async () => {
    const syn = await analyseFrames(frames(scenarios.unanswered));
    expect(syn.rows("tcp_retransmissions")).toMatchObject([
      {
        kind: "syn",
        length: 0,
        frame: 1,
        copy_frames: [2, 3],
        copies: 2,
        first_gap: 3,
        last_gap: 6,
        backoff: false,
        acknowledged: false,
        peer_mss: null,
      },
    ]);
    const fast = await analyseFrames(frames(scenarios.fast));
    expect(fast.rows("tcp_retransmissions")).toMatchObject([
      { kind: "data", frame: null, copy_frames: [10], copies: 1, first_gap: null, acknowledged: true },
    ]);
  });

  it.each(["keepAlives", "windows", "overtaken", "recordedTwice", "requests"] as const)("lists nothing of %s", async (name) => {
    expect((await analyseFrames(frames(scenarios[name]))).rows("tcp_retransmissions")).toEqual([]);
  });

  it.each([
    [0.0005, 0, []],
    [0.003, 0, [{ copies: 1 }]],
    [0.003, 7, []],
  ])("takes the same segment %d s later, of IP identification %d, for one recorded twice or sent again", async (later, id, expected) => {
    const segment = { flags: "PA", seq: 1001, ack: 5001, payload: 100, id } as const;
    const { rows } = await analyseFrames(frames([...HANDSHAKE, [1, ">", segment], [1 + later, ">", segment]]));
    expect(rows("tcp_retransmissions")).toMatchObject(expected);
  });

  it("does not call even gaps back-off", async () => {
    const even: Step[] = [4, 5, 6, 7, 8].map((second) => [second, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 100 }]);
    expect((await analyseFrames(frames([...HANDSHAKE, ...even]))).rows("tcp_retransmissions")).toMatchObject([
      { copies: 4, backoff: false, ended_by_reset: false },
    ]);
  });
});

describe("tcp_stalls", () => {
  /** The server answers with 6 bytes, waits for their acknowledgement, and sends the other 276. */
  const stalled = (ackAt: number, restAt: number, small = 6, between: readonly Step[] = []): Step[] => [
    ...HANDSHAKE,
    [1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 323 }],
    [1.101, "<", { flags: "A", seq: 5001, ack: 1324 }],
    [1.102, "<", { flags: "PA", seq: 5001, ack: 1324, payload: small }],
    ...between,
    [ackAt, ">", { flags: "A", seq: 1324, ack: 5001 + small }],
    [restAt, "<", { flags: "PA", seq: 5001 + small, ack: 1324, payload: 276 }],
  ];
  const stalls = async (steps: readonly Step[]) => (await analyseFrames(frames(steps))).rows("tcp_stalls");

  it("tells a small write that waited for a delayed acknowledgement", async () => {
    const [stall, ...others] = await stalls(stalled(1.302, 1.3026));
    expect(others).toEqual([]);
    expect(stall).toMatchObject({
      stream: 0,
      from: "server",
      time: START + 1_102_000_000n,
      small_length: 6,
      rest_length: 276,
      ack_delay: 0.2,
      resume_delay: 0.0006,
      held_back: expect.closeTo(0.1806, 9), // beyond a round trip of 20 ms
      stalls: 1,
      unprompted: 0,
      request_ack_delay: 0.101,
      rtt: 0.02,
      request_frame: 4,
      small_frame: 6,
      ack_frame: 7,
      rest_frame: 8,
    });
  });

  it.each([
    ["the acknowledgement comes at once", stalled(1.103, 1.3)],
    ["the rest comes a second later: nobody waited", stalled(1.302, 2.3)],
    ["the segment is a full one", stalled(1.302, 1.3026, 1460)],
    ["more was sent meanwhile", stalled(1.302, 1.3026, 6, [[1.2, "<", { flags: "PA", seq: 5007, ack: 1324, payload: 10 }]])],
    [
      "the other end had sent something meanwhile",
      stalled(1.302, 1.3026, 6, [[1.2, ">", { flags: "PA", seq: 1324, ack: 5001, payload: 10 }]]),
    ],
  ])("says nothing where %s", async (_, steps) => {
    expect(await stalls(steps)).toEqual([]);
  });

  it("counts how often the sender did not wait", async () => {
    const later: Step[] = [
      [1.31, ">", { flags: "A", seq: 1324, ack: 5283 }],
      [2, "<", { flags: "PA", seq: 5283, ack: 1324, payload: 40 }],
      [2.01, "<", { flags: "PA", seq: 5323, ack: 1324, payload: 30 }], // the 40 bytes are not acknowledged
      [2.2, ">", { flags: "A", seq: 1324, ack: 5353 }],
      [2.3, "<", { flags: "PA", seq: 5353, ack: 1324, payload: 40 }], // a tenth of a second after the acknowledgement
    ];
    expect(await stalls([...stalled(1.302, 1.3026), ...later])).toMatchObject([{ stalls: 1, unprompted: 2 }]);
  });

  it("sees them in a capture that holds every packet twice", async () => {
    const twice = stalled(1.302, 1.3026).flatMap(([time, way, segment], index): Step[] => [
      [time, way, { ...segment, id: index + 1 }],
      [time + 0.00001, way, { ...segment, id: index + 1 }],
    ]);
    expect(await stalls(twice)).toMatchObject([{ small_length: 6, rest_length: 276, unprompted: 0 }]);
  });

  it("knows a full segment beside its options", async () => {
    expect(await stalls(stalled(1.302, 1.3026, 1448))).toEqual([]); // 12 bytes of time stamps
  });

  it("says nothing where the path alone explains the wait", async () => {
    const slow = stalled(1.302, 1.3026).map(([time, ...rest], index): Step => [index < 3 ? time * 9 : time, ...rest]);
    expect(await stalls(slow)).toEqual([]);
  });
});

describe("text exports", () => {
  const head = "No. Time Source Destination Protocol Length Info";
  const list = (...rows: string[]) => analyseText(wiresharkList, [head, ...rows].join("\n"));

  it("analyses relative sequence numbers like any others, and leaves out what rows do not show", async () => {
    const { rows, capture } = await list(
      "1 0.000000 192.0.2.1 192.0.2.9 TCP 66 50001 → 25 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM",
      "2 0.022000 192.0.2.9 192.0.2.1 TCP 66 25 → 50001 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=512",
      "3 0.022100 192.0.2.1 192.0.2.9 TCP 54 50001 → 25 [ACK] Seq=1 Ack=1 Win=65392 Len=0",
      "7 0.100000 192.0.2.1 192.0.2.9 TCP 590 50001 → 25 [PSH, ACK] Seq=649 Ack=269 Win=65124 Len=536",
      "8 0.700000 192.0.2.1 192.0.2.9 TCP 590 [TCP Retransmission] 50001 → 25 [PSH, ACK] Seq=649 Ack=269 Win=65124 Len=536",
    );
    expect(rows("tcp_connections")).toMatchObject([
      // The hole between frames 3 and 7 is the export's: rows were cut away, so nothing was lost.
      {
        conn_state: "S1",
        client_lost_segments: 0,
        server_ack_lost_segments: 0,
        client_retransmissions: 1,
        missed_bytes: null,
        client_ttl: null,
        server_mss: 512,
      },
    ]);
    expect(rows("tcp_retransmissions")).toMatchObject([{ frame: 7, copy_frames: [8], length: 536, exceeds_peer_mss: true }]);
    expect(capture.quality.unseenAcknowledged).toBe(0);
  });

  it("opens another connection for a SYN after a handshake, though relative numbers start at 0 again", async () => {
    const handshake = (time: number, frame: number) => [
      `${frame} ${time}.000000 192.0.2.1 192.0.2.9 TCP 66 50001 → 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460`,
      `${frame + 1} ${time}.010000 192.0.2.9 192.0.2.1 TCP 66 80 → 50001 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1460`,
      `${frame + 2} ${time}.020000 192.0.2.1 192.0.2.9 TCP 54 50001 → 80 [ACK] Seq=1 Ack=1 Win=8192 Len=0`,
    ];
    const { rows } = await list(...handshake(0, 1), ...handshake(100, 9));
    expect(rows("tcp_connections")).toMatchObject([
      { first_frame: 1, syn_count: 1 },
      { first_frame: 9, syn_count: 1 },
    ]);
  });
});

describe("the other tables", () => {
  it("tells UDP conversations apart as Zeek does, after a minute's silence too", async () => {
    const [client, server] = ["192.0.2.10:40000", "192.0.2.53:53"];
    const { rows } = await analyseFrames([
      { time: 0, bytes: udpFrame(client, server, "question") },
      { time: 0.02, bytes: udpFrame(server, client, "the answer") },
      { time: 61, bytes: udpFrame(client, server, "again") },
      { time: 62, bytes: udpFrame(server, "192.0.2.11:40001", "late answer") },
    ]);
    expect(rows("udp_flows")).toMatchObject([
      {
        client_ip: "192.0.2.10",
        server_port: 53,
        duration: 0.02,
        conn_state: "SF",
        history: "Dd",
        orig_bytes: 8,
        resp_bytes: 10,
        orig_pkts: 1,
        orig_ip_bytes: 36,
      },
      { start: START + 61_000_000_000n, conn_state: "S0", history: "D", first_frame: 3, resp_pkts: 0 },
      { client_ip: "192.0.2.11", server_ip: "192.0.2.53", conn_state: "SHR", history: "^d", first_frame: 4 },
    ]);
  });

  it("lists ARP packets and ICMP errors", async () => {
    const request = hex("0001 0800 06 04 0001 00005e005301 c0000201 000000000000 c0000209");
    const quoted = ipv4({ source: "192.0.2.10", destination: "198.51.100.7", protocol: 17 }, hex("9c40 0035 0010 0000"));
    const error = icmp(3, 3, 0, quoted);
    const { rows } = await analyseFrames([
      { time: 0, bytes: ethernet(0x0806, request) },
      { time: 1, bytes: ethernet(0x0800, ipv4({ source: "198.51.100.7", destination: "192.0.2.10", protocol: 1 }, error)) },
    ]);
    expect(rows("arp_packets")).toEqual([
      {
        time: START,
        elapsed: 0,
        operation: "request",
        sender_mac: "00:00:5e:00:53:01",
        sender_ip: "192.0.2.1",
        target_mac: "00:00:00:00:00:00",
        target_ip: "192.0.2.9",
      },
    ]);
    expect(rows("icmp_messages")).toMatchObject([
      {
        from_ip: "198.51.100.7",
        to_ip: "192.0.2.10",
        type: 3,
        code: 3,
        mtu: null,
        quoted_protocol: 17,
        quoted_source_port: 40000,
        quoted_destination_port: 53,
      },
    ]);
  });

  it("counts what tells how good the capture is", async () => {
    const oversized = frames([...HANDSHAKE, [0.1, ">", { flags: "PA", seq: 1001, ack: 5001, payload: 4000 }]]);
    expect((await analyseFrames(oversized)).capture.quality).toMatchObject({
      packets: 4,
      tcpPackets: 4,
      oversized: 1,
      duplicates: 0,
      oneSided: 0,
      firstTime: 0,
      lastTime: 1e8,
    });
    expect((await analyseFrames(frames(scenarios.recordedTwice))).capture.quality).toMatchObject({ duplicates: 1 });
    expect((await analyseFrames(frames(scenarios.unanswered))).capture.quality).toMatchObject({ oneSided: 1 });
    expect((await analyseFrames([])).capture.quality).toMatchObject({ packets: 0, firstTime: 0, lastTime: 0 });
  });

  it("keeps the segments that pairing needs only when asked", async () => {
    expect((await analyseFrames(frames(scenarios.requests))).capture.segments).toBeNull();
    const { segments } = (await analyseFrames(frames(scenarios.requests), true)).capture;
    expect(segments!.count).toBe(12);
    expect([...segments!.frame]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect([...segments!.seq.subarray(3, 6)]).toEqual([1001, 5001, 6461]);
    const prints = [...segments!.print];
    expect(prints.slice(3, 6).every((print) => print !== 0)).toBe(true);
    expect(prints[3]).not.toBe(prints[7]);
  });
});
