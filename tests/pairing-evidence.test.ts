import { describe, expect, it } from "vitest";
import type { SourceHints } from "../engine/formats/format.ts";
import { correlateFiles, framesOf, rowsOf } from "./support/capture-points.ts";
import { type CapturedFrame, pcapFile, tcpFrame } from "./support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const CLIENT = "192.0.2.10:50001";
const SERVER = "198.51.100.7:443";

/** One session at two taps 10 ms apart, with others around it so that both captures cover more than its own time. */
function scene(tell: (session: SessionScript, taps: TwoTaps) => void): TwoTaps {
  const taps = new TwoTaps();
  healthySession(taps, "192.0.2.10:40001", "198.51.100.7:443", 0);
  const session = new SessionScript(taps, CLIENT, SERVER);
  tell(session, taps);
  healthySession(taps, "192.0.2.10:40002", "198.51.100.7:443", 60);
  return taps;
}

type Frames = readonly CapturedFrame[];

async function correlated(client: Frames, server: Frames, hints: { client?: SourceHints; server?: SourceHints } = {}) {
  const correlation = await correlateFiles([
    { path: "client.pcap", content: pcapFile(client), hints: hints.client ?? {} },
    { path: "server.pcap", content: pcapFile(server), hints: hints.server ?? {} },
  ]);
  return {
    correlation,
    pairs: rowsOf(correlation, "session_pairs"),
    lost: rowsOf(correlation, "lost_segments"),
    foreign: rowsOf(correlation, "foreign_resets"),
    coverage: correlation.coverage.filter(({ table }) => table === "lost_segments"),
  };
}

const both = (taps: TwoTaps) => correlated(taps.frames("client"), taps.frames("server"));
/** Frame number, counted from 1, of the nth frame (from 0) of the scene's own session at a side. */
function frameOf(taps: TwoTaps, side: "client" | "server", time: number): number {
  return taps.frames(side).findIndex((frame) => frame.time >= time - 1e-9) + 1;
}

describe("a lost segment", () => {
  it("is cited with every copy that vanished, the hole and the reset", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.send("client", 11, { flags: "PA", payload: 281 });
      session.send("client", 11.001, { flags: "PA", payload: 1460, lost: true });
      session.send("client", 11.002, { flags: "PA", payload: 586, ahead: true });
      session.send("server", 11.02, { flags: "A" });
      for (const time of [13, 16, 22]) session.send("client", time, { flags: "PA", payload: 1460, again: true, lost: true });
      session.send("server", 40, { flags: "RA" });
    });
    const { lost, pairs } = await both(taps);
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({
      direction: "to_server",
      kind: "data",
      length: 1460,
      copies_lost: 4,
      copies_arrived: 0,
      seconds_to_reset: expect.closeTo(29.009, 3),
    });
    expect(framesOf(lost[0]!.sent_frames)).toEqual([11.001, 13, 16, 22].map((time) => `0:${frameOf(taps, "client", time)}`));
    expect(framesOf(lost[0]!.gap_frames)).toEqual([`1:${frameOf(taps, "server", 11.012)}`, `1:${frameOf(taps, "server", 11.02)}`]);
    expect(framesOf(lost[0]!.reset_frames)).toEqual([`0:${frameOf(taps, "client", 40.01)}`, `1:${frameOf(taps, "server", 40)}`]);
    expect(pairs.find((row) => row.client_port === 50001)).toMatchObject({ lost_to_server: 4, lost_to_client: 0, foreign_resets: 0 });
  });

  it("counts copies that did arrive", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.send("client", 11, { flags: "PA", payload: 500, lost: true });
      session.send("client", 11.3, { flags: "PA", payload: 500, again: true });
      session.turn(11.4, 100, 100);
      session.close(12);
    });
    const { lost } = await both(taps);
    expect(lost).toMatchObject([{ kind: "data", copies_lost: 1, copies_arrived: 1 }]);
    expect(framesOf(lost[0]!.sent_frames)).toEqual([`0:${frameOf(taps, "client", 11)}`]);
    expect(lost[0]!.reset_frames).toEqual([]);
  });

  it.each([
    [
      "SYN",
      "syn",
      (s: SessionScript) =>
        s
          .send("client", 10, { flags: "S", lost: true })
          .send("client", 11, { flags: "S", again: true })
          .send("server", 11.02, { flags: "SA" }),
    ],
    [
      "SYN/ACK",
      "syn_ack",
      (s: SessionScript) =>
        s
          .send("client", 10, { flags: "S" })
          .send("server", 10.02, { flags: "SA", lost: true })
          .send("server", 11.02, { flags: "SA", again: true }),
    ],
  ] as const)("can be a %s", async (_, kind, open) => {
    const taps = scene((session) => {
      open(session);
      session.send("client", 11.04);
      session.turn(11.1, 100, 100);
      session.close(12);
    });
    expect((await both(taps)).lost).toMatchObject([{ kind, copies_lost: 1, copies_arrived: 1 }]);
  });

  it("can be a pure acknowledgement or a FIN", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.send("client", 11, { flags: "PA", payload: 100 });
      session.send("server", 11.05, { lost: true });
      session.send("server", 11.1, { flags: "PA", payload: 100 });
      session.send("client", 11.12);
      session.send("client", 12, { flags: "FA", lost: true }).send("client", 12.3, { flags: "FA", again: true });
      session.send("server", 12.32, { flags: "FA" });
      session.send("client", 12.34);
    });
    const { lost } = await both(taps);
    expect(lost.map(({ kind, direction }) => [kind, direction])).toEqual([
      ["fin", "to_server"],
      ["ack", "to_client"],
    ]);
  });
});

describe("what is not loss", () => {
  const chat = () =>
    scene((session) => {
      session.open(10);
      for (const time of [11, 12, 13]) session.turn(time, 300, 4000);
      session.close(14);
    });

  it("a healthy session", async () => {
    const { lost, foreign, pairs, coverage } = await both(chat());
    expect([lost, foreign]).toEqual([[], []]);
    expect(pairs).toHaveLength(3);
    expect(coverage).toMatchObject([{ complete: true, host: ["198.51.100.7"] }]);
  });

  it("a packet the receiving host's capture dropped: the receiver acknowledged it", async () => {
    const taps = chat();
    const at = frameOf(taps, "server", 12.01);
    const { lost } = await correlated(
      taps.frames("client"),
      taps.frames("server").filter((_, i) => i + 1 !== at),
    );
    expect(lost).toEqual([]);
  });

  it("an acknowledgement missing from a capture that misses data, too", async () => {
    const taps = chat();
    const drop = new Set([frameOf(taps, "server", 11.01), frameOf(taps, "server", 13.0325)]);
    const { lost } = await correlated(
      taps.frames("client"),
      taps.frames("server").filter((_, i) => !drop.has(i + 1)),
    );
    expect(lost).toEqual([]);
  });

  it.each([
    ["began later", (time: number) => time > 11.5],
    ["ended earlier", (time: number) => time < 12.5],
    ["saw the middle only", (time: number) => time > 11.5 && time < 12.5],
  ])("what a capture that %s did not see", async (_, keep) => {
    const taps = chat();
    const { lost, foreign } = await correlated(
      taps.frames("client"),
      taps.frames("server").filter(({ time }) => keep(time)),
    );
    expect([lost, foreign]).toEqual([[], []]);
  });

  it("a session that a filter kept out of one capture", async () => {
    const taps = chat();
    const others = taps.frames("server").filter(({ time }) => time < 9 || time > 20);
    const { lost, pairs } = await correlated(taps.frames("client"), others);
    expect(lost).toEqual([]);
    expect(pairs.map(({ client_port }) => client_port)).toEqual([40001, 40002]);
  });

  it("a capture of one direction only", async () => {
    const taps = chat();
    const replies = new Set(taps.listed.server.filter(({ from }) => from.startsWith("198")).map(({ time }) => time));
    const { lost, foreign } = await correlated(
      taps.frames("client"),
      taps.frames("server").filter(({ time }) => replies.has(time)),
    );
    expect([lost, foreign]).toEqual([[], []]);
  });

  it("a packet recorded twice at the sender", async () => {
    const taps = chat();
    const twice = taps.frames("client").flatMap((frame) => [frame, { ...frame, time: frame.time + 0.00002 }]);
    expect((await correlated(twice, taps.frames("server"))).lost).toEqual([]);
  });

  it("a large segment that offload cut up on the way", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 4380);
      session.close(14);
    });
    const [first] = taps.listed.server.filter(({ length, time }) => length === 1460 && time > 11 && time < 12);
    const cut = taps
      .frames("server")
      .filter((_, i) => !(taps.frames("server")[i]!.time > 11.011 && taps.frames("server")[i]!.time < 11.0125));
    const large = tcpFrame(SERVER, CLIENT, { flags: "PA", seq: first!.seq, ack: first!.ack, payload: bodies(taps, 11.02, 11.03), id: 77 });
    const server = [...cut, { time: first!.time, bytes: large }].sort((a, b) => a.time - b.time);
    const { lost, foreign } = await correlated(taps.frames("client"), server);
    expect([lost, foreign]).toEqual([[], []]);
  });

  it("two reads of one capture", async () => {
    const taps = chat();
    const { pairs, lost } = await correlated(taps.frames("client"), taps.frames("client"));
    expect([pairs, lost]).toEqual([[], []]);
  });
});

/** Payload of the server's segments that the client's tap shows in a span of time. */
function bodies(taps: TwoTaps, from: number, to: number): string {
  const frames = taps.frames("client").filter(({ time, bytes }) => time >= from && time < to && bytes.length > 100);
  return frames.map(({ bytes }) => new TextDecoder().decode(bytes.subarray(54))).join("");
}

describe("an attempt the server side never shows", () => {
  const unanswered = (target = SERVER) =>
    scene((session, taps) => {
      const attempt = new SessionScript(taps, CLIENT, target, { client: 777 });
      for (const [n, time] of [10, 13, 19].entries()) attempt.send("client", time, { flags: "S", lost: true, again: n > 0 });
      expect(session.now).toBe(0);
    });

  it("is lost where that capture shows the client's other sessions with the server", async () => {
    const taps = unanswered();
    const { lost, pairs } = await both(taps);
    expect(lost).toMatchObject([
      { kind: "syn", copies_lost: 3, copies_arrived: 0, server_ip: "198.51.100.7", inner_server_ip: "198.51.100.7" },
    ]);
    expect(framesOf(lost[0]!.sent_frames)).toEqual([10, 13, 19].map((time) => `0:${frameOf(taps, "client", time)}`));
    expect(pairs.find(({ seen_at }) => seen_at === "client")).toMatchObject({ client_port: 50001, server_stream: null });
  });

  it("is not judged where the server is another", async () => {
    const { lost, pairs } = await both(unanswered("203.0.113.9:443"));
    expect(lost).toEqual([]);
    expect(pairs.map(({ seen_at }) => seen_at)).toEqual(["both", "both"]);
  });

  it("is not judged where the server side misses an answered session with that server: another machine behind one address", async () => {
    const taps = unanswered();
    healthySession(taps, "192.0.2.10:40003", SERVER, 30);
    const server = taps.frames("server").filter(({ time }) => time < 29 || time > 35);
    expect((await correlated(taps.frames("client"), server)).lost).toEqual([]);
  });

  it("is not judged where the server side was filtered to other clients", async () => {
    const taps = new TwoTaps();
    healthySession(taps, "192.0.2.99:40001", SERVER, 0);
    healthySession(taps, "192.0.2.99:40002", SERVER, 60);
    const attempt = new SessionScript(taps, CLIENT, SERVER, { client: 777 });
    attempt.send("client", 10, { flags: "S", lost: true }).send("client", 13, { flags: "S", lost: true, again: true });
    const filtered = await correlated(taps.frames("client"), taps.frames("server"), { server: { filter: "host 192.0.2.99" } });
    expect(filtered.lost).toEqual([]);
    const whole = await correlated(taps.frames("client"), taps.frames("server"));
    expect(whole.lost).toMatchObject([{ kind: "syn", copies_lost: 2 }]);
  });

  it("is judged only for SYNs sent while the server side was capturing", async () => {
    const taps = unanswered();
    const { lost } = await correlated(
      taps.frames("client"),
      taps.frames("server").filter(({ time }) => time < 12 || time > 1000),
    );
    expect(lost).toEqual([]);
  });

  it("may end with a reset the server never sent", async () => {
    const taps = scene((session) => {
      session.send("client", 10, { flags: "S", lost: true });
      session.send("server", 10.005, { flags: "RA", forged: true, ack: 1_000_001 });
    });
    const { lost, foreign } = await both({ ...taps, frames: taps.frames.bind(taps) } as TwoTaps);
    expect(lost).toMatchObject([{ kind: "syn", copies_lost: 1 }]);
    expect(foreign).toMatchObject([{ received_by: "client", during_handshake: true }]);
  });
});

describe("a reset", () => {
  it("is foreign if the end it names never sent it", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.send("client", 11.5, { flags: "R", forged: true, ttl: 60 });
      session.send("client", 12, { flags: "PA", payload: 40 });
    });
    const { foreign, lost } = await both(taps);
    expect(foreign).toMatchObject([
      { received_by: "server", during_handshake: false, ttl: 60, expected_ttl: 123, delay: expect.closeTo(0.488, 2) },
    ]);
    expect(framesOf(foreign[0]!.reset_frames).at(-1)).toBe(`1:${frameOf(taps, "server", 11.5)}`);
    expect(framesOf(foreign[0]!.sender_frames).at(-1)).toBe(`0:${frameOf(taps, "client", 12)}`);
    expect(lost).toEqual([]);
  });

  it("is the sender's own if its capture shows it", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.send("client", 12, { flags: "RA" });
    });
    expect((await both(taps)).foreign).toEqual([]);
  });

  it("is not foreign where the sender's capture misses other packets, too", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.send("client", 12, { flags: "RA" });
    });
    const drop = new Set([frameOf(taps, "client", 11), frameOf(taps, "client", 12)]);
    const { foreign } = await correlated(
      taps.frames("client").filter((_, i) => !drop.has(i + 1)),
      taps.frames("server"),
    );
    expect(foreign).toEqual([]);
  });

  it("is not foreign after the sender's capture ended", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.send("client", 12, { flags: "RA" });
    });
    const { foreign } = await correlated(
      taps.frames("client").filter(({ time }) => time < 11.9),
      taps.frames("server"),
    );
    expect(foreign).toEqual([]);
  });
});

describe("pairing", () => {
  it("tells sessions on the same ports apart by their numbers", async () => {
    const taps = new TwoTaps();
    for (const [n, start] of [0, 20, 40].entries()) {
      const session = new SessionScript(taps, CLIENT, SERVER, { client: 1000 + 77_000_000 * n, server: 5 + 99_000_000 * n });
      session.open(start);
      if (n === 1)
        session
          .send("client", start + 1, { flags: "PA", payload: 50, lost: true })
          .send("client", start + 1.2, { flags: "PA", payload: 50, again: true });
      session.turn(start + 2, 100, 200);
      session.close(start + 3);
    }
    const { pairs, lost } = await both(taps);
    expect(pairs.map(({ client_stream, server_stream, lost_to_server }) => [client_stream, server_stream, lost_to_server])).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 0],
    ]);
    expect(lost).toHaveLength(1);
  });

  it("does not take strangers for one session: small made-up numbers, other addresses, another year", async () => {
    const told = (client: string, server: string) => {
      const taps = new TwoTaps();
      const session = new SessionScript(taps, client, server, { client: 1, server: 100 });
      session.open(0);
      session.turn(1, 120, 300);
      session.close(2);
      return taps.frames("client");
    };
    const [one, other] = [told("192.0.2.10:50001", "198.51.100.7:80"), told("203.0.113.5:50001", "198.51.100.200:80")];
    const years = { start: 1_600_000_000_000_000_000n };
    const correlation = await correlateFiles([
      { path: "a.pcap", content: pcapFile(one) },
      {
        path: "b.pcap",
        content: pcapFile(
          other.filter(({ bytes }) => bytes.length < 100),
          years,
        ),
      },
    ]);
    expect(rowsOf(correlation, "session_pairs")).toEqual([]);
  });

  it("finds a clock that runs fast, and the delays all the same", async () => {
    const taps = new TwoTaps({ oneWay: 0.02 });
    for (let n = 0; n < 40; n++) healthySession(taps, `192.0.2.10:${41_000 + n}`, SERVER, 30 * n);
    const drifting = taps.frames("server").map((frame) => ({ ...frame, time: frame.time * (1 + 50e-6) + 7 }));
    const { pairs, lost } = await correlated(taps.frames("client"), drifting);
    expect(lost).toEqual([]);
    for (const row of pairs) {
      expect(row.clock_drift_ppm).toBeCloseTo(50, 0);
      expect(row.one_way_to_server).toBeCloseTo(0.02, 3);
      expect(row.one_way_to_client).toBeCloseTo(0.02, 3);
    }
    expect(pairs[0]!.clock_offset).toBeCloseTo(7, 2);
  });

  it("puts three capture points in pairs and the one between in the middle", async () => {
    const far = new TwoTaps({ oneWay: 0.011 });
    for (const start of [0, 10, 20]) healthySession(far, `192.0.2.10:${50_000 + start}`, SERVER, start);
    const correlation = await correlateFiles([
      { path: "client.pcap", content: pcapFile(far.frames("client")) },
      { path: "middle.pcap", content: pcapFile(between(far, 0.004)) },
      { path: "server.pcap", content: pcapFile(far.frames("server")) },
    ]);
    expect(rowsOf(correlation, "session_pairs")).toHaveLength(9);
    expect(rowsOf(correlation, "lost_segments")).toEqual([]);
    expect(correlation.sides.map(({ side }) => side)).toEqual(["client", "middle", "server"]);
  });

  it("says who waited for whom", async () => {
    const taps = new TwoTaps({ oneWay: 0.045 });
    const session = new SessionScript(taps, CLIENT, SERVER);
    let at = session.open(0);
    for (let n = 0; n < 10; n++) at = session.turn(at + 0.003, 200, 400, 0.001);
    const { pairs } = await both(taps);
    expect(pairs[0]).toMatchObject({
      turns: 10,
      client_wait: expect.closeTo(0.091, 3),
      server_think: expect.closeTo(0.001, 4),
      server_wait: expect.closeTo(0.0935, 3),
    });
    expect(pairs[0]!.network_share).toBeGreaterThan(0.97);
  });
});

/** What a tap `delay` seconds behind the client's would show. */
function between(taps: TwoTaps, delay: number): CapturedFrame[] {
  const sent = taps.listed.client;
  return taps
    .frames("client")
    .map((frame) => {
      const listed = sent.find(({ time }) => time === frame.time)!;
      return { ...frame, time: listed.from.startsWith("192") ? frame.time + delay : frame.time - delay };
    })
    .sort((a, b) => a.time - b.time);
}

describe("the side of a capture", () => {
  const taps = scene((session) => {
    session.open(10);
    session.turn(11, 300, 900);
    session.close(12);
  });

  it("is seen from who answers at once", async () => {
    const { correlation } = await both(taps);
    expect(correlation.sides.map(({ side, host }) => [side, host])).toEqual([
      ["client", ["192.0.2.10"]],
      ["server", ["198.51.100.7"]],
    ]);
  });

  it("is what bundle.yaml says, whatever it looks like", async () => {
    const { correlation, pairs } = await correlated(taps.frames("client"), taps.frames("server"), {
      client: { side: "server" },
      server: { side: "client", host: ["192.0.2.10", "PC1"] },
    });
    expect(correlation.sides.map(({ side }) => side)).toEqual(["server", "client"]);
    expect(correlation.sides[1]!.host).toContain("PC1");
    expect(framesOf(pairs[0]!.frames)[0]).toMatch(/^1:/);
  });

  it("is seen from checksums the network card was still to fill in", async () => {
    const content = [
      "No. Time Source Destination Protocol Info",
      "1 0.000000 192.0.2.10 198.51.100.7 TCP 50001 > 443 [SYN] Seq=7001 Win=8192 [TCP CHECKSUM INCORRECT] Len=0 MSS=1460",
      "2 3.000000 192.0.2.10 198.51.100.7 TCP 50001 > 443 [SYN] Seq=7001 Win=8192 [TCP CHECKSUM INCORRECT] Len=0 MSS=1460",
    ].join("\n");
    const correlation = await correlateFiles([{ path: "list.txt", content }]);
    expect(correlation.sides[0]).toMatchObject({ side: "client", host: ["192.0.2.10"], rows: ["client"] });
  });

  it("stays unknown for an attempt nobody answers and nothing else", async () => {
    const alone = new TwoTaps();
    new SessionScript(alone, CLIENT, SERVER).send("client", 0, { flags: "S", lost: true });
    const correlation = await correlateFiles([{ path: "a.pcap", content: pcapFile(alone.frames("client")) }]);
    expect(correlation.sides[0]).toMatchObject({ side: null, host: null });
  });
});
