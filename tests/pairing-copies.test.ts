import { describe, expect, it } from "vitest";
import { correlateFiles, framesOf, rowsOf } from "./support/capture-points.ts";
import { type CapturedFrame, pcapFile, type SegmentFields, tcpFrame } from "./support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const CLIENT = "192.0.2.10:50001";
const SERVER = "198.51.100.7:443";

/** A session of many turns at two taps 10 ms apart, so that what devices leave alone is known, and others around it. */
function scene(tell: (session: SessionScript, taps: TwoTaps) => void): TwoTaps {
  const taps = new TwoTaps();
  healthySession(taps, "192.0.2.10:40001", SERVER, 0, 20);
  tell(new SessionScript(taps, CLIENT, SERVER), taps);
  healthySession(taps, "192.0.2.10:40002", SERVER, 60);
  return taps;
}

type Frames = readonly CapturedFrame[];

async function correlated(client: Frames, server: Frames) {
  const correlation = await correlateFiles([
    { path: "client.pcap", content: pcapFile([...client].sort((x, y) => x.time - y.time)) },
    { path: "server.pcap", content: pcapFile([...server].sort((x, y) => x.time - y.time)) },
  ]);
  return { lost: rowsOf(correlation, "lost_segments"), foreign: rowsOf(correlation, "foreign_resets") };
}

function frameAt(frames: Frames, time: number): string {
  return `0:${frames.findIndex((frame) => frame.time >= time - 1e-9) + 1}`;
}

/** What a tap shows at these times comes once more, 0.3 ms later and behind the next packet. */
function twice(taps: TwoTaps, side: "client" | "server", ...times: number[]): CapturedFrame[] {
  const copies = taps.frames(side).filter((frame) => times.some((time) => Math.abs(frame.time - time) < 1e-6));
  expect(copies).toHaveLength(times.length);
  return [...taps.frames(side), ...copies.map((frame) => ({ ...frame, time: frame.time + 0.0003 }))];
}

describe("a packet the network delivers twice", () => {
  const alike = (lost: boolean) =>
    scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      for (const time of [12, 12.0001]) session.send("client", time, { flags: "PA", payload: 40 });
      for (const time of [12.05, 12.0501, 12.1]) session.send("client", time, { lost: lost && time === 12.1 });
      session.turn(13, 300, 2900);
      session.close(14);
    });

  it("leaves nothing lost where another is like it", async () => {
    const taps = alike(false);
    expect((await correlated(taps.frames("client"), twice(taps, "server", 12.01))).lost).toEqual([]);
  });

  it("does not stand for one that was lost", async () => {
    const taps = alike(true);
    const { lost } = await correlated(taps.frames("client"), twice(taps, "server", 12.06));
    expect(lost.map(({ kind, sent_frames }) => [kind, framesOf(sent_frames)])).toEqual([["ack", [frameAt(taps.frames("client"), 12.1)]]]);
  });

  it("does not make the sender's capture one that misses packets", async () => {
    const taps = alike(true);
    const { lost } = await correlated(twice(taps, "client", 13.022), taps.frames("server"));
    expect(lost).toMatchObject([{ kind: "ack", copies_lost: 1 }]);
  });

  it("is no foreign reset", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.send("client", 12, { flags: "RA" }).send("client", 12.0001, { flags: "R" });
    });
    expect((await correlated(taps.frames("client"), twice(taps, "server", 12.01))).foreign).toEqual([]);
  });
});

describe("of several copies", () => {
  it("the one lost is told by the usual delay where delays grow beside it", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
      session.turn(11.1, 300, 900);
      session.send("client", 11.2, { flags: "PA", payload: 900, lost: true });
      session.send("client", 11.45, { flags: "PA", payload: 900, again: true });
      for (let n = 0; n < 4; n++) session.send("client", 12 + n / 20, { flags: "PA", payload: 300 });
      session.turn(13, 300, 900);
    });
    // Later on the way to the server is held up for a while.
    const server = taps
      .frames("server")
      .map((frame) => (frame.time > 11.9 && frame.time < 12.5 ? { ...frame, time: frame.time + 0.36 } : frame));
    const { lost } = await correlated(taps.frames("client"), server);
    expect(lost.map(({ sent_frames }) => framesOf(sent_frames))).toEqual([[frameAt(taps.frames("client"), 11.2)]]);
  });

  it("a SYN that arrives without its timestamps is still the one of that moment", async () => {
    const options = { mss: 1460, windowShift: 8, sackPermitted: true };
    const taps = scene((session) => {
      session.send("client", 10, { flags: "S", options, lost: true });
      session.send("client", 11, { flags: "S", options, again: true });
      session.send("server", 11.0102, { flags: "SA", options });
      session.send("client", 11.0206);
      session.turn(11.1, 300, 900);
      session.close(12);
    });
    const client = taps.frames("client").map((frame) => {
      if (frame.time !== 10 && frame.time !== 11) return frame;
      const id = (frame.bytes[18]! << 8) | frame.bytes[19]!;
      const sent: SegmentFields = { flags: "S", seq: 1_000_000, ack: 0, id, options: { ...options, timestamps: [frame.time * 1000, 0] } };
      return { ...frame, bytes: tcpFrame(CLIENT, SERVER, sent) };
    });
    const { lost } = await correlated(client, taps.frames("server"));
    expect(lost).toMatchObject([{ kind: "syn", copies_lost: 1, copies_arrived: 1 }]);
    expect(framesOf(lost[0]!.sent_frames)).toEqual([frameAt(taps.frames("client"), 10)]);
  });

  it("resets without identification are told apart however close they come", async () => {
    const taps = scene((session) => {
      session.open(10);
      session.turn(11, 300, 900);
    });
    const reset = (time: number): CapturedFrame => {
      const fields: SegmentFields = { flags: "R", seq: 5_000_901, ack: 0, id: 0, ttl: 64 };
      return { time, bytes: tcpFrame(SERVER, CLIENT, fields) };
    };
    // Each answers a segment of its own; on the way the gaps between them change.
    const server = [...taps.frames("server"), ...[12, 12.0003, 12.0011].map(reset)];
    const client = [...taps.frames("client"), ...[12.01, 12.0113, 12.0124].map(reset)];
    expect(await correlated(client, server)).toEqual({ lost: [], foreign: [] });
  });
});
