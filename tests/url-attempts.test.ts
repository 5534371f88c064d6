import { describe, expect, it } from "vitest";
import { diagnoseFiles, memoryFile } from "./support/bundles.ts";
import { type CapturedFrame, pcapFile, udpFrame } from "./support/capture-writer.ts";
import { type DnsAnswerFields, type DnsFields, dnsMessage } from "./support/dns-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const CLIENT = "192.0.2.17";
const SYN = { flags: "S", options: { mss: 1460, windowShift: 8, sackPermitted: true } } as const;

function lookUp(time: number, name: string, answers: readonly DnsAnswerFields[], code = 0): CapturedFrame[] {
  const fields: DnsFields = { id: Math.round(time * 10), name };
  return [
    { time, bytes: udpFrame(`${CLIENT}:50000`, "192.0.2.53:53", dnsMessage(fields)) },
    { time: time + 0.01, bytes: udpFrame("192.0.2.53:53", `${CLIENT}:50000`, dnsMessage({ ...fields, answers, code })) },
  ];
}

const to = (name: string, data: string): DnsAnswerFields => ({ name, type: "A", data });

async function checks(...frames: readonly (readonly CapturedFrame[])[]): Promise<unknown[][]> {
  const file = memoryFile("client.pcap", pcapFile(frames.flat().sort((a, b) => a.time - b.time)));
  const table = (await diagnoseFiles([file])).tables.get("url_checks")!;
  const columns = ["name", "role", "outcome", "failed_step", "reason", "ip"];
  return Array.from({ length: table.length }, (_, row) => columns.map((column) => table.value(row, column)));
}

/** SYNs nobody answers, seconds after each other. */
function silence(server: string, times: readonly number[], port = 50_100): CapturedFrame[] {
  const taps = new TwoTaps();
  const session = new SessionScript(taps, `${CLIENT}:${port}`, server);
  for (const [n, time] of times.entries()) session.send("client", time, { ...SYN, lost: true, again: n > 0 });
  return taps.frames("client");
}

function works(server: string, start: number): CapturedFrame[] {
  const taps = new TwoTaps();
  healthySession(taps, `${CLIENT}:50200`, server, start);
  return taps.frames("client");
}

describe("url_checks of captures", () => {
  it("has nothing where no published service is named", async () => {
    expect(await checks(lookUp(1, "www.contoso.com", [], 3), lookUp(2, "meet.google.com", [], 3), lookUp(3, "meet", [], 3))).toEqual([]);
  });

  it("does not call a name missing that is asked for only because another was", async () => {
    const inside = lookUp(1, "lyncdiscoverinternal.contoso.com", [to("lyncdiscoverinternal.contoso.com", "10.0.0.5")]);
    expect(await checks(inside, lookUp(2, "lyncdiscover.contoso.com", [], 3))).toEqual([]);
    const names = (await checks(lookUp(1, "meet.contoso.com", [], 3), lookUp(2, "meet.contoso.com.corp.local", [], 3))).map(
      ([name]) => name,
    );
    expect(names).toEqual(["meet.contoso.com"]);
  });

  it("leaves open what was tried once, or at the very end", async () => {
    const name = lookUp(1, "dialin.contoso.com", [to("dialin.contoso.com", "203.0.113.8")]);
    const open = ["dialin.contoso.com", "dialin", null, null, null, "203.0.113.8"];
    expect(await checks(name)).toEqual([open]);
    expect(await checks(name, silence("203.0.113.8:443", [2]))).toEqual([open]);
    expect(await checks(name, silence("203.0.113.8:443", [2, 5, 11]))).toEqual([
      ["dialin.contoso.com", "dialin", "failed", "connect", "timed_out", "203.0.113.8"],
    ]);
  });

  it("does not call a service unreachable whose other address answers", async () => {
    const name = lookUp(1, "meet.contoso.com", [to("meet.contoso.com", "203.0.113.8"), to("meet.contoso.com", "203.0.113.9")]);
    const seen = await checks(name, silence("203.0.113.8:443", [2, 5, 11]), works("203.0.113.9:443", 24));
    expect(seen.map(([, , outcome]) => outcome)).toEqual([null]);
  });

  it("knows that a hosted Autodiscover is not there on 443", async () => {
    const name = "autodiscover.contoso.com";
    const alias: DnsAnswerFields = { name, type: "CNAME", data: "autodiscover.hosting.example" };
    const hosted = lookUp(1, name, [alias, to("autodiscover.hosting.example", "203.0.113.8")]);
    expect((await checks(hosted, silence("203.0.113.8:443", [2, 5, 11]))).map(([, , outcome]) => outcome)).toEqual([null]);
    const own = lookUp(1, name, [to(name, "203.0.113.8")]);
    expect((await checks(own, silence("203.0.113.8:443", [2, 5, 11]))).map(([, , outcome]) => outcome)).toEqual(["failed"]);
    expect(
      (await checks(own, silence("203.0.113.8:443", [2, 5, 11]), works("203.0.113.8:80", 24))).map(([, , outcome]) => outcome),
    ).toEqual([null]);
  });
});
