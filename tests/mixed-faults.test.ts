import { describe, expect, it } from "vitest";
import type { BundleFile } from "../engine/bytes/byte-source.ts";
import { diagnoseFiles, memoryFile, shippedBundles, verdictsOf } from "./support/bundles.ts";
import { pcapFile } from "./support/capture-writer.ts";
import { healthySession, SessionScript, TwoTaps } from "./support/session-script.ts";

const START = 1_710_234_000_000_000_000n;
const bundles = shippedBundles("cases");

describe("a bundle with several faults", () => {
  it.each(["article", "generated"])("shows every one of them: all bundles called %s at once", async (variant) => {
    const names = [...bundles.keys()].filter((name) => name.endsWith(`/${variant}`));
    const files = names.flatMap((name) =>
      bundles.get(name)!.map((file): BundleFile => ({ ...file, path: `${name.split("/")[0]}/${file.path}` })),
    );
    const verdicts = verdictsOf((await diagnoseFiles(files)).report);
    expect(Object.keys(verdicts).filter((rule) => verdicts[rule] === "matched")).toEqual(
      expect.arrayContaining(names.map((name) => name.split("/")[0])),
    );
  });
});

describe("a general case beside a more particular one", () => {
  it.each([
    ["lync-edge-front-end-5061-reset-in-path/generated"],
    ["tcp-peer-mss-below-536/generated"],
    ["iphttps-server-unreachable/generated"],
  ])("tells of the session that %s does not explain", async (particular) => {
    const names = [particular, "tcp-segments-lost-in-transit/generated"];
    const files = names.flatMap((name, n) => bundles.get(name)!.map((file): BundleFile => ({ ...file, path: `${n}/${file.path}` })));
    const { findings } = (await diagnoseFiles(files)).report;
    const general = findings.find(({ rule }) => rule === "tcp-segments-lost-in-transit")!;
    expect(general.verdict).toBe("matched");
    expect(general.summary).toContain("192.0.2.15:49300 to 198.51.100.9:80");
    const cited = general.evidence.filter(({ outcome }) => outcome === "true").flatMap(({ citations }) => citations);
    expect([...new Set(cited.map(({ source }) => source.split("/")[0]))]).toEqual(["1"]);
  });
});

describe("tcp-segments-lost-in-transit", () => {
  /** A session of which only the client's last FIN is lost, seen from both ends. */
  function lostFin(): TwoTaps {
    const taps = new TwoTaps({ oneWay: 0.02 });
    for (let n = 0; n < 4; n++) healthySession(taps, `192.0.2.15:${49200 + n}`, "198.51.100.9:445", n);
    const session = new SessionScript(taps, "192.0.2.15:49300", "198.51.100.9:80", { client: 3_000_111, server: 9_000_222 });
    const at = session.turn(session.open(8) + 0.1, 200, 900);
    session.send("client", at + 1, { flags: "FA", lost: true });
    healthySession(taps, "192.0.2.15:49400", "198.51.100.9:445", 20);
    return taps;
  }

  /** Another client, whose SYN is answered by nobody, and of whose server there is no capture. */
  function elsewhere(): TwoTaps {
    const taps = new TwoTaps({ oneWay: 0.02 });
    const attempt = new SessionScript(taps, "203.0.113.77:50100", "203.0.113.200:8080", { client: 7_000_333 });
    for (const [n, at] of [3, 6, 12].entries()) attempt.send("client", at, { flags: "S", lost: true, again: n > 0 });
    return taps;
  }

  it("does not put a segment lost in one session and one sent again in another together", async () => {
    const [pair, other] = [lostFin(), elsewhere()];
    const capture = (name: string, taps: TwoTaps, side: "client" | "server") => {
      const bytes = pcapFile(taps.frames(side), { start: START });
      return memoryFile(name, bytes);
    };
    const files = [capture("client.pcap", pair, "client"), capture("server.pcap", pair, "server"), capture("other.pcap", other, "client")];
    const { report, tables } = await diagnoseFiles(files);
    expect(tables.get("lost_segments")!.length).toBeGreaterThan(0);
    expect(verdictsOf(report)["tcp-segments-lost-in-transit"]).toBe("inconclusive");
  });
});
