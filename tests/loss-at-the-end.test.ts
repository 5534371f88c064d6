import { expect, it } from "vitest";
import { diagnoseFiles, memoryFile, verdictsOf } from "./support/bundles.ts";
import { type CapturedFrame, pcapFile } from "./support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const RULE = "tcp-segments-lost-in-transit";

/** A transfer that loses a segment at 11 s; its retransmissions are lost, too, or the first at 11.3 s arrives and all goes on. */
function transfer(recovers: boolean): TwoTaps {
  const taps = new TwoTaps();
  healthySession(taps, "192.0.2.10:40001", "198.51.100.7:443", 0);
  const session = new SessionScript(taps, "192.0.2.10:50001", "198.51.100.7:443");
  session.open(10);
  session.send("client", 11, { flags: "PA", payload: 1460, lost: true });
  session.send("client", 11.001, { flags: "PA", payload: 1000, ahead: true });
  session.send("server", 11.012);
  if (recovers) {
    session.send("client", 11.3, { flags: "PA", payload: 1460, again: true });
    session.send("server", 11.312, { flags: "A", ack: 1_002_461 });
  } else for (const time of [11.3, 11.9, 13.1]) session.send("client", time, { flags: "PA", payload: 1460, again: true, lost: true });
  healthySession(taps, "192.0.2.10:40002", "198.51.100.7:443", 20);
  return taps;
}

async function verdict(taps: TwoTaps, clientUntil: number, serverUntil: number): Promise<string | undefined> {
  const until = (frames: readonly CapturedFrame[], end: number) => pcapFile(frames.filter(({ time }) => time < end));
  const { report } = await diagnoseFiles([
    memoryFile("client.pcap", until(taps.frames("client"), clientUntil)),
    memoryFile("server.pcap", until(taps.frames("server"), serverUntil)),
  ]);
  return verdictsOf(report)[RULE];
}

it("a segment whose copies are all lost is found", async () => {
  expect(await verdict(transfer(false), 100, 100)).toBe("matched");
});

it.each([
  ["both captures end before it is sent again", 11.1, 11.1],
  ["the server's capture ends before the copy that arrives", 100, 11.1],
  ["nothing ends early", 100, 100],
])("a segment lost once is not, though %s", async (_, client, server) => {
  expect(await verdict(transfer(true), client, server)).not.toBe("matched");
});
