import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { meetingAddresses, unglue } from "../engine/formats/text-capture/glued-addresses.ts";
import { diagnosePaths } from "../engine/node/diagnose.ts";
import { correlateFiles, rowsOf } from "./support/capture-points.ts";
import { type CapturedFrame, pcapFile } from "./support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const CLIENT = "192.0.2.15:49300";
const SERVER = "198.51.100.9:80";
const SYN = { mss: 1460, windowShift: 8, sackPermitted: true };

/** A session whose second segment is sent four times; which copies arrive is told by `lost`. */
function repeated(lost: readonly [boolean, boolean, boolean, boolean]): TwoTaps {
  const taps = new TwoTaps({ oneWay: 0.02, skew: -3.4 });
  for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.15:${49200 + n}`, "198.51.100.9:445", n);
  const session = new SessionScript(taps, CLIENT, SERVER);
  session.open(8);
  session.after(0.01, "client", { flags: "PA", payload: 300 });
  session.after(0.01, "client", { payload: 1460, lost: lost[0] });
  for (const [k, after] of [0.3, 0.9, 2.1].entries())
    session.send("client", session.now + after, { payload: 1460, again: true, lost: lost[k + 1]! });
  session.send("server", session.now + 30, { flags: "R" });
  for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.15:${49400 + n}`, "198.51.100.9:445", 20 + 10 * n);
  return taps;
}

const file = (path: string, frames: readonly CapturedFrame[]) => ({ path, content: pcapFile(frames) });

async function compared(client: readonly CapturedFrame[], server: readonly CapturedFrame[] | null) {
  const files = [file("a.pcap", client), ...(server ? [file("b.pcap", server)] : [])];
  const found = await correlateFiles(files);
  const connections = rowsOf(found, "tcp_connections").filter((row) => row.client_port === 49300);
  return { connections, segments: rowsOf(found, "tcp_retransmissions").filter((row) => row.client_port === 49300), found };
}

describe("what the other end's capture says", () => {
  it("of a segment none of whose copies it shows: it never arrived", async () => {
    const taps = repeated([true, true, true, true]);
    const { connections, segments } = await compared(taps.frames("client"), taps.frames("server"));
    expect(connections.map((row) => row.other_end)).toEqual(["seen", "seen"]);
    expect(segments).toMatchObject([{ copies: 3, acknowledged: false, arrived: false }]);
  });

  it("of a segment whose last copy it shows: it arrived, though nothing acknowledged it", async () => {
    const taps = repeated([true, true, true, false]);
    const { segments } = await compared(taps.frames("client"), taps.frames("server"));
    expect(segments).toMatchObject([{ from: "client", copies: 3, acknowledged: false, arrived: true }]);
  });

  it("nothing, where there is none", async () => {
    const taps = repeated([true, true, true, true]);
    const { connections, segments } = await compared(taps.frames("client"), null);
    expect(connections).toMatchObject([{ other_end: null }]);
    expect(segments).toMatchObject([{ arrived: null }]);
  });

  it("nothing, where it ended before or was filtered by port", async () => {
    const taps = repeated([true, true, true, true]);
    const early = taps.frames("server").filter(({ time }) => time < 4);
    const filtered = new TwoTaps({ oneWay: 0.02, skew: -3.4 });
    for (let n = 0; n < 3; n++) healthySession(filtered, `192.0.2.15:${49200 + n}`, "198.51.100.9:445", n);
    for (const server of [early, filtered.frames("server")]) {
      const { connections, segments } = await compared(taps.frames("client"), server);
      expect(connections).toMatchObject([{ other_end: null }]);
      expect(segments).toMatchObject([{ arrived: null }]);
    }
  });

  it("of attempts to a server it shows: they are absent, and no copy of the SYN arrived", async () => {
    const taps = new TwoTaps({ oneWay: 0.02 });
    for (let n = 0; n < 3; n++) healthySession(taps, `192.0.2.15:${49200 + n}`, SERVER, 9 * n);
    const attempt = new SessionScript(taps, CLIENT, SERVER);
    for (const after of [0, 3, 9]) attempt.send("client", 4 + after, { flags: "S", options: SYN, lost: true, again: after > 0 });
    const { connections, segments } = await compared(taps.frames("client"), taps.frames("server"));
    expect(connections).toMatchObject([{ conn_state: "S0", other_end: "absent" }]);
    expect(segments).toMatchObject([{ kind: "syn", copies: 2, arrived: false }]);
  });
});

it("takes a capture of unanswered SYNs for one of the client, not of the only machine known", async () => {
  const taps = new TwoTaps({ oneWay: 0.02 });
  const attempt = new SessionScript(taps, CLIENT, SERVER);
  for (const after of [0, 3, 9]) attempt.send("client", 4 + after, { flags: "S", options: SYN, lost: true, again: after > 0 });
  const client = taps.frames("client");
  for (let n = 0; n < 5; n++) healthySession(taps, `203.0.113.7:${41000 + n}`, SERVER, 1 + 3 * n);
  const { found } = await compared(client, taps.frames("server"));
  expect(rowsOf(found, "captures")).toMatchObject([
    { side: "client", host: ["192.0.2.15"] },
    { side: "server", host: ["198.51.100.9"] },
  ]);
});

describe("addresses run together", () => {
  const there = "192.168.1.1192.168.3.10";
  const back = "192.168.3.10192.168.1.1";

  it("are parted where the conversation is seen both ways", () => {
    const meeting = meetingAddresses([there, back]);
    expect([...meeting].sort()).toEqual(["192.168.1.1", "192.168.3.10"]);
    expect(unglue(there, (address) => meeting.has(address))).toEqual(["192.168.1.1", "192.168.3.10"]);
    expect(unglue(back, (address) => meeting.has(address))).toEqual(["192.168.3.10", "192.168.1.1"]);
  });

  it("stay together where only one direction is seen", () => {
    const meeting = meetingAddresses([there, there]);
    expect(unglue(there, (address) => meeting.has(address))).toBeNull();
  });
});

describe("what is asked for", () => {
  it.each([
    ["tcp-segments-lost-in-transit/client-only", "tcp-segments-lost-in-transit", "server", "at the server 198.51.100.9"],
    ["tcp-segments-lost-in-transit/server-only", "tcp-segments-lost-in-transit", "client", "at the client 192.0.2.15"],
    ["tcp-segments-lost-in-transit/server-stopped-before", "tcp-segments-lost-in-transit", "server", "no other capture of the bundle"],
    ["lync-edge-front-end-5061-reset-in-path/edge-only", "lync-edge-front-end-5061-reset-in-path", "server", "at the server 203.0.113.150"],
    [
      "lync-edge-front-end-5061-reset-in-path/front-end-only",
      "lync-edge-front-end-5061-reset-in-path",
      "client",
      "at the client 203.0.113.130",
    ],
    ["iphttps-server-unreachable/client-only", "iphttps-server-unreachable", "server", "at the server 203.0.113.9"],
  ])("of %s is one capture, of the other end", async (bundle, rule, side, words) => {
    const path = join(import.meta.dirname, "cases", bundle, "bundle");
    const { report } = await diagnosePaths([path], { all: true, jobs: 1 });
    const captures = report.findings.find((finding) => finding.rule === rule)!.missing.filter(({ why }) => why.includes("packet capture"));
    expect(captures).toMatchObject([{ side, why: expect.stringContaining(words) }]);
  });
});
